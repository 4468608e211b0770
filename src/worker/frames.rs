//! Makes display frames: collects steps and spikes between frames, and evaluates the probes at intervals.

mod spikes;
mod tally;

use self::spikes::Spikes;
use self::tally::{Pace, Tally};
use super::clock;
use crate::protocol::{Evaluation, Frame, Meter, OneDigit, ProbeDigits, ProbeView, RasterOf, Watch};
use gatelab_engine::data::{CLASSES, Dataset};
use gatelab_engine::training::history::Curve;
use gatelab_engine::training::{Probes, StepReport, Trainer, Work};

/// Evaluating the probes takes at most this share of the time, at intervals of at least `LOOK` milliseconds.
const LOOK_SHARE: f64 = 0.02;
const LOOK: f64 = 200.0;

/// Collects data and makes frames.
#[derive(Default)]
pub(super) struct Camera {
    last: f64,
    frame: Frame,
    loss: Curve,
    gate_rate: Curve,
    spikes: Spikes,
    probes: Option<Probes<f32>>,
    sent_digits: bool,
    next_look: f64,
    threshold: f64,
    tally: Tally,
    test: Tally,
    pace: Pace,
    news: bool,
}

impl Camera {
    /// For a new run.
    pub(super) fn reset(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }

    /// Time of the last frame, ms.
    pub(super) fn last_frame(&self) -> f64 {
        self.last
    }

    /// Whether there are steps or evaluations that no frame has shown.
    pub(super) fn has_news(&self) -> bool {
        self.news
    }

    /// Steps begin or resume; the pause before is not part of the measured speed.
    pub(super) fn begin(&mut self, step: u64) {
        self.pace.begin(clock::now(), step);
    }

    /// Recent milliseconds of computing per training step.
    pub(super) fn step_ms(&self) -> f64 {
        self.tally.step_ms()
    }

    /// Requests an evaluation of the probes with the next frame.
    pub(super) fn look_again(&mut self) {
        self.next_look = 0.0;
    }

    /// Whether a frame is needed even without a step, because the page watches other data.
    pub(super) fn wants_a_look(&self, watch: &Watch) -> bool {
        self.next_look == 0.0 && watch.visible && (watch.probes || watch.one_digit)
    }

    /// Adds a step.
    pub(super) fn step(
        &mut self,
        trainer: &mut Trainer<f32>,
        data: &Dataset,
        watch: &Watch,
        report: &StepReport,
        milliseconds: f64,
    ) {
        self.news = true;
        self.loss.push(report.step, report.loss as f32);
        self.gate_rate.push(report.step, report.gate_rate as f32);
        self.tally.add(report.work, trainer.pass().batch() as u64, milliseconds);
        if let Some(of) = watch.raster
            && watch.visible
            && self.spikes.wants(report.step)
        {
            self.spike(trainer, data, of, report.step);
        }
    }

    fn spike(&mut self, trainer: &mut Trainer<f32>, data: &Dataset, of: RasterOf, step: u64) {
        let gates = trainer.settings().shape.gates;
        match of {
            RasterOf::Pinned => {
                if let Some(probes) = lens(&mut self.probes, trainer, data) {
                    probes.spikes(trainer, self.spikes.column(of, step, gates));
                }
            }
            RasterOf::Minibatch => {
                let pass = trainer.pass();
                let share = |gate: usize| (255 * pass.active.rows_of_block(gate).len() / pass.batch().max(1)) as u8;
                self.spikes.column(of, step, gates).extend((0..gates).map(share));
            }
        }
    }

    /// Adds an evaluation.
    pub(super) fn evaluated(&mut self, evaluation: Evaluation, work: Work) {
        self.news = true;
        self.threshold = f64::from(evaluation.threshold);
        self.test = Tally::default();
        self.test.add(work, u64::from(evaluation.examples), 0.0);
        self.frame.evaluations.push(evaluation);
    }

    /// Returns the frame so far and starts a new one.
    pub(super) fn shoot(&mut self, run: u32, trainer: &mut Trainer<f32>, data: &Dataset, watch: &Watch) -> Frame {
        let now = clock::now();
        self.last = now;
        self.news = false;
        let mut frame = std::mem::take(&mut self.frame);
        frame.run = run;
        frame.step = trainer.step_count();
        frame.epoch = trainer.epoch();
        self.pace.mark(now, trainer.step_count());
        let steps_per_second = self.pace.steps_per_second();
        frame.examples_per_second = (steps_per_second * trainer.settings().batch as f64) as f32;
        frame.loss = self.loss.take();
        frame.gate_rate = self.gate_rate.take();
        frame.raster = self.spikes.take(steps_per_second);
        frame.meter = self.meter();
        frame.rates = trainer.rates().to_vec();
        frame.lambda = trainer.lambda() as f32;
        frame.live = trainer.live();
        self.look(now, trainer, data, watch, &mut frame);
        frame
    }

    fn look(&mut self, now: f64, trainer: &mut Trainer<f32>, data: &Dataset, watch: &Watch, frame: &mut Frame) {
        let Some(probes) = lens(&mut self.probes, trainer, data) else { return };
        if !self.sent_digits {
            self.sent_digits = true;
            frame.probe_digits =
                Some(ProbeDigits { labels: probes.labels().to_vec(), pixels: probes.pixels().to_vec() });
        }
        if !watch.visible || now < self.next_look {
            return;
        }
        probes.pin(watch.pinned);
        if watch.probes {
            frame.probes = Some(view(probes, trainer));
        }
        if watch.one_digit {
            let one = probes.one_digit(trainer, self.threshold);
            frame.one_digit = Some(OneDigit {
                gates: one.gates,
                probability: one.probability,
                classes: one.classes,
                contribution: one.contribution,
            });
        }
        let took = clock::now() - now;
        self.next_look = now + (took / LOOK_SHARE).max(LOOK);
    }

    fn meter(&self) -> Meter {
        let (train, test) = (&self.tally, &self.test);
        Meter {
            forward: train.per_example(train.work.forward),
            forward_dense: train.per_example(train.work.forward_dense),
            backward: train.per_example(train.work.backward),
            backward_dense: train.per_example(train.work.backward_dense),
            test: test.per_example(test.work.forward),
            test_dense: test.per_example(test.work.forward_dense),
            step_ms: train.step_ms(),
        }
    }
}

/// The probes of this run, created as soon as their data have arrived.
fn lens<'a>(
    probes: &'a mut Option<Probes<f32>>,
    trainer: &Trainer<f32>,
    data: &Dataset,
) -> Option<&'a mut Probes<f32>> {
    if probes.is_none() && !data.train.is_empty() {
        *probes = Probes::new(trainer, data).ok();
    }
    probes.as_mut()
}

/// P(fires) of each gate for each probe digit, and its mean over the digits of each class.
fn view(probes: &mut Probes<f32>, trainer: &Trainer<f32>) -> ProbeView {
    let labels = probes.labels().to_vec();
    let (gates, count) = (trainer.settings().shape.gates, labels.len());
    let mut probability = vec![0; gates * count];
    let mut sums = vec![0.0; gates * CLASSES];
    let mut of_class = [0.0_f64; CLASSES];
    for &label in &labels {
        of_class[usize::from(label)] += 1.0;
    }
    probes.probabilities(trainer, |gate, probe, p| {
        probability[gate * count + probe] = (255.0 * p).round() as u8;
        sums[gate * CLASSES + usize::from(labels[probe])] += p;
    });
    let mean = |(i, sum): (usize, &f64)| (255.0 * sum / of_class[i % CLASSES].max(1.0)).round() as u8;
    let by_class = sums.iter().enumerate().map(mean).collect();
    ProbeView { gates: gates as u32, probes: count as u32, probability, by_class }
}
