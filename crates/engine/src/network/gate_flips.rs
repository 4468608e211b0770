//! The change of the loss when single gates are flipped, for all gates at the cost of one softmax each.
//!
//! The gated layer is linear, so gate `i` adds `c_i = z_i·W3` [K] to the scores whatever the other gates are, and
//!
//! ```text
//! L(b_i = 1) − L(b_i = 0) = ln Σ_k P_k e^{c_ik} − c_iy      P the class probabilities with gate i inactive, y the label
//! ```
//!
//! The difference is computed as `ln(1 + Σ P_k (e^{c_ik} − 1))`, which keeps all digits where the difference of two losses would
//! cancel. Where it is large nothing cancels, but the sum could overflow or round to −1: there it is computed from the scores.
//!
//! Arrays are stored class by class, so that every loop runs over neighbouring gates and vectorises.

use gatelab_kernels::{BlockMask, CountingKernels, Matrix, PackedMatrix, Real};

use super::gater_loss::{GaterLoss, zero_one};

/// Above this the exponentials might overflow.
const LARGE: f64 = 20.0;
/// A sum below this has lost digits, down to all of them: `e^−20 − 1` rounds to −1.
const SMALL: f64 = -0.5;

/// Arrays of one example, kept between calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch<R> {
    /// W3ᵀ [K × H].
    head_transposed: Vec<R>,
    /// What flipping each gate adds to the scores [K × G].
    score_deltas: Vec<R>,
    /// `e^delta − 1` [K × G].
    expm1_deltas: Vec<R>,
    /// −1 for an active gate, which would close, 1 for an inactive one [G].
    sign: Vec<R>,
    /// The label's row of `score_deltas` [G].
    label_deltas: Vec<R>,
    /// Largest entry of `score_deltas` over classes [G].
    largest: Vec<R>,
    /// Change of the loss [G].
    change: Vec<R>,
    /// Whether the change is computed from the scores [G].
    is_large: Vec<bool>,
    /// Scores after a flip [K].
    flipped: Vec<R>,
}

/// What the flips of a pass depend on.
pub(super) struct Flips<'a, R: Real> {
    /// W3 [H × K].
    pub(super) head: &'a PackedMatrix<R>,
    /// z [B × H].
    pub(super) z: &'a Matrix<R>,
    /// Which gates were drawn 1.
    pub(super) active: &'a BlockMask,
    /// Log-probabilities at the drawn gates [B × K].
    pub(super) log_probs: &'a Matrix<R>,
    /// Correct classes, B.
    pub(super) labels: &'a [u8],
    /// U.
    pub(super) units: usize,
    /// The loss that is flipped.
    pub(super) loss: GaterLoss,
}

impl<R: Real> Flips<'_, R> {
    fn batch(&self) -> usize {
        self.labels.len()
    }

    /// `L(b_i = 1) − L(b_i = 0)` for every gate of every example [B × G]. All experts must have been computed.
    pub(super) fn all(&self, scratch: &mut Scratch<R>, kernels: &mut CountingKernels<R>, out: &mut Matrix<R>) {
        let (gates, classes) = (out.ncols(), self.log_probs.ncols());
        scratch.fit(gates, classes);
        scratch.head_transposed.clear();
        scratch.head_transposed.extend(self.head.panel(0).columns().into_iter().flatten().copied());
        let share = self.loss.share::<R>(self.batch());
        for (b, out) in out.rows_mut().enumerate() {
            scratch.sign.iter_mut().enumerate().for_each(|(j, sign)| *sign = self.sign(b, j));
            scratch.load(self.z.row(b), self.units);
            scratch.changes(self.loss, self.log_probs.row(b), self.labels[b]);
            let changes = scratch.change.iter().zip(&scratch.sign);
            out.iter_mut().zip(changes).for_each(|(out, (&change, &sign))| *out = sign * share * change);
        }
        kernels.count_macs(self.batch() * gates * self.units * classes);
    }

    /// The same for one gate `gate[b]` of each example; `out` has length B. Those experts must have been computed.
    pub(super) fn one(
        &self,
        gate: &[usize],
        scratch: &mut Scratch<R>,
        kernels: &mut CountingKernels<R>,
        out: &mut [R],
    ) {
        let (units, classes) = (self.units, self.log_probs.ncols());
        scratch.fit(1, classes);
        for (b, (&j, out)) in gate.iter().zip(out).enumerate() {
            let sign = self.sign(b, j);
            for (k, delta) in scratch.score_deltas.iter_mut().enumerate() {
                let block = j * units..(j + 1) * units;
                *delta = sign * block.map(|u| self.z[(b, u)] * self.head[(u, k)]).sum::<R>();
            }
            scratch.changes(self.loss, self.log_probs.row(b), self.labels[b]);
            *out = sign * self.loss.share(self.batch()) * scratch.change[0];
        }
        kernels.count_macs(gate.len() * units * classes);
    }

    fn sign(&self, example: usize, gate: usize) -> R {
        if self.active.contains(example, gate) { -R::one() } else { R::one() }
    }
}

impl<R: Real> Scratch<R> {
    fn fit(&mut self, gates: usize, classes: usize) {
        self.score_deltas.resize(gates * classes, R::zero());
        self.flipped.resize(classes, R::zero());
        for row in [&mut self.sign, &mut self.label_deltas, &mut self.largest, &mut self.change] {
            row.resize(gates, R::zero());
        }
        self.is_large.resize(gates, false);
    }

    fn gates(&self) -> usize {
        self.sign.len()
    }

    /// `±z_i·W3` for every gate of one example; `z` [H], signs must be set.
    fn load(&mut self, z: &[R], units: usize) {
        let rows = self.score_deltas.chunks_exact_mut(self.sign.len());
        for (deltas, weights) in rows.zip(self.head_transposed.chunks_exact(z.len())) {
            if units == 1 {
                let products = z.iter().zip(weights).zip(&self.sign);
                deltas.iter_mut().zip(products).for_each(|(delta, ((&z, &w), &sign))| *delta = sign * z * w);
            } else {
                let blocks = z.chunks_exact(units).zip(weights.chunks_exact(units)).zip(&self.sign);
                for (delta, ((z, w), &sign)) in deltas.iter_mut().zip(blocks) {
                    *delta = sign * z.iter().zip(w).map(|(&z, &w)| z * w).sum::<R>();
                }
            }
        }
    }

    /// What flipping each gate does to one example's loss.
    fn changes(&mut self, loss: GaterLoss, log_probs: &[R], label: u8) {
        if loss.is_differentiable() {
            self.changes_of_cross_entropy(log_probs, label);
        } else {
            self.changes_of_reward(log_probs, label);
        }
    }

    fn changes_of_cross_entropy(&mut self, log_probs: &[R], label: u8) {
        let gates = self.gates();
        let label = usize::from(label);
        self.label_deltas.copy_from_slice(&self.score_deltas[label * gates..(label + 1) * gates]);
        self.largest.fill(R::neg_infinity());
        for deltas in self.score_deltas.chunks_exact(gates) {
            self.largest.iter_mut().zip(deltas).for_each(|(most, &d)| *most = if d > *most { d } else { *most });
        }
        self.expm1_deltas.clone_from(&self.score_deltas);
        R::expm1_inplace(&mut self.expm1_deltas);
        self.change.fill(R::zero());
        for (powers, &log_prob) in self.expm1_deltas.chunks_exact(gates).zip(log_probs) {
            let p = log_prob.exponential();
            self.change.iter_mut().zip(powers).for_each(|(sum, &e)| *sum += p * e);
        }
        for (j, sum) in self.change.iter().enumerate() {
            self.is_large[j] = self.largest[j] > R::from_f64(LARGE) || *sum < R::from_f64(SMALL) || sum.is_nan();
        }
        R::ln_1p_inplace(&mut self.change);
        self.change.iter_mut().zip(&self.label_deltas).for_each(|(change, &own)| *change -= own);
        for j in 0..gates {
            if self.is_large[j] {
                self.change[j] = self.large_change(j, log_probs, label);
            }
        }
    }

    /// The same without `e^delta − 1`, for a gate that changes the scores by much.
    fn large_change(&self, j: usize, log_probs: &[R], label: usize) -> R {
        let delta = |k: usize| self.score_deltas[k * self.gates() + j];
        let flipped = || log_probs.iter().enumerate().map(|(k, &s)| s + delta(k));
        let top = flipped().fold(R::neg_infinity(), |top, s| if s > top { s } else { top });
        let sum: R = flipped().map(|s| (s - top).exponential()).sum();
        top + sum.logarithm() - delta(label)
    }

    fn changes_of_reward(&mut self, log_probs: &[R], label: u8) {
        let gates = self.gates();
        let before = zero_one(log_probs, label);
        for j in 0..gates {
            for (k, (to, &score)) in self.flipped.iter_mut().zip(log_probs).enumerate() {
                *to = score + self.score_deltas[k * gates + j];
            }
            self.change[j] = zero_one(&self.flipped, label) - before;
        }
    }
}
