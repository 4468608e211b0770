//! Texts of the panel of one gate.

use super::super::pictures::grouped;
use super::plain;
use crate::page::lab::rule::SlopeUse;
use crate::page::lab::state::Toy;

pub const TITLE: &str = "One gate";
pub const CAPTION: &str = "The gradient of one gate is p(1 − p) times the area under the slope of the loss, from b = 0 (shut) to b = 1 (open). \
     Every estimator estimates this area.";
pub const LOSS: &str = "Loss";
pub const SPELLINGS: [&str; 3] = ["(b − t)²", "t² + (1 − 2t) b", "f₀, f₁, bend κ"];
pub const SPELLINGS_HINT: &str = "The first two have the same values at b = 0 and b = 1. Only their slopes differ.";
pub const PROBABILITY: &str = "Firing probability p";
pub const TARGET: &str = "Target t";
pub const CLOSED: &str = "f₀, gate shut";
pub const OPEN: &str = "f₁, gate open";
pub const BEND: &str = "Bend κ";
pub const TEMPERATURE: &str = "Temperature τ";
pub const GATES: &str = "Gates";
pub const OWN: &str = "default";
pub const SHUT: &str = "shut";
pub const IS_OPEN: &str = "open";
pub const SLOPE: &str = "slope of the loss, f′(b)";
pub const RULE: &str = "Estimator";
pub const EXACT: &str = "exact";
pub const DRAWN: &str = "from draws";
pub const MEAN: &str = "mean";
pub const VARIANCE: &str = "variance";
pub const TABLE: &str = "Mean and variance of each estimator's gradient";
pub const NOT_EXACT: &str = "–";
pub const SEVERAL: &str = "The loss is the mean over all gates. The table shows the gradient of gate 1; the draws of the other gates add noise to it.";
pub const LEARN: &str = "Train on the toy";
pub const LEARN_CAPTION: &str = "The gate follows the gradient of one estimator for 2,000 steps. Where does it stop?";
pub const WITH: &str = "Estimator";
pub const METHOD: &str = "Method";
pub const METHODS: [&str; 2] = ["descent", "Adam"];
pub const RATE: &str = "Rate";
pub const BATCH: &str = "Draws per step";
pub const START: &str = "Start";
pub const PAUSE: &str = "Pause";
pub const GO_ON: &str = "Go on";
pub const ONCE_MORE: &str = "Once more";
pub const CHART_P: &str = "firing probability p";
pub const CHART_LOSS: &str = "expected loss";
pub const AT_TARGET: &str = "p = t";
pub const BEST: &str = "best";

/// The reference gradient; `exact` is false for an average.
pub fn reference(gradient: &str, exact: bool) -> String {
    let how = if exact { "exact" } else { "approximate" };
    format!("The {how} gradient is {gradient}")
}

/// The area, written in the picture.
pub fn area(area: f64) -> String {
    format!("area = f(1) − f(0) = {}", plain(area))
}

/// Heading of the right half of the table: its number of draws.
pub fn drawn(samples: u64) -> String {
    format!("{} ({})", DRAWN, grouped(samples))
}

/// Description of the picture for screen readers.
pub fn picture(toy: &Toy) -> String {
    format!(
        "Slope of the loss from {} at shut to {} at open; {}; the gate fires with p = {}",
        plain(toy.slope(0.0)),
        plain(toy.slope(1.0)),
        area(toy.area()),
        plain(toy.p)
    )
}

/// Label of a handle.
pub fn handle(letter: &str, value: f64) -> String {
    format!("{letter} = {}", plain(value))
}

/// How an estimator uses the slope, and its mean estimate of the area.
pub fn explain(name: &str, uses: &SlopeUse, toy: &Toy, estimate: Option<f64>) -> String {
    let area = toy.area();
    let points = match uses {
        SlopeUse::Values => {
            return format!(
                "{name} uses the values f(1) and f(0), not the slope. Its mean estimate is exactly the area, {}; single draws are \
                 noisy.",
                plain(area)
            );
        }
        SlopeUse::Corrected(at) => {
            return format!(
                "{name} uses the slope at b = p, f′({}) = {}, and corrects it with values of the loss. Its mean estimate is \
                 exactly the area, {}.",
                plain(*at),
                plain(toy.slope(*at)),
                plain(area)
            );
        }
        SlopeUse::Elsewhere => return explain_random(name, area, estimate),
        SlopeUse::Points(points) => points,
    };
    let estimate = uses.guess(|b| toy.slope(b)).unwrap_or_default();
    let verdict = if (estimate - area).abs() < 1e-9 {
        "This is exactly the area.".to_owned()
    } else if estimate.abs() < 1e-9 {
        format!("The area is {}, but the gate does not move.", plain(area))
    } else if estimate * area < 0.0 {
        format!("The area is {}: the gate moves in the wrong direction.", plain(area))
    } else {
        format!("The area is {}.", plain(area))
    };
    let formula =
        points.iter().map(|(b, weight)| format!("{} · f′({b})", plain(*weight))).collect::<Vec<_>>().join(" + ");
    let numbers = points.iter().map(|(b, weight)| format!("{} · {}", plain(*weight), bracketed(toy.slope(*b))));
    let numbers = numbers.collect::<Vec<_>>().join(" + ");
    format!("{name} estimates the area as {formula} = {numbers} = {}. {verdict}", plain(estimate))
}

/// An estimator that uses slopes at random points, or gates of its own kind.
fn explain_random(name: &str, area: f64, estimate: Option<f64>) -> String {
    let area_text = plain(area);
    match estimate {
        Some(estimate) if (estimate - area).abs() < 1e-9 => {
            format!(
                "{name} uses random points and corrects the result. Its mean estimate is exactly the area, {area_text}."
            )
        }
        Some(estimate) => {
            format!(
                "{name} uses the slope at random points between 0 and 1. Its mean estimate is {}; the area is {area_text}.",
                plain(estimate)
            )
        }
        None => format!("{name} has gate values other than 0 and 1, so it does not estimate this area, {area_text}."),
    }
}

fn bracketed(value: f64) -> String {
    if value < 0.0 { format!("({})", plain(value)) } else { plain(value) }
}

/// State of the training.
pub fn stands(name: &str, step: u64, p: f64, expected: f64) -> String {
    format!("{name} after {} steps: p = {}, expected loss {}", grouped(step), plain(p), plain(expected))
}

/// The training has ended at p = t instead of the best p.
pub fn stopped_at_target(name: &str) -> String {
    format!(
        "{name} stands still at p = t, where the slopes at b = 0 and b = 1 cancel. The loss is smaller at another p."
    )
}
