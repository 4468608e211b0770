//! `gatelab list`: the estimators with their records.

use gatelab_engine::estimator::{Bias, registry};

use super::Failure;

/// Arguments of `list`.
#[derive(clap::Args)]
pub(super) struct List {
    /// Print all records as JSON.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(&self) -> Result<(), Failure> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(registry::RECORDS)?);
            return Ok(());
        }
        for record in registry::RECORDS {
            let bias = match record.bias {
                Bias::Unbiased => "unbiased",
                Bias::Biased => "biased",
                Bias::UnbiasedForOwnObjective => "unbiased for its own objective",
            };
            println!("{:<18} {} ({bias})", record.id, record.name);
            println!("{:<18} {}", "", record.forward);
            println!("{:<18} {}", "", record.backward);
            for key in record.knobs {
                println!("{:<18} --set {}=…  {}", "", key.name, key.help);
            }
            println!();
        }
        Ok(())
    }
}
