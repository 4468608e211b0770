//! `gatelab bench`: training steps a second, in interleaved rounds, medians with their ranges.
//!
//! `cargo xtask bench` drives it line by line (`--serve`) beside the browser and other libraries.

use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Instant;

use serde::Serialize;

use crate::bench::cases::{Case, Catalogue};
use crate::bench::job::{Steps, Time};
use crate::bench::{Bench as Engine, Job, Outcome};

use super::Failure;
use super::source::Source;
use super::train::write_whole;

/// Steps before the first measurement.
const PROOF: u32 = 100;
const CHUNKS: u32 = 10;

/// Arguments of `bench`.
#[derive(clap::Args)]
pub(super) struct Bench {
    #[command(flatten)]
    source: Source,
    /// Rounds; every case runs once in each.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each case in a round.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Write all figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print the cases as JSON, without measuring.
    #[arg(long)]
    list: bool,
    /// Execute jobs from standard input, one JSON per line.
    #[arg(long, conflicts_with = "list")]
    serve: bool,
}

/// A case and its measurements.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    case: Case,
    /// Examples a second, the median of each round.
    examples_per_second: Vec<f64>,
}

impl Row {
    fn line(&self) -> String {
        let mut rates = self.examples_per_second.clone();
        rates.sort_by(f64::total_cmp);
        let at = |i: usize| rates.get(i).copied().unwrap_or_default();
        let Case { net, batch, mode, .. } = &self.case;
        format!(
            "| {:<10} | {:<17} | {batch:>5} | {:>10.0} | {:>8.0} – {:<8.0} |",
            format!("{net:?}"),
            format!("{mode:?}"),
            median(&rates),
            at(0),
            at(rates.len().saturating_sub(1))
        )
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// Seconds since the first call.
fn clock() -> f64 {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed().as_secs_f64()
}

impl Bench {
    pub(super) fn run(&self) -> Result<(), Failure> {
        if self.list {
            println!("{}", serde_json::to_string(&Catalogue::default())?);
            return Ok(());
        }
        let engine = Engine::new(clock, self.source.load()?);
        if self.serve { serve(engine) } else { self.table(engine) }
    }

    fn table(&self, mut engine: Engine) -> Result<(), Failure> {
        let time = Time { seconds: self.seconds, chunks: CHUNKS };
        let mut rows: Vec<Row> =
            Case::all().into_iter().map(|case| Row { case, examples_per_second: Vec::new() }).collect();
        // Round by round, so that a temporary slowdown of the machine affects every case.
        for round in 1..=self.rounds {
            for row in &mut rows {
                let (config, skip) = (row.case.config.clone(), row.case.skip);
                let job = Job::Steps(Steps { config, skip, proof: PROOF, time });
                if let Outcome::Steps { chunks, .. } = engine.answer(&job)? {
                    row.examples_per_second.push(median(&chunks));
                }
            }
            eprintln!("round {round} of {}", self.rounds);
        }
        println!("| network    | mode              | batch | digits / s | lowest – highest    |");
        println!("|------------|-------------------|-------|------------|---------------------|");
        rows.iter().for_each(|row| println!("{}", row.line()));
        if let Some(file) = &self.json {
            write_whole(file, &serde_json::to_vec_pretty(&rows)?)?;
        }
        Ok(())
    }
}

/// Writes one outcome per line, in the order of the jobs; an error is an outcome too.
fn serve(mut engine: Engine) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let job = serde_json::from_str::<Job>(&line?);
        let answer = match job.map_err(Failure::from).and_then(|job| Ok(engine.answer(&job)?)) {
            Ok(outcome) => serde_json::to_string(&outcome)?,
            Err(error) => serde_json::json!({ "error": error.to_string() }).to_string(),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
