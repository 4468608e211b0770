//! What flipping single gates would do to the loss: for all gates at the cost of one softmax each.
//!
//! The gated layer is linear, so gate `i` moves the scores by `c_i = z_i·W3` [K] whatever the others do, and
//!
//! ```text
//! L(b_i = 1) − L(b_i = 0) = ln Σ_k P_k e^{c_ik} − c_iy      P the class probabilities with gate i closed, y the label
//! ```
//!
//! The difference is computed as `ln(1 + Σ P_k (e^{c_ik} − 1))`, which keeps all digits where two losses would cancel.

use ndarray::{Array2, ArrayView1};

use super::parameters::Parameters;
use super::pass::Pass;
use super::told::{Told, wrong};
use crate::numeric::{Kernels, Real};

/// Above this the exponentials might overflow, and plain losses have digits enough.
const LARGE: f64 = 20.0;

/// For every gate of every example [B × G]. All experts must have run.
pub(super) fn all<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut Kernels<R>,
    told: Told,
    out: &mut Array2<R>,
) {
    let (units, classes, gates) = (pass.shape.units_per_gate, pass.shape.classes, pass.shape.gates);
    let mut moves = std::mem::take(&mut pass.elsewhere.flips);
    moves.resize(gates * classes, R::zero());
    let mut flipper = Flipper::new(classes, told, pass.batch());
    for b in 0..pass.batch() {
        for (j, moves) in moves.chunks_exact_mut(classes).enumerate() {
            contribution(parameters, pass, b, j, moves);
        }
        flipper.load(pass.scores.row(b), pass.labels[b]);
        for (j, moves) in moves.chunks_exact_mut(classes).enumerate() {
            out[(b, j)] = flipper.difference(moves, pass.draw_open(b, j));
        }
    }
    pass.elsewhere.flips = moves;
    kernels.count(pass.batch() * gates * units * classes);
}

/// For one gate of each example; its expert must have run.
pub(super) fn one<R: Real>(
    parameters: &Parameters<R>,
    pass: &Pass<R>,
    kernels: &mut Kernels<R>,
    told: Told,
    gate: &[usize],
    out: &mut [R],
) {
    let classes = pass.shape.classes;
    let mut moves = vec![R::zero(); classes];
    let mut flipper = Flipper::new(classes, told, pass.batch());
    for (b, (&j, out)) in gate.iter().zip(out).enumerate() {
        contribution(parameters, pass, b, j, &mut moves);
        flipper.load(pass.scores.row(b), pass.labels[b]);
        *out = flipper.difference(&mut moves, pass.draw_open(b, j));
    }
    kernels.count(gate.len() * pass.shape.units_per_gate * classes);
}

/// `c = Σ_u z_u·W3[u, :]` over the units of one gate.
fn contribution<R: Real>(parameters: &Parameters<R>, pass: &Pass<R>, b: usize, j: usize, moves: &mut [R]) {
    moves.fill(R::zero());
    let units = pass.shape.units_per_gate;
    for u in j * units..(j + 1) * units {
        let z = pass.expert[(b, u)];
        let row = parameters.head.weight.row(u);
        if let Some(row) = row.to_slice() {
            moves.iter_mut().zip(row).for_each(|(m, &w)| *m += z * w);
        }
    }
}

/// One example's class probabilities, at which single gates are flipped.
struct Flipper<R> {
    told: Told,
    share: R,
    label: u8,
    probabilities: Vec<R>,
    scores: Vec<R>,
    moved: Vec<R>,
}

impl<R: Real> Flipper<R> {
    fn new(classes: usize, told: Told, batch: usize) -> Self {
        let zeros = || vec![R::zero(); classes];
        let share = if told == Told::DelayedReward { R::one() / R::of(batch.max(1) as f64) } else { R::one() };
        Self { told, share, label: 0, probabilities: zeros(), scores: zeros(), moved: zeros() }
    }

    fn load(&mut self, scores: ArrayView1<'_, R>, label: u8) {
        self.label = label;
        for ((p, kept), &s) in self.probabilities.iter_mut().zip(&mut self.scores).zip(scores) {
            *p = s.exponential();
            *kept = s;
        }
    }

    /// `L(1) − L(0)` for a gate that adds `moves` to the scores and is open or not; `moves` is used up.
    fn difference(&mut self, moves: &mut [R], open: bool) -> R {
        // Towards the other state: away from an open gate, to a closed one.
        let sign = if open { -R::one() } else { R::one() };
        moves.iter_mut().for_each(|m| *m *= sign);
        let change = match self.told {
            Told::CrossEntropy => self.change_of_loss(moves),
            Told::Reward | Told::DelayedReward => {
                self.moved.iter_mut().zip(&self.scores).zip(&*moves).for_each(|((out, &s), &m)| *out = s + m);
                wrong(ArrayView1::from(&self.moved[..]), self.label)
                    - wrong(ArrayView1::from(&self.scores[..]), self.label)
            }
        };
        sign * change * self.share
    }

    fn change_of_loss(&self, moves: &mut [R]) -> R {
        let of_label = moves[usize::from(self.label)];
        let largest = moves.iter().fold(R::neg_infinity(), |m, &x| if x > m { x } else { m });
        if largest > R::of(LARGE) {
            let sum: R = self.scores.iter().zip(&*moves).map(|(&s, &m)| (s + m - largest).exponential()).sum();
            return largest + sum.logarithm() - of_label;
        }
        R::exponential_minus_one(moves);
        let sum: R = self.probabilities.iter().zip(&*moves).map(|(&p, &e)| p * e).sum();
        sum.logarithm_of_one_plus() - of_label
    }
}
