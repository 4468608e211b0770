//! A reference gradient of a network's minibatch that is averaged example by example, so that a worker can interrupt it.

use super::exact::{MOST_GATES, enumerate, sample};
use super::moments::Moments;
use super::objective::Objective;
use super::reference::ReferenceGradient;
use super::softmax::SoftmaxHead;
use crate::estimator::{Estimator, GateDistribution, distribution};
use gatelab_kernels::{Matrix, Purpose, RandomSource, Rng};

/// A reference gradient with entries `[B·G]`, and the state of its average.
pub(super) struct ReferenceAverage {
    /// Gives the gates' distributions; `None` for Bernoulli(σ(a)) gates.
    own: Option<Box<dyn Estimator<f32>>>,
    reference: ReferenceGradient,
    rng: Rng,
    /// The next example of the draw in progress, and the entries of the examples before it.
    example: usize,
    entries: Vec<f64>,
}

impl ReferenceAverage {
    /// For gates with the distributions of `own`, or Bernoulli gates. Bernoulli gates up to 16 are enumerated at once, others
    /// are averaged by calls of [`Self::advance`]. `logits` [B × G]; `heads` `[B]`; `number` names the stream of draws.
    pub(super) fn new(
        own: Option<Box<dyn Estimator<f32>>>,
        logits: &Matrix<f32>,
        heads: &[SoftmaxHead],
        seed: u64,
        number: u64,
    ) -> Self {
        let of_example = |(row, head): (&[f32], &SoftmaxHead)| {
            let logits: Vec<f64> = row.iter().map(|&a| f64::from(a)).collect();
            enumerate(head, &logits).map(|exact| exact.gradient)
        };
        let few = own.is_none() && logits.ncols() <= MOST_GATES;
        let exact = if few { logits.rows().zip(heads).map(of_example).collect::<Option<Vec<_>>>() } else { None };
        let reference = exact.map_or_else(
            || ReferenceGradient::Averaged(Box::new(Moments::new(logits.len()))),
            |examples| ReferenceGradient::Exact(examples.concat()),
        );
        let rng = Rng::new(seed, Purpose::Reference, number);
        Self { own, reference, rng, example: 0, entries: Vec::new() }
    }

    /// The gradient so far.
    pub(super) fn reference(&self) -> &ReferenceGradient {
        &self.reference
    }

    /// Whether it belongs to gates other than Bernoulli(σ(a)).
    pub(super) fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Whether it is exact or an average of at least this many draws.
    pub(super) fn has(&self, draws: u64) -> bool {
        match &self.reference {
            ReferenceGradient::Averaged(moments) => moments.count() >= draws,
            ReferenceGradient::Exact(_) | ReferenceGradient::Approximate(_) => true,
        }
    }

    /// Adds the local expectations of one example; true when a draw of the whole minibatch is complete (always if exact).
    pub(super) fn advance(&mut self, logits: &Matrix<f32>, heads: &[SoftmaxHead]) -> bool {
        let ReferenceGradient::Averaged(moments) = &mut self.reference else { return true };
        let own = self.own.as_deref();
        let law_of =
            |&a: &f32| own.map_or_else(|| distribution::bernoulli(f64::from(a)), |own| own.distribution(f64::from(a)));
        let laws: Vec<GateDistribution> = logits.row(self.example).iter().map(law_of).collect();
        let mut uniform = vec![0.0; laws.len()];
        self.rng.uniform(&mut uniform);
        let gates: Vec<f64> = laws.iter().zip(&uniform).map(|(law, &u)| sample(law, u)).collect();
        let from = self.entries.len();
        self.entries.resize(from + laws.len(), 0.0);
        heads[self.example].local_expectations(&gates, &laws, &mut self.entries[from..]);
        self.example += 1;
        if self.example < heads.len() {
            return false;
        }
        moments.add(&self.entries);
        self.entries.clear();
        self.example = 0;
        true
    }
}
