//! REBAR: REINFORCE minus its own relaxation, plus the gradient of the relaxation by backpropagation.

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real};

use super::coefficient::Coefficient;
use super::relaxation::{HISTORIC_BUG, Relaxation, RelaxedLoss, TEMPERATURE, reinforce};
use crate::estimator::annealing::{ANNEAL_EPOCHS, Annealing, TEMPERATURE_END};
use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, StateTensor,
};
use crate::schema::Value;

/// REBAR.
pub(in crate::estimator) static REBAR: Record = Record {
    id: "rebar",
    name: "REBAR",
    short: "REBAR",
    family: Family::ControlVariate,
    level: Level::Advanced,
    bias: Bias::Unbiased,
    needs: Needs::GateGradsElsewhere,
    activation: Activation::Probability,
    forward: r"b = \mathbb{1}[z > 0], \quad z = a + \mathrm{logit}(1 - u)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq (b - p)(L(b) - \eta\,\tilde L) + \eta\,\frac{\partial}{\partial a}\left(L(\sigma(\tfrac{z}{\tau})) - \tilde L\right), \quad \tilde L = L(\sigma(\tfrac{\tilde z}{\tau}))",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "The loss at a softened copy of each gate predicts the loss. The prediction is subtracted, and its gradient, \
              which backpropagation gives with little noise, is added. A second copy, conditioned on the gate, keeps it unbiased.",
    source: "Tucker, Mnih, Maddison, Lawson & Sohl-Dickstein 2017 (arXiv 1703.07370)",
    knobs: &[TEMPERATURE, TEMPERATURE_END, ANNEAL_EPOCHS, HISTORIC_BUG],
    tuned: &[
        ("temperature", 0.5),
        ("temperature-end", 0.5),
        ("anneal-epochs", 0.0),
        ("gater-rate", 1.0),
        ("lambda", 0.3),
    ],
    live: &[
        SIGNAL,
        LiveNumber { symbol: "η", meaning: "weight of the relaxed copy" },
        LiveNumber { symbol: "τ", meaning: "temperature now" },
    ],
};

/// `L(b)(b − p) + η·h` with the control variate `h` of [`RelaxedLoss`].
pub(in crate::estimator) struct Rebar<R> {
    temperature: Annealing,
    constant_noise: bool,
    eta: Coefficient<R>,
    relaxation: Relaxation<R>,
    relaxed: RelaxedLoss<R>,
    losses: Vec<R>,
    variate: Matrix<R>,
}

impl<R: Real> Rebar<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self {
            temperature: Annealing::constant(0.5),
            constant_noise: false,
            eta: Coefficient::new(),
            relaxation: Relaxation::default(),
            relaxed: RelaxedLoss::default(),
            losses: Vec::new(),
            variate: Matrix::zeros((0, 0)),
        }
    }
}

impl<R: Real> Estimator<R> for Rebar<R> {
    fn record(&self) -> &'static Record {
        &REBAR
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.temperature.configure(knobs, &TEMPERATURE, &TEMPERATURE_END);
        self.constant_noise = knobs::is(knobs, &HISTORIC_BUG, "yes");
    }

    fn advance(&mut self, epoch: f64) {
        self.temperature.advance(epoch);
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        noise: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        self.losses.resize(logits.nrows(), R::zero());
        self.variate.resize(logits.dim(), R::zero());
        context.losses(&mut self.losses);
        self.relaxation.draw(logits, draw, noise, self.constant_noise);
        let temperature = R::from_f64(self.temperature.value());
        self.relaxed.variate(&self.relaxation, draw, temperature, context, &mut self.variate);
        reinforce(&self.losses, draw, out);
        // η comes from earlier steps, so that the estimate stays unbiased; it is updated afterwards.
        let eta = self.eta.value();
        self.eta.update(out, &self.variate);
        out.iter_mut().zip(&self.variate).for_each(|(out, &h)| *out += eta * h);
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("eta", self.eta.state()));
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(self.eta.state_mut());
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.extend([self.eta.value().as_f64() as f32, self.temperature.value() as f32]);
    }
}
