//! The page stays smooth while the worker trains.

use anyhow::{Context as _, Result};

use crate::support::{WIDE, open_training};

/// Two seconds to settle, then the frames of ten seconds: the 95th percentile of their gaps and the longest task, ms.
const MEASURE: &str = "
    const done = arguments[arguments.length - 1];
    setTimeout(() => {
        const begin = performance.now(), gaps = [];
        let last = begin;
        requestAnimationFrame(function frame(now) {
            gaps.push(now - last);
            last = now;
            if (now - begin < 10000) return requestAnimationFrame(frame);
            gaps.sort((a, b) => a - b);
            const tasks = window.__tasks.filter(([start]) => start >= begin).map(([, duration]) => duration);
            done([gaps[Math.floor(gaps.length * 0.95)], Math.max(0, ...tasks), gaps.length]);
        });
    }, 2000);";

#[test]
fn no_frame_waits_for_the_training() -> Result<()> {
    let visit = open_training("")?;
    let before = visit.step()?;
    let measured = visit.browser.execute_async(MEASURE, &[])?;
    let number = |place: usize| measured[place].as_f64().with_context(|| format!("measured {measured}"));
    let (gap, task, frames) = (number(0)?, number(1)?, number(2)?);
    assert!(gap <= f64::from(34 * WIDE), "of {frames} frames, one in twenty came {gap:.1} ms after the one before");
    assert!(task <= f64::from(50 * WIDE), "a task of {task:.0} ms");
    assert!(visit.step()? > before + 10, "it trained meanwhile");
    visit.is_content()
}
