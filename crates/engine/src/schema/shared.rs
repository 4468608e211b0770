//! The table of settings that every estimator shares: name, meaning and range of each.

use super::{ExpertActivation, Range, Setting};

/// Name of the setting that says which loss the gater learns from. Its text is part of links, and stays.
pub const GATER_LOSS: &str = "told";

const fn range(min: f64, max: f64, low: f64, high: f64, log: bool, whole: bool) -> Range {
    Range::Number { min, max, slider: (low, high), log, whole }
}

/// The settings that every estimator shares. Those of one estimator stand in its record.
pub const SHARED: &[Setting] = &[
    Setting {
        name: "lr",
        label: "Learning rate",
        help: "How far a step goes along the gradient.",
        symbol: "η",
        range: range(1e-6, 1000.0, 1e-3, 10.0, true, false),
        live: true,
    },
    Setting {
        name: "gater-rate",
        label: "Gater's rate",
        help: "Factor on the learning rate for the layers that compute the gates' logits.",
        symbol: "",
        range: range(0.0, 100.0, 0.01, 10.0, true, false),
        live: true,
    },
    Setting {
        name: "momentum",
        label: "Momentum",
        help: "How much of the last step is kept.",
        symbol: "μ",
        range: range(0.0, 0.999, 0.0, 0.99, false, false),
        live: true,
    },
    Setting {
        name: "max-norm",
        label: "Largest weight norm",
        help: "Each unit's incoming weights are pulled back to this length; 0 sets no limit.",
        symbol: "",
        range: range(0.0, 1000.0, 0.0, 5.0, false, false),
        live: true,
    },
    Setting {
        name: "lambda",
        label: "Sparsity pull",
        help: "Weight of the sparsity control.",
        symbol: "λ",
        range: range(0.0, 1000.0, 1e-4, 10.0, true, false),
        live: true,
    },
    Setting {
        name: "target",
        label: "Target firing rate",
        help: "The share of gates that should be open.",
        symbol: "s",
        range: range(0.001, 0.999, 0.01, 0.9, false, false),
        live: true,
    },
    Setting {
        name: GATER_LOSS,
        label: "Gater loss",
        help: "The cross-entropy, or only whether the answer was right: for each digit at once, or as the minibatch's mean, \
               some steps late.",
        symbol: "",
        range: Range::Choice(&["cross-entropy", "reward", "delayed-reward"]),
        live: true,
    },
    Setting {
        name: "delay",
        label: "Delay",
        help: "Minibatches by which a delayed reward comes late.",
        symbol: "",
        range: range(0.0, 200.0, 0.0, 100.0, false, true),
        live: true,
    },
    Setting {
        name: "start-rate",
        label: "Firing rate at the start",
        help: "The gates' biases begin at the logit of this probability.",
        symbol: "",
        range: range(0.001, 0.999, 0.01, 0.99, false, false),
        live: false,
    },
    Setting {
        name: "batch",
        label: "Minibatch",
        help: "Examples per step.",
        symbol: "B",
        range: range(1.0, 1024.0, 1.0, 256.0, true, true),
        live: false,
    },
    Setting {
        name: "gates",
        label: "Gates",
        help: "Number of stochastic gates.",
        symbol: "G",
        range: range(1.0, 8000.0, 1.0, 2000.0, true, true),
        live: false,
    },
    Setting {
        name: "units",
        label: "Units per gate",
        help: "Expert units that one gate opens.",
        symbol: "",
        range: range(1.0, 256.0, 1.0, 64.0, true, true),
        live: false,
    },
    Setting {
        name: "gater-hidden",
        label: "Gater's hidden units",
        help: "Width of the gater's bottleneck.",
        symbol: "",
        range: range(1.0, 4000.0, 4.0, 400.0, true, true),
        live: false,
    },
    Setting {
        name: "expert",
        label: "Expert units",
        help: "Linear as in the paper, or rectified.",
        symbol: "",
        range: Range::Choice(ExpertActivation::NAMES),
        live: false,
    },
    Setting {
        name: "valid-examples",
        label: "Validation digits",
        help: "How many validation digits the frequent evaluations use.",
        symbol: "",
        range: range(100.0, 10_000.0, 500.0, 10_000.0, true, true),
        live: false,
    },
];
