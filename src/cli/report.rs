//! Reports: JSON for scripts, a few lines for people.

use serde::Serialize;

use gatelab_engine::schema::RunConfig;
use gatelab_engine::training::settings::Settings;
use gatelab_engine::training::{Measured, Work};

/// Done and dense multiply-adds per example.
#[derive(Serialize)]
pub(super) struct Share {
    done: f64,
    dense: f64,
}

impl Share {
    pub(super) fn done(&self) -> f64 {
        self.done
    }

    pub(super) fn share(&self) -> f64 {
        self.done / self.dense
    }
}

/// Multiply-adds per training example, averaged over the run.
#[derive(Serialize)]
pub(super) struct Macs {
    pub(super) forward: Share,
    pub(super) backward: Share,
}

impl Macs {
    pub(super) fn of(work: Work, examples: u64) -> Self {
        let per = |sum: u64| sum as f64 / examples.max(1) as f64;
        Self {
            forward: Share { done: per(work.forward), dense: per(work.forward_dense) },
            backward: Share { done: per(work.backward), dense: per(work.backward_dense) },
        }
    }
}

/// One epoch's summary.
#[derive(Clone, Serialize)]
pub(super) struct Epoch {
    #[serde(rename = "epoch")]
    pub(super) number: u64,
    pub(super) train_loss: f64,
    pub(super) gate_rate_train: f64,
    pub(super) valid_error_percent: f64,
}

/// The JSON of `gatelab train`.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) config: RunConfig,
    pub(super) settings: Settings,
    pub(super) data: String,
    /// Names of the classes, by label.
    pub(super) classes: Vec<String>,
    pub(super) steps: u64,
    pub(super) test_error_percent: f64,
    pub(super) valid_error_percent: f64,
    pub(super) gate_rate_test: f64,
    pub(super) gate_rate_train: f64,
    pub(super) seconds: f64,
    pub(super) examples_per_second: f64,
    pub(super) macs: Macs,
    pub(super) epochs: Vec<Epoch>,
    pub(super) param_digest: String,
}

pub(super) fn percent(share: f64) -> f64 {
    (share * 1e4).round() / 1e2
}

pub(super) fn line(split: &str, measured: &Measured) -> String {
    format!(
        "{split:<10} {:5.2} % wrong of {}, loss {:.4}, {:.1} % of gates open",
        percent(measured.error()),
        measured.examples,
        measured.mean_loss(),
        100.0 * measured.gate_rate(),
    )
}
