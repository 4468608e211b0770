//! The plain record that each estimator carries: what the chooser, the documentation and `gatelab list` show of it.

use serde::Serialize;

use crate::schema::Setting;

/// Where an estimator's signal comes from; the chooser groups by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Uses values of the loss only, never its slope.
    Value,
    /// Uses the slope of the loss at the drawn gates.
    Slope,
    /// Uses values and slopes together.
    Both,
    /// Trains a gate of its own kind by ordinary backpropagation: another objective than the Bernoulli one.
    OwnObjective,
}

/// Whether the estimate is right on average, and for what.
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
    /// Among the first to be met.
    Essential,
    /// In the drawer for those who want more.
    Advanced,
}

/// What an estimator asks of a training step beyond the forward pass through the gates it drew; in the order of what it
/// costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Each example's loss.
    Losses,
    /// Each example's loss under further gate draws: the experts that those open run too.
    MoreLosses,
    /// Each example's loss with every single gate flipped: every expert must run forward.
    Flips,
    /// `∂L/∂g` at the gates that are open; experts of closed gates never run.
    SlopesOfActive,
    /// `∂L/∂g` at open gates, and something cheaper in place of the slope of most closed ones.
    SlopesOfSome,
    /// `∂L/∂g` at every gate: the experts of closed gates must run forward too.
    SlopesOfAll,
    /// Slopes at other gate values than those drawn, too: every expert runs, and the output layer several times.
    SlopesElsewhere,
}

impl Needs {
    /// Whether values of the loss are enough, so that the loss may be any reward.
    pub fn only_losses(self) -> bool {
        matches!(self, Self::Losses | Self::MoreLosses | Self::Flips)
    }

    /// Whether every expert runs forward, whatever the gates.
    pub fn every_expert(self) -> bool {
        matches!(self, Self::Flips | Self::SlopesOfAll | Self::SlopesElsewhere)
    }
}

/// What the sparsity control sees as a gate's activation.
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

/// Everything there is to know about an estimator without running it.
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
    /// Right on average?
    pub bias: Bias,
    /// What it asks of a step.
    pub needs: Needs,
    /// What the sparsity control acts on.
    pub activation: Activation,
    /// How the gate is drawn; LaTeX.
    pub forward: &'static str,
    /// What is used as the gradient of the loss with respect to the logit `a`; LaTeX.
    pub backward: &'static str,
    /// What the gate is at test time; LaTeX.
    pub test_time: &'static str,
    /// The trade-off in a sentence or two, for somebody who sees it for the first time.
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
