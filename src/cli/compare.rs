//! `gatelab compare`: estimators × seeds on the same network, minibatches and budget, as one table.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::Serialize;

use gatelab_engine::data::Dataset;
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::{Preset, RunConfig};

use super::Failure;
use super::report::Report;
use super::source::Source;
use super::train::{overrides, preset_parser, run_quietly, write_whole};

/// Arguments of `compare`.
#[derive(clap::Args)]
pub(super) struct Compare {
    /// Network sizes.
    #[arg(long, default_value = "classroom", value_parser = preset_parser())]
    preset: Preset,
    /// Estimators, separated by commas [default: all].
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    estimators: Vec<String>,
    /// Epochs of each run.
    #[arg(long, default_value_t = 5)]
    epochs: u64,
    /// Seeds, separated by commas.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 3])]
    seeds: Vec<u64>,
    /// Another value for a setting of every run, such as lr=0.05.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    source: Source,
    /// Number of runs at once; their seconds are comparable only with 1.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Write every run's report as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// The JSON of `gatelab compare`.
#[derive(Serialize)]
struct Comparison<'a> {
    preset: String,
    epochs: u64,
    runs: Vec<&'a Report>,
}

impl Compare {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let data = self.source.load()?;
        let estimators: Vec<String> = if self.estimators.is_empty() {
            registry::ids().into_iter().map(str::to_owned).collect()
        } else {
            self.estimators.clone()
        };
        let configs = self.configs(&estimators, &data)?;
        let results = self.run_all(&configs, &data)?;
        let reports: Vec<&Report> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
        println!("{}", Row::HEAD);
        for id in &estimators {
            let of_estimator: Vec<&Report> = reports.iter().filter(|r| r.config.estimator == *id).copied().collect();
            println!("{}", Row::of(id, &of_estimator));
        }
        // A diverged run must not discard the results of the others.
        for (config, result) in configs.iter().zip(&results) {
            if let Err(message) = result {
                println!("{} with seed {} is missing from the table: {message}", config.estimator, config.seed);
            }
        }
        if let Some(file) = &self.json {
            let preset = self.preset.id().to_owned();
            let comparison = Comparison { preset, epochs: self.epochs, runs: reports };
            write_whole(file, &serde_json::to_vec_pretty(&comparison)?)?;
        }
        Ok(())
    }

    fn configs(&self, estimators: &[String], data: &Dataset) -> Result<Vec<RunConfig>, Failure> {
        let overrides = overrides(&self.set)?;
        let mut configs = Vec::new();
        for id in estimators {
            for &seed in &self.seeds {
                configs.push(RunConfig {
                    preset: self.preset,
                    estimator: id.clone(),
                    seed,
                    data: Source::choice(data),
                    overrides: overrides.clone(),
                    ..RunConfig::default()
                });
            }
        }
        Ok(configs)
    }

    fn run_all(&self, configs: &[RunConfig], data: &Dataset) -> Result<Vec<Result<Report, String>>, Failure> {
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, Result<Report, String>)>> = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..self.jobs.max(1) {
                scope.spawn(|| {
                    while let Some((i, config)) = {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        configs.get(i).map(|config| (i, config))
                    } {
                        let report = run_quietly(config.clone(), data, self.epochs).map_err(|e| e.to_string());
                        eprintln!("{:>3} of {}  {} seed {}", i + 1, configs.len(), config.estimator, config.seed);
                        if let Ok(mut done) = done.lock() {
                            done.push((i, report));
                        }
                    }
                });
            }
        });
        let mut done = done.into_inner().map_err(|_| "a run ended in a panic")?;
        done.sort_by_key(|(i, _)| *i);
        Ok(done.into_iter().map(|(_, report)| report).collect())
    }
}

/// A line of the table, as Markdown that also reads well in a terminal.
struct Row;

impl Row {
    const HEAD: &str = "\
| estimator         | test error %, mean (each seed) | open, training | at test | mult-adds forward  | backward           | digits/s | seconds |
|-------------------|--------------------------------|----------------|---------|--------------------|--------------------|----------|---------|";

    fn of(id: &str, reports: &[&Report]) -> String {
        let mean = |f: &dyn Fn(&Report) -> f64| reports.iter().map(|r| f(r)).sum::<f64>() / reports.len().max(1) as f64;
        let each: Vec<String> = reports.iter().map(|r| format!("{:.2}", r.test_error_percent)).collect();
        let errors = format!("{:.2} ({})", mean(&|r| r.test_error_percent), each.join(", "));
        let macs = |share: &dyn Fn(&Report) -> (f64, f64)| {
            let (done, part) = (mean(&|r| share(r).0), mean(&|r| share(r).1));
            format!("{done:>10.0} ({:>3.0} %)", 100.0 * part)
        };
        format!(
            "| {id:<17} | {errors:<30} | {:>12.1} % | {:>5.1} % | {:>18} | {:>18} | {:>8.0} | {:>7.1} |",
            100.0 * mean(&|r| r.gate_rate_train),
            100.0 * mean(&|r| r.gate_rate_test),
            macs(&|r| (r.macs.forward.done(), r.macs.forward.share())),
            macs(&|r| (r.macs.backward.done(), r.macs.backward.share())),
            mean(&|r| r.examples_per_second),
            mean(&|r| r.seconds),
        )
    }
}
