//! The store behind [`LiveHandle`](super::LiveHandle).

use yew::Callback;

use super::numbers::Numbers;
use super::raster::Raster;
use super::runs::{Run, RunId};
use crate::page::canvas::Ticker;
use crate::protocol::{Frame, OneDigit, ProbeDigits, ProbeView, RasterOf, Watch};
use gatelab_engine::data::{CLASSES, ClassNames};
use gatelab_engine::schema::{Change, RunConfig};
use gatelab_engine::training::settings::Settings;

/// Runs kept, the current one included.
pub const MOST_RUNS: usize = 8;

/// A part of the store that a drawing shows; it is redrawn only when that part changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Spike raster.
    Raster,
    /// Gates × probe digits, and gates × classes.
    Probes,
    /// Firing rates.
    Rates,
    /// One digit through the network.
    OneDigit,
    /// Curves.
    Curves,
    /// Compute meter.
    Meter,
}

const PARTS: usize = 6;

/// What a visible panel needs from the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Spikes of the last steps.
    Raster,
    /// P(fires) of each gate for each probe digit.
    Probes,
    /// The same, by class.
    Classes,
    /// The pinned digit's pass through the network.
    OneDigit,
}

/// The newest numbers of all runs.
#[derive(Debug, Default)]
pub struct Live {
    pub(super) version: u64,
    pub(super) parts: [u64; PARTS],
    pub(super) ticker: Ticker,
    pub(super) runs: Vec<Run>,
    pub(super) numbers: Numbers,
    pub(super) rates: Vec<f32>,
    pub(super) raster: Raster,
    pub(super) digits: ProbeDigits,
    pub(super) classes: ClassNames,
    pub(super) probes: ProbeView,
    pub(super) favourites: Vec<Option<u8>>,
    pub(super) one_digit: Option<OneDigit>,
    pub(super) pinned_gate: Option<usize>,
    pub(super) pinned_probe: usize,
    pub(super) raster_of: RasterOf,
    pub(super) needs: Vec<Need>,
    pub(super) visible: bool,
    pub(super) sent: Watch,
    pub(super) listener: Option<Callback<Watch>>,
}

impl Live {
    pub(super) fn ingest(&mut self, frame: Frame) {
        let Some(run) = self.runs.iter_mut().find(|run| run.id == frame.run) else { return };
        run.steps(&frame.loss, &frame.gate_rate);
        frame.evaluations.iter().for_each(|evaluation| run.evaluation(evaluation));
        let (loss, rate, error) = (run.loss_now(), run.rate_now(), run.error_now());
        if !frame.loss.is_empty() || !frame.evaluations.is_empty() {
            self.news(&[Part::Curves]);
        }
        if self.current().is_some_and(|current| current.id != frame.run) {
            return;
        }
        self.numbers = Numbers {
            run: frame.run,
            step: frame.step,
            epoch: frame.epoch,
            examples_per_second: frame.examples_per_second,
            train_loss: loss,
            valid_error: error,
            gate_rate: rate,
            lambda: frame.lambda,
            live: frame.live,
            meter: frame.meter,
            gates: self.numbers.gates,
            ..Numbers::default()
        };
        self.numbers.count(&frame.rates);
        self.rates = frame.rates;
        self.news(&[Part::Rates, Part::Meter]);
        if let Some(columns) = frame.raster {
            self.raster.push(&columns);
            self.news(&[Part::Raster]);
        }
        self.ingest_probes(frame.probe_digits, frame.probes, frame.one_digit);
    }

    fn ingest_probes(&mut self, digits: Option<ProbeDigits>, probes: Option<ProbeView>, one: Option<OneDigit>) {
        if let Some(digits) = digits {
            self.digits = digits;
            self.pinned_probe = self.pinned_probe.min(self.digits.labels.len().saturating_sub(1));
            self.news(&[Part::OneDigit, Part::Probes]);
        }
        if let Some(probes) = probes {
            self.favourites = favourites(&probes);
            self.probes = probes;
            self.news(&[Part::Probes]);
        }
        if let Some(one) = one {
            self.one_digit = Some(one);
            self.news(&[Part::OneDigit]);
        }
    }

    pub(super) fn begin_run(&mut self, id: RunId, config: &RunConfig, settings: &Settings, step: u64) {
        self.news_everywhere();
        if let Some(place) = self.runs.iter().position(|run| run.id == id) {
            let mut run = self.runs.remove(place);
            run.truncate(step);
            run.derive_history(config, step);
            run.target = settings.target;
            self.raster.truncate(step);
            self.runs.push(run);
            return;
        }
        self.runs.retain(Run::is_worth_keeping);
        let slot = self.free_slot();
        self.runs.push(Run::new(id, config, settings, step, slot));
        self.raster.clear();
        self.one_digit = None;
        self.probes = ProbeView::default();
        self.favourites.clear();
        self.rates.clear();
        let gates = settings.shape.gates;
        self.pinned_gate = self.pinned_gate.filter(|gate| *gate < gates);
        self.numbers = Numbers { run: id, step, gates, ..Numbers::default() };
    }

    pub(super) fn change(&mut self, id: RunId, change: &Change, settings: &Settings) {
        if let Some(run) = self.runs.iter_mut().find(|run| run.id == id) {
            run.change(change, settings);
            self.news_everywhere();
        }
    }

    pub(super) fn branch(&mut self, from: RunId, id: RunId, change: &Change, settings: &Settings) {
        let slot = self.free_slot();
        let Some(run) = self.runs.iter().find(|run| run.id == from) else { return };
        let branch = run.branch(id, change, settings, slot);
        self.runs.retain(|run| run.id != id);
        self.runs.push(branch);
        self.numbers.run = id;
        self.news_everywhere();
    }

    pub(super) fn name_classes(&mut self, classes: ClassNames) {
        self.classes = classes;
        self.news_everywhere();
    }

    pub(super) fn truncate(&mut self, id: RunId, step: u64) {
        if let Some(run) = self.runs.iter_mut().find(|run| run.id == id) {
            run.truncate(step);
        }
        if self.current().is_some_and(|run| run.id == id) {
            self.raster.truncate(step);
        }
        self.news_everywhere();
    }

    /// Removes the oldest runs until a slot is free; returns that slot.
    fn free_slot(&mut self) -> usize {
        while self.runs.len() >= MOST_RUNS {
            self.runs.remove(0);
        }
        (0..MOST_RUNS).find(|slot| self.runs.iter().all(|run| run.slot != *slot)).unwrap_or_default()
    }

    pub(super) fn show_run(&mut self, id: RunId, visible: bool) {
        self.runs.iter_mut().filter(|run| run.id == id).for_each(|run| run.visible = visible);
        self.news(&[Part::Curves]);
    }

    pub(super) fn remove_run(&mut self, id: RunId) {
        if self.current().is_some_and(|run| run.id != id) {
            self.runs.retain(|run| run.id != id);
        }
        self.news(&[Part::Curves]);
    }

    pub(super) fn pin_probe(&mut self, probe: usize) {
        let probe = probe.min(self.digits.labels.len().saturating_sub(1));
        if probe != self.pinned_probe {
            self.pinned_probe = probe;
            self.one_digit = None;
            if self.raster_of == RasterOf::Pinned {
                self.raster.clear();
            }
            self.news_everywhere();
        }
    }

    pub(super) fn pin_gate(&mut self, gate: Option<usize>) {
        self.pinned_gate = gate.filter(|gate| *gate < self.gates());
        self.news_everywhere();
    }

    pub(super) fn set_raster_of(&mut self, of: RasterOf) {
        if of != self.raster_of {
            self.raster_of = of;
            self.raster.clear();
            self.news(&[Part::Raster]);
        }
    }

    pub(super) fn set_need(&mut self, need: Need, wanted: bool) {
        self.needs.retain(|other| *other != need);
        if wanted {
            self.needs.push(need);
        }
    }

    pub(super) fn set_visible(&mut self, visible: bool) {
        self.visible = visible;
    }

    pub(super) fn listen(&mut self, listener: Callback<Watch>) {
        self.listener = Some(listener);
    }

    pub(super) fn watch(&self) -> Watch {
        let needs = |need: Need| self.needs.contains(&need);
        Watch {
            visible: self.visible,
            raster: needs(Need::Raster).then_some(self.raster_of),
            probes: needs(Need::Probes) || needs(Need::Classes),
            one_digit: needs(Need::OneDigit),
            pinned: self.pinned_probe,
        }
    }

    /// The new watch and its listener, if it differs from the last one sent.
    pub(super) fn watch_news(&mut self) -> Option<(Callback<Watch>, Watch)> {
        let (watch, listener) = (self.watch(), self.listener.clone()?);
        if watch == self.sent {
            return None;
        }
        self.sent = watch.clone();
        Some((listener, watch))
    }

    fn news(&mut self, parts: &[Part]) {
        self.version += 1;
        for part in parts {
            if let Some(version) = self.parts.get_mut(*part as usize) {
                *version = self.version;
            }
        }
    }

    fn news_everywhere(&mut self) {
        self.version += 1;
        self.parts = [self.version; PARTS];
    }

    pub(super) fn ticker(&self) -> &Ticker {
        &self.ticker
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub fn numbers(&self) -> Numbers {
        self.numbers.clone()
    }
}

/// The class for which each gate fires most often; `None` for a gate whose firing probability is below 1 % for every class.
fn favourites(view: &ProbeView) -> Vec<Option<u8>> {
    view.by_class
        .chunks(CLASSES)
        .map(|row| {
            let best = row.iter().enumerate().rev().max_by_key(|(_, p)| **p)?;
            (*best.1 > 2).then_some(best.0 as u8)
        })
        .collect()
}
