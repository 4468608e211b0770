//! Configurations that are refused, in words.

use crate::estimator::registry;

/// A configuration that is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// No such setting.
    #[error("no setting is called “{found}”; there are: {known}")]
    Unknown {
        /// The name given.
        found: String,
        /// The names there are.
        known: String,
    },
    /// A setting of other estimators.
    #[error("“{key}” is not a setting of the estimator {estimator}")]
    Foreign {
        /// The setting.
        key: String,
        /// The estimator in force.
        estimator: String,
    },
    /// A value out of its range.
    #[error("{key} = {found}: expected {expected}")]
    Value {
        /// The setting.
        key: String,
        /// The value given.
        found: String,
        /// The range in words.
        expected: String,
    },
    /// No such estimator.
    #[error("no estimator is called “{found}”; there are: {}", registry::ids().join(", "))]
    Estimator {
        /// The id given.
        found: String,
    },
    /// A structural setting, changed while a run goes on.
    #[error("{key} shapes the network: it can be set only when a run starts")]
    NotLive {
        /// The setting.
        key: String,
    },
    /// A network beyond what a tab holds.
    #[error("a network of {parameters} parameters is too large (at most {most}); choose fewer gates or units")]
    TooLarge {
        /// Parameters asked for.
        parameters: usize,
        /// Parameters allowed.
        most: usize,
    },
    /// A reward, told to an estimator that follows slopes.
    #[error(
        "the gater is told a reward, and a reward has no slope: {estimator} cannot learn from it. {}Choose told = \
         cross-entropy, or an estimator that needs values of the loss only: {}",
        knob_to_set(estimator), value_estimators().join(", ")
    )]
    NoSlope {
        /// The estimator's id.
        estimator: String,
    },
    /// A delay beyond what a tab holds.
    #[error(
        "a reward {delay} steps late keeps {numbers} numbers waiting (at most {most}); choose a shorter delay, fewer \
         gates or smaller minibatches"
    )]
    LongDelay {
        /// Steps asked for.
        delay: usize,
        /// Numbers that would wait.
        numbers: usize,
        /// Numbers that may.
        most: usize,
    },
    /// A configuration of a later version.
    #[error(
        "configuration version {found}: this build knows versions up to {known}; reload the page or update gatelab"
    )]
    Version {
        /// The version found.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// Changes out of order, or too many.
    #[error("{message}")]
    Changes {
        /// What is wrong with them.
        message: String,
    },
}

/// The knob with which the estimator learns from values of the loss alone, as an advice; empty if there is none.
fn knob_to_set(estimator: &str) -> String {
    registry::choice_for_rewards(estimator)
        .map_or_else(String::new, |(knob, choice)| format!("Set {knob} = {choice}, which needs no slope. "))
}

/// Ids of the estimators that learn from values of the loss alone, for which it may be any reward.
fn value_estimators() -> Vec<&'static str> {
    registry::RECORDS.iter().filter(|record| record.needs.only_losses()).map(|record| record.id).collect()
}
