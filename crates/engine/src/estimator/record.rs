//! The record that each estimator carries: what the chooser, the documentation and `gatelab list` show of it.

use serde::Serialize;

use crate::schema::Setting;

/// Where an estimator's signal comes from; the chooser groups by it.
///
/// The serialized names are part of exports and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Family {
    /// Uses values of the loss only, not its gradient: likelihood-ratio estimators.
    #[serde(rename = "value")]
    ScoreFunction,
    /// Uses the gate gradient `∂L/∂g` at the drawn gates in place of the gradient of the expected loss.
    #[serde(rename = "slope")]
    StraightThrough,
    /// Uses values of the loss, and gate gradients in a control variate.
    #[serde(rename = "both")]
    ControlVariate,
    /// Reparametrises the gate as a differentiable function of logit and noise: another objective than the Bernoulli one.
    #[serde(rename = "own-objective")]
    Pathwise,
}

/// Whether the estimate's mean is a gradient, and of which objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bias {
    /// Its mean is the exact gradient of the expected loss under Bernoulli gates.
    Unbiased,
    /// Its mean differs from the gradient of the objective it samples.
    Biased,
    /// Its mean is the exact gradient of its own, smoothed objective.
    UnbiasedForOwnObjective,
}

/// Where the chooser puts an estimator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Shown at once.
    Essential,
    /// Shown on request.
    Advanced,
}

/// What an estimator needs in a training step beyond the forward pass through the gates it drew; ordered by cost.
///
/// The serialized names are part of exports and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Each example's loss.
    Losses,
    /// Each example's loss under further gate draws: the experts that are open in those run too.
    MoreLosses,
    /// Each example's loss with every single gate flipped: every expert runs forward.
    Flips,
    /// `∂L/∂g` at the gates that are open; experts of closed gates don't run.
    #[serde(rename = "slopes-of-active")]
    GateGradsOfActive,
    /// `∂L/∂g` at open gates, and something cheaper in place of that of most closed ones.
    #[serde(rename = "slopes-of-some")]
    GateGradsOfSome,
    /// `∂L/∂g` at every gate: the experts of closed gates run forward too.
    #[serde(rename = "slopes-of-all")]
    GateGradsOfAll,
    /// `∂L/∂g` also at other gate values than those drawn: every expert runs, and the output layer several times.
    #[serde(rename = "slopes-elsewhere")]
    GateGradsElsewhere,
}

impl Needs {
    /// Whether values of the loss are enough, so that the loss may be any reward.
    pub fn only_losses(self) -> bool {
        matches!(self, Self::Losses | Self::MoreLosses | Self::Flips)
    }

    /// Whether every expert runs forward, whatever the gates.
    pub fn every_expert(self) -> bool {
        matches!(self, Self::Flips | Self::GateGradsOfAll | Self::GateGradsElsewhere)
    }
}

/// The activation of a gate on which the sparsity control acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// The firing probability `p = σ(a)`; held at its target by Eq. 14.
    Probability,
    /// `√p`, the firing probability of smooth-times-stochastic; Eq. 14.
    RootProbability,
    /// The gate's value, a rectifier's output; pulled down by the L1 term of Eq. 15.
    Value,
}

/// A default of one setting under one estimator: `(key, value)`.
pub type Tuned = (&'static str, f64);

/// What a live number of an estimator means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LiveNumber {
    /// Its symbol in the formulas.
    pub symbol: &'static str,
    /// What it is, in a few words.
    pub meaning: &'static str,
}

/// The description of an estimator: all that is known of it without running it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Record {
    /// Identity in configurations, links and the command line; kebab case, never changed.
    pub id: &'static str,
    /// Full name.
    pub name: &'static str,
    /// A short name for curves and narrow columns.
    pub short: &'static str,
    /// Where its signal comes from.
    pub family: Family,
    /// Where the chooser puts it.
    pub level: Level,
    /// Whether its mean is a gradient, and of which objective.
    pub bias: Bias,
    /// What it needs in a training step, with its knobs at their defaults.
    pub needs: Needs,
    /// What the sparsity control acts on.
    pub activation: Activation,
    /// How the gate is drawn; LaTeX.
    pub forward: &'static str,
    /// What is used as the gradient of the loss with respect to the logit `a`; LaTeX.
    pub backward: &'static str,
    /// What the gate is at test time; LaTeX.
    pub test_time: &'static str,
    /// The trade-off in one to three sentences, for a reader who meets the estimator for the first time.
    pub summary: &'static str,
    /// Paper and equation.
    pub source: &'static str,
    /// Settings of its own.
    pub knobs: &'static [Setting],
    /// Its own values of `knobs` and tuned defaults of shared settings, on the *Classroom* network.
    pub tuned: &'static [Tuned],
    /// What [`super::Estimator::live`] reports, in order.
    pub live: &'static [LiveNumber],
}
