//! The compute panel.

use super::amount;
use gatelab_engine::estimator::Needs;

/// Title.
pub const TITLE: &str = "Compute done";
/// Caption.
pub const CAPTION: &str =
    "multiply-adds per digit, counted in the kernels, compared with every gate open; zero pixels are skipped in both";
/// Rows.
pub const ROWS: [&str; 3] = ["forward", "backward", "at test time"];
/// Time.
pub const TIME: &str = "time per step";

/// The kernels in use.
pub const KERNELS: &str = "kernels";
/// Their kinds.
pub const KERNEL_NAMES: [&str; 2] = ["strict", "relaxed"];
/// The effect of relaxed kernels on links.
pub const NOT_REPEATABLE: &str = "This run used relaxed kernels: its last digits may differ between machines, so a link repeats it \
    only approximately. A run with strict kernels only is repeated bit for bit.";

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

/// Why the estimator needs this compute.
pub fn why(name: &str, needs: Needs) -> String {
    match needs {
        Needs::Losses => format!("{name} needs only each digit's loss: the experts of closed gates never run."),
        Needs::MoreLosses => {
            format!("{name} also needs the loss of other gate draws: the experts that those draws open run too.")
        }
        Needs::Flips => format!("{name} needs the loss after flipping each single gate: every expert runs."),
        Needs::GateGradsOfSome => {
            format!("{name} needs the slope at open gates and a cheap substitute at closed ones.")
        }
        Needs::GateGradsElsewhere => {
            format!(
                "{name} also needs the slope at half-open gates: every expert runs, and the output layer several times."
            )
        }
        Needs::GateGradsOfActive => {
            format!("{name} needs the slope at open gates only: the experts of closed gates never run.")
        }
        Needs::GateGradsOfAll => {
            format!("{name} needs the slope at closed gates too: every expert runs in training.")
        }
    }
}
