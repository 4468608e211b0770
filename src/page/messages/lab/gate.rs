//! One gate, seen from inside.

use super::super::pictures::grouped;
use super::plain;
use crate::page::lab::rule::Looks;
use crate::page::lab::state::Toy;

pub const TITLE: &str = "One gate, seen from inside";
pub const CAPTION: &str = "The gradient of one gate is p(1 − p) times the area under the slope of the loss between shut and open. \
     Every estimator is a guess at that area.";
pub const LOSS: &str = "Loss";
pub const SPELLINGS: [&str; 3] = ["(b − t)²", "t² + (1 − 2t) b", "f₀, f₁, bend κ"];
pub const SPELLINGS_HINT: &str = "The first two agree at 0 and 1, where gates are; only slopes can tell them apart.";
pub const PROBABILITY: &str = "Firing probability p";
pub const TARGET: &str = "Target t";
pub const CLOSED: &str = "f₀, gate shut";
pub const OPEN: &str = "f₁, gate open";
pub const BEND: &str = "Bend κ";
pub const TEMPERATURE: &str = "Temperature τ";
pub const GATES: &str = "Gates";
pub const OWN: &str = "their own";
pub const SHUT: &str = "shut";
pub const IS_OPEN: &str = "open";
pub const SLOPE: &str = "slope of the loss, f′(b)";
pub const RULE: &str = "Rule";
pub const EXACT: &str = "exactly";
pub const DRAWN: &str = "from draws";
pub const MEAN: &str = "mean";
pub const VARIANCE: &str = "variance";
pub const TABLE: &str = "Mean and variance of each rule's gradient";
pub const NOT_EXACT: &str = "–";
pub const SEVERAL: &str = "With several gates the loss is the mean of theirs. The table follows the first of them; what the others draw is noise to it.";
pub const LEARN: &str = "Train on the toy";
pub const LEARN_CAPTION: &str = "The gate follows one rule's gradient. Where does it stop?";
pub const WITH: &str = "Rule";
pub const METHOD: &str = "Method";
pub const METHODS: [&str; 2] = ["descent", "Adam"];
pub const RATE: &str = "Rate";
pub const BATCH: &str = "Draws a step";
pub const START: &str = "Start";
pub const PAUSE: &str = "Pause";
pub const GO_ON: &str = "Go on";
pub const ONCE_MORE: &str = "Once more";
pub const CHART_P: &str = "firing probability p";
pub const CHART_LOSS: &str = "expected loss";
pub const AT_TARGET: &str = "p = t";
pub const BEST: &str = "best";

/// The exact gradient.
pub fn truth(gradient: &str) -> String {
    format!("The exact gradient is {gradient}")
}

/// The area, printed into the picture.
pub fn area(area: f64) -> String {
    format!("area = f(1) − f(0) = {}", plain(area))
}

/// How many draws the right half of the table has.
pub fn drawn(samples: u64) -> String {
    format!("{} ({})", DRAWN, grouped(samples))
}

/// The picture in words.
pub fn picture(toy: &Toy) -> String {
    format!(
        "Slope of the loss from {} at shut to {} at open; {}; the gate fires with p = {}",
        plain(toy.slope(0.0)),
        plain(toy.slope(1.0)),
        area(toy.area()),
        plain(toy.p)
    )
}

/// The handles.
pub fn handle(letter: &str, value: f64) -> String {
    format!("{letter} = {}", plain(value))
}

/// What a rule looks at, and what it makes of the area.
pub fn explain(name: &str, looks: &Looks, toy: &Toy, guess: Option<f64>) -> String {
    let area = toy.area();
    let seen = match looks {
        Looks::Values => {
            return format!(
                "{name} never looks at the slope: from the values f(1) and f(0) alone its average is exactly the area, {}. \
                 What it pays is noise.",
                plain(area)
            );
        }
        Looks::Points(points) => {
            points.iter().map(|(b, weight)| format!("{} · f′({b})", plain(*weight))).collect::<Vec<_>>().join(" + ")
        }
        Looks::Corrected(at) => {
            return format!(
                "{name} takes the slope at p, f′({}) = {}, and corrects it by values: on average exactly the area, {}.",
                plain(*at),
                plain(toy.slope(*at)),
                plain(area)
            );
        }
        Looks::Elsewhere => {
            return match guess {
                Some(guess) if (guess - area).abs() < 1e-9 => {
                    format!(
                        "{name} looks at random points and corrects what it sees: on average exactly the area, {}.",
                        plain(area)
                    )
                }
                Some(guess) => format!(
                    "{name} looks at points in between: on average it takes the area for {}; it is {}.",
                    plain(guess),
                    plain(area)
                ),
                None => format!("{name} has a gate of its own kind: its aim is not this area, {}.", plain(area)),
            };
        }
    };
    let guess = looks.guess(|b| toy.slope(b)).unwrap_or_default();
    let verdict = if (guess - area).abs() < 1e-9 {
        "That is right.".to_owned()
    } else if guess.abs() < 1e-9 {
        format!("It sees no slope and stays where it is, though the area is {}.", plain(area))
    } else if guess * area < 0.0 {
        format!("The area is {}: it walks the wrong way.", plain(area))
    } else {
        format!("The area is {}.", plain(area))
    };
    let numbers =
        looks.places().into_iter().map(|(b, weight)| format!("{} · {}", plain(weight), bracketed(toy.slope(b))));
    let numbers = numbers.collect::<Vec<_>>().join(" + ");
    format!("{name} believes the slope where it looks: {seen} = {numbers} = {}. {verdict}", plain(guess))
}

fn bracketed(value: f64) -> String {
    if value < 0.0 { format!("({})", plain(value)) } else { plain(value) }
}

/// Where learning stands.
pub fn stands(name: &str, step: u64, p: f64, expected: f64) -> String {
    format!("{name} after {} steps: p = {}, expected loss {}", grouped(step), plain(p), plain(expected))
}

/// Where learning ended, when it did not find the best.
pub fn stopped_at_target(name: &str) -> String {
    format!("{name} stands still at p = t: there the slopes at both ends cancel, though the loss is smaller elsewhere.")
}
