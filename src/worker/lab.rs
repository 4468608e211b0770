//! The laboratory's worker: runs measurements in slices of milliseconds and reports their numbers while they grow.

use std::cell::RefCell;

use js_sys::Array;

use super::{clock, outbox, pulse};
use crate::protocol::{Event, LabCommand, LabEvent};
use gatelab_engine::estimator::{Bias, registry};
use gatelab_engine::lab::{
    GateAnalysis, GradientProbe, LabError, Toy, ToySpec, ToyTraining, TrainingPoint, one_gate, snapshot,
};

/// Milliseconds of work before commands are read again.
const SLICE: f64 = 12.0;
/// Milliseconds between reports of one job.
const REPORT: f64 = 250.0;
/// Most draws of an estimator on a toy.
const TOY_DRAWS: u64 = 200_000;
/// Toy draws between two looks at the clock.
const TOY_PIECE: usize = 256;
/// Most points of the scatter plot.
const SCATTER: usize = 2048;
/// Points of a training curve on a toy.
const CURVE: u64 = 200;
/// Most gates of a toy whose probabilities are reported.
const SHOWN_GATES: usize = 64;

thread_local! {
    static LAB: RefCell<Lab> = RefCell::new(Lab::default());
}

/// The measurements in progress.
#[derive(Default)]
struct Lab {
    probe: Option<ProbeJob>,
    toy: Option<ToyJob>,
    training: Option<TrainingJob>,
}

struct ProbeJob {
    request: u32,
    step: u64,
    epoch: f64,
    probe: GradientProbe,
    scatter: usize,
    reported: f64,
}

struct ToyJob {
    request: u32,
    spec: ToySpec,
    toy: Toy,
    /// Exact means and variances so far, and the ids of the estimators that are still to be analysed, the next one last.
    analyses: Vec<GateAnalysis>,
    pending: Vec<String>,
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
            let job = snapshot::read(&bytes).map_err(|e| e.to_string()).and_then(|snapshot| {
                let probe = GradientProbe::new(&snapshot, &estimators, seed).map_err(|e| e.to_string())?;
                let (step, epoch) = (snapshot.trainer.step_count(), snapshot.epoch);
                Ok(ProbeJob { request, step, epoch, probe, scatter, reported: clock::now() })
            });
            lab.probe = accept(request, job);
        }
        LabCommand::Scatter(which) => {
            if let Some(job) = &mut lab.probe {
                job.scatter = which;
                job.report(false);
            }
        }
        LabCommand::Toy { request, spec } => {
            let toy = Toy::new(&spec).map_err(|e| e.to_string());
            // The first report is due at once, so that a dragged slider responds.
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

/// The job, or `None` after reporting why it is refused.
fn accept<T>(request: u32, job: Result<T, String>) -> Option<T> {
    job.map_err(|message| send(LabEvent::Refused { request, message })).ok()
}

fn send(event: LabEvent) {
    outbox::event(&Event::Lab(event));
}

/// Runs one slice of each job that is not done, and schedules the next turn if there is more to do.
pub(super) fn turn() {
    let again = LAB.with_borrow_mut(|lab| {
        let mut again = false;
        if let Some(job) = &mut lab.probe {
            again |= job.turn();
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

/// Repeats `work` for one slice, or until it returns false. Returns whether there is more, and whether a report is due.
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

impl ProbeJob {
    fn turn(&mut self) -> bool {
        // Done and reported.
        if self.reported.is_infinite() {
            return false;
        }
        let (more, due) = slice(&mut self.reported, || self.probe.advance());
        if due {
            self.report(!more);
        }
        if !more {
            self.reported = f64::INFINITY;
        }
        more
    }

    fn report(&self, done: bool) {
        let error = self.probe.bernoulli().relative_error();
        send(LabEvent::Measured {
            request: self.request,
            step: self.step,
            epoch: self.epoch,
            rows: self.probe.rows(),
            reference_error: error.is_finite().then_some(error),
            scatter: self.probe.scatter(self.scatter, SCATTER),
            scatter_of: self.scatter,
            done,
        });
    }
}

impl ToyJob {
    fn new(request: u32, spec: ToySpec, toy: Toy) -> Self {
        // Taken from the end, biased estimators first: they are quick, and their estimate of the area is not known otherwise.
        let mut pending = if spec.p.len() == 1 { spec.estimators.clone() } else { Vec::new() };
        pending.reverse();
        pending.sort_by_key(|id| registry::record(id).is_some_and(|record| record.bias == Bias::Biased));
        Self { request, spec, toy, analyses: Vec::new(), pending, draws: 0, reported: 0.0 }
    }

    fn turn(&mut self) -> bool {
        if self.reported.is_infinite() {
            return false;
        }
        let complete = self.pending.is_empty();
        if let Err(error) = self.analyse() {
            send(LabEvent::Refused { request: self.request, message: error.to_string() });
            self.reported = f64::INFINITY;
            return false;
        }
        let Self { toy, draws, .. } = self;
        let (more, due) = slice(&mut self.reported, || {
            toy.sample(TOY_PIECE);
            *draws += TOY_PIECE as u64;
            *draws < TOY_DRAWS
        });
        let more = more || !self.pending.is_empty();
        if due || (!complete && self.pending.is_empty()) {
            let view = one_gate::view(&self.spec, &self.toy, self.analyses.clone());
            let request = self.request;
            send(match view {
                Ok(view) => LabEvent::Toy { request, view, done: !more },
                Err(error) => LabEvent::Refused { request, message: error.to_string() },
            });
        }
        if !more {
            self.reported = f64::INFINITY;
        }
        more
    }

    /// Analyses pending estimators for one slice.
    fn analyse(&mut self) -> Result<(), LabError> {
        let began = clock::now();
        while clock::now() - began < SLICE {
            let Some(id) = self.pending.pop() else { break };
            self.analyses.push(one_gate::analyse(&self.spec, &id)?);
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
            send(LabEvent::TrainedToy { request: self.request, points: self.points.clone(), p, done: !more });
        }
        if !more {
            self.reported = f64::INFINITY;
        }
        more
    }
}
