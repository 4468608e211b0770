//! The laboratory in a worker of its own: measures in slices, and tells what it has while the numbers grow.

use std::cell::RefCell;

use js_sys::Array;

use super::{clock, outbox, pulse};
use crate::lab::{Microscope, Toy, ToySpec, ToyTraining, TrainingPoint, area, specimen};
use crate::protocol::{Event, LabCommand, LabEvent};

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
            lab.toy = accept(request, toy.map(|toy| ToyJob { request, spec, toy, draws: 0, reported: 0.0 }));
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
            done,
        });
    }
}

impl ToyJob {
    fn turn(&mut self) -> bool {
        if self.reported.is_infinite() {
            return false;
        }
        let Self { toy, draws, .. } = self;
        let (more, due) = slice(&mut self.reported, || {
            toy.sample(TOY_PIECE);
            *draws += TOY_PIECE as u64;
            *draws < TOY_DRAWS
        });
        if due {
            match area::view(&self.spec, &self.toy) {
                Ok(view) => tell(LabEvent::Toy { request: self.request, view, done: !more }),
                Err(error) => tell(LabEvent::Refused { request: self.request, message: error.to_string() }),
            }
        }
        if !more {
            self.reported = f64::INFINITY;
        }
        more
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
