//! Which digits are wanted, which are there, and what is on its way.

use crate::protocol::{DataEvent, DataSource};
use gatelab_engine::schema::DataChoice;

/// Digits on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is arriving.
    pub data: DataChoice,
    /// From where.
    pub source: DataSource,
    /// Training digits there.
    pub ready: usize,
    /// Training digits in all.
    pub planned: usize,
    /// Bytes received.
    pub bytes: u64,
    /// Bytes in all, 0 if unknown.
    pub bytes_total: u64,
}

impl Progress {
    /// Share done, 0..=1, if it can be told.
    pub fn share(&self) -> Option<f64> {
        if self.bytes_total > 0 {
            return Some((self.bytes as f64 / self.bytes_total as f64).min(1.0));
        }
        (self.planned > 0).then(|| (self.ready as f64 / self.planned as f64).min(1.0))
    }

    /// Whether nothing is missing.
    pub fn complete(&self) -> bool {
        self.planned > 0 && self.ready >= self.planned
    }
}

/// The page's knowledge of the digits.
#[derive(Clone, Debug, PartialEq)]
pub struct DataStatus {
    /// What the user (or the link) wants.
    pub wanted: DataChoice,
    /// Name of what is learned now, as the worker calls it.
    pub name: Option<String>,
    /// From where that came.
    pub source: Option<DataSource>,
    /// What is arriving.
    pub progress: Option<Progress>,
    /// No MNIST beside the page: what the attempt met.
    pub missing: Option<String>,
    /// A download, or a reading of files, is under way by the user's wish.
    pub fetching: bool,
    /// Other digits stand in since the wanted ones took long or were not there.
    fell_back: bool,
    names: Vec<(DataChoice, DataSource, String)>,
    counts: Vec<(DataChoice, usize)>,
}

impl DataStatus {
    /// Nothing known yet.
    pub const fn wanting(wanted: DataChoice) -> Self {
        Self {
            wanted,
            name: None,
            source: None,
            progress: None,
            missing: None,
            fetching: false,
            fell_back: false,
            names: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// The digits that the current run learns are these.
    pub(super) fn learning(&mut self, data: DataChoice) {
        if let Some((_, source, name)) = self.names.iter().rev().find(|(known, ..)| *known == data) {
            self.source = Some(*source);
            self.name = Some(name.clone());
        } else {
            self.name = None;
            self.source = (data == DataChoice::Strokes).then_some(DataSource::Generated);
        }
    }

    /// Whether these digits are at hand.
    pub fn has(&self, data: DataChoice) -> bool {
        data == DataChoice::Strokes || self.names.iter().any(|(known, ..)| *known == data)
    }

    /// Training digits of this kind that are there, 0 if not known.
    pub fn digits(&self, data: DataChoice) -> usize {
        self.counts.iter().find(|(known, _)| *known == data).map_or(0, |(_, count)| *count)
    }

    /// Takes news in. Answers whether the wanted digits have just become usable, and should be learned at once: because the
    /// user asked for them, or because nobody has touched the run that stands in.
    pub(super) fn event(&mut self, event: DataEvent, learning: DataChoice, untouched: bool) -> bool {
        match event {
            DataEvent::Progress { data, source, ready, planned, bytes, bytes_total } => {
                let progress = Progress { data, source, ready, planned, bytes, bytes_total };
                self.counts.retain(|(known, _)| *known != data);
                self.counts.push((data, ready));
                self.progress = (!progress.complete()).then_some(progress);
                false
            }
            DataEvent::Ready { data, source, name } => {
                self.names.retain(|(known, ..)| *known != data);
                self.names.push((data, source, name));
                if data == learning {
                    self.learning(data);
                }
                if data == DataChoice::Mnist {
                    self.missing = None;
                }
                let arrived = data == self.wanted && learning != data;
                let at_once = arrived && (self.fetching || (self.fell_back && untouched));
                if data == self.wanted {
                    self.fetching = false;
                }
                at_once
            }
            DataEvent::FallBack { using, .. } => {
                self.fell_back = true;
                self.learning(using);
                false
            }
        }
    }
}
