//! The learned state of every estimator: named, sized by the network, refused when it does not fit, and restored bit for bit.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has found something")]

use crate::common::network::{self, ask, small};
use crate::common::script::Script;
use gatelab_engine::estimator::{
    Estimator, GateContext, GateDraw, Sizes, StateError, StateShape, StateTensor, registry,
};
use gatelab_engine::network::ExpertActivation;
use gatelab_kernels::{CountingKernels, Matrix};

const SIZES: Sizes = Sizes { gates: 4, units: 12 };
const BATCH: usize = 6;

/// The estimators that learn across steps.
const KNOWN_TO_LEARN: [&str; 8] =
    ["st-default-expert", "reinforce-mean", "reinforce-optimal", "muprop", "double-cv", "rebar", "relax", "predicted"];

/// All estimators that have a state.
fn learning() -> impl Iterator<Item = &'static str> {
    registry::ids().into_iter().filter(|id| make(id, SIZES).has_state())
}

fn make(id: &str, sizes: Sizes) -> Box<dyn Estimator<f64>> {
    let mut estimator = registry::make(id).unwrap();
    estimator.reset_state(sizes, 7);
    estimator
}

/// Some minibatches of a small network; returns the last gradient.
fn learn(estimator: &mut dyn Estimator<f64>, steps: std::ops::Range<u64>) -> Matrix<f64> {
    let shape = small(ExpertActivation::Linear, SIZES.units / SIZES.gates);
    let parameters = network::parameters(&shape, 5);
    let mut gradient = Matrix::zeros((0, 0));
    for step in steps {
        let mut pass = network::pass(shape, BATCH);
        let script = |seed| Script::plenty(10 * BATCH * SIZES.gates, seed);
        network::forward(&parameters, &mut pass, estimator, script(2 * step));
        let (logits, draw) = (pass.logits.clone(), pass.draw.clone());
        gradient = Matrix::zeros(logits.dim());
        let mut kernels = [CountingKernels::default(), CountingKernels::default()];
        let [ahead, back] = &mut kernels;
        ask(&parameters, &mut pass, ahead, back, |context| {
            estimator.logit_gradient(&logits, &draw, context, &mut script(2 * step + 1), &mut gradient);
        });
    }
    gradient
}

/// A state as owned tensors, to be altered.
type Owned = Vec<(String, StateShape, Vec<f64>)>;

fn owned(estimator: &dyn Estimator<f64>) -> Owned {
    estimator.state().iter().map(|t| (t.name.to_owned(), t.shape, t.values.to_vec())).collect()
}

fn load(estimator: &mut dyn Estimator<f64>, state: &Owned) -> Result<(), StateError> {
    let tensors: Vec<_> =
        state.iter().map(|(name, shape, values)| StateTensor { name, shape: *shape, values }).collect();
    estimator.load_state(&tensors)
}

#[test]
fn those_that_learn_have_a_state() {
    assert!(KNOWN_TO_LEARN.iter().all(|id| learning().any(|found| found == *id)));
    for record in registry::RECORDS {
        let estimator = make(record.id, SIZES);
        assert_eq!(estimator.has_state(), !estimator.state().is_empty(), "{}", record.id);
    }
}

/// A fresh estimator's state has the shapes that it has after steps, so a checkpoint can be checked before the first step.
#[test]
fn a_fresh_estimator_knows_the_shapes_of_its_state() {
    for id in learning() {
        let mut estimator = make(id, SIZES);
        let fresh = owned(estimator.as_ref());
        learn(estimator.as_mut(), 0..5);
        let learned = owned(estimator.as_ref());
        assert_eq!(fresh.len(), learned.len(), "{id}");
        for (fresh, learned) in fresh.iter().zip(&learned) {
            assert_eq!((&fresh.0, fresh.1), (&learned.0, learned.1), "{id}");
            assert_eq!(fresh.1.count(), fresh.2.len(), "{id}, {}", fresh.0);
        }
        assert_ne!(fresh, learned, "{id} learns");
        let mut lengths = Vec::new();
        estimator.visit_state_mut(&mut |values| lengths.push(values.len()));
        assert_eq!(lengths, learned.iter().map(|tensor| tensor.2.len()).collect::<Vec<_>>(), "{id}");
    }
}

/// Initial weights that are random follow from the run's seed.
#[test]
fn relax_starts_from_the_seed() {
    let start = |seed| {
        let mut estimator = registry::make::<f64>("relax").unwrap();
        estimator.reset_state(SIZES, seed);
        owned(estimator.as_ref())
    };
    let weights = |state: &Owned| state.iter().find(|tensor| tensor.0 == "surrogate-weights").unwrap().2.clone();
    assert_eq!(start(1), start(1));
    let (one, two) = (weights(&start(1)), weights(&start(2)));
    let incoming = 10 * SIZES.gates;
    assert!(one[..incoming].iter().zip(&two[..incoming]).all(|(a, b)| (a - b).abs() > 0.0), "all of W differ");
    assert_eq!(one[incoming..], two[incoming..], "the other weights are 0");
}

/// Everything learned is in the state: a fresh estimator that loads it, and one that restores it, go on bit for bit.
#[test]
fn state_is_all_that_is_learned() {
    for record in registry::RECORDS {
        let mut estimator = make(record.id, SIZES);
        learn(estimator.as_mut(), 0..9);
        let (mut saved, mut again) = (Vec::new(), Vec::new());
        estimator.copy_state_into(&mut saved);
        let mut loaded = make(record.id, SIZES);
        load(loaded.as_mut(), &owned(estimator.as_ref())).unwrap_or_else(|error| panic!("{error}"));
        let (mut live, mut live_loaded) = (Vec::new(), Vec::new());
        estimator.live(&mut live);
        loaded.live(&mut live_loaded);
        assert_eq!(live, live_loaded, "{}", record.id);
        let gradient = learn(estimator.as_mut(), 9..12);
        assert_eq!(learn(loaded.as_mut(), 9..12), gradient, "{}", record.id);
        assert_eq!(owned(loaded.as_ref()), owned(estimator.as_ref()), "{}", record.id);
        estimator.restore_state(&saved);
        estimator.copy_state_into(&mut again);
        assert_eq!(saved, again, "{}", record.id);
        assert_eq!(learn(estimator.as_mut(), 9..12), gradient, "{} undone", record.id);
    }
}

/// A state of another network, in each of its tensors and as a whole.
#[test]
fn wrong_lengths_are_refused() {
    for id in learning() {
        let mut estimator = make(id, SIZES);
        learn(estimator.as_mut(), 0..3);
        let before = owned(estimator.as_ref());
        for k in 0..before.len() {
            let (mut longer, mut shorter, mut unfilled) = (before.clone(), before.clone(), before.clone());
            longer[k].2.push(1.0);
            longer[k].1 = StateShape::Vector(longer[k].2.len());
            shorter[k].2.pop();
            shorter[k].1 = StateShape::Vector(shorter[k].2.len());
            unfilled[k].2.pop();
            for wrong in [longer, shorter, unfilled] {
                let message = load(estimator.as_mut(), &wrong).unwrap_err().to_string();
                assert!(message.contains("expected") && message.contains("found"), "{message}");
                assert!(message.contains(&before[k].0), "{message}");
                assert_eq!(owned(estimator.as_ref()), before, "{id} is unchanged");
            }
        }
    }
    for id in ["st-default-expert", "reinforce-optimal", "relax", "predicted"] {
        let other = owned(make(id, Sizes { gates: 5, units: 15 }).as_ref());
        assert!(matches!(load(make(id, SIZES).as_mut(), &other), Err(StateError::Shape { .. })), "{id}");
    }
}

#[test]
fn wrong_names_are_refused() {
    for record in registry::RECORDS {
        let mut estimator = make(record.id, SIZES);
        let own = owned(estimator.as_ref());
        let extra = ("extra".to_owned(), StateShape::Vector(1), vec![1.0]);
        let added: Owned = own.iter().cloned().chain([extra]).collect();
        let mut wrong = vec![added];
        if let Some(first) = own.first() {
            wrong.push(own[1..].to_vec());
            wrong.push(own[..1].iter().cloned().chain(own[..own.len() - 1].iter().cloned()).skip(1).collect());
            let mut renamed = own.clone();
            renamed[0].0 = format!("{}-2", first.0);
            wrong.push(renamed);
            let twice: Owned = own[1..].iter().cloned().chain(own[1..].first().cloned()).collect();
            wrong.push(twice);
        }
        for wrong in wrong.iter().filter(|wrong| **wrong != own) {
            let error = load(estimator.as_mut(), wrong).unwrap_err();
            assert!(matches!(error, StateError::Names { .. }), "{}: {error}", record.id);
            assert!(error.to_string().contains("expected") && error.to_string().contains("found"), "{error}");
        }
        let backwards: Owned = own.iter().rev().cloned().collect();
        assert_eq!(load(estimator.as_mut(), &backwards), Ok(()), "order doesn't matter");
        assert_eq!(owned(estimator.as_ref()), own);
    }
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    for id in learning() {
        let mut estimator = make(id, SIZES);
        let before = owned(estimator.as_ref());
        for k in 0..before.len() {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut wrong = before.clone();
                *wrong[k].2.last_mut().unwrap() = bad;
                let error = load(estimator.as_mut(), &wrong).unwrap_err();
                assert!(matches!(error, StateError::NotFinite { .. }), "{id}: {error}");
                assert_eq!(owned(estimator.as_ref()), before, "{id} is unchanged");
            }
        }
    }
}

/// Values and gradients of `size · Σ_i (i + 1) g_i`, in single precision.
struct Steep {
    size: f32,
    gates: Matrix<f32>,
}

impl Steep {
    fn write(&self, gates: &Matrix<f32>, losses: &mut [f32]) {
        for (row, loss) in gates.rows().zip(losses) {
            *loss = self.size * row.iter().zip(1_u8..).map(|(g, i)| g * f32::from(i)).sum::<f32>();
        }
    }

    fn grads(&self, out: &mut Matrix<f32>) {
        out.rows_mut().for_each(|row| row.iter_mut().zip(1_u8..).for_each(|(g, i)| *g = self.size * f32::from(i)));
    }
}

impl GateContext<f32> for Steep {
    fn losses(&mut self, out: &mut [f32]) {
        self.write(&self.gates, out);
    }

    fn losses_at(&mut self, gates: &Matrix<f32>, out: &mut [f32]) {
        self.write(gates, out);
    }

    fn flips(&mut self, out: &mut Matrix<f32>) {
        self.grads(out);
    }

    fn flip(&mut self, gate: &[usize], out: &mut [f32]) {
        gate.iter().zip(out).for_each(|(&gate, out)| *out = self.size * (gate + 1) as f32);
    }

    fn gate_grads_of_active(&mut self, out: &mut Matrix<f32>) {
        self.grads(out);
    }

    fn gate_grads_of(&mut self, _: &Matrix<bool>, out: &mut Matrix<f32>) {
        self.grads(out);
    }

    fn gate_grads_of_all(&mut self, out: &mut Matrix<f32>) {
        self.grads(out);
    }

    fn gate_grads_at(&mut self, gates: &Matrix<f32>, losses: &mut [f32], out: &mut Matrix<f32>) {
        self.write(gates, losses);
        self.grads(out);
    }

    fn units(&self) -> usize {
        SIZES.units
    }

    fn outputs_of_active(&mut self, sums: &mut [f32], counts: &mut [f32]) {
        sums.fill(self.size * BATCH as f32);
        counts.fill(BATCH as f32);
    }

    fn gate_grads_with(&mut self, outputs: &[f32], out: &mut Matrix<f32>) {
        let units = SIZES.units / SIZES.gates;
        out.rows_mut().for_each(|row| row.iter_mut().zip(outputs.chunks(units)).for_each(|(g, z)| *g = z[0]));
    }
}

fn steep_step(estimator: &mut dyn Estimator<f32>, size: f32, seed: u64) -> Matrix<f32> {
    let logits = Matrix::from_shape_fn((BATCH, SIZES.gates), |(b, j)| 0.3 * (b as f32 - j as f32));
    let mut noise = Script::plenty(10 * BATCH * SIZES.gates, seed);
    let mut draw = GateDraw::new(BATCH, SIZES.gates);
    estimator.draw(&logits, &mut noise, &mut draw);
    let mut context = Steep { size, gates: draw.gates.clone() };
    let mut gradient = Matrix::zeros(logits.dim());
    estimator.logit_gradient(&logits, &draw, &mut context, &mut noise, &mut gradient);
    gradient
}

/// Squares of these losses, or the losses' sums, overflow single precision. What is learned stays finite, and a hundred usual
/// minibatches later the gradient is finite.
#[test]
fn state_stays_finite_under_losses_that_overflow() {
    for id in learning() {
        for size in [1e12, 1e20, 1e30, 1e37, f32::MAX, f32::INFINITY, f32::NAN] {
            let mut estimator = registry::make::<f32>(id).unwrap();
            estimator.reset_state(SIZES, 7);
            (0..5).for_each(|seed| _ = steep_step(estimator.as_mut(), 1.0, seed));
            (5..10).for_each(|seed| _ = steep_step(estimator.as_mut(), size, seed));
            for tensor in estimator.state() {
                assert!(tensor.values.iter().all(|x| x.is_finite()), "{id}, ×{size:e}: {tensor:?}");
            }
            (10..110).for_each(|seed| _ = steep_step(estimator.as_mut(), 1.0, seed));
            let gradient = steep_step(estimator.as_mut(), 1.0, 110);
            assert!(gradient.iter().all(|g| g.is_finite()), "{id}, ×{size:e}: {gradient:?}");
        }
    }
}
