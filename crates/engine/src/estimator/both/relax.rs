//! RELAX: REBAR whose control variate is, or is helped by, a small network that learns to make the estimate quiet.

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use super::coefficient::Coefficient;
use super::relaxation::{RelaxedLoss, TEMPERATURE, Twins, reinforce};
use super::surrogate::Surrogate;
use crate::estimator::anneal::{ANNEAL_EPOCHS, Schedule, TEMPERATURE_END};
use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, Sizes, StateTensor,
    room,
};
use crate::schema::Value;
use crate::schema::{Range, Setting};
use gatelab_kernels::{RandomSource, Real, dot};

/// What the control variate is made of.
const SURROGATE: Setting = Setting {
    name: "surrogate",
    label: "Surrogate",
    help: "The relaxed loss and a small network, or the small network alone, which needs no slope of the loss.",
    symbol: "",
    range: Range::Choice(&["relaxed-loss-and-network", "network"]),
    live: true,
};

/// How fast the small network learns.
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
    family: Family::Both,
    level: Level::Advanced,
    bias: Bias::Unbiased,
    needs: Needs::SlopesElsewhere,
    activation: Activation::Probability,
    forward: r"b = \mathbb{1}[z > 0], \quad z = a + \mathrm{logit}(1 - u)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq (b - p)(L(b) - c(\tilde z)) + \frac{\partial}{\partial a}\left(c(z) - c(\tilde z)\right), \quad c(z) = \eta\,L(\sigma(\tfrac{z}{\tau})) + r(z)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Whatever foretells the loss from the coins' relaxed copies may be taken off, so let a small network learn to \
              do it. It is trained on nothing but the noise that is left. With the network alone no slope is asked for.",
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

/// `L(b)(b − p) + η·h + h_r`: the control variates of the relaxed loss and of the small network.
///
/// What both have learned comes from earlier steps; they learn from a step's estimate after it has been given.
pub(in crate::estimator) struct Relax<R> {
    temperature: Schedule,
    only_network: bool,
    rate: R,
    eta: Coefficient<R>,
    network: Surrogate<R>,
    twins: Twins<R>,
    relaxed: RelaxedLoss<R>,
    losses: Vec<R>,
    variate: Matrix<R>,
    /// Slopes of the network at `z` and at `z̃`, of one example.
    slopes: [Vec<R>; 2],
}

impl<R: Real> Relax<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self {
            temperature: Schedule::constant(0.5),
            only_network: false,
            rate: R::from_f64(0.01),
            eta: Coefficient::new(),
            network: Surrogate::new(0),
            twins: Twins::default(),
            relaxed: RelaxedLoss::default(),
            losses: Vec::new(),
            variate: Matrix::zeros((0, 0)),
            slopes: [Vec::new(), Vec::new()],
        }
    }

    /// Adds `h_r = −r(z̃)(b − p) + ∂r(z)/∂z − ∂r(z̃)/∂z̃·∂z̃/∂a`.
    fn add_network(&mut self, draw: &GateDraw<R>, out: &mut Matrix<R>) {
        let [free, tied] = &mut self.slopes;
        let coins = room::rows(&draw.gates).zip(room::rows(&draw.probability));
        for ((out, twins), (gates, p)) in room::rows_mut(out).zip(self.twins.rows()).zip(coins) {
            self.network.value(twins.free, free);
            let value = self.network.value(twins.tied, tied);
            let slopes = free.iter().zip(tied.iter()).zip(twins.motion);
            out.iter_mut().zip(slopes).for_each(|(out, ((&free, &tied), &motion))| *out += free - tied * motion);
            out.iter_mut().zip(gates.iter().zip(p)).for_each(|(out, (&b, &p))| *out -= value * (b - p));
        }
    }

    /// Moves the network so that the mean of `‖g‖²` over the examples falls; `g` is the estimate.
    fn teach(&mut self, draw: &GateDraw<R>, estimate: &Matrix<R>) {
        let [_, tied] = &mut self.slopes;
        let coins = room::rows(&draw.gates).zip(room::rows(&draw.probability));
        for ((g, twins), (gates, p)) in room::rows(estimate).zip(self.twins.rows()).zip(coins) {
            let along = dot(g, gates) - dot(g, p);
            tied.iter_mut().zip(g.iter().zip(twins.motion)).for_each(|(tied, (&g, &motion))| *tied = -g * motion);
            self.network.accumulate(twins.free, R::zero(), g);
            self.network.accumulate(twins.tied, -along, tied);
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
        self.slopes.iter_mut().for_each(|slopes| slopes.resize(gates, R::zero()));
        if self.network.inputs() == 0 {
            self.network = Surrogate::new(gates);
        }
        assert_eq!(self.network.inputs(), gates, "the state of as many gates");
        context.losses(&mut self.losses);
        self.twins.draw(logits, draw, noise, false);
        reinforce(&self.losses, draw, out);
        self.add_network(draw, out);
        if !self.only_network {
            room::fit(&mut self.variate, logits.dim());
            let temperature = R::from_f64(self.temperature.now());
            self.relaxed.variate(&self.twins, draw, temperature, context, &mut self.variate);
            let eta = self.eta.now();
            self.eta.learn(out, &self.variate);
            out.iter_mut().zip(&self.variate).for_each(|(out, &h)| *out += eta * h);
        }
        self.teach(draw, out);
        // Two values with slopes, and two terms of the gradient, which cost about two of those.
        context.spent(6 * batch * self.network.work());
    }

    fn reset_state(&mut self, sizes: Sizes, _: u64) {
        self.eta = Coefficient::new();
        self.network = Surrogate::new(sizes.gates);
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
        out.extend([self.eta.now().as_f64() as f32, self.temperature.now() as f32]);
    }
}
