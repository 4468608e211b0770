//! Notices: failures, and what the page did about them.

use super::numbers;
use crate::page::state::{NotFinite, NoticeText, Page, Spoken, Why};
use gatelab_engine::estimator::registry;

pub const NOTICES: &str = "Notices";
pub const DISMISS: &str = "Dismiss";
pub const START_AGAIN: &str = "Start again";
pub const UNDO: &str = "Undo the last change";
pub const LOWER_RATE: &str = "Continue with a tenth of the rate";
pub const REPLAY: &str = "Replay";
pub const NOT_FINITE_TITLE: &str = "Training diverged";
pub const GAVE_UP_TITLE: &str = "The trainer keeps failing";
pub const OTHER_BUILD: &str = "A new version of this page was published. Reload the page to continue.";
pub const LINK_TITLE: &str = "Parts of the link could not be used:";
pub const STROKES_TITLE: &str = "Training on built-in stroke digits";
pub const STROKES_TEXT: &str = "MNIST is not stored beside this page.";
pub const ARRIVED_TITLE: &str = "MNIST is loaded";
pub const ARRIVED_TEXT: &str = "This run uses the built-in stroke digits.";
pub const LEARN_MNIST: &str = "Train on MNIST";
pub const OWN_TITLE: &str = "This run used your own files";
pub const OWN_TEXT: &str = "A link does not contain files. Choose them again, or continue with the built-in digits.";
pub const DOWNLOAD: &str = "Download MNIST (11 MB)";
pub const DOWNLOADING: &str = "Downloading…";
pub const CHOOSE_FILES: &str = "Choose files…";

/// Why a worker failed.
pub fn why(why: &Why) -> String {
    match why {
        Why::Load(text) if text.is_empty() => "The trainer could not be loaded".into(),
        Why::Load(text) => format!("The trainer could not be loaded ({text})"),
        Why::NeverSpoke => "The trainer did not start".into(),
        Why::Silent => "The trainer stopped answering".into(),
        Why::Broke(text) => format!("The trainer failed ({text})"),
    }
}

/// A notice, as its lines.
pub fn notice(text: &NoticeText) -> Vec<String> {
    match text {
        NoticeText::Plain(text) => vec![text.clone()],
        NoticeText::Link(problems) => problems.iter().map(ToString::to_string).collect(),
        NoticeText::WentOn(reason, step) => {
            vec![format!("{}; the run continues from step {}.", why(reason), numbers::grouped(*step))]
        }
        NoticeText::NeedsSlope(name) => vec![super::chooser::needs_slope(name)],
        NoticeText::BeganAgain(reason) => vec![format!("{}; the run restarted from step 0.", why(reason))],
    }
}

/// Why the page stopped restarting the worker.
pub fn gave_up(reason: &Why) -> String {
    format!(
        "{}, three times within a minute. Close other tabs to free memory, or choose a smaller network.",
        why(reason)
    )
}

/// A number that isn't finite.
pub fn not_finite(stop: &NotFinite) -> String {
    format!(
        "At step {} “{}” contained numbers that are not finite; the learning rate was {}. The step was undone: all weights \
         are finite.",
        numbers::grouped(stop.step),
        stop.tensor,
        numbers::short(stop.learning_rate)
    )
}

/// An announcement for screen readers.
pub fn spoken(spoken: &Spoken, page: &Page) -> String {
    match spoken {
        Spoken::Running => "Running".into(),
        Spoken::Paused(step) => format!("Paused at step {}", numbers::grouped(*step)),
        Spoken::Switched(id, step) => {
            let name = registry::record(id).map_or(id.as_str(), |record| record.name);
            format!("{name} from step {}", numbers::grouped(*step))
        }
        Spoken::Began(seed) => format!("A run with seed {seed} started"),
        Spoken::NotFinite(step) => format!("{NOT_FINITE_TITLE} at step {}", numbers::grouped(*step)),
        Spoken::Notice(id) => page
            .notices
            .iter()
            .find(|notice| notice.id == *id)
            .map(|found| notice(&found.text).join(" "))
            .unwrap_or_default(),
    }
}
