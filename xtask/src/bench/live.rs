//! The page itself, with its usual panels, training Classroom: how fast, and in how much memory.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::e2e::Stage;
use crate::webdriver::Options;

/// What the page's worker reached.
pub(super) struct Live {
    /// Training digits a second.
    pub examples_per_second: f64,
    /// Bytes of its WebAssembly memory.
    pub memory: f64,
}

/// Keeps the last sign of life that a worker gave: its steps and its memory, about four times a second.
const LISTEN: &str = "
    const Plain = window.Worker;
    window.Worker = class Worker extends Plain {
        constructor(...all) {
            super(...all);
            this.addEventListener('message', ({ data }) => {
                const text = Array.isArray(data) ? data.find((part) => typeof part === 'string') : data;
                if (typeof text !== 'string' || !text.includes('beat')) return;
                const { beat } = JSON.parse(text);
                if (beat?.step > 0) window.__beat = { ...beat, at: performance.now() };
            });
        }
    };";

/// Five seconds to settle, then ten.
const MEASURE: &str = "
    const done = arguments[arguments.length - 1];
    setTimeout(() => {
        const first = window.__beat;
        setTimeout(() => {
            const last = window.__beat;
            done([(last.step - first.step) / ((last.at - first.at) / 1000), last.memory]);
        }, 10000);
    }, 5000);";

/// Examples in a minibatch of Classroom.
const BATCH: f64 = 32.0;

/// Measures the page.
pub(super) fn measure(stage: &Stage) -> Result<Live> {
    let server = stage.site().start()?;
    let session = stage.browser(&Options::new().size(1440, 900))?;
    session.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": LISTEN }))?;
    session.goto(&server.address())?;
    session
        .wait_until("return window.__beat;", Duration::from_mins(1))
        .context("the page's worker gives no sign of life")?;
    let measured = session.execute_async(MEASURE, &[])?;
    let number = |at: usize| measured[at].as_f64().context("the page's worker fell silent");
    Ok(Live { examples_per_second: BATCH * number(0)?, memory: number(1)? })
}
