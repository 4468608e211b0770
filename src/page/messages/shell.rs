//! Header, transport, chooser, help.

use super::numbers;
use crate::protocol::RunState;
use gatelab_engine::estimator::{Bias, Family};

pub const NAME: &str = "Gatelab";
pub const SUBTITLE: &str = "How gates learn";
pub const SKIP: &str = "Skip to the controls";
pub const COPY_LINK: &str = "Copy link";
pub const LINK_COPIED: &str = "Link copied";
pub const LINK_COPIED_SHORTENED: &str = "Link copied: too many changes for a link, so it starts with the last settings";
pub const LINK_COPIED_RELAXED: &str =
    "Link copied: the run used relaxed kernels, so its last digits may differ elsewhere";
pub const LINK_NOT_COPIED: &str = "Copying is not allowed here: copy the link from the address bar";
pub const THEME_TO_DARK: &str = "Use dark colours";
pub const THEME_TO_LIGHT: &str = "Use light colours";
pub const HELP: &str = "Help";
pub const CLOSE: &str = "Close";

pub const TRANSPORT: &str = "Run";
pub const RUN: &str = "Run";
pub const PAUSE: &str = "Pause";
pub const STEP: &str = "Step";
pub const STEP_HINT: &str = "One minibatch";
pub const NEW_SEED: &str = "New seed";
pub const NEW_SEED_HINT: &str = "The current settings with other random numbers";
pub const REPLAY_HINT: &str = "The same run from step 0, with its changes at their steps";
pub const SPEED: &str = "Speed";
pub const SPEED_MAX: &str = "full speed";
pub const EPOCH: &str = "epoch";
pub const STEPS: &str = "step";
pub const DIGITS_A_SECOND: &str = "digits a second";
pub const VALID_ERROR: &str = "validation error";
pub const NOT_YET: &str = "–";

pub const ESTIMATOR: &str = "Estimator";
pub const ESTIMATOR_CAPTION: &str = "How the gates learn from the next minibatch on.";
pub const VARIANTS: &str = "variants";
pub const ON_SWITCH: &str = "On switch";
pub const KEEP: &str = "keep weights";
pub const FORK: &str = "fork";
pub const RESTART: &str = "restart";
pub const KEEP_HINT: &str = "The run continues with its weights";
pub const FORK_HINT: &str = "The run continues as a branch; the old curve stays";
pub const RESTART_HINT: &str = "A new run from the same seed; the old curve stays";
pub const FORWARD: &str = "forward";
pub const BACKWARD: &str = "backward";
pub const TEST_TIME: &str = "at test";
pub const LAMBDA_MEANING: &str = "sparsity weight in force";
pub const OPEN_MEANING: &str = "gates open per digit";

pub const SHORTCUTS: &str = "Keyboard";
pub const LETTERS: &str = "Single-letter shortcuts";
pub const LETTERS_HINT: &str = "Off: only Space and → work.";

/// The keys and what they do; the flag tells a single character, which can be switched off.
pub const KEYS: &[(&str, &str, bool)] = &[
    ("Space", "run or pause", false),
    ("→", "one step", false),
    ("R", "replay the run from its seed", true),
    ("N", "new seed", true),
    ("1 – 9", "choose an estimator, in the order of the list", true),
    ("/", "find an estimator", true),
    ("?", "this help", true),
];

pub const HELP_TITLE: &str = "What this is";
pub const HELP_TEXT: &[&str] = &[
    "A small network learns to read digits while you watch, on this device: nothing is sent anywhere.",
    "Between its two layers are gates that open or close at random. A closed gate costs no compute, but a random choice has \
     no slope, so backpropagation alone cannot train it. Each estimator in the list is a way to estimate that slope.",
    "Switch between them while the network learns, change a setting, and compare the curves. The address of the page always \
     describes the run: whoever opens a copy of it gets the same run, bit for bit.",
    "Strict kernels (the matrix products) round every product and every sum, in one order, on every machine. Relaxed kernels \
     use fused multiply-adds where the processor has them: they are a little faster on some machines, and their last digits \
     may differ between machines. The choice is stored on this device and is not part of the link.",
];

/// The button that repeats the run.
pub fn replay(seed: u64) -> String {
    format!("Replay seed {seed}")
}

/// One of the speeds.
pub fn speed(steps: Option<f64>) -> String {
    match steps {
        None => SPEED_MAX.into(),
        Some(1.0) => "1 step/s".into(),
        Some(steps) => format!("{} steps/s", numbers::short(steps)),
    }
}

/// A family's heading.
pub const fn family(family: Family) -> &'static str {
    match family {
        Family::StraightThrough => "Straight-through",
        Family::ScoreFunction => "Score function",
        Family::ControlVariate => "Control variate",
        Family::Pathwise => "Pathwise",
    }
}

/// A bias in a word.
pub const fn bias(bias: Bias) -> &'static str {
    match bias {
        Bias::Unbiased => "unbiased",
        Bias::Biased => "biased",
        Bias::UnbiasedForOwnObjective => "own aim",
    }
}

/// A bias in a sentence.
pub const fn bias_hint(bias: Bias) -> &'static str {
    match bias {
        Bias::Unbiased => "Its mean is the gradient of the expected loss",
        Bias::Biased => "Its mean differs from the gradient of the expected loss",
        Bias::UnbiasedForOwnObjective => "Unbiased for its own objective: its gates are not coin flips",
    }
}

/// What a run does, in a word.
pub const fn run_state(state: RunState) -> &'static str {
    match state {
        RunState::Loading => "loading",
        RunState::Running => "learning",
        RunState::Paused => "paused",
        RunState::Stopped => "done",
        RunState::Failed => "stopped",
    }
}

/// The network, in the chip.
pub fn network(gates: u64, units: u64) -> String {
    let unit = if units == 1 { "unit" } else { "units" };
    format!("{} gates × {units} {unit}", numbers::grouped(gates))
}

/// Number of digits, in the chip.
pub fn digits(count: usize) -> String {
    format!("{} digits", numbers::grouped(count as u64))
}
