//! Randomness played back from a script, so that an estimator's every draw can be enumerated.

use std::collections::VecDeque;

use gatelab_kernels::{RandomSource, Real};

/// Numbers to hand out instead of random ones; it fails when asked for more than it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    uniform: VecDeque<f64>,
    normal: VecDeque<f64>,
    beta: VecDeque<f64>,
    /// Parameters with which Beta numbers were asked for.
    pub(crate) beta_asked: Vec<(f64, f64)>,
}

impl Script {
    /// Uniform numbers only.
    pub(crate) fn uniform(numbers: &[f64]) -> Self {
        Self { uniform: numbers.iter().copied().collect(), ..Self::default() }
    }

    /// Normal numbers only.
    pub(crate) fn normal(numbers: &[f64]) -> Self {
        Self { normal: numbers.iter().copied().collect(), ..Self::default() }
    }

    /// With normal numbers besides.
    pub(crate) fn and_normal(mut self, numbers: &[f64]) -> Self {
        self.normal = numbers.iter().copied().collect();
        self
    }

    /// With Beta numbers besides.
    pub(crate) fn and_beta(mut self, numbers: &[f64]) -> Self {
        self.beta = numbers.iter().copied().collect();
        self
    }

    /// Enough of every kind for `count` gates: fixed numbers that look random and stay away from the edges.
    pub(crate) fn plenty(count: usize, seed: u64) -> Self {
        let uniform: Vec<f64> = (0..count as u64).map(|i| scattered(seed, i)).collect();
        let normal = uniform.iter().map(|u| 3.0 * u - 1.5).collect();
        let beta = uniform.iter().map(|u| 0.05 + 0.2 * u).collect();
        Self { uniform: uniform.into(), normal, beta, beta_asked: Vec::new() }
    }

    /// Whether everything was handed out.
    pub(crate) fn is_spent(&self) -> bool {
        self.uniform.is_empty() && self.normal.is_empty() && self.beta.is_empty()
    }
}

/// A number in 0.02..0.98 that depends on seed and position without pattern.
pub(crate) fn scattered(seed: u64, position: u64) -> f64 {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ position.wrapping_mul(0xD1B5_4A32_D192_ED03);
    z = (z ^ (z >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 32)).wrapping_mul(0x94D0_49BB_1331_11EB);
    0.02 + 0.96 * ((z >> 12) as f64 / (1_u64 << 52) as f64)
}

fn hand_out<R: Real>(queue: &mut VecDeque<f64>, out: &mut [R], kind: &str) {
    for x in out {
        *x = R::from_f64(queue.pop_front().unwrap_or_else(|| panic!("the script has no more {kind} numbers")));
    }
}

impl<R: Real> RandomSource<R> for Script {
    fn uniform(&mut self, out: &mut [R]) {
        hand_out(&mut self.uniform, out, "uniform");
    }

    fn normal(&mut self, out: &mut [R]) {
        hand_out(&mut self.normal, out, "normal");
    }

    fn beta(&mut self, alpha: f64, beta: f64, out: &mut [R]) {
        self.beta_asked.push((alpha, beta));
        hand_out(&mut self.beta, out, "Beta");
    }
}

/// Numbers that depend only on the question's number and on the example, so that an example can be looked at alone.
pub(crate) struct Rows {
    batch: usize,
    example: Option<usize>,
    asked: u64,
}

impl Rows {
    /// For a minibatch of this many examples.
    pub(crate) fn all(batch: usize) -> Self {
        Self { batch, example: None, asked: 0 }
    }

    /// For one example of such a minibatch, alone.
    pub(crate) fn only(example: usize) -> Self {
        Self { batch: 1, example: Some(example), asked: 0 }
    }

    fn fill(&mut self, out: &mut [f64], number: impl Fn(f64) -> f64) {
        let each = out.len() / self.batch;
        self.asked += 1;
        for (i, x) in out.iter_mut().enumerate() {
            let (example, within) = (self.example.unwrap_or(i / each), i % each);
            *x = number(scattered(self.asked, (1000 * example + within) as u64));
        }
    }
}

impl RandomSource<f64> for Rows {
    fn uniform(&mut self, out: &mut [f64]) {
        self.fill(out, |u| u);
    }

    fn normal(&mut self, out: &mut [f64]) {
        self.fill(out, |u| 2.0 * u - 1.0);
    }

    fn beta(&mut self, _: f64, _: f64, out: &mut [f64]) {
        self.fill(out, |u| u);
    }
}
