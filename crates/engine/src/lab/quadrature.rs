//! Mean and variance of an estimator's gradient on one gate, without sampling: quadrature over the random numbers that it draws.
//!
//! The estimator's own code runs at every node. So the result is the mean of what the code computes, including its mistakes.

use super::finite;
use super::objective::Objective;
use super::toy_context::ToyContext;
use crate::estimator::{Estimator, GateDraw};
use gatelab_kernels::Matrix;
use gatelab_kernels::{RandomSource, Real, logit, normal_density, sigmoid};

/// Examples of the minibatches on which moving averages converge. With 1000 the share of open gates can equal any firing
/// probability that is a multiple of 1/1000.
const CONVERGENCE_BATCH: usize = 1000;
/// Number of such minibatches.
const CONVERGENCE_STEPS: usize = 300;
/// Most evaluations of the estimator for one result.
const MOST_NODES: usize = 100_000;

/// Mean and variance of an estimate ĝ of `∂E f/∂a` for one gate.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MeanVariance {
    /// `E ĝ`.
    #[serde(with = "finite")]
    pub mean: f64,
    /// `Var ĝ`.
    #[serde(with = "finite")]
    pub variance: f64,
}

/// Mean and variance on a gate with firing probability `p` (0..1, exclusive), after the estimator's moving averages have
/// converged. `None` if the estimator draws more random numbers than 100,000 nodes can cover, or Beta numbers.
///
/// # Panics
/// If the objective has more than one gate.
pub fn mean_and_variance(
    estimator: &mut dyn Estimator<f64>,
    objective: &dyn Objective,
    p: f64,
) -> Option<MeanVariance> {
    assert_eq!(objective.gates(), 1, "an objective of one gate");
    let a = logit(p);
    converge(estimator, objective, a);
    let mut converged = Vec::new();
    estimator.copy_state_into(&mut converged);
    let mut run = |noise: &mut Scripted| {
        estimator.restore_state(&converged);
        let logits = Matrix::from_elem((1, 1), a);
        let mut draw = GateDraw::new(1, 1);
        estimator.draw(&logits, noise, &mut draw);
        let mut out = Matrix::zeros((1, 1));
        let mut context = ToyContext::new(objective, &draw.gates);
        estimator.logit_gradient(&logits, &draw, &mut context, noise, &mut out);
        out[(0, 0)]
    };
    let mut first = Scripted::default();
    run(&mut first);
    let rules: Vec<Vec<(f64, f64)>> =
        first.requests.iter().map(|kind| kind.rule(p, first.requests.len())).collect::<Option<_>>()?;
    let (mut mean, mut square) = (0.0, 0.0);
    for (numbers, weight) in product_rule(&rules)? {
        let mut script = Scripted { numbers, ..Scripted::default() };
        let estimate = run(&mut script);
        // A rule with other dimensions than the estimator's requests would integrate something else.
        if script.requests != first.requests {
            return None;
        }
        mean += weight * estimate;
        square += weight * estimate * estimate;
    }
    let difference = square - mean * mean;
    // A difference within the rule's accuracy is rounding.
    let variance = if difference.abs() < 1e-12 * square { 0.0 } else { difference };
    Some(MeanVariance { mean, variance })
}

/// Nodes [dimensions] and weights of the product of one-dimensional rules, the first dimension varying fastest; `None` for
/// more than [`MOST_NODES`] nodes.
fn product_rule(rules: &[Vec<(f64, f64)>]) -> Option<impl Iterator<Item = (Vec<f64>, f64)>> {
    let nodes = rules.iter().try_fold(1_usize, |n, rule| n.checked_mul(rule.len()).filter(|n| *n <= MOST_NODES))?;
    Some((0..nodes).map(move |node| {
        let mut rest = node;
        let mut weight = 1.0;
        let numbers = rules.iter().map(|rule| {
            let (x, w) = rule[rest % rule.len()];
            rest /= rule.len();
            weight *= w;
            x
        });
        (numbers.collect(), weight)
    }))
}

/// The distribution that a random number is drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Uniform,
    Normal,
    Beta,
}

impl Kind {
    /// Nodes and weights for one of `dimensions` random numbers; `None` for Beta numbers.
    ///
    /// An estimate jumps where a uniform number passes p or 1 − p, and where a normal number passes −a. At a low temperature it
    /// changes fast near these points. Between them it can be a smooth function of the number's logit, so for up to two
    /// dimensions the nodes are placed on the logit scale. For more dimensions there are two nodes per piece, which is exact
    /// for estimates that are linear on each piece.
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
                // log 11 = logit(11/12): where the sigmoid stretched to (−0.1, 1.1) is clipped.
                let kink = libm::log(11.0);
                let ends = pieces(9.0, &[-a, -a - kink, -a + kink], near);
                Some(gauss(&ends).into_iter().map(|(x, w)| (x, w * normal_density(x))).collect())
            }
            Self::Beta => None,
        }
    }
}

/// Ends of the pieces of −reach..reach, sorted: cut at the kinks, and at the distances `near` from each kink.
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

/// 12-point Gauss–Legendre nodes and weights on each piece.
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

/// Two-point Gauss–Legendre nodes and weights on each piece.
fn two_point(ends: &[f64]) -> Vec<(f64, f64)> {
    let node = 1.0 / 3.0_f64.sqrt();
    ends.windows(2)
        .flat_map(|piece| {
            let (middle, half) = (0.5 * (piece[0] + piece[1]), 0.5 * (piece[1] - piece[0]));
            [(middle - half * node, half), (middle + half * node, half)]
        })
        .collect()
}

/// A source that returns given numbers in order, and 0.4 after the last; it records the distribution of each request.
#[derive(Default)]
struct Scripted {
    numbers: Vec<f64>,
    requests: Vec<Kind>,
}

impl Scripted {
    fn fill<R: Real>(&mut self, out: &mut [R], kind: Kind) {
        for x in out {
            *x = R::from_f64(self.numbers.get(self.requests.len()).copied().unwrap_or(0.4));
            self.requests.push(kind);
        }
    }
}

impl<R: Real> RandomSource<R> for Scripted {
    fn uniform(&mut self, out: &mut [R]) {
        self.fill(out, Kind::Uniform);
    }

    fn normal(&mut self, out: &mut [R]) {
        self.fill(out, Kind::Normal);
    }

    fn beta(&mut self, _: f64, _: f64, out: &mut [R]) {
        self.fill(out, Kind::Beta);
    }
}

/// Low-discrepancy numbers. The first call returns a midpoint grid, later calls an additive-recurrence sequence.
struct LowDiscrepancy {
    calls: usize,
}

impl RandomSource<f64> for LowDiscrepancy {
    fn uniform(&mut self, out: &mut [f64]) {
        // Step sizes of the recurrence, one for each call.
        const STEPS: [f64; 5] =
            [0.618_033_988_749_895, 0.754_877_666_246_693, 0.569_840_290_998_053, 0.438_579, 0.320_711];
        let count = out.len() as f64;
        for (i, x) in out.iter_mut().enumerate() {
            *x = match self.calls {
                0 => (i as f64 + 0.5) / count,
                k => (0.5 + STEPS[k % STEPS.len()] * (i + 1) as f64).fract().clamp(1e-9, 1.0 - 1e-9),
            };
        }
        self.calls += 1;
    }

    fn normal(&mut self, out: &mut [f64]) {
        self.uniform(out);
        out.iter_mut().for_each(|x| *x = gatelab_kernels::normal_quantile(*x));
    }

    fn beta(&mut self, alpha: f64, beta: f64, out: &mut [f64]) {
        out.fill(alpha / (alpha + beta));
        self.calls += 1;
    }
}

/// Runs the estimator on low-discrepancy minibatches until its moving averages have converged.
fn converge(estimator: &mut dyn Estimator<f64>, objective: &dyn Objective, a: f64) {
    if !estimator.has_state() {
        return;
    }
    let logits = Matrix::from_elem((CONVERGENCE_BATCH, 1), a);
    let mut draw = GateDraw::new(CONVERGENCE_BATCH, 1);
    let mut out = Matrix::zeros((CONVERGENCE_BATCH, 1));
    for _ in 0..CONVERGENCE_STEPS {
        let mut noise = LowDiscrepancy { calls: 0 };
        estimator.draw(&logits, &mut noise, &mut draw);
        let mut context = ToyContext::new(objective, &draw.gates);
        estimator.logit_gradient(&logits, &draw, &mut context, &mut noise, &mut out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::ObjectiveKind;
    use super::super::toy_spec::make;
    use super::*;

    fn found(id: &str, t: f64, p: f64) -> MeanVariance {
        let objective = ObjectiveKind::Power { target: t, power: 2.0 }.build(1);
        mean_and_variance(make(id, &std::collections::BTreeMap::new()).unwrap().as_mut(), objective.as_ref(), p)
            .unwrap()
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
        let found = mean_and_variance(estimator.as_mut(), objective.as_ref(), 0.3).unwrap();
        let open = gatelab_kernels::normal_cdf(logit(0.3));
        assert!((found.mean - open).abs() < 1e-10 && (found.variance - open * (1.0 - open)).abs() < 1e-10, "{found:?}");
    }
}
