//! Minibatch SGD with momentum, a rate of its own for the gater, and a hard limit on the norm of incoming weights.
//!
//! Panel by panel: gradient, momentum, weights and norms of 32 columns are dealt with while they are in the cache.

use crate::network::{Gradient, Linear, Parameters, Shape};
use crate::numeric::{Contributions, Kernels, PANEL, Real};

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
#[derive(Clone, Debug)]
pub struct Optimizer<R> {
    pub(super) velocity: Parameters<R>,
    /// Gradient of the panel, or of the biases, at work.
    gradient: Vec<R>,
    /// Rows of the layer at work that have a gradient.
    touched: Vec<bool>,
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
        let rows = shape.inputs.max(shape.gater_hidden).max(shape.units());
        Self { velocity: Parameters::zeros(shape), gradient: vec![R::zero(); rows * PANEL], touched: Vec::new() }
    }

    /// Forgets all momentum.
    pub fn rest(&mut self) {
        for tensor in self.velocity.tensors() {
            tensor.values.fill(R::zero());
        }
    }

    /// `v ← μv − ηg`, `w ← w + v`, then columns longer than the largest norm are scaled back.
    pub fn step(
        &mut self,
        parameters: &mut Parameters<R>,
        gradient: &Gradient<'_, R>,
        rates: Rates,
        kernels: &mut Kernels<R>,
    ) {
        let Self { velocity, gradient: room, touched } = self;
        let motion = |of_gater: bool, normed: bool| Motion {
            momentum: R::of(rates.momentum),
            rate: R::of(rates.learning_rate * if of_gater { rates.gater_rate } else { 1.0 }),
            most: (normed && rates.max_norm > 0.0).then(|| R::of(rates.max_norm)),
        };
        let layers = [
            (&mut parameters.experts, &mut velocity.experts, motion(false, true)),
            (&mut parameters.gater_hidden, &mut velocity.gater_hidden, motion(true, true)),
            (&mut parameters.gater_logits, &mut velocity.gater_logits, motion(true, true)),
            (&mut parameters.head, &mut velocity.head, motion(false, false)),
        ];
        for ((weights, velocity, motion), of) in layers.into_iter().zip(&gradient.layers) {
            touched.resize(weights.weight.rows(), false);
            of.mark(touched);
            layer(weights, velocity, of, motion, (room, touched), kernels);
        }
    }
}

/// One layer's weights and biases.
#[inline(never)]
fn layer<R: Real>(
    weights: &mut Linear<R>,
    velocity: &mut Linear<R>,
    of: &Contributions<'_, R>,
    motion: Motion<R>,
    (room, touched): (&mut [R], &[bool]),
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
        let mut norms = [R::zero(); PANEL];
        let rows = w.chunks_exact_mut(span.len()).zip(v.chunks_exact_mut(span.len()));
        for (((w, v), g), &touched) in rows.zip(gradient.chunks_exact(span.len())).zip(touched) {
            if touched {
                advance(w, v, g, motion);
            } else {
                coast(w, v, motion.momentum);
            }
            if motion.most.is_some() {
                norms.iter_mut().zip(&*w).for_each(|(sum, &w)| *sum += w * w);
            }
        }
        if let Some(most) = motion.most {
            limit(w, &norms[..span.len()], most);
        }
    }
}

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

/// The same for a gradient of zero, which isn't even read; nothing to do where nothing moves.
#[inline(never)]
fn coast<R: Real>(w: &mut [R], v: &mut [R], momentum: R) {
    // The first is as good as any to tell a row that rests, or nearly so; the others are looked at then.
    if v.first().is_none_or(|v| *v == R::zero()) && v.iter().all(|v| *v == R::zero()) {
        return;
    }
    let step = |(w, v): (&mut R, &mut R)| {
        *v = still(momentum * *v);
        *w += *v;
    };
    match (<&mut [R; PANEL]>::try_from(&mut *w), <&mut [R; PANEL]>::try_from(&mut *v)) {
        (Ok(w), Ok(v)) => w.iter_mut().zip(v).for_each(step),
        _ => w.iter_mut().zip(v).for_each(step),
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
        let (mut w, mut v) = (vec![1.0, -2.0], vec![0.25, 1e-19]);
        let (mut same_w, mut same_v) = (w.clone(), v.clone());
        for _ in 0..70 {
            coast(&mut w, &mut v, motion.momentum);
            advance(&mut same_w, &mut same_v, &[0.0, 0.0], motion);
            assert_eq!((&w, &v), (&same_w, &same_v), "as with a gradient of zero");
        }
        assert_eq!(v, [0.0, 0.0]);
        assert!((w[0] - 1.25).abs() < 1e-12, "{w:?}");
    }
}
