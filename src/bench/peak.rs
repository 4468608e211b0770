//! The peak: the speed of the fastest loop on registers alone.

use super::job::{Outcome, Peak};
use super::timing::{Clock, rates};
use gatelab_kernels::backend::in_use;
use gatelab_kernels::peak::loops;

/// Enough for the time of reading the clock to be negligible.
const PASSES: u32 = 20_000;

pub(super) fn measure(clock: Clock, job: &Peak) -> Outcome {
    let mut best = (0.0, String::new());
    let exact = in_use().is_exact();
    for each in loops().into_iter().filter(|each| each.exact || !exact) {
        (each.run)(PASSES);
        let operations = each.operations as f64 * f64::from(PASSES) / 1e9;
        let work = || -> Result<f64, std::convert::Infallible> {
            (each.run)(PASSES);
            Ok(operations)
        };
        let Ok(chunks) = rates(clock, job.time, work);
        let rate = chunks.into_iter().fold(0.0, f64::max);
        if rate > best.0 {
            best = (rate, each.name);
        }
    }
    Outcome::Peak { gflops: best.0, fastest: best.1 }
}
