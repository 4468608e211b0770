//! `gatelab train`: epochs of training with a progress bar, JSON and CSV out, checkpoints, resume.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use gatelab_engine::data::{Dataset, Split};
use gatelab_engine::schema::{Preset, RunConfig, Value};
use gatelab_engine::training::{Evaluator, StepReport, Trainer, Work, checkpoint, settings::lookup};

use super::Failure;
use super::report::{Epoch, Macs, Report, line, percent};
use super::source::Source;

/// Arguments of `train`.
#[derive(clap::Args)]
pub(super) struct Train {
    /// Network sizes.
    #[arg(long, default_value = "classroom", value_parser = preset_parser())]
    preset: Preset,
    /// Estimator, an id of `gatelab list`.
    #[arg(long, value_name = "ID", default_value = "st")]
    estimator: String,
    /// Epochs to train, including those before a resume.
    #[arg(long, default_value_t = 5)]
    epochs: u64,
    /// Seed of weights, order and draws.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Value of a setting, such as lr=0.05; can be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    source: Source,
    /// Write a report of the run as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write one row per step as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write a checkpoint after every epoch.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Continue from a checkpoint; its configuration replaces preset, estimator, seed and settings.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// No progress bar, no summary.
    #[arg(long, short)]
    quiet: bool,
}

/// Sums over an epoch.
#[derive(Default)]
struct Sums {
    steps: u64,
    loss: f64,
    gate_rate: f64,
    work: Work,
}

impl Sums {
    fn add(&mut self, report: &StepReport) {
        self.steps += 1;
        self.loss += report.loss;
        self.gate_rate += report.gate_rate;
        self.work += report.work;
    }

    fn mean(&self, sum: f64) -> f64 {
        sum / self.steps.max(1) as f64
    }
}

impl Train {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let data = self.source.load()?;
        let trainer = self.trainer(&data)?;
        let bar = self.bar(&trainer, self.epochs * steps_per_epoch(&trainer, &data));
        let mut job = Job {
            epochs: self.epochs,
            csv: self.csv.as_deref().map(Csv::create).transpose()?,
            checkpoint: self.checkpoint.clone(),
            bar: bar.clone(),
            verbose: !self.quiet,
        };
        let report = job.run(trainer, &data)?;
        bar.finish_and_clear();
        if let Some(file) = &self.json {
            write_whole(file, &serde_json::to_vec_pretty(&report)?)?;
        }
        Ok(())
    }

    fn trainer(&self, data: &Dataset) -> Result<Trainer<f32>, Failure> {
        if let Some(file) = &self.resume {
            let restored = checkpoint::read(&read_file(file)?)?;
            data.check_digest(restored.data).map_err(|e| format!("{e} (--data DIR)"))?;
            return Ok(restored.trainer);
        }
        Ok(Trainer::new(RunConfig {
            preset: self.preset,
            estimator: self.estimator.clone(),
            seed: self.seed,
            data: Source::choice(data),
            overrides: overrides(&self.set)?,
            ..RunConfig::default()
        })?)
    }

    fn bar(&self, trainer: &Trainer<f32>, steps: u64) -> ProgressBar {
        if self.quiet {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(steps).with_prefix(trainer.settings().estimator.clone());
        let template = "{prefix} [{bar:32}] {pos}/{len} steps, {per_sec}, {msg}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        }
        bar.set_position(trainer.step_count());
        bar
    }
}

/// Settings from `--set KEY=VALUE` arguments.
pub(super) fn overrides(set: &[String]) -> Result<BTreeMap<String, Value>, Failure> {
    let mut overrides = BTreeMap::new();
    for text in set {
        let (key, value) =
            text.split_once('=').ok_or_else(|| format!("--set {text}: expected KEY=VALUE, such as lr=0.05"))?;
        overrides.insert(key.to_owned(), lookup::parse(key, value)?);
    }
    Ok(overrides)
}

/// A run from its start, silently.
pub(super) fn run_quietly(config: RunConfig, data: &Dataset, epochs: u64) -> Result<Report, Failure> {
    let bar = ProgressBar::hidden();
    Job { epochs, csv: None, checkpoint: None, bar, verbose: false }.run(Trainer::new(config)?, data)
}

fn steps_per_epoch(trainer: &Trainer<f32>, data: &Dataset) -> u64 {
    (data.train.planned() / trainer.settings().batch).max(1) as u64
}

/// A run of some epochs, with its CSV, checkpoints and progress bar.
struct Job {
    epochs: u64,
    csv: Option<Csv>,
    checkpoint: Option<PathBuf>,
    bar: ProgressBar,
    verbose: bool,
}

impl Job {
    fn run(&mut self, mut trainer: Trainer<f32>, data: &Dataset) -> Result<Report, Failure> {
        let per_epoch = steps_per_epoch(&trainer, data);
        let (mut epochs, mut total, mut last) = (Vec::new(), Sums::default(), Sums::default());
        let mut seconds = 0.0;
        while trainer.step_count() < self.epochs * per_epoch {
            let started = Instant::now();
            let until = (trainer.step_count() / per_epoch + 1) * per_epoch;
            last = self.epoch(&mut trainer, data, until)?;
            seconds += started.elapsed().as_secs_f64();
            epochs.push(self.end_epoch(&mut trainer, data, &last, until / per_epoch)?);
            total.steps += last.steps;
            total.work += last.work;
        }
        let valid = Evaluator::new(&trainer, data, Split::Valid, usize::MAX)?.finish(&trainer, data)?;
        let test = Evaluator::new(&trainer, data, Split::Test, usize::MAX)?.finish(&trainer, data)?;
        let examples = total.steps * trainer.settings().batch as u64;
        let report = Report {
            config: trainer.config().clone(),
            settings: trainer.settings().clone(),
            data: data.kind.name().to_owned(),
            classes: data.classes.as_slice().to_vec(),
            steps: trainer.step_count(),
            test_error_percent: percent(test.error()),
            valid_error_percent: percent(valid.error()),
            gate_rate_test: test.gate_rate(),
            gate_rate_train: last.mean(last.gate_rate),
            seconds,
            examples_per_second: examples as f64 / seconds.max(1e-9),
            macs: Macs::of(total.work, examples),
            epochs,
            param_digest: trainer.parameters().digest().hex(),
        };
        if self.verbose {
            let speed = report.examples_per_second;
            println!("{}\n{}", line("validation", &valid), line("test", &test));
            println!("{seconds:.1} s of training, {speed:.0} digits a second, digest {}", report.param_digest);
        }
        Ok(report)
    }

    /// Steps until `until` are done.
    fn epoch(&mut self, trainer: &mut Trainer<f32>, data: &Dataset, until: u64) -> Result<Sums, Failure> {
        let mut sums = Sums::default();
        while trainer.step_count() < until {
            let report = trainer.step(data)?;
            sums.add(&report);
            if let Some(csv) = &mut self.csv {
                csv.step(trainer, &report)?;
            }
            if report.step.is_multiple_of(50) {
                self.bar.set_position(report.step);
                self.bar.set_message(format!("loss {:.3}", sums.mean(sums.loss)));
            }
        }
        Ok(sums)
    }

    fn end_epoch(&self, trainer: &mut Trainer<f32>, data: &Dataset, sums: &Sums, epoch: u64) -> Result<Epoch, Failure> {
        let valid = Evaluator::new(trainer, data, Split::Valid, usize::MAX)?.finish(trainer, data)?;
        if let Some(file) = &self.checkpoint {
            let bytes = checkpoint::write(trainer, data.content_digest())?;
            write_whole(file, &bytes)?;
        }
        let summary = Epoch {
            number: epoch,
            train_loss: sums.mean(sums.loss),
            gate_rate_train: sums.mean(sums.gate_rate),
            valid_error_percent: percent(valid.error()),
        };
        if self.verbose {
            self.bar.suspend(|| {
                println!(
                    "epoch {epoch:>3}  training loss {:.4}  gates open {:4.1} %  validation error {:5.2} %",
                    summary.train_loss,
                    100.0 * summary.gate_rate_train,
                    summary.valid_error_percent
                );
            });
        }
        Ok(summary)
    }
}

/// Reads a file; the message names it.
pub(super) fn read_file(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|e| format!("{}: cannot be read: {e}", file.display()).into())
}

/// Writes a file atomically: it has either the old or the new content.
pub(super) fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let written = fs::File::create(&part).and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all()));
    written
        .and_then(|()| fs::rename(&part, file))
        .map_err(|e| format!("{}: cannot be written: {e}", file.display()).into())
}

/// One row per step.
struct Csv(BufWriter<fs::File>);

impl Csv {
    fn create(file: &Path) -> Result<Self, Failure> {
        let out = fs::File::create(file).map_err(|e| format!("{}: cannot be written: {e}", file.display()))?;
        let mut out = BufWriter::new(out);
        writeln!(out, "step,epoch,estimator,train_loss,gate_rate,penalty,lambda,macs_forward,macs_backward")?;
        Ok(Self(out))
    }

    fn step(&mut self, trainer: &Trainer<f32>, report: &StepReport) -> Result<(), Failure> {
        Ok(writeln!(
            self.0,
            "{},{:.4},{},{},{},{},{},{},{}",
            report.step,
            trainer.epoch(),
            trainer.settings().estimator,
            report.loss,
            report.gate_rate,
            report.penalty,
            trainer.lambda(),
            report.work.forward,
            report.work.backward
        )?)
    }
}

/// Reads a preset's id; `--help` lists them all.
pub(super) fn preset_parser() -> impl clap::builder::TypedValueParser<Value = Preset> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    PossibleValuesParser::new(Preset::ids()).map(|id| Preset::find(&id).unwrap_or_default())
}
