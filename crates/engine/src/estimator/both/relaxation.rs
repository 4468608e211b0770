//! What REBAR and RELAX share: the coin's relaxed twin `z`, its twin `z̃` given the coin, and the control variate made of the
//! relaxed loss at both.
//!
//! A coin is the sign of a logistic number: `z = a + logit(1 − u)` is positive exactly when `u < p`, that is when `b = 1`. Given
//! `b`, a fresh uniform `v` makes `z̃` with the law that `z` has given `b`:
//!
//! ```text
//! v′ = v·p + q  if b = 1,   v·q  if b = 0        z̃ = a + logit(v′)        q = 1 − p
//! ∂z̃/∂a = 1 + (∂v′/∂a) / (v′(1 − v′))            ∂v′/∂a = (v − 1)·p·q  if b = 1,   −v·p·q  if b = 0
//! ```
//!
//! `v′` moves with the logit: leaving its part out of `∂z̃/∂a` is a mistake that was published, hard to see at some logits and
//! gross at others. In closed form, which is what is computed here because nothing cancels in it,
//!
//! ```text
//! b = 1:  z̃ = ln (v·p + q)/(q(1 − v)),   ∂z̃/∂a = v·p/(v·p + q)
//! b = 0:  z̃ = ln p·v/(p + q(1 − v)),     ∂z̃/∂a = q(1 − v)/(p + q(1 − v))
//! ```
//!
//! For any function `c` of all gates' `z`, `h = −c(z̃)(b − p) + ∂c(z)/∂a − ∂c(z̃)/∂a` has mean zero (Tucker et al. 2017):
//! the first and last terms are together minus the gradient of `E c`, the middle one is it.

use gatelab_kernels::Matrix;
use ndarray::Zip;

use crate::estimator::{GateContext, GateDraw, room};
use crate::schema::{Range, Setting};
use gatelab_kernels::{RandomSource, Real, sigmoid};

/// How soft the relaxed gate is.
pub(in crate::estimator) const TEMPERATURE: Setting = Setting {
    name: "temperature",
    label: "Temperature",
    help: "How soft the relaxed gate σ(z/τ) is: near 0 almost a coin, with slopes that are rare and steep.",
    symbol: "τ",
    range: Range::Number { min: 0.01, max: 10.0, slider: (0.05, 2.0), log: true, whole: false },
    live: true,
};

/// Leaves out the part of `∂z̃/∂a` that is easily forgotten.
pub(in crate::estimator) const HISTORIC_BUG: Setting = Setting {
    name: "historic-bug",
    label: "Historic bug",
    help: "Forgets that the conditioned noise moves with the logit, as a published implementation did. Then it is biased.",
    symbol: "",
    range: Range::Choice(&["no", "yes"]),
    live: true,
};

/// Logits beyond this are as good as certain; it keeps the logarithms finite.
const SURE: f64 = 40.0;

/// The relaxed twins of a minibatch's coins; arrays [B × G].
#[derive(Default)]
pub(in crate::estimator) struct Twins<R> {
    uniform: Matrix<R>,
    /// `z`; its derivative with respect to the logit is 1.
    pub(in crate::estimator) free: Matrix<R>,
    /// `z̃`.
    pub(in crate::estimator) tied: Matrix<R>,
    /// `∂z̃/∂a` at fixed `v`.
    pub(in crate::estimator) motion: Matrix<R>,
}

/// The twins of one example, slices of length G.
pub(in crate::estimator) struct TwinRow<'a, R> {
    pub(in crate::estimator) free: &'a [R],
    pub(in crate::estimator) tied: &'a [R],
    pub(in crate::estimator) motion: &'a [R],
}

/// `e^z̃` and `∂z̃/∂a` of one gate with the probabilities `p` and `q = 1 − p`.
fn tie<R: Real>((p, q): (R, R), open: bool, v: R) -> (R, R) {
    let (rising, falling) = (v * p, q * (R::one() - v));
    let within = if open { rising + q } else { p + falling };
    let odds = if open { within / falling } else { rising / within };
    (odds, if open { rising } else { falling } / within)
}

impl<R: Real> Twins<R> {
    /// Example by example.
    pub(in crate::estimator) fn rows(&self) -> impl Iterator<Item = TwinRow<'_, R>> {
        let twins = room::rows(&self.free).zip(room::rows(&self.tied)).zip(room::rows(&self.motion));
        twins.map(|((free, tied), motion)| TwinRow { free, tied, motion })
    }

    /// Draws `z̃` and works out `z` of the coins drawn.
    pub(in crate::estimator) fn draw(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        noise: &mut dyn RandomSource<R>,
        forget: bool,
    ) {
        for array in [&mut self.uniform, &mut self.free, &mut self.tied, &mut self.motion] {
            room::fit(array, logits.dim());
        }
        noise.uniform(room::flat(&mut self.uniform));
        self.free.assign(&draw.noise);
        R::logit_inplace(room::flat(&mut self.free));
        Zip::from(&mut self.free).and(logits).for_each(|z, &a| *z = a - *z);
        self.tie(logits, draw);
        if forget {
            self.motion.fill(R::one());
        }
    }

    /// Works out `z̃` and `∂z̃/∂a` from the uniform numbers.
    fn tie(&mut self, logits: &Matrix<R>, draw: &GateDraw<R>) {
        // q is not 1 − p where p is nearly 1: it has digits of its own, and is kept where z̃ will be.
        room::sigmoid_of(&mut self.tied, logits, |a| -a);
        let least = sigmoid(R::from_f64(-SURE));
        let sure = |p: R| if p < least { least } else { p };
        let coins = Zip::from(&mut self.tied).and(&mut self.motion).and(&draw.probability).and(&draw.gates);
        coins.and(&self.uniform).for_each(|tied, motion, &p, &b, &v| {
            (*tied, *motion) = tie((sure(p), sure(*tied)), b > R::zero(), v);
        });
        R::ln_inplace(room::flat(&mut self.tied));
    }
}

/// The control variate of the relaxed loss `c(z) = L(σ(z/τ))`.
#[derive(Default)]
pub(in crate::estimator) struct RelaxedLoss<R> {
    gates: Matrix<R>,
    slopes: Matrix<R>,
    losses: Vec<R>,
}

impl<R: Real> RelaxedLoss<R> {
    /// Writes `h` [B × G]; two passes through all experts' output layer, forward and back.
    pub(in crate::estimator) fn variate(
        &mut self,
        twins: &Twins<R>,
        draw: &GateDraw<R>,
        temperature: R,
        context: &mut dyn GateContext<R>,
        out: &mut Matrix<R>,
    ) {
        self.soften(&twins.free, temperature, context);
        Zip::from(&mut *out).and(&self.slopes).and(&self.gates).for_each(|out, &slope, &s| {
            *out = slope * s * (R::one() - s) / temperature;
        });
        self.soften(&twins.tied, temperature, context);
        Zip::from(&mut *out)
            .and(&self.slopes)
            .and(&self.gates)
            .and(&twins.motion)
            .for_each(|out, &slope, &s, &motion| *out -= slope * s * (R::one() - s) / temperature * motion);
        let rows = out.rows_mut().zip(draw.gates.rows()).zip(draw.probability.rows());
        for (((out, gates), p), &loss) in rows.zip(&self.losses) {
            Zip::from(out).and(gates).and(p).for_each(|out, &b, &p| *out -= loss * (b - p));
        }
    }

    /// Losses and slopes at `σ(z/τ)`.
    fn soften(&mut self, z: &Matrix<R>, temperature: R, context: &mut dyn GateContext<R>) {
        room::fit(&mut self.slopes, z.dim());
        self.losses.resize(z.nrows(), R::zero());
        room::sigmoid_of(&mut self.gates, z, |z| z / temperature);
        context.slopes_at(&self.gates, &mut self.losses, &mut self.slopes);
    }
}

/// Writes `L(b)(b − p)`, plain REINFORCE.
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
    fn tied<R: Real>(a: R, open: bool, v: R) -> (R, R) {
        let one = |x| Matrix::from_elem((1, 1), x);
        let gates = one(if open { R::one() } else { R::zero() });
        let draw = GateDraw { gates, noise: one(R::zero()), probability: one(sigmoid(a)) };
        let mut twins = Twins { uniform: one(v), motion: one(R::zero()), ..Twins::default() };
        twins.tie(&one(a), &draw);
        (twins.tied[(0, 0)], twins.motion[(0, 0)])
    }

    /// `∂z̃/∂a` is the derivative at a fixed `v`, and `z̃` what its definition says.
    #[test]
    fn the_tied_twin_moves_as_its_derivative_says() {
        for a in [-6.0, -1.5, 0.0, 0.4, 5.0] {
            for open in [false, true] {
                for v in [1e-3, 0.2, 0.5, 0.9, 0.999] {
                    let (z, motion) = tied::<f64>(a, open, v);
                    let p: f64 = sigmoid(a);
                    let inner = if open { v * p + 1.0 - p } else { v * (1.0 - p) };
                    assert!((z - a - libm::log(inner / (1.0 - inner))).abs() < 1e-9, "z̃ at {a}, {open}, {v}");
                    let h = 1e-5;
                    let difference = (tied(a + h, open, v).0 - tied(a - h, open, v).0) / (2.0 * h);
                    assert!((difference - motion).abs() < 1e-8, "{a}, {open}, {v}: {motion}, differences {difference}");
                    assert_eq!(z > 0.0, open, "z̃ says what the coin says");
                }
            }
        }
    }

    /// Over coin and `v` together `z̃` has the law of `z`: `P(z̃ ≤ x) = σ(x − a)`.
    #[test]
    fn both_twins_have_one_law() {
        let cells = 20_000;
        for a in [-2.0, 0.0, 1.3] {
            let p: f64 = sigmoid(a);
            for x in [-5.0, -2.0, -0.3, 0.2, 1.0, 4.0] {
                let share = |open: bool| {
                    let below = |cell: &i32| tied(a, open, (f64::from(*cell) + 0.5) / f64::from(cells)).0 <= x;
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
                    let (z, motion) = tied(a, open, v);
                    assert!(z.is_finite() && motion.is_finite(), "{a}, {open}, {v}: {z}, {motion}");
                }
            }
        }
    }
}
