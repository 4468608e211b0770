//! `gatelab lab`: the laboratory without the page: estimators against the exact gradient, on networks and on toys.

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
use gatelab_engine::lab::{OneGate, Row};

/// Arguments of `lab`.
#[derive(Args)]
pub(super) struct Lab {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Bias, noise and direction of estimators on a network, frozen, on a fixed minibatch.
    Network(network::Network),
    /// The same on a toy loss of a few gates.
    Toy(toy::ToyArguments),
    /// What an estimate costs, counted and timed, in dense forward passes.
    Cost(cost::Cost),
    /// Learn on a toy, and report the exact expected loss on the way.
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

/// Where results go besides the terminal.
#[derive(Args)]
struct Output {
    /// Write all figures as JSON; `-` writes them to the standard output instead of the table.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Output {
    /// Prints the table, or the figures, or both.
    fn give(&self, figures: &impl Serialize, table: &str) -> Result<(), Failure> {
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
    /// Shares of entries whose sign agrees with the reference, is opposite, or that are exactly 0.
    agree: f64,
    opposite: f64,
    silent: f64,
    /// Mean and variance without sampling: one gate only.
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<OneGate>,
}

impl Figures {
    fn new(row: Row, exact: Option<OneGate>) -> Self {
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
