//! RELAX: REBAR whose control variate is, or is supplemented by, a small network trained to reduce the estimate's variance.

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, dot};

use super::coefficient::Coefficient;
use super::relaxation::{Relaxation, RelaxedLoss, TEMPERATURE, reinforce};
use super::surrogate::Surrogate;
use crate::estimator::annealing::{ANNEAL_EPOCHS, Annealing, TEMPERATURE_END};
use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, Sizes, StateTensor,
};
use crate::schema::{Range, Setting, Value};

/// What the control variate is made of.
const SURROGATE: Setting = Setting {
    name: "surrogate",
    label: "Surrogate",
    help: "The relaxed loss and a small network, or the small network alone, which needs no slope of the loss.",
    symbol: "",
    range: Range::Choice(&["relaxed-loss-and-network", "network"]),
    live: true,
};

/// Learning rate of the small network.
const SURROGATE_RATE: Setting = Setting {
    name: "surrogate-rate",
    label: "Surrogate's learning rate",
    help: "Step size of Adam for the small network's weights.",
    symbol: "",
    range: Range::Number { min: 0.0, max: 1.0, slider: (1e-4, 0.1), log: true, whole: false },
    live: true,
};

/// RELAX.
pub(in crate::estimator) static RELAX: Record = Record {
    id: "relax",
    name: "RELAX",
    short: "RELAX",
    family: Family::ControlVariate,
    level: Level::Advanced,
    bias: Bias::Unbiased,
    needs: Needs::GateGradsElsewhere,
    activation: Activation::Probability,
    forward: r"b = \mathbb{1}[z > 0], \quad z = a + \mathrm{logit}(1 - u)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq (b - p)(L(b) - c(\tilde z)) + \frac{\partial}{\partial a}\left(c(z) - c(\tilde z)\right), \quad c(z) = \eta\,L(\sigma(\tfrac{z}{\tau})) + r(z)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Anything that predicts the loss from the relaxed gates may be subtracted from it, so a small network learns to \
              predict it. Its training objective is the variance that is left. With the network alone no slope is needed.",
    source: "Grathwohl, Choi, Wu, Roeder & Duvenaud 2018 (arXiv 1711.00123)",
    knobs: &[SURROGATE, TEMPERATURE, TEMPERATURE_END, ANNEAL_EPOCHS, SURROGATE_RATE],
    tuned: &[
        ("temperature", 0.5),
        ("temperature-end", 0.5),
        ("anneal-epochs", 0.0),
        ("surrogate-rate", 0.01),
        ("gater-rate", 1.0),
        ("lambda", 0.3),
    ],
    live: &[
        SIGNAL,
        LiveNumber { symbol: "η", meaning: "weight of the relaxed loss" },
        LiveNumber { symbol: "τ", meaning: "temperature now" },
    ],
};

/// `L(b)(b − p) + η·h + h_r`, the control variates of the relaxed loss and of the small network.
///
/// `η` and the network are those learned from earlier steps; they are updated after a step's estimate is computed.
pub(in crate::estimator) struct Relax<R> {
    temperature: Annealing,
    only_network: bool,
    rate: R,
    eta: Coefficient<R>,
    network: Surrogate<R>,
    relaxation: Relaxation<R>,
    relaxed: RelaxedLoss<R>,
    losses: Vec<R>,
    variate: Matrix<R>,
    /// `∂r/∂z` at `z` and at `z̃`, of one example; each of length G.
    grads: [Vec<R>; 2],
}

impl<R: Real> Relax<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self {
            temperature: Annealing::constant(0.5),
            only_network: false,
            rate: R::from_f64(0.01),
            eta: Coefficient::new(),
            network: Surrogate::new(0, 0),
            relaxation: Relaxation::default(),
            relaxed: RelaxedLoss::default(),
            losses: Vec::new(),
            variate: Matrix::default(),
            grads: [Vec::new(), Vec::new()],
        }
    }

    /// Adds `h_r = −r(z̃)(b − p) + ∂r(z)/∂z − ∂r(z̃)/∂z̃·∂z̃/∂a`.
    fn add_network(&mut self, draw: &GateDraw<R>, out: &mut Matrix<R>) {
        let [at_z, at_z_cond] = &mut self.grads;
        let samples = draw.gates.rows().zip(draw.probability.rows());
        for ((out, relaxation), (gates, p)) in out.rows_mut().zip(self.relaxation.rows()).zip(samples) {
            self.network.value_and_grad(relaxation.z, at_z);
            let value = self.network.value_and_grad(relaxation.z_cond, at_z_cond);
            let grads = at_z.iter().zip(at_z_cond.iter()).zip(relaxation.dz_cond_da);
            out.iter_mut().zip(grads).for_each(|(out, ((&z, &z_cond), &dz_cond_da))| *out += z - z_cond * dz_cond_da);
            out.iter_mut().zip(gates.iter().zip(p)).for_each(|(out, (&b, &p))| *out -= value * (b - p));
        }
    }

    /// Updates the network by the gradient of the mean of `‖g‖²` over the examples; `estimate` is `g` [B × G].
    fn update_network(&mut self, draw: &GateDraw<R>, estimate: &Matrix<R>) {
        let [_, weights] = &mut self.grads;
        let samples = draw.gates.rows().zip(draw.probability.rows());
        for ((g, relaxation), (gates, p)) in estimate.rows().zip(self.relaxation.rows()).zip(samples) {
            let along = dot(g, gates) - dot(g, p);
            let pairs = g.iter().zip(relaxation.dz_cond_da);
            weights.iter_mut().zip(pairs).for_each(|(weight, (&g, &dz_cond_da))| *weight = -g * dz_cond_da);
            self.network.accumulate(relaxation.z, R::zero(), g);
            self.network.accumulate(relaxation.z_cond, -along, weights);
        }
        self.network.update(self.rate, R::from_f64(2.0 / estimate.nrows().max(1) as f64));
    }
}

impl<R: Real> Estimator<R> for Relax<R> {
    fn record(&self) -> &'static Record {
        &RELAX
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.temperature.configure(knobs, &TEMPERATURE, &TEMPERATURE_END);
        self.only_network = knobs::is(knobs, &SURROGATE, "network");
        self.rate = R::from_f64(knobs::number(knobs, &SURROGATE_RATE, 0.01));
    }

    fn needs(&self) -> Needs {
        if self.only_network { Needs::Losses } else { RELAX.needs }
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
        let (batch, gates) = logits.dim();
        self.losses.resize(batch, R::zero());
        self.grads.iter_mut().for_each(|grads| grads.resize(gates, R::zero()));
        if self.network.inputs() == 0 {
            self.network = Surrogate::new(gates, 0);
        }
        assert_eq!(self.network.inputs(), gates, "the state of as many gates");
        context.losses(&mut self.losses);
        self.relaxation.draw(logits, draw, noise, false);
        reinforce(&self.losses, draw, out);
        self.add_network(draw, out);
        if !self.only_network {
            self.variate.resize(logits.dim(), R::zero());
            let temperature = R::from_f64(self.temperature.value());
            self.relaxed.variate(&self.relaxation, draw, temperature, context, &mut self.variate);
            let eta = self.eta.value();
            self.eta.update(out, &self.variate);
            out.iter_mut().zip(&self.variate).for_each(|(out, &h)| *out += eta * h);
        }
        self.update_network(draw, out);
        // Two values with gradients, and two terms of the weights' gradient at about twice the cost.
        context.count_macs(6 * batch * self.network.macs());
    }

    fn reset_state(&mut self, sizes: Sizes, seed: u64) {
        self.eta = Coefficient::new();
        self.network = Surrogate::new(sizes.gates, seed);
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("eta", self.eta.state()));
        self.network.visit(visit);
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(self.eta.state_mut());
        self.network.visit_mut(visit);
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.extend([self.eta.value().as_f64() as f32, self.temperature.value() as f32]);
    }
}
