//! `cargo xtask budget`: the page's speed targets, measured in headless Chromium on this machine.
//!
//! The end-to-end tests allow three times as much, because a test must not fail on a busy machine. Here the targets
//! themselves are checked: the median of three cold visits, on an idle machine.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use crate::e2e::Stage;
use crate::progress::Progress;
use crate::project::Project;
use crate::tools::Toolbox;
use crate::webdriver::{Options, Session};
use crate::{browser, bundle};

/// Cold visits, of which the median counts.
const VISITS: usize = 3;

/// A figure with a target, or only reported.
struct Promise {
    name: &'static str,
    unit: &'static str,
    target: Target,
    decimals: usize,
}

/// What a figure must be.
#[derive(Clone, Copy)]
enum Target {
    AtMost(f64),
    AtLeast(f64),
    /// No target: only reported.
    Any,
}

const PROMISES: [Promise; 7] = [
    Promise { name: "first training step", unit: " s", target: Target::AtMost(2.0), decimals: 2 },
    Promise { name: "first curve", unit: " s", target: Target::AtMost(2.5), decimals: 2 },
    Promise { name: "error below 15 %", unit: " s", target: Target::AtMost(15.0), decimals: 2 },
    Promise { name: "tasks over 50 ms in 30 s", unit: "", target: Target::AtMost(0.0), decimals: 0 },
    Promise { name: "95 % of frames within", unit: " ms", target: Target::AtMost(34.0), decimals: 1 },
    Promise { name: "digits a second", unit: "", target: Target::Any, decimals: 0 },
    Promise { name: "pace with the microscope", unit: " of it", target: Target::AtLeast(0.7), decimals: 2 },
];

/// Training speed with the gradient microscope running, relative to without: ten seconds each, after three to settle.
const MEASURE_LABORATORY: &str = "
    const done = arguments[arguments.length - 1];
    const pace = () => parseFloat(document.querySelector('.of-pace dd')?.textContent.replaceAll(',', ''));
    const watch = (then) => setTimeout(() => {
        const paces = [];
        const look = setInterval(() => {
            if (pace() > 0) paces.push(pace());
            if (paces.length < 100) return;
            clearInterval(look);
            then(paces.sort((a, b) => a - b)[50]);
        }, 100);
    }, 3000);
    watch((without) => {
        [...document.querySelectorAll('button, a, label')].find((e) => e.innerText.trim() === 'Laboratory').click();
        watch((with_it) => done(with_it / without));
    });";

/// From two seconds after the first step on, for thirty seconds: long tasks, frames, pace; and when the error fell
/// below 15 %, at any time. Resolves to the values in the order of [`PROMISES`], but for the last.
const MEASURE: &str = "
    const done = arguments[arguments.length - 1];
    const mark = (name) => performance.getEntriesByName(name)[0]?.startTime;
    const read = (selector) => parseFloat(document.querySelector(selector)?.textContent.replaceAll(',', ''));
    const tasks = [], gaps = [], paces = [];
    let learned = NaN, last = 0;
    new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });
    const watch = setInterval(() => {
        if (!(learned > 0) && read('.of-error dd') < 15) learned = performance.now();
        const now = performance.now(), begin = mark('first-train-step') + 2000, end = begin + 30000;
        if (now > begin && now < end && read('.of-pace dd') > 0) paces.push(read('.of-pace dd'));
        if (now > end && (learned > 0 || now > 60000)) {
            clearInterval(watch);
            const within = (time) => time >= begin && time <= end;
            const quantile = (list, share) => list.sort((a, b) => a - b)[Math.floor((list.length - 1) * share)];
            done([
                mark('first-train-step') / 1000,
                mark('first-curve-paint') / 1000,
                learned / 1000,
                tasks.filter((task) => within(task.startTime)).length,
                quantile(gaps.filter(([time]) => within(time)).map(([, gap]) => gap), 0.95),
                quantile(paces, 0.5),
            ]);
        }
    }, 100);
    requestAnimationFrame(function frame(now) {
        if (last) gaps.push([now, now - last]);
        last = now;
        requestAnimationFrame(frame);
    });";

/// Measures, prints, and fails if a target is missed.
pub fn run() -> Result<()> {
    let (project, progress) = (Project::here(), Progress::new());
    let tools = Toolbox::ready(&project, &progress)?;
    let chromedriver = browser::chromedriver(&tools.shell, &progress)?;
    let stage = Stage::new(bundle::make(&project, &tools, &progress)?, chromedriver);
    let mut values = vec![Vec::new(); PROMISES.len()];
    let mut browser = String::new();
    for visit in 1..=VISITS {
        let measured = progress.step(&format!("Visit {visit} of {VISITS}"), || measure(&stage, &mut browser))?;
        for (list, value) in values.iter_mut().zip(measured) {
            list.push(value);
        }
    }
    println!("\n{}\n{}, {browser}", table(&values), machine());
    let broken: Vec<_> = PROMISES
        .iter()
        .zip(&values)
        .filter(|(promise, list)| !kept(promise, list))
        .map(|(promise, _)| promise.name)
        .collect();
    if broken.is_empty() { Ok(()) } else { bail!("targets missed: {}", broken.join(", ")) }
}

fn measure(stage: &Stage, browser: &mut String) -> Result<Vec<f64>> {
    let server = stage.site().start()?;
    let session = stage.browser(&Options::new())?;
    *browser = version(&session)?;
    session.goto(&server.address())?;
    session.wait_until("return performance.getEntriesByName('first-curve-paint')[0];", Duration::from_mins(1))?;
    let measured = session.execute_async(MEASURE, &[])?;
    let list = measured.as_array().context("nothing was measured")?;
    // An event that did not happen is null in JSON.
    let mut values: Vec<f64> = list.iter().map(|value| value.as_f64().unwrap_or(f64::INFINITY)).collect();
    values.push(session.execute_async(MEASURE_LABORATORY, &[])?.as_f64().unwrap_or_default());
    Ok(values)
}

fn version(session: &Session) -> Result<String> {
    let version = session.cdp("Browser.getVersion", &json!({}))?;
    Ok(version["product"].as_str().unwrap_or("an unknown browser").replace('/', " "))
}

/// Processor, cores, and how busy it is besides.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name.trim().to_owned()))
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let load = read("/proc/loadavg").split(' ').next().map(|load| format!(", load {load}")).unwrap_or_default();
    format!("{cores} × {processor}{load}")
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::INFINITY)
}

fn kept(promise: &Promise, values: &[f64]) -> bool {
    match promise.target {
        Target::AtMost(most) => median(values) <= most,
        Target::AtLeast(least) => median(values) >= least,
        Target::Any => true,
    }
}

fn table(values: &[Vec<f64>]) -> String {
    let mut text = format!("{:<26}{:>12}{:>14}{:>20}\n", "", "target", "median", "range");
    for (promise, list) in PROMISES.iter().zip(values) {
        let write = |value: f64| match value {
            value if value.is_finite() => format!("{value:.*}{}", promise.decimals, promise.unit),
            _ => "never".to_owned(),
        };
        let target = match promise.target {
            Target::AtMost(most) => format!("≤ {most}{}", promise.unit),
            Target::AtLeast(least) => format!("≥ {least}{}", promise.unit),
            Target::Any => String::new(),
        };
        let least = list.iter().copied().fold(f64::INFINITY, f64::min);
        let most = list.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range = format!("{least:.*} – {}", promise.decimals, write(most));
        let verdict = match promise.target {
            Target::Any => "",
            _ if kept(promise, list) => "ok",
            _ => "NOT KEPT",
        };
        let line = format!("{:<26}{target:>12}{:>14}{range:>20}  {verdict}", promise.name, write(median(list)));
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_decides() {
        let mut values = vec![vec![0.0; VISITS]; PROMISES.len()];
        values[0] = vec![9.0, 1.0, 1.5];
        values[1] = vec![2.6, 2.4, 2.7];
        values[2] = vec![f64::INFINITY, 3.0, f64::INFINITY];
        values[6] = vec![0.6, 0.9, 0.65];
        let kept: Vec<bool> = PROMISES.iter().zip(&values).map(|(promise, list)| kept(promise, list)).collect();
        assert_eq!(kept, [true, false, false, true, true, true, false]);
        let table = table(&values);
        assert!(table.contains("1.50 s") && table.contains("1.00 – 9.00 s"), "{table}");
        assert!(table.contains("never  ") && table.matches("NOT KEPT").count() == 3, "{table}");
    }
}
