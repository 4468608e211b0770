//! Mean and variance of an estimator on one gate, without sampling: quadrature over the random numbers it asks for.
//!
//! The estimator's own code is run at every node, so this is exact for what it does, not for what it should do.

use super::context::ToyContext;
use super::objective::Objective;
use crate::estimator::{Estimator, GateDraw};
use gatelab_kernels::Matrix;
use gatelab_kernels::{RandomSource, Real, logit, normal_density, sigmoid};

/// Examples of the minibatches in which memories settle; a firing probability that is a multiple of 1/1000 is met exactly.
const SETTLING_BATCH: usize = 1000;
/// Such minibatches.
const SETTLING_STEPS: usize = 300;
/// Evaluations of the estimator beyond which a rule is refused.
const MOST_NODES: usize = 100_000;

/// Mean and variance of the gradient of one gate's logit.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct OneGate {
    /// `E ĝ`.
    pub mean: f64,
    /// `Var ĝ`.
    pub variance: f64,
}

/// For a gate with firing probability `p`; `None` if the estimator asks for too many random numbers. What it remembers is
/// first brought to where it settles.
pub fn one_gate(estimator: &mut dyn Estimator<f64>, objective: &dyn Objective, p: f64) -> Option<OneGate> {
    let a = logit(p);
    settle(estimator, objective, a);
    let mut settled = Vec::new();
    estimator.copy_state_into(&mut settled);
    let mut run = |noise: &mut Played| {
        estimator.restore_state(&settled);
        let logits = Matrix::from_elem((1, 1), a);
        let mut draw = GateDraw::new(1, 1);
        estimator.draw(&logits, noise, &mut draw);
        let mut out = Matrix::zeros((1, 1));
        let mut context = ToyContext::new(objective, &draw.gates);
        estimator.logit_gradient(&logits, &draw, &mut context, noise, &mut out);
        out[(0, 0)]
    };
    let mut first = Played::default();
    run(&mut first);
    let rules: Vec<Vec<(f64, f64)>> =
        first.asked.iter().map(|kind| kind.rule(p, first.asked.len())).collect::<Option<_>>()?;
    let nodes = rules.iter().try_fold(1_usize, |n, rule| n.checked_mul(rule.len()))?;
    if nodes > MOST_NODES {
        return None;
    }
    let (mut mean, mut square, mut at) = (0.0, 0.0, vec![0_usize; rules.len()]);
    for _ in 0..nodes {
        let weight: f64 = rules.iter().zip(&at).map(|(rule, &k)| rule[k].1).product();
        let numbers = rules.iter().zip(&at).map(|(rule, &k)| rule[k].0).collect();
        let estimate = run(&mut Played { numbers, ..Played::default() });
        mean += weight * estimate;
        square += weight * estimate * estimate;
        for (k, rule) in at.iter_mut().zip(&rules) {
            *k += 1;
            if *k < rule.len() {
                break;
            }
            *k = 0;
        }
    }
    let spread = square - mean * mean;
    // Below the rule's own accuracy a variance is none.
    let variance = if spread.abs() < 1e-12 * square { 0.0 } else { spread };
    Some(OneGate { mean, variance })
}

/// Which law a random number was asked from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Uniform,
    Normal,
    Beta,
}

impl Kind {
    /// Nodes and weights, for one of so many dimensions.
    ///
    /// Estimates jump where a uniform number passes p or 1 − p, and where a normal one passes −a; a low temperature makes them
    /// change fast near there. They may be smooth functions of the number's logit in between, so nodes are spread on that
    /// scale in up to two dimensions. In more, two nodes a piece must do: exact for estimates that are constant or linear
    /// there.
    fn rule(self, p: f64, dimensions: usize) -> Option<Vec<(f64, f64)>> {
        let a: f64 = logit(p);
        let near: &[f64] = match dimensions {
            1 => &[0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6],
            _ => &[0.1, 0.4, 1.2],
        };
        match self {
            Self::Uniform if dimensions <= 2 => {
                let ends = pieces(36.0, &[a, -a], near);
                let density = |x: f64| sigmoid::<f64>(x) * sigmoid::<f64>(-x);
                Some(gauss(&ends).into_iter().map(|(x, w)| (sigmoid(x), w * density(x))).collect())
            }
            Self::Uniform => {
                let mut ends = vec![0.0, p.min(1.0 - p), p.max(1.0 - p), 1.0];
                ends.dedup_by(|x, y| (*x - *y).abs() < 1e-15);
                Some(two_point(&ends))
            }
            Self::Normal => {
                // log 11 = logit(11/12): where a stretched and clipped sigmoid meets its ends.
                let kink = libm::log(11.0);
                let ends = pieces(9.0, &[-a, -a - kink, -a + kink], near);
                Some(gauss(&ends).into_iter().map(|(x, w)| (x, w * normal_density(x))).collect())
            }
            Self::Beta => None,
        }
    }
}

/// Ends of pieces in −reach..reach: cut at kinks, finer `near` them.
fn pieces(reach: f64, kinks: &[f64], near: &[f64]) -> Vec<f64> {
    let mut ends = vec![-reach, reach, -24.0, -16.0, -10.0, -6.0, -3.0, 0.0, 3.0, 6.0, 10.0, 16.0, 24.0];
    for kink in kinks {
        ends.push(*kink);
        ends.extend(near.iter().flat_map(|by| [kink - by, kink + by]));
    }
    ends.retain(|x| x.abs() <= reach);
    ends.sort_by(f64::total_cmp);
    ends.dedup_by(|x, y| (*x - *y).abs() < 1e-12);
    ends
}

fn gauss(ends: &[f64]) -> Vec<(f64, f64)> {
    ends.windows(2)
        .flat_map(|piece| {
            let (middle, half) = (0.5 * (piece[0] + piece[1]), 0.5 * (piece[1] - piece[0]));
            crate::estimator::distribution::GAUSS
                .iter()
                .flat_map(move |&(x, w)| [(middle - half * x, half * w), (middle + half * x, half * w)])
        })
        .collect()
}

fn two_point(ends: &[f64]) -> Vec<(f64, f64)> {
    let node = 1.0 / 3.0_f64.sqrt();
    ends.windows(2)
        .flat_map(|piece| {
            let (middle, half) = (0.5 * (piece[0] + piece[1]), 0.5 * (piece[1] - piece[0]));
            [(middle - half * node, half), (middle + half * node, half)]
        })
        .collect()
}

/// Hands out given numbers (halves when there are none) and notes what was asked.
#[derive(Default)]
struct Played {
    numbers: Vec<f64>,
    asked: Vec<Kind>,
}

impl Played {
    fn hand_out<R: Real>(&mut self, out: &mut [R], kind: Kind) {
        for x in out {
            *x = R::from_f64(self.numbers.get(self.asked.len()).copied().unwrap_or(0.4));
            self.asked.push(kind);
        }
    }
}

impl<R: Real> RandomSource<R> for Played {
    fn uniform(&mut self, out: &mut [R]) {
        self.hand_out(out, Kind::Uniform);
    }

    fn normal(&mut self, out: &mut [R]) {
        self.hand_out(out, Kind::Normal);
    }

    fn beta(&mut self, _: f64, _: f64, out: &mut [R]) {
        self.hand_out(out, Kind::Beta);
    }
}

/// Evenly spread numbers: the first question gets the middles of equal parts, later ones are spread independently of it.
struct Even {
    asked: usize,
}

impl RandomSource<f64> for Even {
    fn uniform(&mut self, out: &mut [f64]) {
        // Multiples of irrational numbers, a different one for each question.
        const STEPS: [f64; 5] =
            [0.618_033_988_749_895, 0.754_877_666_246_693, 0.569_840_290_998_053, 0.438_579, 0.320_711];
        let count = out.len() as f64;
        for (i, x) in out.iter_mut().enumerate() {
            *x = match self.asked {
                0 => (i as f64 + 0.5) / count,
                k => (0.5 + STEPS[k % STEPS.len()] * (i + 1) as f64).fract().clamp(1e-9, 1.0 - 1e-9),
            };
        }
        self.asked += 1;
    }

    fn normal(&mut self, out: &mut [f64]) {
        self.uniform(out);
        out.iter_mut().for_each(|x| *x = gatelab_kernels::normal_quantile(*x));
    }

    fn beta(&mut self, alpha: f64, beta: f64, out: &mut [f64]) {
        out.fill(alpha / (alpha + beta));
        self.asked += 1;
    }
}

/// Runs the estimator until what it remembers stands still.
fn settle(estimator: &mut dyn Estimator<f64>, objective: &dyn Objective, a: f64) {
    if !estimator.has_state() {
        return;
    }
    let logits = Matrix::from_elem((SETTLING_BATCH, 1), a);
    let mut draw = GateDraw::new(SETTLING_BATCH, 1);
    let mut out = Matrix::zeros((SETTLING_BATCH, 1));
    for _ in 0..SETTLING_STEPS {
        let mut noise = Even { asked: 0 };
        estimator.draw(&logits, &mut noise, &mut draw);
        let mut context = ToyContext::new(objective, &draw.gates);
        estimator.logit_gradient(&logits, &draw, &mut context, &mut noise, &mut out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::ObjectiveKind;
    use super::super::toy::make;
    use super::*;

    fn found(id: &str, t: f64, p: f64) -> OneGate {
        let objective = ObjectiveKind::Power { target: t, power: 2.0 }.build(1);
        one_gate(make(id, &std::collections::BTreeMap::new()).unwrap().as_mut(), objective.as_ref(), p).unwrap()
    }

    /// `pq(q f₁ + p f₀ − c)²` for a constant baseline c, and what the mean and the best constant make of it.
    #[test]
    fn reinforce_has_its_closed_forms() {
        for (t, p) in [(0.499, 0.5), (0.499, 0.1), (0.45, 0.3)] {
            let (f0, f1, q) = (t * t, (1.0 - t) * (1.0 - t), 1.0 - p);
            let exact = p * q * (f1 - f0);
            let plain = found("reinforce", t, p);
            assert!(
                (plain.mean - exact).abs() < 1e-12
                    && (plain.variance - (p * q * (q * f1 + p * f0).powi(2))).abs() < 1e-12
            );
            let mean = found("reinforce-mean", t, p);
            let closed = p * q * ((1.0 - 2.0 * p) * (f1 - f0)).powi(2);
            assert!((mean.mean - exact).abs() < 1e-12 && (mean.variance - closed).abs() < 1e-12, "{mean:?} {closed:e}");
            let optimal = found("reinforce-optimal", t, p);
            assert!((optimal.mean - exact).abs() < 1e-12 && optimal.variance < 1e-12, "{optimal:?}");
        }
    }

    #[test]
    fn gates_with_other_noise_are_integrated_too() {
        // E max(0, a + n) has slope Φ(a/σ): for a linear loss that is the mean estimate.
        let objective = ObjectiveKind::Line { target: 0.0 }.build(1);
        let mut estimator = make("noisy-rectifier", &std::collections::BTreeMap::new()).unwrap();
        let found = one_gate(estimator.as_mut(), objective.as_ref(), 0.3).unwrap();
        let open = gatelab_kernels::normal_cdf(logit(0.3));
        assert!((found.mean - open).abs() < 1e-10 && (found.variance - open * (1.0 - open)).abs() < 1e-10, "{found:?}");
    }
}
