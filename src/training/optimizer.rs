//! Minibatch SGD with momentum, a rate of its own for the gater, and a hard limit on the norm of incoming weights.
//!
//! Panel by panel: gradient, momentum, weights and norms of 32 columns are dealt with while they are in the cache.

use crate::network::{Gradient, Linear, Parameters, Shape};
use crate::numeric::{Contributions, Input, Kernels, PANEL, Panels, Real};

/// Velocities below this are taken as zero. They no longer move any weight, and what decays further ends among the denormal
/// numbers, which many processors handle a hundred times more slowly.
const STILL: f64 = 1e-20;

/// What a step needs to know besides the gradient.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Learning rate.
    pub learning_rate: f64,
    /// Factor for the gater's tensors.
    pub gater_rate: f64,
    /// Momentum, 0..1.
    pub momentum: f64,
    /// Largest norm of a unit's incoming weights; 0 for none.
    pub max_norm: f64,
}

/// SGD with momentum; holds one velocity per parameter.
///
/// Momentum moves a weight on even where the gradient is zero, as it is for every pixel that is dark throughout a minibatch. The rows of
/// those pixels wait, and are moved as many steps at once when somebody looks at them: by the same operations, so the bits are
/// those of moving them every step. Where norms are limited nothing waits, because every norm must be known.
#[derive(Clone, Debug)]
pub struct Optimizer<R> {
    pub(super) velocity: Parameters<R>,
    /// By how many steps each input's row is behind, of the experts' and of the gater's weights alike.
    behind: Vec<u32>,
    /// The momentum with which they are to be moved.
    momentum: f64,
    /// Gradient of the panel, or of the biases, at work.
    gradient: Panels<R>,
    /// Rows of the layer at work that have a gradient.
    touched: Vec<bool>,
    /// Squares of the norms of the panel's columns.
    norms: Vec<R>,
}

/// The numbers of one layer's update.
#[derive(Clone, Copy)]
struct Motion<R> {
    momentum: R,
    rate: R,
    /// Largest norm of a column, if there is one.
    most: Option<R>,
}

impl<R: Real> Optimizer<R> {
    /// At rest.
    pub fn new(shape: &Shape) -> Self {
        let velocity = Parameters::zeros(shape);
        let layers = [&velocity.experts, &velocity.gater_hidden, &velocity.gater_logits, &velocity.head];
        let largest = layers.map(|layer| layer.weight.place(0).len().max(layer.bias.len())).into_iter().max();
        Self {
            behind: vec![0; shape.inputs],
            momentum: 0.0,
            gradient: Panels::zeros(1, largest.unwrap_or_default()),
            touched: Vec::new(),
            norms: Vec::new(),
            velocity,
        }
    }

    /// Moves the rows on that a pass with this input looks at.
    pub fn move_for(&mut self, parameters: &mut Parameters<R>, input: &Input<R>) {
        if self.is_settled() {
            return;
        }
        self.touched.clear();
        self.touched.extend(self.behind.iter().map(|_| false));
        input.mark(&mut self.touched);
        self.move_touched(parameters);
    }

    /// Moves every row on, so that all parameters are those of the last step.
    pub fn settle(&mut self, parameters: &mut Parameters<R>) {
        if !self.is_settled() {
            self.touched.clear();
            self.touched.extend(self.behind.iter().map(|_| true));
            self.move_touched(parameters);
        }
    }

    /// Whether no row waits.
    pub fn is_settled(&self) -> bool {
        self.behind.iter().all(|&steps| steps == 0)
    }

    fn move_touched(&mut self, parameters: &mut Parameters<R>) {
        let Self { velocity, behind, touched, momentum, .. } = self;
        let momentum = R::of(*momentum);
        let layers = [
            (&mut parameters.experts, &mut velocity.experts),
            (&mut parameters.gater_hidden, &mut velocity.gater_hidden),
        ];
        for (weights, velocity) in layers {
            for panel in 0..weights.weight.panels() {
                let (width, place) = (weights.weight.span(panel).len(), weights.weight.place(panel));
                let w = &mut weights.weight.values_mut()[place.clone()];
                let v = &mut velocity.weight.values_mut()[place];
                for (row, (&steps, &touched)) in behind.iter().zip(&*touched).enumerate() {
                    if steps == 0 || !touched {
                        continue;
                    }
                    let at = row * width..(row + 1) * width;
                    move_on(&mut w[at.clone()], &mut v[at], momentum, steps);
                }
            }
        }
        behind.iter_mut().zip(touched).filter(|(_, touched)| **touched).for_each(|(steps, _)| *steps = 0);
    }

    /// Forgets all momentum.
    pub fn rest(&mut self) {
        for tensor in self.velocity.tensors() {
            tensor.values.fill(R::zero());
        }
    }

    /// `v ← μv − ηg`, `w ← w + v`, then columns longer than the largest norm are scaled back. Rows that the gradient touches must
    /// have been moved by [`Self::move_for`]; others may wait afterwards.
    pub fn step(
        &mut self,
        parameters: &mut Parameters<R>,
        gradient: &Gradient<'_, R>,
        rates: Rates,
        kernels: &mut Kernels<R>,
    ) {
        let norms_matter = rates.max_norm > 0.0;
        if self.momentum.to_bits() != rates.momentum.to_bits() || norms_matter {
            self.settle(parameters);
            self.momentum = rates.momentum;
        }
        let Self { velocity, gradient: room, touched, norms, behind, .. } = self;
        let motion = |of_gater: bool, normed: bool| Motion {
            momentum: R::of(rates.momentum),
            rate: R::of(rates.learning_rate * if of_gater { rates.gater_rate } else { 1.0 }),
            most: (normed && norms_matter).then(|| R::of(rates.max_norm)),
        };
        let layers = [
            (&mut parameters.experts, &mut velocity.experts, motion(false, true), !norms_matter),
            (&mut parameters.gater_hidden, &mut velocity.gater_hidden, motion(true, true), !norms_matter),
            (&mut parameters.gater_logits, &mut velocity.gater_logits, motion(true, true), false),
            (&mut parameters.head, &mut velocity.head, motion(false, false), false),
        ];
        // Experts and gater have the same inputs, so the gater's mark says which rows of either wait.
        for (at, ((weights, velocity, motion, waits), of)) in layers.into_iter().zip(&gradient.layers).enumerate() {
            touched.resize(weights.weight.rows(), false);
            of.mark(touched);
            layer(weights, velocity, of, (motion, waits), (room.values_mut(), touched, norms), kernels);
            if waits && at == 1 {
                behind.iter_mut().zip(&*touched).for_each(|(steps, &touched)| *steps += u32::from(!touched));
            }
        }
    }
}

/// One layer's weights and biases.
fn layer<R: Real>(
    weights: &mut Linear<R>,
    velocity: &mut Linear<R>,
    of: &Contributions<'_, R>,
    (motion, waits): (Motion<R>, bool),
    (room, touched, norms): (&mut [R], &[bool], &mut Vec<R>),
    kernels: &mut Kernels<R>,
) {
    let columns = weights.bias.len();
    let (bias, bias_velocity) = (weights.bias.as_slice_mut(), velocity.bias.as_slice_mut());
    let sums = &mut room[..columns];
    sums.fill(R::zero());
    of.iter().for_each(|outer| outer.add_bias(sums));
    advance(bias.unwrap_or_default(), bias_velocity.unwrap_or_default(), sums, motion);
    for panel in 0..weights.weight.panels() {
        let (span, place) = (weights.weight.span(panel), weights.weight.place(panel));
        let gradient = &mut room[..place.len()];
        kernels.gradient_panel(of, touched, span.clone(), gradient);
        let w = &mut weights.weight.values_mut()[place.clone()];
        let v = &mut velocity.weight.values_mut()[place];
        norms.clear();
        norms.resize(if motion.most.is_some() { span.len() } else { 0 }, R::zero());
        update(w, v, gradient, touched, (motion, waits), norms);
        if let Some(most) = motion.most {
            limit(w, norms, most);
        }
    }
}

/// All rows of a panel, and the sums of squares of its columns, unless `norms` is empty.
///
/// A function of its own, because browsers run out of registers in functions that everything has been inlined into.
#[inline(never)]
fn update<R: Real>(
    w: &mut [R],
    v: &mut [R],
    g: &[R],
    touched: &[bool],
    (motion, waits): (Motion<R>, bool),
    norms: &mut [R],
) {
    let width = w.len() / touched.len().max(1);
    let rows = w.chunks_exact_mut(width).zip(v.chunks_exact_mut(width));
    for (((w, v), g), &touched) in rows.zip(g.chunks_exact(width)).zip(touched) {
        if touched {
            advance(w, v, g, motion);
        } else if !waits {
            move_on(w, v, motion.momentum, 1);
        }
        norms.iter_mut().zip(&*w).for_each(|(sum, &w)| *sum += w * w);
    }
}

/// Numbers that are worked on at once.
const ABREAST: usize = 8;

/// `v ← μv − ηg`, `w ← w + v`.
fn advance<R: Real>(w: &mut [R], v: &mut [R], g: &[R], motion: Motion<R>) {
    let Motion { momentum, rate, .. } = motion;
    let step = |((w, v), &g): ((&mut R, &mut R), &R)| {
        *v = still(momentum * *v - rate * g);
        *w += *v;
    };
    // A whole row of a panel needs no loop.
    match (<&mut [R; PANEL]>::try_from(&mut *w), <&mut [R; PANEL]>::try_from(&mut *v), <&[R; PANEL]>::try_from(g)) {
        (Ok(w), Ok(v), Ok(g)) => w.iter_mut().zip(v).zip(g).for_each(step),
        _ => w.iter_mut().zip(v).zip(g).for_each(step),
    }
}

/// As many steps of the same with a gradient of zero.
fn move_on<R: Real>(w: &mut [R], v: &mut [R], momentum: R, steps: u32) {
    let (w, w_rest) = w.as_chunks_mut::<ABREAST>();
    let (v, v_rest) = v.as_chunks_mut::<ABREAST>();
    let step = |(w, v): (&mut R, &mut R)| {
        *v = still(momentum * *v);
        *w += *v;
    };
    for (w, v) in w.iter_mut().zip(v) {
        let (mut at, mut speed) = (*w, *v);
        // Now and then it is asked whether all have come to rest.
        let mut left = steps;
        while left > 0 && speed.iter().fold(false, |moves, &v| moves | (v != R::zero())) {
            let some = left.min(ABREAST as u32);
            (0..some).for_each(|_| at.iter_mut().zip(&mut speed).for_each(step));
            left -= some;
        }
        (*w, *v) = (at, speed);
    }
    for _ in 0..steps {
        w_rest.iter_mut().zip(&mut *v_rest).for_each(step);
    }
}

fn still<R: Real>(v: R) -> R {
    if v.abs() < R::of(STILL) { R::zero() } else { v }
}

/// Scales back every column of a row-major panel whose Euclidean norm exceeds `most`; `squared` holds the squares of norms.
fn limit<R: Real>(panel: &mut [R], squared: &[R], most: R) {
    for (column, &sum) in squared.iter().enumerate() {
        let length = sum.sqrt();
        if length > most {
            let scale = most / length;
            panel.iter_mut().skip(column).step_by(squared.len()).for_each(|w| *w *= scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_beyond_the_norm_come_back_to_it_and_others_stay() {
        let mut values = vec![3.0, 0.1, 4.0, 0.2];
        limit(&mut values, &[25.0, 0.05], 2.0);
        let expected = [1.2, 0.1, 1.6, 0.2];
        assert!(values.iter().zip(expected).all(|(a, b)| f64::abs(a - b) < 1e-12), "{values:?}");
    }

    #[test]
    fn a_row_without_gradient_moves_on_with_its_momentum_and_comes_to_rest() {
        let motion = Motion { momentum: 0.5_f64, rate: 0.1, most: None };
        let mut w: Vec<f64> = (0..11).map(|i| 1.0 + 0.3 * f64::from(i)).collect();
        let mut v: Vec<f64> = (0..11).map(|i| 0.25 * 0.01_f64.powi(i)).collect();
        let (mut same_w, mut same_v) = (w.clone(), v.clone());
        for steps in [1, 3, 70] {
            move_on(&mut w, &mut v, motion.momentum, steps);
            for _ in 0..steps {
                advance(&mut same_w, &mut same_v, &[0.0; 11], motion);
            }
            assert_eq!((&w, &v), (&same_w, &same_v), "as with a gradient of zero");
        }
        assert_eq!(v, [0.0; 11]);
        assert!((w[0] - 1.25).abs() < 1e-12, "{w:?}");
    }
}
