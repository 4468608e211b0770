//! `cargo xtask bench`: how fast the engine is, beside what else there is, in one run on one machine.
//!
//! - [`options`]: what was asked for
//! - [`setup`], [`site`]: everything built and installed that takes part
//! - [`peers`]: who answers jobs: workers of a page, and programs that read lines
//! - [`plan`]: which peer gets which job; [`rounds`]: asking them, in turns
//! - [`results`]: medians and ratios; [`tables`], [`targets`]: as people read them; [`record`]: as programs do
//! - [`live`]: the page itself, at work
//! - [`scaling`]: larger and larger networks
//! - [`against`]: whole steps beside another checkout
//! - [`sets`]: whole steps with every kernel set of the browser
//!
//! `docs/performance.md` says what every figure means. What is measured, the engine says itself: `gatelab bench --list`.

mod against;
mod live;
mod options;
mod peers;
mod plan;
mod record;
mod results;
mod rounds;
mod scaling;
mod sets;
mod setup;
mod site;
mod table;
mod tables;
mod targets;

use anyhow::{Context as _, Result};

use crate::progress::Progress;
use crate::project::Project;
use options::{Options, Subject};
use results::Results;
use setup::Setup;

/// Measures, prints, writes.
pub fn run(arguments: &[&str]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let (project, progress) = (Project::here(), Progress::new());
    let mut setup = Setup::ready(&project, &options, &progress)?;
    let before = record::load();
    let plan = match &options.subject {
        Subject::Comparison => plan::of(&setup, &options)?,
        Subject::Scaling => scaling::plan(&setup.catalogue, &options)?,
        Subject::Sets => sets::plan(&setup.catalogue, &options)?,
        Subject::Against(_) => against::plan(&setup.catalogue, &options)?,
    };
    let entries = rounds::measure(&mut setup, plan, &options, &progress)?;
    let live = setup.page.as_ref().map(|stage| progress.step("The page itself", || live::measure(stage)));
    let results = Results { entries, live };

    let tables = match &options.subject {
        Subject::Scaling => vec![scaling::table(&results)],
        Subject::Sets => sets::tables(&results),
        Subject::Against(_) => vec![against::table(&results)],
        Subject::Comparison => {
            let mut tables = tables::all(&setup.peers, &results);
            tables.push(targets::table(&targets::all(&results)));
            tables
        }
    };
    for table in &tables {
        println!("\n{}", table.terminal());
    }
    let machine = record::machine(&setup, &before);
    let footer = format!("{}\n{}", options.in_words(), record::in_words(&machine));
    println!("\n{footer}");
    if let Some(file) = &options.json {
        let record = record::all(&machine, &options, &setup.peers, &results);
        write(file, &(serde_json::to_string_pretty(&record)? + "\n"))?;
    }
    if let Some(file) = &options.markdown {
        let text: Vec<String> = tables.iter().map(table::Table::markdown).collect();
        write(file, &format!("{}\n\n{footer}\n", text.join("\n\n")))?;
    }
    Ok(())
}

fn write(file: &std::path::Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
