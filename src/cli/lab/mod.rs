//! `gatelab lab`: measures estimators against the exact gradient, on networks and on toys.

mod cost;
mod network;
mod table;
mod toy;
mod train_toy;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::Failure;
use super::train::write_whole;
use gatelab_engine::estimator::registry;
use gatelab_engine::lab::{MeanVariance, Row};

/// Arguments of `lab`.
#[derive(Args)]
pub(super) struct Lab {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Bias, noise and direction of estimators on a frozen network and a fixed minibatch.
    Network(network::Network),
    /// Bias, noise and direction of estimators on a toy loss of a few gates.
    Toy(toy::ToyArguments),
    /// Cost of an estimate, counted and timed, in dense forward passes.
    Cost(cost::Cost),
    /// Train the gates of a toy, and report the exact expected loss on the way.
    TrainToy(train_toy::TrainToy),
}

impl Lab {
    pub(super) fn run(&self) -> Result<(), Failure> {
        match &self.what {
            What::Network(network) => network.run(),
            What::Toy(toy) => toy.run(),
            What::Cost(cost) => cost.run(),
            What::TrainToy(training) => training.run(),
        }
    }
}

/// Where the results are written.
#[derive(Args)]
struct Output {
    /// Writes all figures as JSON; `-` writes them to the standard output instead of the table.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Output {
    /// Prints the table, or the figures, or both.
    fn write(&self, figures: &impl Serialize, table: &str) -> Result<(), Failure> {
        let json = serde_json::to_vec_pretty(figures)?;
        match &self.json {
            Some(file) if file.as_os_str() == "-" => println!("{}", String::from_utf8_lossy(&json)),
            Some(file) => {
                write_whole(file, &json)?;
                println!("{table}");
            }
            None => println!("{table}"),
        }
        Ok(())
    }
}

/// One estimator's figures as JSON.
#[derive(Serialize)]
struct Figures {
    #[serde(flatten)]
    row: Row,
    /// Shares of entries whose sign is that of the reference, the opposite sign, and 0.
    agree: f64,
    opposite: f64,
    silent: f64,
    /// Mean and variance without sampling; for one gate only.
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<MeanVariance>,
}

impl Figures {
    fn new(row: Row, exact: Option<MeanVariance>) -> Self {
        let [agree, opposite, silent] = row.metrics.signs;
        Self { row, agree, opposite, silent, exact }
    }
}

/// Ids from a list; `all` stands for every estimator.
fn ids(list: &[String]) -> Vec<String> {
    if list.iter().any(|id| id == "all") {
        return registry::ids().into_iter().map(str::to_owned).collect();
    }
    list.to_vec()
}
