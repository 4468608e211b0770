//! The laboratory in a worker of its own: measures in slices, and tells what it has while the numbers grow.

use std::cell::RefCell;

use js_sys::Array;

use super::{clock, outbox, pulse};
use crate::protocol::{Event, LabCommand, LabEvent};
use gatelab_engine::estimator::{Bias, registry};
use gatelab_engine::lab::{Guess, LabError, Microscope, Toy, ToySpec, ToyTraining, TrainingPoint, area, specimen};

/// Milliseconds of computing between looks at the inbox.
const SLICE: f64 = 12.0;
/// Milliseconds between reports of one job.
const REPORT: f64 = 250.0;
/// A toy is measured no further than this.
const TOY_DRAWS: u64 = 200_000;
/// Toy draws in one go.
const TOY_PIECE: usize = 256;
/// Points of a scatter.
const SCATTER: usize = 2048;
/// Points of a curve of learning on a toy.
const CURVE: u64 = 200;
/// Gates of a toy whose probabilities are told one by one.
const SHOWN_GATES: usize = 64;

thread_local! {
    static LAB: RefCell<Lab> = RefCell::new(Lab::default());
}

/// What is being measured.
#[derive(Default)]
struct Lab {
    examined: Option<Examined>,
    toy: Option<ToyJob>,
    training: Option<TrainingJob>,
}

struct Examined {
    request: u32,
    step: u64,
    epoch: f64,
    scope: Microscope,
    scatter: usize,
    reported: f64,
}

struct ToyJob {
    request: u32,
    spec: ToySpec,
    toy: Toy,
    /// Exact means and variances, as they become known, and the ids of those that are still to come.
    guesses: Vec<Guess>,
    unknown: Vec<String>,
    draws: u64,
    reported: f64,
}

struct TrainingJob {
    request: u32,
    training: ToyTraining,
    points: Vec<TrainingPoint>,
    steps: u64,
    reported: f64,
}

/// Carries out a command.
pub(super) fn obey(command: LabCommand, attachments: &Array) {
    LAB.with_borrow_mut(|lab| match command {
        LabCommand::Examine { request, estimators, scatter, seed } => {
            let bytes = js_sys::Uint8Array::new(&attachments.get(0)).to_vec();
            let examined = specimen::thaw(&bytes).map_err(|e| e.to_string()).and_then(|specimen| {
                let scope = Microscope::new(&specimen, &estimators, seed).map_err(|e| e.to_string())?;
                let (step, epoch) = (specimen.trainer.step_count(), specimen.epoch);
                Ok(Examined { request, step, epoch, scope, scatter, reported: clock::now() })
            });
            lab.examined = accept(request, examined);
        }
        LabCommand::Scatter(which) => {
            if let Some(examined) = &mut lab.examined {
                examined.scatter = which;
                examined.report(false);
            }
        }
        LabCommand::Toy { request, spec } => {
            let toy = Toy::new(&spec).map_err(|e| e.to_string());
            // The first report comes at once: somebody is dragging a slider.
            lab.toy = accept(request, toy.map(|toy| ToyJob::new(request, spec, toy)));
        }
        LabCommand::TrainToy { request, spec, method, rate, batch, steps } => {
            let training = ToyTraining::new(&spec, method, rate, batch).map_err(|e| e.to_string());
            let job = training.map(|training| {
                let points = vec![training.point()];
                TrainingJob { request, training, points, steps, reported: clock::now() }
            });
            lab.training = accept(request, job);
        }
        LabCommand::Rest => *lab = Lab::default(),
    });
}

fn accept<T>(request: u32, job: Result<T, String>) -> Option<T> {
    job.map_err(|message| tell(LabEvent::Refused { request, message })).ok()
}

fn tell(event: LabEvent) {
    outbox::event(&Event::Lab(event));
}

/// A turn: a slice for each job that isn't done; true if there is more to do.
pub(super) fn turn() {
    let again = LAB.with_borrow_mut(|lab| {
        let mut again = false;
        if let Some(examined) = &mut lab.examined {
            again |= examined.turn();
        }
        if let Some(job) = &mut lab.toy {
            again |= job.turn();
        }
        if let Some(job) = &mut lab.training {
            again |= job.turn();
        }
        again
    });
    if again {
        pulse::soon();
    }
}

/// Works for a slice; says whether there is more, and whether a report is due.
fn slice(reported: &mut f64, mut work: impl FnMut() -> bool) -> (bool, bool) {
    let began = clock::now();
    let mut more = true;
    while more && clock::now() - began < SLICE {
        more = work();
    }
    let now = clock::now();
    let due = !more || now - *reported >= REPORT;
    if due {
        *reported = now;
    }
    (more, due)
}

impl Examined {
    fn turn(&mut self) -> bool {
        // Finished and told: nothing more until the next command.
        if self.reported.is_infinite() {
            return false;
        }
        let (more, due) = slice(&mut self.reported, || self.scope.advance());
        if due {
            self.report(!more);
        }
        if !more {
            self.reported = f64::INFINITY;
        }
        more
    }

    fn report(&self, done: bool) {
        let error = self.scope.bernoulli().relative_error();
        tell(LabEvent::Measured {
            request: self.request,
            step: self.step,
            epoch: self.epoch,
            rows: self.scope.rows(),
            reference_error: error.is_finite().then_some(error),
            scatter: self.scope.scatter(self.scatter, SCATTER),
            scatter_of: self.scatter,
            done,
        });
    }
}

impl ToyJob {
    fn new(request: u32, spec: ToySpec, toy: Toy) -> Self {
        // Taken from the end: biased ones first, since they are quick and it is they whose guess is to be seen.
        let mut unknown = if spec.p.len() == 1 { spec.estimators.clone() } else { Vec::new() };
        unknown.reverse();
        unknown.sort_by_key(|id| registry::record(id).is_some_and(|record| record.bias == Bias::Biased));
        Self { request, spec, toy, guesses: Vec::new(), unknown, draws: 0, reported: 0.0 }
    }

    fn turn(&mut self) -> bool {
        if self.reported.is_infinite() {
            return false;
        }
        let complete = self.unknown.is_empty();
        if let Err(error) = self.guess() {
            tell(LabEvent::Refused { request: self.request, message: error.to_string() });
            self.reported = f64::INFINITY;
            return false;
        }
        let Self { toy, draws, .. } = self;
        let (more, due) = slice(&mut self.reported, || {
            toy.sample(TOY_PIECE);
            *draws += TOY_PIECE as u64;
            *draws < TOY_DRAWS
        });
        let more = more || !self.unknown.is_empty();
        if due || (!complete && self.unknown.is_empty()) {
            let view = area::view(&self.spec, &self.toy, self.guesses.clone());
            tell(LabEvent::Toy { request: self.request, view, done: !more });
        }
        if !more {
            self.reported = f64::INFINITY;
        }
        more
    }

    /// Looks for unknown guesses, for a slice.
    fn guess(&mut self) -> Result<(), LabError> {
        let began = clock::now();
        while clock::now() - began < SLICE {
            let Some(id) = self.unknown.pop() else { break };
            self.guesses.push(area::guess(&self.spec, &id)?);
        }
        Ok(())
    }
}

impl TrainingJob {
    fn turn(&mut self) -> bool {
        if self.reported.is_infinite() {
            return false;
        }
        let every = (self.steps / CURVE).max(1);
        let Self { training, points, steps, .. } = self;
        let (more, due) = slice(&mut self.reported, || {
            let mut step = points.last().map_or(0, |point| point.step);
            let until = (step + every).min(*steps);
            while step < until {
                training.step();
                step += 1;
            }
            points.push(training.point());
            step < *steps
        });
        if due {
            let mut p = self.training.probabilities();
            p.truncate(SHOWN_GATES);
            tell(LabEvent::TrainedToy { request: self.request, points: self.points.clone(), p, done: !more });
        }
        if !more {
            self.reported = f64::INFINITY;
        }
        more
    }
}
