//! Progress lines with the elapsed time.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// The clock of one run; prints a line when a step begins and when it ends.
#[derive(Debug)]
pub struct Progress {
    start: Instant,
}

impl Default for Progress {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Progress {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line with the seconds since the start.
    pub fn say(&self, text: &str) {
        println!("[{:>7}] {text}", seconds(self.start.elapsed()));
    }

    /// Runs a step between two such lines; an error names the step.
    pub fn step<T>(&self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.say(&format!("{title} …"));
        let begin = Instant::now();
        let value = work().with_context(|| format!("this step failed: {title}"))?;
        self.say(&format!("{title}: done in {}", seconds(begin.elapsed())));
        Ok(value)
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A duration as people read it: `0.3 s`, `75 s`.
pub fn seconds(duration: Duration) -> String {
    let value = duration.as_secs_f64();
    if value < 10.0 { format!("{value:.1} s") } else { format!("{value:.0} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_is_named() {
        let error = Progress::new().step::<()>("Bake", || anyhow::bail!("no flour")).unwrap_err();
        assert_eq!(format!("{error:#}"), "this step failed: Bake: no flour");
    }

    #[test]
    fn short_times_have_a_digit_more() {
        assert_eq!(seconds(Duration::from_millis(340)), "0.3 s");
        assert_eq!(seconds(Duration::from_secs(75)), "75 s");
    }
}
