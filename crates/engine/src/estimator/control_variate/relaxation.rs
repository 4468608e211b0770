//! What REBAR and RELAX share: the relaxation `z` of a Bernoulli gate, the conditional relaxation `z̃` given the gate's sample,
//! and the control variate made of the relaxed loss at both.
//!
//! A Bernoulli sample is the sign of a logistic number: `z = a + logit(1 − u)` is positive exactly when `u < p`, that is when
//! `b = 1`. Given `b`, an independent uniform `v` makes `z̃`, whose distribution is that of `z` given `b`:
//!
//! ```text
//! v′ = v·p + q  if b = 1,   v·q  if b = 0        z̃ = a + logit(v′)        q = 1 − p
//! ∂z̃/∂a = 1 + (∂v′/∂a) / (v′(1 − v′))            ∂v′/∂a = (v − 1)·p·q  if b = 1,   −v·p·q  if b = 0
//! ```
//!
//! `v′` depends on the logit. A published implementation left its part out of `∂z̃/∂a`; the bias is small at some logits and
//! large at others. The closed form is computed, because nothing cancels in it:
//!
//! ```text
//! b = 1:  z̃ = ln (v·p + q)/(q(1 − v)),   ∂z̃/∂a = v·p/(v·p + q)
//! b = 0:  z̃ = ln p·v/(p + q(1 − v)),     ∂z̃/∂a = q(1 − v)/(p + q(1 − v))
//! ```
//!
//! For any function `c` of all gates' `z`, `h = −c(z̃)(b − p) + ∂c(z)/∂a − ∂c(z̃)/∂a` has mean zero (Tucker et al. 2017):
//! the mean of the first and last terms together is minus the gradient of `E c`, the mean of the middle one is that gradient.

use gatelab_kernels::{Matrix, RandomSource, Real, sigmoid};
use ndarray::Zip;

use crate::estimator::{GateContext, GateDraw, scratch};
use crate::schema::{Range, Setting};

/// Temperature of the relaxed gate.
pub(in crate::estimator) const TEMPERATURE: Setting = Setting {
    name: "temperature",
    label: "Temperature",
    help: "How soft the relaxed gate σ(z/τ) is: near 0 it is almost hard, and its slopes are rare and steep.",
    symbol: "τ",
    range: Range::Number { min: 0.01, max: 10.0, slider: (0.05, 2.0), log: true, whole: false },
    live: true,
};

/// Sets `∂z̃/∂a` to 1.
pub(in crate::estimator) const HISTORIC_BUG: Setting = Setting {
    name: "historic-bug",
    label: "Historic bug",
    help: "Ignores that the conditioned noise depends on the logit, as a published implementation did. The estimate is then biased.",
    symbol: "",
    range: Range::Choice(&["no", "yes"]),
    live: true,
};

/// Probabilities are kept above `σ(−SURE)`, so that the logarithms stay finite.
const SURE: f64 = 40.0;

/// The relaxations of a minibatch's gates; matrices [B × G].
#[derive(Default)]
pub(in crate::estimator) struct Relaxation<R> {
    uniform: Matrix<R>,
    /// `z`; its derivative with respect to the logit is 1.
    pub(in crate::estimator) z: Matrix<R>,
    /// `z̃`, the conditional relaxation.
    pub(in crate::estimator) z_cond: Matrix<R>,
    /// `∂z̃/∂a` at fixed `v`.
    pub(in crate::estimator) dz_cond_da: Matrix<R>,
}

/// The relaxations of one example, slices of length G.
pub(in crate::estimator) struct RelaxationRow<'a, R> {
    pub(in crate::estimator) z: &'a [R],
    pub(in crate::estimator) z_cond: &'a [R],
    pub(in crate::estimator) dz_cond_da: &'a [R],
}

/// `e^z̃` and `∂z̃/∂a` of one gate with the probabilities `p` and `q = 1 − p`.
fn conditional<R: Real>((p, q): (R, R), open: bool, v: R) -> (R, R) {
    let (rising, falling) = (v * p, q * (R::one() - v));
    let within = if open { rising + q } else { p + falling };
    let odds = if open { within / falling } else { rising / within };
    (odds, if open { rising } else { falling } / within)
}

impl<R: Real> Relaxation<R> {
    /// Example by example.
    pub(in crate::estimator) fn rows(&self) -> impl Iterator<Item = RelaxationRow<'_, R>> {
        let rows = self.z.rows().zip(self.z_cond.rows()).zip(self.dz_cond_da.rows());
        rows.map(|((z, z_cond), dz_cond_da)| RelaxationRow { z, z_cond, dz_cond_da })
    }

    /// Computes `z` of the gates drawn, and draws `z̃`. `constant_noise` sets `∂z̃/∂a` to 1 ([`HISTORIC_BUG`]).
    pub(in crate::estimator) fn draw(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        noise: &mut dyn RandomSource<R>,
        constant_noise: bool,
    ) {
        for matrix in [&mut self.uniform, &mut self.z, &mut self.z_cond, &mut self.dz_cond_da] {
            matrix.resize(logits.dim(), R::zero());
        }
        noise.uniform(self.uniform.values_mut());
        self.z.assign(&draw.noise);
        R::logit_inplace(self.z.values_mut());
        Zip::from(&mut self.z).and(logits).for_each(|z, &a| *z = a - *z);
        self.condition(logits, draw);
        if constant_noise {
            self.dz_cond_da.fill(R::one());
        }
    }

    /// Computes `z̃` and `∂z̃/∂a` from the uniform numbers.
    fn condition(&mut self, logits: &Matrix<R>, draw: &GateDraw<R>) {
        // 1 − p loses digits where p is nearly 1, so q is computed as σ(−a); `z_cond` holds it until z̃ replaces it.
        scratch::sigmoid_into(&mut self.z_cond, logits, |a| -a);
        let least = sigmoid(R::from_f64(-SURE));
        let bounded = |p: R| if p < least { least } else { p };
        let gates = Zip::from(&mut self.z_cond).and(&mut self.dz_cond_da).and(&draw.probability).and(&draw.gates);
        gates.and(&self.uniform).for_each(|z_cond, dz_cond_da, &p, &b, &v| {
            (*z_cond, *dz_cond_da) = conditional((bounded(p), bounded(*z_cond)), b > R::zero(), v);
        });
        R::ln_inplace(self.z_cond.values_mut());
    }
}

/// The control variate of the relaxed loss `c(z) = L(σ(z/τ))`.
#[derive(Default)]
pub(in crate::estimator) struct RelaxedLoss<R> {
    gates: Matrix<R>,
    gate_grads: Matrix<R>,
    losses: Vec<R>,
}

impl<R: Real> RelaxedLoss<R> {
    /// Writes `h` [B × G]. Costs two passes through the output layer with all gates, forward and backward.
    pub(in crate::estimator) fn variate(
        &mut self,
        relaxation: &Relaxation<R>,
        draw: &GateDraw<R>,
        temperature: R,
        context: &mut dyn GateContext<R>,
        out: &mut Matrix<R>,
    ) {
        self.evaluate(&relaxation.z, temperature, context);
        Zip::from(&mut *out).and(&self.gate_grads).and(&self.gates).for_each(|out, &grad, &s| {
            *out = grad * s * (R::one() - s) / temperature;
        });
        self.evaluate(&relaxation.z_cond, temperature, context);
        Zip::from(&mut *out)
            .and(&self.gate_grads)
            .and(&self.gates)
            .and(&relaxation.dz_cond_da)
            .for_each(|out, &grad, &s, &dz_cond_da| *out -= grad * s * (R::one() - s) / temperature * dz_cond_da);
        let rows = out.rows_mut().zip(draw.gates.rows()).zip(draw.probability.rows());
        for (((out, gates), p), &loss) in rows.zip(&self.losses) {
            Zip::from(out).and(gates).and(p).for_each(|out, &b, &p| *out -= loss * (b - p));
        }
    }

    /// Losses and gate gradients at the gates `σ(z/τ)`.
    fn evaluate(&mut self, z: &Matrix<R>, temperature: R, context: &mut dyn GateContext<R>) {
        self.gate_grads.resize(z.dim(), R::zero());
        self.losses.resize(z.nrows(), R::zero());
        scratch::sigmoid_into(&mut self.gates, z, |z| z / temperature);
        context.gate_grads_at(&self.gates, &mut self.losses, &mut self.gate_grads);
    }
}

/// Writes `L(b)(b − p)` [B × G], plain REINFORCE.
pub(in crate::estimator) fn reinforce<R: Real>(losses: &[R], draw: &GateDraw<R>, out: &mut Matrix<R>) {
    let rows = out.rows_mut().zip(draw.gates.rows()).zip(draw.probability.rows());
    for (((out, gates), p), &loss) in rows.zip(losses) {
        Zip::from(out).and(gates).and(p).for_each(|out, &b, &p| *out = loss * (b - p));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `z̃` and `∂z̃/∂a` of a single gate.
    fn conditional_at<R: Real>(a: R, open: bool, v: R) -> (R, R) {
        let one = |x| Matrix::from_elem((1, 1), x);
        let gates = one(if open { R::one() } else { R::zero() });
        let draw = GateDraw { gates, noise: one(R::zero()), probability: one(sigmoid(a)) };
        let mut relaxation = Relaxation { uniform: one(v), dz_cond_da: one(R::zero()), ..Relaxation::default() };
        relaxation.condition(&one(a), &draw);
        (relaxation.z_cond[(0, 0)], relaxation.dz_cond_da[(0, 0)])
    }

    /// `∂z̃/∂a` is the derivative at a fixed `v`, and `z̃` what its definition says.
    #[test]
    fn the_conditional_relaxation_has_the_derivative_given() {
        for a in [-6.0, -1.5, 0.0, 0.4, 5.0] {
            for open in [false, true] {
                for v in [1e-3, 0.2, 0.5, 0.9, 0.999] {
                    let (z, derivative) = conditional_at::<f64>(a, open, v);
                    let p: f64 = sigmoid(a);
                    let inner = if open { v * p + 1.0 - p } else { v * (1.0 - p) };
                    assert!((z - a - libm::log(inner / (1.0 - inner))).abs() < 1e-9, "z̃ at {a}, {open}, {v}");
                    let h = 1e-5;
                    let difference = (conditional_at(a + h, open, v).0 - conditional_at(a - h, open, v).0) / (2.0 * h);
                    assert!(
                        (difference - derivative).abs() < 1e-8,
                        "{a}, {open}, {v}: {derivative}, differences {difference}"
                    );
                    assert_eq!(z > 0.0, open, "the sign of z̃ is the sample");
                }
            }
        }
    }

    /// Over `b` and `v` together `z̃` has the distribution of `z`: `P(z̃ ≤ x) = σ(x − a)`.
    #[test]
    fn both_relaxations_have_one_distribution() {
        let cells = 20_000;
        for a in [-2.0, 0.0, 1.3] {
            let p: f64 = sigmoid(a);
            for x in [-5.0, -2.0, -0.3, 0.2, 1.0, 4.0] {
                let share = |open: bool| {
                    let below =
                        |cell: &i32| conditional_at(a, open, (f64::from(*cell) + 0.5) / f64::from(cells)).0 <= x;
                    (0..cells).filter(below).count() as f64 / f64::from(cells)
                };
                let found = p * share(true) + (1.0 - p) * share(false);
                assert!((found - sigmoid::<f64>(x - a)).abs() < 1e-4, "P(z̃ ≤ {x}) at {a}: {found}");
            }
        }
    }

    #[test]
    fn certain_gates_stay_finite() {
        for a in [-300.0_f32, -90.0, 90.0, 300.0] {
            for open in [false, true] {
                for v in [3e-8, 0.5, 0.999_999_94] {
                    let (z, derivative) = conditional_at(a, open, v);
                    assert!(z.is_finite() && derivative.is_finite(), "{a}, {open}, {v}: {z}, {derivative}");
                }
            }
        }
    }
}
