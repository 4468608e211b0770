//! What flipping single gates would do to the loss: for all gates at the cost of one softmax each.
//!
//! The gated layer is linear, so gate `i` moves the scores by `c_i = z_i·W3` [K] whatever the others do, and
//!
//! ```text
//! L(b_i = 1) − L(b_i = 0) = ln Σ_k P_k e^{c_ik} − c_iy      P the class probabilities with gate i closed, y the label
//! ```
//!
//! The difference is computed as `ln(1 + Σ P_k (e^{c_ik} − 1))`, which keeps all digits where two losses would cancel. Where it is large
//! nothing cancels, but the sum could overflow, or come out as −1: there it is computed from the scores.
//!
//! Numbers are kept class by class, so that every loop runs over neighbouring gates and can be vectorised.

use gatelab_kernels::Matrix;

use super::parameters::Parameters;
use super::pass::Pass;
use super::told::{Told, wrong};
use gatelab_kernels::{CountingKernels, Real};

/// Above this the exponentials might overflow.
const LARGE: f64 = 20.0;
/// A sum below this has lost digits, down to all of them: it cannot tell `e^−20 − 1` from −1.
const SMALL: f64 = -0.5;

/// Room for the flips of one example; kept between calls.
#[derive(Clone, Debug, Default)]
pub struct Flips<R> {
    /// W3 turned round [K × H].
    turned: Vec<R>,
    /// What going to its other state adds to the scores [K × G].
    moves: Vec<R>,
    /// `e^that − 1`.
    powers: Vec<R>,
    /// −1 for an open gate, which would close, 1 for a closed one [G].
    sign: Vec<R>,
    /// The label's own row of `moves` [G].
    of_label: Vec<R>,
    /// Largest entry of `moves` over classes [G].
    largest: Vec<R>,
    /// `Σ_k P_k (e^move − 1)`, then the change of loss [G].
    change: Vec<R>,
    /// Whether that is too large for such a sum [G].
    is_large: Vec<bool>,
}

/// For every gate of every example [B × G]. All experts must have run.
pub(super) fn all<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
    told: Told,
    out: &mut Matrix<R>,
) {
    let (units, classes, gates) = (pass.shape.units_per_gate, pass.shape.classes, pass.shape.gates);
    let mut room = std::mem::take(&mut pass.elsewhere.flips);
    room.fit(gates, classes);
    room.turned.clear();
    room.turned.extend(parameters.head.weight.panel(0).columns().into_iter().flatten().copied());
    for b in 0..pass.batch() {
        room.load(pass, b, units);
        let scores = pass.scores.row(b);
        if told == Told::CrossEntropy {
            room.changes_of_loss(scores, pass.labels[b]);
        } else {
            room.changes_of_reward(scores, pass.labels[b]);
        }
        let share = share(told, pass.batch());
        let changes = room.change.iter().zip(&room.sign);
        out.row_mut(b).iter_mut().zip(changes).for_each(|(out, (&change, &sign))| *out = sign * share * change);
    }
    pass.elsewhere.flips = room;
    kernels.count_macs(pass.batch() * gates * units * classes);
}

/// A single example's part in what the gater is told.
fn share<R: Real>(told: Told, batch: usize) -> R {
    if told == Told::DelayedReward { R::one() / R::from_f64(batch.max(1) as f64) } else { R::one() }
}

/// For one gate of each example; its expert must have run.
pub(super) fn one<R: Real>(
    parameters: &Parameters<R>,
    pass: &Pass<R>,
    kernels: &mut CountingKernels<R>,
    told: Told,
    gate: &[usize],
    out: &mut [R],
) {
    let (units, classes) = (pass.shape.units_per_gate, pass.shape.classes);
    let mut room = Flips::default();
    room.fit(1, classes);
    for (b, (&j, out)) in gate.iter().zip(out).enumerate() {
        let sign = if pass.draw_open(b, j) { -R::one() } else { R::one() };
        for (k, m) in room.moves.iter_mut().enumerate() {
            let block = j * units..(j + 1) * units;
            *m = sign * block.map(|u| pass.expert[(b, u)] * parameters.head.weight[(u, k)]).sum::<R>();
        }
        let scores = pass.scores.row(b);
        if told == Told::CrossEntropy {
            room.changes_of_loss(scores, pass.labels[b]);
        } else {
            room.changes_of_reward(scores, pass.labels[b]);
        }
        *out = sign * share(told, pass.batch()) * room.change[0];
    }
    kernels.count_macs(gate.len() * units * classes);
}

impl<R: Real> Flips<R> {
    fn fit(&mut self, gates: usize, classes: usize) {
        self.moves.resize(gates * classes, R::zero());
        for row in [&mut self.sign, &mut self.of_label, &mut self.largest, &mut self.change] {
            row.resize(gates, R::zero());
        }
        self.is_large.resize(gates, false);
    }

    fn gates(&self) -> usize {
        self.sign.len()
    }

    /// `±z_i·W3` for every gate of one example.
    fn load(&mut self, pass: &Pass<R>, b: usize, units: usize) {
        for (j, sign) in self.sign.iter_mut().enumerate() {
            *sign = if pass.draw_open(b, j) { -R::one() } else { R::one() };
        }
        let z = pass.expert.row(b);
        for (moves, weights) in self.moves.chunks_exact_mut(self.sign.len()).zip(self.turned.chunks_exact(z.len())) {
            if units == 1 {
                let products = z.iter().zip(weights).zip(&self.sign);
                moves.iter_mut().zip(products).for_each(|(m, ((&z, &w), &sign))| *m = sign * z * w);
            } else {
                let blocks = z.chunks_exact(units).zip(weights.chunks_exact(units)).zip(&self.sign);
                for (m, ((z, w), &sign)) in moves.iter_mut().zip(blocks) {
                    *m = sign * z.iter().zip(w).map(|(&z, &w)| z * w).sum::<R>();
                }
            }
        }
    }

    /// What going to its other state does to the cross-entropy, gate by gate.
    fn changes_of_loss(&mut self, scores: &[R], label: u8) {
        let gates = self.gates();
        let label = usize::from(label);
        self.of_label.copy_from_slice(&self.moves[label * gates..(label + 1) * gates]);
        self.largest.fill(R::neg_infinity());
        for moves in self.moves.chunks_exact(gates) {
            self.largest.iter_mut().zip(moves).for_each(|(most, &m)| *most = if m > *most { m } else { *most });
        }
        self.powers.clone_from(&self.moves);
        R::expm1_inplace(&mut self.powers);
        self.change.fill(R::zero());
        for (powers, &score) in self.powers.chunks_exact(gates).zip(scores) {
            let p = score.exponential();
            self.change.iter_mut().zip(powers).for_each(|(sum, &e)| *sum += p * e);
        }
        for (j, sum) in self.change.iter().enumerate() {
            self.is_large[j] = self.largest[j] > R::from_f64(LARGE) || *sum < R::from_f64(SMALL) || sum.is_nan();
        }
        R::ln_1p_inplace(&mut self.change);
        self.change.iter_mut().zip(&self.of_label).for_each(|(change, &own)| *change -= own);
        for j in 0..gates {
            if self.is_large[j] {
                self.change[j] = self.large_change(j, scores, label);
            }
        }
    }

    /// The same without `e^move − 1`, for a gate that changes much.
    fn large_change(&self, j: usize, scores: &[R], label: usize) -> R {
        let move_of = |k: usize| self.moves[k * self.gates() + j];
        let moved = || scores.iter().enumerate().map(|(k, &s)| s + move_of(k));
        let top = moved().fold(R::neg_infinity(), |top, s| if s > top { s } else { top });
        let sum: R = moved().map(|s| (s - top).exponential()).sum();
        top + sum.logarithm() - move_of(label)
    }

    /// What it does to right and wrong.
    fn changes_of_reward(&mut self, scores: &[R], label: u8) {
        let gates = self.gates();
        let mut moved = scores.to_owned();
        let before = wrong(scores, label);
        for j in 0..gates {
            for (k, (to, &score)) in moved.iter_mut().zip(scores).enumerate() {
                *to = score + self.moves[k * gates + j];
            }
            self.change[j] = wrong(&moved, label) - before;
        }
    }
}
