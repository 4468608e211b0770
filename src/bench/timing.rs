//! Times work with a clock.

use super::job::Time;

/// Seconds since some moment.
pub type Clock = fn() -> f64;

/// The rate of each chunk. `work` is repeated and returns the amount of each call.
pub(super) fn rates<E>(clock: Clock, time: Time, mut work: impl FnMut() -> Result<f64, E>) -> Result<Vec<f64>, E> {
    let length = time.seconds / f64::from(time.chunks.max(1));
    (0..time.chunks.max(1))
        .map(|_| {
            let (begin, mut done) = (clock(), 0.0);
            loop {
                done += work()?;
                let elapsed = clock() - begin;
                if elapsed >= length && elapsed > 0.0 {
                    return Ok(done / elapsed);
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static NOW: Cell<f64> = const { Cell::new(0.0) };
    }

    #[test]
    fn a_rate_is_work_over_time() {
        let time = Time { seconds: 10.0, chunks: 2 };
        let rates = rates::<()>(
            || NOW.get(),
            time,
            || {
                NOW.set(NOW.get() + 0.5);
                Ok(3.0)
            },
        );
        assert_eq!(rates, Ok(vec![6.0, 6.0]));
        assert!((NOW.get() - 10.0).abs() < 1e-9);
    }
}
