//! What went wrong, or went on by itself.

use super::numbers;
use crate::page::state::{NotFinite, NoticeText, Page, Spoken, Why};
use gatelab_engine::estimator::registry;

pub const NOTICES: &str = "Notices";
pub const DISMISS: &str = "Dismiss";
pub const START_AGAIN: &str = "Start again";
pub const UNDO: &str = "Undo the last change";
pub const LOWER_RATE: &str = "Go on with a tenth of the rate";
pub const REPLAY: &str = "Replay";
pub const NOT_FINITE_TITLE: &str = "The numbers ran away";
pub const GAVE_UP_TITLE: &str = "The trainer does not keep running";
pub const OTHER_BUILD: &str =
    "A new version of this page was put up while this one was open. Reload the page to go on.";
pub const LINK_TITLE: &str = "Parts of the link could not be used:";
pub const STROKES_TITLE: &str = "Learning built-in stroke digits";
pub const STROKES_TEXT: &str = "MNIST is not beside this page.";
pub const ARRIVED_TITLE: &str = "MNIST has arrived";
pub const ARRIVED_TEXT: &str = "This run learns the built-in stroke digits.";
pub const LEARN_MNIST: &str = "Learn MNIST";
pub const OWN_TITLE: &str = "This run was made with files of one’s own";
pub const OWN_TEXT: &str = "A link cannot carry them. Choose them, or go on with the built-in digits.";
pub const DOWNLOAD: &str = "Download MNIST (11 MB)";
pub const DOWNLOADING: &str = "Downloading…";
pub const CHOOSE_FILES: &str = "Choose files…";

/// What happened to a worker.
pub fn why(why: &Why) -> String {
    match why {
        Why::Load(text) if text.is_empty() => "The trainer could not be loaded".into(),
        Why::Load(text) => format!("The trainer could not be loaded ({text})"),
        Why::NeverSpoke => "The trainer did not start".into(),
        Why::Silent => "The trainer stopped answering".into(),
        Why::Broke(text) => format!("The trainer broke ({text})"),
    }
}

/// A notice, as its lines.
pub fn notice(text: &NoticeText) -> Vec<String> {
    match text {
        NoticeText::Plain(text) => vec![text.clone()],
        NoticeText::Link(problems) => problems.iter().map(ToString::to_string).collect(),
        NoticeText::WentOn(reason, step) => {
            vec![format!("{}; it went on from step {}.", why(reason), numbers::grouped(*step))]
        }
        NoticeText::NeedsSlope(name) => vec![super::chooser::needs_slope(name)],
        NoticeText::BeganAgain(reason) => vec![format!("{}; the run began again.", why(reason))],
    }
}

/// Why the page stopped trying.
pub fn gave_up(reason: &Why) -> String {
    format!(
        "{}, three times within a minute. Other tabs may need the memory, or a smaller network may help.",
        why(reason)
    )
}

/// A number that isn't finite.
pub fn not_finite(stop: &NotFinite) -> String {
    format!(
        "At step {} numbers in “{}” were no longer finite, with a learning rate of {}. The weights are back at the last \
         finite ones.",
        numbers::grouped(stop.step),
        stop.tensor,
        numbers::short(stop.learning_rate)
    )
}

/// For those who listen.
pub fn spoken(spoken: &Spoken, page: &Page) -> String {
    match spoken {
        Spoken::Running => "Running".into(),
        Spoken::Paused(step) => format!("Paused at step {}", numbers::grouped(*step)),
        Spoken::Switched(id, step) => {
            let name = registry::record(id).map_or(id.as_str(), |record| record.name);
            format!("{name} from step {}", numbers::grouped(*step))
        }
        Spoken::Began(seed) => format!("A run from seed {seed} began"),
        Spoken::NotFinite(step) => format!("{NOT_FINITE_TITLE} at step {}", numbers::grouped(*step)),
        Spoken::Notice(id) => page
            .notices
            .iter()
            .find(|notice| notice.id == *id)
            .map(|found| notice(&found.text).join(" "))
            .unwrap_or_default(),
    }
}
