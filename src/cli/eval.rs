//! `gatelab eval`: a checkpoint measured on validation and test digits.

use std::path::PathBuf;

use gatelab_engine::data::Split;
use gatelab_engine::training::{Evaluator, checkpoint};

use super::Failure;
use super::report::{line, percent};
use super::source::Source;

/// Arguments of `eval`.
#[derive(clap::Args)]
pub(super) struct Eval {
    /// Checkpoint written by `gatelab train --checkpoint FILE`.
    checkpoint: PathBuf,
    #[command(flatten)]
    source: Source,
    /// Print JSON instead of lines.
    #[arg(long)]
    json: bool,
}

impl Eval {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let restored = checkpoint::read(&super::train::read_file(&self.checkpoint)?)?;
        let data = self.source.load()?;
        let trainer = restored.trainer;
        let valid = Evaluator::new(&trainer, &data, Split::Valid, usize::MAX)?.finish(&trainer, &data)?;
        let test = Evaluator::new(&trainer, &data, Split::Test, usize::MAX)?.finish(&trainer, &data)?;
        if self.json {
            let json = serde_json::json!({
                "config": trainer.config(),
                "step": trainer.step_count(),
                "test_error_percent": percent(test.error()),
                "valid_error_percent": percent(valid.error()),
                "gate_rate_test": test.gate_rate(),
                "threshold": test.threshold,
                "param_digest": trainer.parameters().digest().hex(),
            });
            println!("{}", serde_json::to_string_pretty(&json)?);
        } else {
            println!("step {}, {}", trainer.step_count(), trainer.settings().estimator);
            println!("{}\n{}", line("validation", &valid), line("test", &test));
        }
        Ok(())
    }
}
