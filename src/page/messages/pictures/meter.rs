//! The compute panel.

use super::amount;
use crate::estimator::Needs;

/// Title.
pub const TITLE: &str = "Compute really done";
/// Caption.
pub const CAPTION: &str = "multiply-adds per digit, counted in the kernels, against all gates open";
/// Rows.
pub const ROWS: [&str; 3] = ["forward", "backward", "at test time"];
/// Time.
pub const TIME: &str = "time per step";

/// Done of dense.
pub fn of(done: f64, dense: f64) -> String {
    format!("{} of {}", amount(done), amount(dense))
}

/// Milliseconds.
pub fn milliseconds(value: f64) -> String {
    if value < 10.0 { format!("{value:.2} ms") } else { format!("{value:.0} ms") }
}

/// Why it costs what it costs.
pub fn why(name: &str, needs: Needs) -> String {
    match needs {
        Needs::Losses => format!("{name} needs only each digit's loss: the experts of closed gates never run."),
        Needs::MoreLosses => {
            format!("{name} also asks what other gate draws would have cost: only the experts those open run as well.")
        }
        Needs::Flips => format!("{name} asks what each single flip would have cost: every expert runs."),
        Needs::SlopesOfSome => {
            format!("{name} has the slope at open gates and next to nothing to pay for the closed ones.")
        }
        Needs::SlopesElsewhere => {
            format!("{name} also looks at half-open gates: every expert runs, and the output layer several times.")
        }
        Needs::SlopesOfActive => {
            format!("{name} needs the slope at open gates only: the experts of closed gates never run.")
        }
        Needs::SlopesOfAll => {
            format!("{name} needs the slope of closed gates too, so their experts must run in training.")
        }
    }
}
