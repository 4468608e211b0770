//! When evaluations are due: at steps, so that runs are measured at common points, and seldom enough to cost little.

/// Evaluations may take this share of the time of training.
const SHARE: f64 = 0.02;
/// Steps from one to the next, at least; the beginning, while much changes, is looked at more closely.
const SPACING: u64 = 200;
const BEGINNING: u64 = 500;
/// Doublings at most: the rarest are a million steps apart.
const DOUBLINGS: f64 = 13.0;

/// When evaluations are due. Training is the same whatever it says: an evaluation only looks.
#[derive(Clone, Debug)]
pub struct Schedule {
    spacing: u64,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { spacing: SPACING }
    }
}

impl Schedule {
    /// Whether one is due when so many steps are done.
    pub fn is_due(&self, step: u64) -> bool {
        match step {
            0 => false,
            1..=BEGINNING => step.is_multiple_of(50) || matches!(step, 2 | 10 | 25),
            _ => step.is_multiple_of(self.spacing),
        }
    }

    /// Records that the last one took as long as so many steps. Spacings are 200, 400, 800, … steps: of two machines, the slower one's
    /// points are among the faster one's.
    pub fn record_cost(&mut self, steps: f64) {
        let wanted = steps / SHARE / SPACING as f64;
        self.spacing = SPACING << wanted.max(1.0).log2().ceil().min(DOUBLINGS) as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_looked_at_closely_then_every_200_steps() {
        let schedule = Schedule::default();
        let due: Vec<u64> = (0..=1200).filter(|step| schedule.is_due(*step)).collect();
        assert_eq!(due, [2, 10, 25, 50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 600, 800, 1000, 1200]);
    }

    #[test]
    fn what_takes_long_comes_seldom_and_at_common_steps() {
        let mut schedule = Schedule::default();
        for (steps, spacing) in [(0.0, 200), (3.9, 200), (4.1, 400), (15.0, 800), (1e9, 200 << 13), (f64::NAN, 200)] {
            schedule.record_cost(steps);
            let after: Vec<u64> = (501..=4 * spacing).filter(|step| schedule.is_due(*step)).collect();
            assert!(after.iter().all(|step| step.is_multiple_of(spacing)), "{steps}");
            assert_eq!(after.last(), Some(&(4 * spacing)), "{steps}");
        }
    }
}
