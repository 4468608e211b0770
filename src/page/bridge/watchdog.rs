//! Detects a worker that hangs or died, as opposed to one that is slow, hidden or frozen.
//!
//! A dead worker sends nothing, so silence is the only sign. Only time in which this page was visible and its timer ran
//! is counted: a frozen tab or a sleeping computer stops both sides.

use std::collections::VecDeque;

/// Interval of the calls to [`Watchdog::tick`], ms.
pub const TICK_MS: i32 = 250;

/// A tick this late (ms) means that the page itself was delayed: the count restarts.
const OWN_GAP_MS: f64 = 1000.0;
/// Lower bound of the allowed silence, ms.
const SHORTEST_MS: f64 = 5000.0;
/// Upper bound of the allowed silence, ms, however slow the worker was.
const LONGEST_MS: f64 = 60_000.0;
/// Allowed silence before the first event, ms.
const FIRST_WORDS_MS: f64 = 10_000.0;
/// Number of gaps between events that are kept.
const RECENT: usize = 32;

/// Measures the time since the worker's last event.
#[derive(Clone, Debug)]
pub struct Watchdog {
    silence: f64,
    last_tick: Option<f64>,
    last_word: Option<f64>,
    gaps: VecDeque<f64>,
}

impl Watchdog {
    /// For a newly started worker.
    pub const fn new() -> Self {
        Self { silence: 0.0, last_tick: None, last_word: None, gaps: VecDeque::new() }
    }

    /// An event of the worker arrived.
    pub fn word(&mut self, now: f64) {
        if let Some(before) = self.last_word.replace(now) {
            if self.gaps.len() == RECENT {
                self.gaps.pop_front();
            }
            // At most the counted silence: time asleep is not the worker's.
            self.gaps.push_back((now - before).min(self.silence + f64::from(TICK_MS)));
        }
        self.silence = 0.0;
    }

    /// Whether the worker has sent anything.
    pub const fn has_spoken(&self) -> bool {
        self.last_word.is_some()
    }

    /// A tick of the timer. Returns whether the worker counts as dead.
    pub fn tick(&mut self, now: f64, visible: bool) -> bool {
        let since = self.last_tick.replace(now).map_or(0.0, |before| now - before);
        if !visible || !(0.0..=OWN_GAP_MS).contains(&since) {
            self.silence = 0.0;
            return false;
        }
        self.silence += since;
        self.silence > self.limit()
    }

    /// Restarts the count, for example when the page's visibility changes.
    pub fn restart_count(&mut self) {
        self.silence = 0.0;
        self.last_tick = None;
    }

    fn limit(&self) -> f64 {
        if !self.has_spoken() {
            return FIRST_WORDS_MS;
        }
        let slowest = self.gaps.iter().copied().fold(0.0, f64::max);
        (10.0 * slowest).clamp(SHORTEST_MS, LONGEST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::{TICK_MS, Watchdog};

    fn ticks(dog: &mut Watchdog, from: f64, seconds: f64, visible: bool) -> Option<f64> {
        let mut now = from;
        while now < from + 1000.0 * seconds {
            now += f64::from(TICK_MS);
            if dog.tick(now, visible) {
                return Some(now - from);
            }
        }
        None
    }

    #[test]
    fn silence_is_noticed_after_five_seconds() {
        let mut dog = Watchdog::new();
        dog.word(0.0);
        let noticed = ticks(&mut dog, 0.0, 20.0, true).expect("noticed");
        assert!((5000.0..6000.0).contains(&noticed), "{noticed}");
    }

    #[test]
    fn first_words_may_take_ten_seconds() {
        let mut dog = Watchdog::new();
        assert!(ticks(&mut dog, 0.0, 9.9, true).is_none());
        assert!(ticks(&mut dog, 9900.0, 2.0, true).is_some());
    }

    #[test]
    fn hidden_time_does_not_count() {
        let mut dog = Watchdog::new();
        dog.word(0.0);
        assert!(ticks(&mut dog, 0.0, 600.0, false).is_none());
        assert!(ticks(&mut dog, 600_000.0, 4.0, true).is_none());
    }

    #[test]
    fn a_page_shown_again_begins_to_count_anew() {
        let mut dog = Watchdog::new();
        dog.word(0.0);
        assert!(ticks(&mut dog, 0.0, 4.0, true).is_none());
        dog.restart_count();
        assert!(ticks(&mut dog, 4000.0, 4.0, true).is_none());
    }

    #[test]
    fn a_frozen_page_does_not_kill() {
        let mut dog = Watchdog::new();
        dog.word(0.0);
        assert!(!dog.tick(250.0, true));
        assert!(!dog.tick(3_600_000.0, true));
        assert!(ticks(&mut dog, 3_600_000.0, 4.0, true).is_none());
    }

    #[test]
    fn a_slow_worker_is_given_ten_times_its_slowest_gap() {
        let mut dog = Watchdog::new();
        dog.word(0.0);
        assert!(ticks(&mut dog, 0.0, 2.0, true).is_none());
        dog.word(2000.0);
        assert!(ticks(&mut dog, 2000.0, 19.0, true).is_none());
        assert!(ticks(&mut dog, 21_000.0, 3.0, true).is_some());
    }
}
