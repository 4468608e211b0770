//! State of the data: which set is wanted, which are available, what is arriving.

use crate::protocol::{DataEvent, DataSource};
use gatelab_engine::data::{ClassNames, DataChoice};

/// Progress of an arriving set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is arriving.
    pub data: DataChoice,
    /// Its source.
    pub source: DataSource,
    /// Training examples that have arrived.
    pub ready: usize,
    /// Training examples in all.
    pub planned: usize,
    /// Bytes received.
    pub bytes: u64,
    /// Bytes in all, 0 if unknown.
    pub bytes_total: u64,
}

impl Progress {
    /// Share done, 0..=1, if a total is known.
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

/// A set that the worker has announced.
#[derive(Clone, Debug, PartialEq)]
struct Announced {
    data: DataChoice,
    source: DataSource,
    name: String,
    classes: ClassNames,
}

/// State of the data, as the page knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct DataStatus {
    /// The choice of the user (or the link).
    pub wanted: DataChoice,
    /// Name of the set that is learned now, as the worker announced it.
    pub name: Option<String>,
    /// Source of that set.
    pub source: Option<DataSource>,
    /// What is arriving.
    pub progress: Option<Progress>,
    /// Error of the attempt to load MNIST from beside the page.
    pub missing: Option<String>,
    /// Whether a download or a reading of files that the user asked for is under way.
    pub fetching: bool,
    /// Whether other data replaced the wanted ones, which were late or missing.
    fell_back: bool,
    /// Names of the classes of the set that is learned now.
    classes: ClassNames,
    sets: Vec<Announced>,
    counts: Vec<(DataChoice, usize)>,
}

impl DataStatus {
    /// Nothing known yet.
    pub fn wanting(wanted: DataChoice) -> Self {
        Self {
            wanted,
            name: None,
            source: None,
            progress: None,
            missing: None,
            fetching: false,
            fell_back: false,
            classes: ClassNames::default(),
            sets: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// The current run learns this set.
    pub(super) fn learning(&mut self, data: DataChoice) {
        if let Some(set) = self.sets.iter().find(|set| set.data == data) {
            self.source = Some(set.source);
            self.name = Some(set.name.clone());
            self.classes = set.classes.clone();
        } else {
            self.name = None;
            self.source = (data == DataChoice::Strokes).then_some(DataSource::Generated);
            self.classes = ClassNames::default();
        }
    }

    /// Whether this set is available.
    pub fn has(&self, data: DataChoice) -> bool {
        data == DataChoice::Strokes || self.sets.iter().any(|set| set.data == data)
    }

    /// The set's name as the worker announced it, otherwise that of the choice.
    pub fn name_of(&self, data: DataChoice) -> &str {
        self.sets.iter().find(|set| set.data == data).map_or(data.name(), |set| &set.name)
    }

    /// Names of the classes of the set that is learned now: "0" to "9" until it is announced.
    pub fn classes(&self) -> &ClassNames {
        &self.classes
    }

    /// Training examples of this set that have arrived, 0 if not known.
    pub fn digits(&self, data: DataChoice) -> usize {
        self.counts.iter().find(|(known, _)| *known == data).map_or(0, |(_, count)| *count)
    }

    /// Records an event. Returns whether the wanted set has just become usable and should be learned at once: because the
    /// user asked for it, or because the run that replaces it is still unchanged.
    pub(super) fn event(&mut self, event: DataEvent, learning: DataChoice, untouched: bool) -> bool {
        match event {
            DataEvent::Progress { data, source, ready, planned, bytes, bytes_total } => {
                let progress = Progress { data, source, ready, planned, bytes, bytes_total };
                self.counts.retain(|(known, _)| *known != data);
                self.counts.push((data, ready));
                self.progress = (!progress.complete()).then_some(progress);
                false
            }
            DataEvent::Ready { data, source, name, classes } => {
                // The worker sends checked names.
                let classes = ClassNames::new(classes).unwrap_or_default();
                self.sets.retain(|set| set.data != data);
                self.sets.push(Announced { data, source, name, classes });
                if data == learning {
                    self.learning(data);
                }
                if source == DataSource::Files && self.fetching {
                    // The user's files may be those of a set with a choice of its own, such as MNIST.
                    self.wanted = data;
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
