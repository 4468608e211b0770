//! What the laboratory knows, and how it changes: pure, like the page's own state, and tested like it.
//!
//! Two instruments share one list of ticked estimators: [`Scope`], the microscope over a frozen copy of the run, and [`Gate`],
//! one gate on a loss of one's own. Requests to the worker carry rising numbers; what answers an older one is dropped.

mod gate;
mod message;
mod scope;
#[cfg(test)]
mod tests;
mod toy;

use std::rc::Rc;

pub use gate::{Gate, STEPS, Trained};
pub use message::{Clock, LabEffect, LabMsg, Train};
pub use scope::{Column, Measured, Metric, Scope, Shot, noise};
pub use toy::{MOST_GATES, Spelling, Toy, Wish};

use crate::protocol::{LabCommand, LabEvent};
use gatelab_engine::estimator::registry;

/// Digits that are frozen with the network.
pub const DIGITS: usize = 32;

/// Ticked at first, as far as the registry has them.
const AT_FIRST: [&str; 8] = ["reinforce", "reinforce-mean", "st-sigmoid", "st", "sts", "rloo", "disarm", "reinmax"];

/// What the laboratory knows.
#[derive(Clone, Debug)]
pub struct Lab {
    /// Ids of the estimators compared, in the order of the registry.
    pub ticked: Rc<Vec<&'static str>>,
    /// Whether the run's gater is told a reward.
    pub reward: bool,
    /// Why there is no worker.
    pub failed: Option<String>,
    /// The microscope.
    pub scope: Rc<Scope>,
    /// One gate.
    pub gate: Rc<Gate>,
    /// Number of the last request.
    asked: u32,
}

impl Default for Lab {
    fn default() -> Self {
        let ticked = registry::ids().into_iter().filter(|id| AT_FIRST.contains(id)).collect();
        Self {
            ticked: Rc::new(ticked),
            reward: false,
            failed: None,
            scope: Rc::default(),
            gate: Rc::default(),
            asked: 0,
        }
    }
}

impl Lab {
    /// Takes a message in; answers what is to be done outside.
    pub fn update(&mut self, msg: LabMsg) -> Vec<LabEffect> {
        match msg {
            LabMsg::Opened => self.opened(),
            LabMsg::Closed => {
                self.scope_mut().close();
                self.gate_mut().close();
                Vec::new()
            }
            LabMsg::Failed(why) => {
                self.scope_mut().close();
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
                if changed && self.scope.frozen.is_some() { self.examine() } else { Vec::new() }
            }
            LabMsg::Specimen(now) => {
                if self.scope_mut().arrived(now) {
                    self.examine()
                } else {
                    Vec::new()
                }
            }
            LabMsg::Look => self.scope_mut().freeze(),
            LabMsg::Follow(follow) => {
                self.scope_mut().follow = follow;
                Vec::new()
            }
            LabMsg::Clock(clock) => self.clock(clock),
            LabMsg::EqualCost(on) => {
                self.scope_mut().equal_cost = on;
                Vec::new()
            }
            LabMsg::Sort(column) => {
                self.scope_mut().sort_by(column);
                Vec::new()
            }
            LabMsg::Show(id) => self.scope_mut().show(id),
            LabMsg::Plot(metric) => {
                self.scope_mut().metric = metric;
                Vec::new()
            }
            LabMsg::Point(id) => {
                self.gate_mut().explained = Some(id);
                Vec::new()
            }
            LabMsg::Toy(wish) => {
                self.gate_mut().wish(wish);
                self.measure()
            }
            LabMsg::Train(wish) => self.train(wish),
            LabMsg::Frame(ms) => {
                self.gate_mut().reveal(ms);
                Vec::new()
            }
        }
    }

    /// Ids that can be measured on the run: with a reward, only those that need no slope.
    pub fn measurable(&self) -> Vec<&'static str> {
        self.ticked.iter().copied().filter(|id| !self.reward || only_losses(id)).collect()
    }

    fn scope_mut(&mut self) -> &mut Scope {
        Rc::make_mut(&mut self.scope)
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
        self.scope_mut().close();
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
        let mut effects = if self.scope.frozen.is_some() { self.examine() } else { Vec::new() };
        effects.extend(self.measure());
        effects
    }

    fn clock(&mut self, clock: Clock) -> Vec<LabEffect> {
        if self.failed.is_some() { Vec::new() } else { self.scope_mut().clock(clock) }
    }

    /// Puts the newest specimen under the microscope.
    fn examine(&mut self) -> Vec<LabEffect> {
        let ids = self.measurable();
        let request = self.number();
        let scope = self.scope_mut();
        let shown = scope.ask(request, &ids);
        let estimators = ids.iter().map(|id| (*id).to_owned()).collect();
        let command = LabCommand::Examine { request, estimators, scatter: shown, seed: u64::from(request) };
        vec![LabEffect::Examine(command)]
    }

    /// Measures the gate as it is now, or once the answer to the last request has come.
    fn measure(&mut self) -> Vec<LabEffect> {
        if self.gate.waits() {
            self.gate_mut().again = true;
            return Vec::new();
        }
        let request = self.number();
        let ticked = self.ticked.clone();
        let spec = self.gate_mut().ask(request, &ticked);
        vec![LabEffect::Send(LabCommand::Toy { request, spec })]
    }

    fn train(&mut self, wish: Train) -> Vec<LabEffect> {
        let begin = self.gate_mut().train(wish);
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
                self.scope_mut().measured(request, measured, scatter, scatter_of);
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
                self.scope_mut().refused(request, &message);
                let fresh = self.gate_mut().refused(request, &message);
                if fresh && self.gate.again { self.measure() } else { Vec::new() }
            }
        }
    }
}

/// Whether an estimator needs nothing but values of the loss.
pub fn only_losses(id: &str) -> bool {
    registry::record(id).is_some_and(|record| record.needs.only_losses())
}
