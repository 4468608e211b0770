//! Knobs that several estimators share, and functions that read them.

use std::collections::BTreeMap;

use super::record::LiveNumber;
use crate::schema::{Range, Setting, Value};

/// The first live number of every estimator; measured by the trainer.
pub const SIGNAL: LiveNumber = LiveNumber { symbol: "|∂L∕∂a|", meaning: "mean size of a gate's gradient" };

pub(in crate::estimator) const BASELINE_DECAY: Setting = Setting {
    name: "baseline-decay",
    label: "Baseline's memory",
    help: "Weight of the past in the moving average, from 0 (this step only) to 0.9999.",
    symbol: "β",
    range: Range::Number { min: 0.0, max: 0.9999, slider: (0.0, 0.99), log: false, whole: false },
    live: true,
};

pub(in crate::estimator) const SAMPLES: Setting = Setting {
    name: "samples",
    label: "Draws per example",
    help: "Number of draws of an example's gates per step; every draw costs a pass through its open experts.",
    symbol: "K",
    range: Range::Number { min: 2.0, max: 8.0, slider: (2.0, 8.0), log: false, whole: true },
    live: true,
};

pub(in crate::estimator) const NOISE: Setting = Setting {
    name: "noise",
    label: "Noise",
    help: "Standard deviation (Gaussian) or scale (logistic) of the noise added to the logit in training.",
    symbol: "σ",
    range: Range::Number { min: 0.0, max: 20.0, slider: (0.0, 5.0), log: false, whole: false },
    live: true,
};

pub(in crate::estimator) const NOISE_KIND: Setting = Setting {
    name: "noise-kind",
    label: "Kind of noise",
    help: "Gaussian as in the experiments, or logistic, for which P(open) is exactly σ(a).",
    symbol: "",
    range: Range::Choice(&["gaussian", "logistic"]),
    live: true,
};

pub(in crate::estimator) const LOGIT_NOISE: Setting = Setting {
    name: "logit-noise",
    label: "Noise before the sigmoid",
    help: "The paper also added Beta noise to the logit, scaled so that its mode alone gives p = 0.1.",
    symbol: "",
    range: Range::Choice(&["none", "beta"]),
    live: true,
};

pub(in crate::estimator) const BETA: Setting = Setting {
    name: "beta",
    label: "Beta noise, second parameter",
    help: "β of the Beta noise; the first parameter follows from its mode of 0.1.",
    symbol: "β",
    range: Range::Number { min: 1.1, max: 200.0, slider: (1.1, 160.1), log: true, whole: false },
    live: true,
};

/// A knob's number, or `default` while it isn't set.
pub(in crate::estimator) fn number(knobs: &BTreeMap<String, Value>, key: &Setting, default: f64) -> f64 {
    match knobs.get(key.name) {
        Some(Value::Number(x)) => *x,
        _ => default,
    }
}

/// Whether a choice knob has this value.
pub(in crate::estimator) fn is(knobs: &BTreeMap<String, Value>, key: &Setting, name: &str) -> bool {
    matches!(knobs.get(key.name), Some(Value::Choice(found)) if found == name)
}

/// First parameter of the Beta distribution whose mode is `mode`, given its second (paper, appendix A.2).
pub fn beta_alpha(mode: f64, beta: f64) -> f64 {
    (mode * (beta - 2.0) + 1.0) / (1.0 - mode)
}

/// Scale `c` of the centred Beta noise `c·(B − ½)` for which the mode alone gives `σ = mode`: the paper's sentence (appendix
/// A.2), not the released code's constant, which misses it.
pub fn beta_scale(mode: f64) -> f64 {
    libm::log(mode / (1.0 - mode)) / (mode - 0.5)
}
