//! The command line, for researchers, scripts and tests: the page's engine without the page. Names of commands, options
//! and JSON fields are stable.

mod bench;
mod compare;
mod eval;
mod lab;
mod list;
mod report;
mod source;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Trains a gated MNIST network and compares gradient estimators for its gates.
#[derive(Parser)]
#[command(name = "gatelab", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a network; report error, gate rate and multiply-adds.
    Train(train::Train),
    /// Train many estimators and seeds on the same network and budget, and print a table.
    Compare(compare::Compare),
    /// Measure how fast this machine trains.
    Bench(bench::Bench),
    /// Measure a checkpoint on validation and test digits.
    Eval(eval::Eval),
    /// Measure estimators against the exact gradient, on a network or on a toy.
    Lab(lab::Lab),
    /// List the estimators.
    List(list::List),
}

/// An error that ends a command; its text goes to the terminal.
type Failure = Box<dyn std::error::Error>;

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Train(train) => train.run(),
        Command::Compare(compare) => compare.run(),
        Command::Bench(bench) => bench.run(),
        Command::Eval(eval) => eval.run(),
        Command::Lab(lab) => lab.run(),
        Command::List(list) => list.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gatelab: {error}");
            ExitCode::FAILURE
        }
    }
}
