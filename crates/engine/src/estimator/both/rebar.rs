//! REBAR: REINFORCE, less its own relaxed copy, plus the copy's gradient by backpropagation.

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use super::coefficient::Coefficient;
use super::relaxation::{HISTORIC_BUG, RelaxedLoss, TEMPERATURE, Twins, reinforce};
use crate::estimator::anneal::{ANNEAL_EPOCHS, Schedule, TEMPERATURE_END};
use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, StateTensor, room,
};
use crate::schema::Value;
use gatelab_kernels::{RandomSource, Real};

/// REBAR.
pub(in crate::estimator) static REBAR: Record = Record {
    id: "rebar",
    name: "REBAR",
    short: "REBAR",
    family: Family::Both,
    level: Level::Advanced,
    bias: Bias::Unbiased,
    needs: Needs::SlopesElsewhere,
    activation: Activation::Probability,
    forward: r"b = \mathbb{1}[z > 0], \quad z = a + \mathrm{logit}(1 - u)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq (b - p)(L(b) - \eta\,\tilde L) + \eta\,\frac{\partial}{\partial a}\left(L(\sigma(\tfrac{z}{\tau})) - \tilde L\right), \quad \tilde L = L(\sigma(\tfrac{\tilde z}{\tau}))",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "A softened copy of each coin foretells the loss; what it foretells is taken off, and its gradient, which \
              backpropagation gives without noise from coins, is added. The twin given the coin keeps it unbiased.",
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
    temperature: Schedule,
    forget: bool,
    eta: Coefficient<R>,
    twins: Twins<R>,
    relaxed: RelaxedLoss<R>,
    losses: Vec<R>,
    variate: Matrix<R>,
}

impl<R: Real> Rebar<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self {
            temperature: Schedule::constant(0.5),
            forget: false,
            eta: Coefficient::new(),
            twins: Twins::default(),
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
        self.forget = knobs::is(knobs, &HISTORIC_BUG, "yes");
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
        room::fit(&mut self.variate, logits.dim());
        context.losses(&mut self.losses);
        self.twins.draw(logits, draw, noise, self.forget);
        let temperature = R::from_f64(self.temperature.now());
        self.relaxed.variate(&self.twins, draw, temperature, context, &mut self.variate);
        reinforce(&self.losses, draw, out);
        // From earlier steps; this one is taken in afterwards.
        let eta = self.eta.now();
        self.eta.learn(out, &self.variate);
        out.iter_mut().zip(&self.variate).for_each(|(out, &h)| *out += eta * h);
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("eta", self.eta.state()));
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(self.eta.state_mut());
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.extend([self.eta.now().as_f64() as f32, self.temperature.now() as f32]);
    }
}
