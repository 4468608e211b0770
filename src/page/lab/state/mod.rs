//! State and reducer of the laboratory, pure: messages in, effects out.
//!
//! Two panels share one list of ticked estimators: [`Probe`], the gradient probe on a snapshot of the run, and [`Gate`], one gate
//! on a toy loss. Requests to the worker are numbered; an answer to an older request is dropped.

mod gate;
mod message;
mod probe;
#[cfg(test)]
mod tests;
mod toy;

use std::rc::Rc;

pub use gate::{Gate, STEPS, Trained};
pub use message::{Clock, LabEffect, LabMsg, Train};
pub use probe::{Column, HistoryPoint, Measured, Metric, Probe, noise};
pub use toy::{MOST_GATES, Spelling, Toy, ToyEdit};

use crate::protocol::{LabCommand, LabEvent};
use gatelab_engine::estimator::registry;

/// Number of digits in a snapshot.
pub const DIGITS: usize = 32;

/// Estimators that are ticked at the start.
const TICKED_AT_START: [&str; 8] = ["reinforce", "reinforce-mean", "st-sigmoid", "st", "sts", "rloo", "disarm", "reinmax"];

/// State of the laboratory.
#[derive(Clone, Debug)]
pub struct Lab {
    /// Ids of the estimators compared, in the order of the registry.
    pub ticked: Rc<Vec<&'static str>>,
    /// Whether the run's gater learns from a reward.
    pub reward: bool,
    /// Why there is no worker.
    pub failed: Option<String>,
    /// The panel of the gradient probe.
    pub probe: Rc<Probe>,
    /// The panel of one gate.
    pub gate: Rc<Gate>,
    /// Number of the last request.
    asked: u32,
}

impl Default for Lab {
    fn default() -> Self {
        let ticked = registry::ids().into_iter().filter(|id| TICKED_AT_START.contains(id)).collect();
        Self {
            ticked: Rc::new(ticked),
            reward: false,
            failed: None,
            probe: Rc::default(),
            gate: Rc::default(),
            asked: 0,
        }
    }
}

impl Lab {
    /// Updates the state with a message; returns the effects to perform.
    pub fn update(&mut self, msg: LabMsg) -> Vec<LabEffect> {
        match msg {
            LabMsg::Opened => self.opened(),
            LabMsg::Closed => {
                self.probe_mut().close();
                self.gate_mut().close();
                Vec::new()
            }
            LabMsg::Failed(why) => {
                self.probe_mut().close();
                self.gate_mut().close();
                self.failed = Some(why);
                Vec::new()
            }
            LabMsg::Again => {
                let mut effects = vec![LabEffect::Respawn];
                effects.extend(self.opened());
                effects
            }
            LabMsg::Event(event) => self.event(event),
            LabMsg::Tick(id) => self.tick(id),
            LabMsg::Reward(reward) => {
                let changed = std::mem::replace(&mut self.reward, reward) != reward;
                if changed && self.probe.frozen.is_some() { self.examine() } else { Vec::new() }
            }
            LabMsg::Snapshot(now) => {
                if self.probe_mut().arrived(now) {
                    self.examine()
                } else {
                    Vec::new()
                }
            }
            LabMsg::Look => self.probe_mut().freeze(),
            LabMsg::Follow(follow) => {
                self.probe_mut().follow = follow;
                Vec::new()
            }
            LabMsg::Clock(clock) => self.clock(clock),
            LabMsg::EqualCost(on) => {
                self.probe_mut().equal_cost = on;
                Vec::new()
            }
            LabMsg::Sort(column) => {
                self.probe_mut().sort_by(column);
                Vec::new()
            }
            LabMsg::Show(id) => self.probe_mut().show(id),
            LabMsg::Plot(metric) => {
                self.probe_mut().metric = metric;
                Vec::new()
            }
            LabMsg::Point(id) => {
                self.gate_mut().explained = Some(id);
                Vec::new()
            }
            LabMsg::Toy(edit) => {
                self.gate_mut().edit(edit);
                self.measure()
            }
            LabMsg::Train(edit) => self.train(edit),
            LabMsg::Frame(ms) => {
                self.gate_mut().reveal(ms);
                Vec::new()
            }
        }
    }

    /// Ticked ids that can be measured on the run: with a reward, those that need no gate gradients.
    pub fn measurable(&self) -> Vec<&'static str> {
        self.ticked.iter().copied().filter(|id| !self.reward || only_losses(id)).collect()
    }

    fn probe_mut(&mut self) -> &mut Probe {
        Rc::make_mut(&mut self.probe)
    }

    fn gate_mut(&mut self) -> &mut Gate {
        Rc::make_mut(&mut self.gate)
    }

    fn number(&mut self) -> u32 {
        self.asked += 1;
        self.asked
    }

    fn opened(&mut self) -> Vec<LabEffect> {
        self.failed = None;
        self.probe_mut().close();
        self.gate_mut().close();
        self.measure()
    }

    fn tick(&mut self, id: &'static str) -> Vec<LabEffect> {
        let mut all: Vec<&'static str> = self.ticked.to_vec();
        if let Some(place) = all.iter().position(|other| *other == id) {
            all.remove(place);
        } else {
            all.push(id);
            let order = registry::ids();
            all.sort_by_key(|id| order.iter().position(|other| other == id));
        }
        self.ticked = Rc::new(all);
        let mut effects = if self.probe.frozen.is_some() { self.examine() } else { Vec::new() };
        effects.extend(self.measure());
        effects
    }

    fn clock(&mut self, clock: Clock) -> Vec<LabEffect> {
        if self.failed.is_some() { Vec::new() } else { self.probe_mut().clock(clock) }
    }

    /// Requests measurements on the newest snapshot.
    fn examine(&mut self) -> Vec<LabEffect> {
        let ids = self.measurable();
        let request = self.number();
        let probe = self.probe_mut();
        let shown = probe.ask(request, &ids);
        let estimators = ids.iter().map(|id| (*id).to_owned()).collect();
        let command = LabCommand::Examine { request, estimators, scatter: shown, seed: u64::from(request) };
        vec![LabEffect::Examine(command)]
    }

    /// Requests measurements of the present gate, now or after the answer to the pending request.
    fn measure(&mut self) -> Vec<LabEffect> {
        if self.gate.is_waiting() {
            self.gate_mut().again = true;
            return Vec::new();
        }
        let request = self.number();
        let ticked = self.ticked.clone();
        let spec = self.gate_mut().ask(request, &ticked);
        vec![LabEffect::Send(LabCommand::Toy { request, spec })]
    }

    fn train(&mut self, edit: Train) -> Vec<LabEffect> {
        let begin = self.gate_mut().train(edit);
        if !begin {
            return Vec::new();
        }
        let request = self.number();
        vec![LabEffect::Send(self.gate_mut().begin(request))]
    }

    fn event(&mut self, event: LabEvent) -> Vec<LabEffect> {
        match event {
            LabEvent::Measured { request, step, epoch, rows, reference_error, scatter, scatter_of, done } => {
                let measured =
                    Measured { step, epoch, rows, reference_error, scatter: Vec::new(), scatter_of: None, done };
                self.probe_mut().measured(request, measured, scatter, scatter_of);
                Vec::new()
            }
            LabEvent::Toy { request, view, done } => {
                let fresh = self.gate_mut().measured(request, view, done);
                if fresh && self.gate.again { self.measure() } else { Vec::new() }
            }
            LabEvent::TrainedToy { request, points, p, done } => {
                self.gate_mut().trained(request, points, p, done);
                Vec::new()
            }
            LabEvent::Refused { request, message } => {
                self.probe_mut().refused(request, &message);
                let fresh = self.gate_mut().refused(request, &message);
                if fresh && self.gate.again { self.measure() } else { Vec::new() }
            }
        }
    }
}

/// Whether an estimator needs values of the loss only.
pub fn only_losses(id: &str) -> bool {
    registry::record(id).is_some_and(|record| record.needs.only_losses())
}
