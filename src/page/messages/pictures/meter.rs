//! The compute panel.

use super::amount;
use gatelab_engine::estimator::Needs;

/// Title.
pub const TITLE: &str = "Compute really done";
/// Caption.
pub const CAPTION: &str =
    "multiply-adds per digit, counted in the kernels, against every gate open; zero pixels are skipped in both";
/// Rows.
pub const ROWS: [&str; 3] = ["forward", "backward", "at test time"];
/// Time.
pub const TIME: &str = "time per step";

/// The kernels in use.
pub const KERNELS: &str = "kernels";
/// Their kinds.
pub const KERNEL_NAMES: [&str; 2] = ["strict", "relaxed"];
/// What relaxed ones take away.
pub const NOT_REPEATABLE: &str = "Relaxed kernels have been at work: the last digits may differ from one machine to the next, \
    so a link repeats this run only nearly. A new run with strict kernels is repeated bit for bit.";

/// A speed.
pub fn speed(gflops: f64) -> String {
    format!("{gflops:.0} GFLOP/s")
}

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
        Needs::GateGradsOfSome => {
            format!("{name} has the slope at open gates and next to nothing to pay for the closed ones.")
        }
        Needs::GateGradsElsewhere => {
            format!("{name} also looks at half-open gates: every expert runs, and the output layer several times.")
        }
        Needs::GateGradsOfActive => {
            format!("{name} needs the slope at open gates only: the experts of closed gates never run.")
        }
        Needs::GateGradsOfAll => {
            format!("{name} needs the slope of closed gates too, so their experts must run in training.")
        }
    }
}
