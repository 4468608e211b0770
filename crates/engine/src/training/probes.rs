//! A fixed set of digits that panels look through: what each gate does with them, again and again while training goes on.

use crate::data::{DataError, Dataset};
use crate::network::Pass;
use gatelab_kernels::{CountingKernels, DefaultBackend, Purpose, RandomSource, Rng};

use super::trainer::Trainer;
use crate::data::{CLASSES, PIXELS};
use crate::network::{forward_at_test_time, gater};

/// Digits of each class.
const PER_CLASS: usize = 20;
/// They are looked for among this many leading training examples: those that arrive first.
const AMONG: usize = 2000;

/// The pinned digit with test-time gates.
#[derive(Clone, Debug, Default)]
pub struct OneDigit {
    /// Gate values, G.
    pub gates: Vec<f32>,
    /// Probability of being open in training, G.
    pub probability: Vec<f32>,
    /// Class probabilities, K.
    pub classes: Vec<f32>,
    /// What each gate's block adds to each class score, G × K.
    pub contribution: Vec<f32>,
}

/// Probe digits, sorted by class, and the arrays to run them.
pub struct Probes<R: DefaultBackend> {
    labels: Vec<u8>,
    pixels: Vec<u8>,
    all: Pass<R>,
    one: Pass<R>,
    pinned: usize,
    kernels: CountingKernels<R>,
}

impl<R: DefaultBackend> Probes<R> {
    /// The first twenty digits of each class (fewer, where the data has fewer).
    pub fn new(trainer: &Trainer<R>, data: &Dataset) -> Result<Self, DataError> {
        let available = data.train.len().min(AMONG);
        let mut indices = Vec::new();
        for class in 0..CLASSES {
            let of_class = (0..available as u32).filter(|&i| usize::from(data.train.label(i as usize)) == class);
            indices.extend(of_class.take(PER_CLASS));
        }
        let shape = trainer.settings().shape;
        let mut all = Pass::new(shape, indices.len());
        data.train.load(&indices, &mut all.input, &mut all.labels)?;
        let pixels: Vec<u8> = indices.iter().flat_map(|&i| data.train.image(i as usize)).copied().collect();
        let labels = all.labels.clone();
        let mut probes =
            Self { labels, pixels, all, one: Pass::new(shape, 1), pinned: 0, kernels: CountingKernels::default() };
        probes.pin(probes.labels.iter().position(|&l| l == 3).unwrap_or(0));
        Ok(probes)
    }

    /// Labels, ascending.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Pixels, 784 a digit.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Index of the pinned digit.
    pub fn pinned(&self) -> usize {
        self.pinned
    }

    /// Pins a digit; an index beyond the last pins the last.
    pub fn pin(&mut self, probe: usize) {
        self.pinned = probe.min(self.labels.len().saturating_sub(1));
        if self.labels.is_empty() {
            return;
        }
        self.one.input.load(self.pixels.chunks(PIXELS).skip(self.pinned).take(1));
        self.one.labels[0] = self.labels[self.pinned];
    }

    /// Probability that each gate is open for each probe digit in training; calls `f(gate, probe, probability)`.
    pub fn probabilities(&mut self, trainer: &Trainer<R>, mut f: impl FnMut(usize, usize, f64)) {
        gater::forward(trainer.parameters(), &mut self.all, &mut self.kernels);
        for ((probe, gate), &logit) in self.all.logits.indexed_iter() {
            f(gate, probe, trainer.estimator().open_probability(logit).as_f64());
        }
    }

    /// Draws the pinned digit's gates as training would at this step, from a stream of its own; appends 255 for open.
    pub fn spikes(&mut self, trainer: &mut Trainer<R>, out: &mut Vec<u8>) {
        let mut noise = Rng::new(trainer.config().seed, Purpose::Display, trainer.step_count());
        gater::forward(&trainer.parameters, &mut self.one, &mut self.kernels);
        trainer.estimator.draw(&self.one.logits, &mut noise as &mut dyn RandomSource<R>, &mut self.one.draw);
        out.extend(self.one.draw.gates.iter().map(|g| if *g == R::zero() { 0 } else { 255 }));
    }

    /// The pinned digit on its way, with test-time gates.
    pub fn one_digit(&mut self, trainer: &Trainer<R>, threshold: f64) -> OneDigit {
        let (pass, shape) = (&mut self.one, trainer.settings().shape);
        let threshold = R::from_f64(threshold);
        forward_at_test_time(trainer.parameters(), trainer.estimator(), threshold, pass, &mut self.kernels);
        let narrow = |x: R| x.as_f64() as f32;
        let head = trainer.parameters().head.weight.panel(0);
        let mut contribution = vec![0.0; shape.gates * shape.classes];
        for (j, sums) in contribution.chunks_mut(shape.classes).enumerate() {
            for u in j * shape.units_per_gate..(j + 1) * shape.units_per_gate {
                let h = pass.experts.gated[(0, u)];
                for (sum, &w) in sums.iter_mut().zip(head.row(u)) {
                    *sum += narrow(h * w);
                }
            }
        }
        OneDigit {
            gates: pass.draw.gates.iter().map(|g| narrow(*g)).collect(),
            probability: pass.logits.iter().map(|a| narrow(trainer.estimator().open_probability(*a))).collect(),
            classes: pass.head.log_probs.iter().map(|s| narrow(s.exponential())).collect(),
            contribution,
        }
    }
}
