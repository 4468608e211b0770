//! A run as the text behind the `#` of the page's address: what a copied link carries.
//!
//! ```text
//! #v=2&preset=classroom&est=st&seed=7&data=mnist&lr=0.05&at=812:est:reinforce&at=900:lr:0.01&pause=1200
//! ```
//!
//! - `v` is [`CONFIG_VERSION`](gatelab_engine::schema::CONFIG_VERSION); `preset`, `est`, `seed`, `data` name the run;
//! - every other name is a setting of [`lookup`](gatelab_engine::training::settings::lookup) that differs from its default at step 0;
//! - `at=STEP:est:ID`, `at=STEP:KEY:VALUE` and `at=STEP:KEY:` (back to the default) are the changes made on the way,
//!   and so is `at=STEP:reset-momentum:`, which sets all velocities to 0 (since version 2);
//! - `pause=STEP` stops the run there by itself;
//! - links of version 1 are read as they are: they mean what they meant;
//! - `view=lab` opens the page at the laboratory; without it, where runs are trained.
//!
//! Links are typed, cut and mailed by people, so reading never fails: a part that cannot be used is left at its default
//! and reported, with what was expected and what was found.

mod parse;
mod print;

pub use parse::parse;
pub use print::{print, without_changes};

use gatelab_engine::schema::RunConfig;

/// Longer texts are refused unread: an address of this size was not made by this page.
pub const MOST_BYTES: usize = 16 * 1024;

/// Runs with more changes than this are linked by the settings they ended with.
pub const MOST_CHANGES: usize = 200;

/// Name of the change that sets all velocities to 0, in the place of a setting.
pub(super) const RESET_MOMENTUM: &str = "reset-momentum";

/// Names that are not settings.
pub const RESERVED: [&str; 9] = ["v", "preset", "est", "seed", "data", "at", "pause", "view", RESET_MOMENTUM];

/// Which room of the page a link opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The run and its pictures.
    #[default]
    Train,
    /// The laboratory.
    Lab,
}

/// What a link says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The run.
    pub config: RunConfig,
    /// Where it stops by itself.
    pub pause_at: Option<u64>,
    /// What the page shows; the run goes on behind it.
    pub mode: Mode,
}

/// A link as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The text, beginning with `#`.
    pub text: String,
    /// Whether the changes did not fit: the link starts anew with the settings that were in force last.
    pub shortened: bool,
}

/// A part of a link that was left at its default.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkProblem {
    /// A text too long to be one of this page's.
    #[error("the link is {found} bytes long, more than the {most} a run can need: it was not read")]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        most: usize,
    },
    /// A link made by a newer build.
    #[error(
        "the link has version {found}, this page knows versions up to {known}: reload the page, or expect differences"
    )]
    Newer {
        /// Version found.
        found: String,
        /// Newest version known.
        known: u32,
    },
    /// A name that means nothing here.
    #[error("“{found}” is no part of a run that this page knows: it was ignored")]
    Unknown {
        /// The name, cut if long.
        found: String,
    },
    /// A value that cannot be used.
    #[error("{name} = “{found}”: expected {expected}; it was left at its default")]
    Value {
        /// The part.
        name: String,
        /// The value, cut if long.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// A name given more than once.
    #[error("{name} is given more than once: the last one counts")]
    Twice {
        /// The part.
        name: String,
    },
    /// More changes than a link may carry.
    #[error("the link has {found} changes, {most} is the most: the later ones were left out")]
    TooManyChanges {
        /// Changes found.
        found: usize,
        /// Changes allowed.
        most: usize,
    },
    /// Parts that are right each, but not together.
    #[error("{message}; the network was left as the preset has it")]
    Together {
        /// What does not go together.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::RESERVED;
    use gatelab_engine::training::settings::lookup;

    #[test]
    fn no_setting_has_a_reserved_name() {
        for key in lookup::all() {
            assert!(!RESERVED.contains(&key.name), "{} is reserved in links", key.name);
        }
    }
}
