//! What a display frame shows: collects steps and spikes between frames, and looks at the probes when it is time.

use std::collections::VecDeque;

use super::clock;
use crate::data::Dataset;
use crate::protocol::{
    Evaluation, Frame, Meter, OneDigit, ProbeDigits, ProbeView, RasterColumns, RasterOf, StepPoint, Watch,
};
use crate::training::{Probes, StepReport, Trainer, Work};

/// Columns of the raster: older ones are off the picture.
const COLUMNS: usize = 320;
/// Curve points kept while the page is hidden.
const HIDDEN_POINTS: usize = 100_000;
/// A look at the probes may take this share of the time, and is never sooner than `LOOK` milliseconds after the last.
const LOOK_SHARE: f64 = 0.05;
const LOOK: f64 = 200.0;

/// Work over the last steps.
#[derive(Clone, Copy, Default)]
struct Tally {
    work: Work,
    examples: u64,
    steps: u64,
    milliseconds: f64,
}

impl Tally {
    /// Steps after which the older half counts half: the meter follows a switch of estimator within a second.
    const MEMORY: u64 = 100;

    fn add(&mut self, work: Work, examples: u64, milliseconds: f64) {
        if self.steps > Self::MEMORY {
            let Work { forward, forward_dense, backward, backward_dense } = &mut self.work;
            for sum in [forward, forward_dense, backward, backward_dense, &mut self.examples, &mut self.steps] {
                *sum /= 2;
            }
            self.milliseconds /= 2.0;
        }
        self.work += work;
        self.examples += examples;
        self.steps += 1;
        self.milliseconds += milliseconds;
    }

    fn per_example(&self, sum: u64) -> f64 {
        sum as f64 / self.examples.max(1) as f64
    }
}

/// Collects and shoots frames.
#[derive(Default)]
pub(super) struct Camera {
    last: f64,
    frame: Frame,
    probes: Option<Probes<f32>>,
    sent_digits: bool,
    next_look: f64,
    threshold: f64,
    raster: Option<RasterOf>,
    tally: Tally,
    test: Tally,
    /// Times and step counts of the last second.
    pace: VecDeque<(f64, u64)>,
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

    /// Whether steps or evaluations wait to be shown.
    pub(super) fn has_news(&self) -> bool {
        self.news
    }

    /// Something changed that the probes should answer anew.
    pub(super) fn look_again(&mut self) {
        self.next_look = 0.0;
    }

    /// Whether the page looks at something new, so that it should be answered even without a step.
    pub(super) fn wants_a_look(&self, watch: &Watch) -> bool {
        self.next_look == 0.0 && watch.visible && (watch.probes || watch.one_digit)
    }

    /// Takes in a step.
    pub(super) fn step(
        &mut self,
        trainer: &mut Trainer<f32>,
        data: &Dataset,
        watch: &Watch,
        report: &StepReport,
        milliseconds: f64,
    ) {
        self.news = true;
        let point = StepPoint { step: report.step, loss: report.loss as f32, gate_rate: report.gate_rate as f32 };
        self.frame.points.push(point);
        if self.frame.points.len() > HIDDEN_POINTS {
            self.frame.points.remove(0);
        }
        self.tally.add(report.work, trainer.pass().batch() as u64, milliseconds);
        if watch.visible && watch.raster.is_some() {
            self.spikes(trainer, data, watch, report.step);
        }
    }

    fn spikes(&mut self, trainer: &mut Trainer<f32>, data: &Dataset, watch: &Watch, step: u64) {
        let gates = trainer.settings().shape.gates;
        if self.raster != watch.raster {
            self.raster = watch.raster;
            self.frame.raster = None;
        }
        let columns = self.frame.raster.get_or_insert_with(|| RasterColumns {
            first_step: step,
            gates: gates as u32,
            spikes: Vec::new(),
        });
        if watch.raster == Some(RasterOf::Pinned) {
            if let Some(probes) = lens(&mut self.probes, trainer, data) {
                probes.spikes(trainer, &mut columns.spikes);
            }
        } else {
            let batch = trainer.pass().batch();
            let share = |open: usize| (255 * open / batch.max(1)) as u8;
            let open_of = |j: usize| trainer.pass().draw.gates.column(j).iter().filter(|g| **g != 0.0).count();
            columns.spikes.extend((0..gates).map(|j| share(open_of(j))));
        }
        if columns.spikes.len() > 2 * COLUMNS * gates {
            let extra = columns.spikes.len() / gates - COLUMNS;
            columns.spikes.drain(..extra * gates);
            columns.first_step += extra as u64;
        }
    }

    /// Takes in an evaluation.
    pub(super) fn evaluated(&mut self, evaluation: Evaluation, work: Work) {
        self.news = true;
        self.threshold = f64::from(evaluation.threshold);
        self.test = Tally { work, examples: u64::from(evaluation.examples), ..Tally::default() };
        self.frame.evaluations.push(evaluation);
    }

    /// The frame so far; collecting begins anew.
    pub(super) fn shoot(&mut self, run: u32, trainer: &mut Trainer<f32>, data: &Dataset, watch: &Watch) -> Frame {
        let now = clock::now();
        self.last = now;
        self.news = false;
        let mut frame = std::mem::take(&mut self.frame);
        frame.run = run;
        frame.step = trainer.step_count();
        frame.epoch = trainer.epoch();
        frame.examples_per_second = self.pace(now, trainer);
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

    /// Examples a second over the last second.
    fn pace(&mut self, now: f64, trainer: &Trainer<f32>) -> f32 {
        let step = trainer.step_count();
        self.pace.push_back((now, step));
        while self.pace.len() > 2 && self.pace.front().is_some_and(|(time, _)| now - time > 1000.0) {
            self.pace.pop_front();
        }
        match (self.pace.front(), self.pace.back()) {
            (Some((from, first)), Some((to, last))) if to > from => {
                let examples = last.saturating_sub(*first) * trainer.settings().batch as u64;
                (examples as f64 / (to - from) * 1000.0) as f32
            }
            _ => 0.0,
        }
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
            step_ms: train.milliseconds / train.steps.max(1) as f64,
        }
    }
}

/// The probes of this run, made as soon as there is data for them.
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

/// Each gate's answer to each probe digit, and its mean over the digits of each class.
fn view(probes: &mut Probes<f32>, trainer: &Trainer<f32>) -> ProbeView {
    let labels = probes.labels().to_vec();
    let (gates, count) = (trainer.settings().shape.gates, labels.len());
    let mut probability = vec![0; gates * count];
    let mut sums = vec![0.0; gates * 10];
    let mut of_class = [0.0_f64; 10];
    for &label in &labels {
        of_class[usize::from(label)] += 1.0;
    }
    probes.probabilities(trainer, |gate, probe, p| {
        probability[gate * count + probe] = (255.0 * p).round() as u8;
        sums[gate * 10 + usize::from(labels[probe])] += p;
    });
    let mean = |(i, sum): (usize, &f64)| (255.0 * sum / of_class[i % 10].max(1.0)).round() as u8;
    let by_class = sums.iter().enumerate().map(mean).collect();
    ProbeView { gates: gates as u32, probes: count as u32, probability, by_class }
}
