//! The results of the stages of a test run.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::progress::seconds;

/// Tests that passed and failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Did the command as a whole succeed? It may fail without a failed test: when it does not compile.
    pub succeeded: bool,
}

/// Runs a command that runs tests, shows its output, and counts the results in it.
pub fn run_counted(command: &mut Command) -> Result<Counts> {
    let shown = process::show(command);
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{shown}`"))?;
    let stdout = child.stdout.take().context("the command has no output")?;
    let mut counts = Counts::default();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.with_context(|| format!("cannot read what `{shown}` prints"))?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        if let Some((passed, failed)) = counts_in(&line) {
            counts.passed += passed;
            counts.failed += failed;
        }
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{shown}`"))?;
    counts.succeeded = status.success() && counts.failed == 0;
    Ok(counts)
}

/// `test result: ok. 12 passed; 0 failed; 0 ignored; …`
fn counts_in(line: &str) -> Option<(usize, usize)> {
    let (_, rest) = line.split_once("test result: ")?;
    let number =
        |word: &str| rest.split(['.', ';']).find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok());
    Some((number("passed")?, number("failed")?))
}

/// The stages so far.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    elapsed: Duration,
    succeeded: bool,
    counts: Option<Counts>,
}

impl Report {
    /// Runs a stage; one without tests of its own gives no counts.
    pub fn stage(&mut self, name: &str, work: impl FnOnce() -> Result<Option<Counts>>) {
        let begin = Instant::now();
        let result = work();
        if let Err(error) = &result {
            eprintln!("\n{name}: {error:#}\n");
        }
        let succeeded = result.as_ref().is_ok_and(|counts| counts.is_none_or(|counts| counts.succeeded));
        let counts = result.ok().flatten();
        self.rows.push(Row { name: name.to_owned(), elapsed: begin.elapsed(), succeeded, counts });
    }

    /// Prints the table and the overall line; an error if any stage failed.
    pub fn finish(&self, elapsed: Duration) -> Result<()> {
        println!("\n{}", self.table(elapsed));
        let failed: Vec<&str> = self.rows.iter().filter(|row| !row.succeeded).map(|row| row.name.as_str()).collect();
        if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
    }

    fn table(&self, elapsed: Duration) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let outcome = if row.succeeded { "ok" } else { "FAILED" };
            let tests = row.counts.map(|counts| format!("{} passed, {} failed", counts.passed, counts.failed));
            let line =
                format!("{:<18}{:>8}  {outcome:<6}  {}", row.name, seconds(row.elapsed), tests.unwrap_or_default());
            text += line.trim_end();
            text.push('\n');
        }
        let sum = |number: fn(&Counts) -> usize| {
            self.rows.iter().filter_map(|row| row.counts.as_ref()).map(number).sum::<usize>()
        };
        let (passed, failed) = (sum(|counts| counts.passed), sum(|counts| counts.failed));
        text + &format!("\n{passed} passed, {failed} failed, in {}", seconds(elapsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted() {
        let line = "test result: ok. 12 passed; 3 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.03s";
        assert_eq!(counts_in(line), Some((12, 3)));
        assert_eq!(counts_in("test tests::results_are_counted ... ok"), None);
    }

    #[test]
    #[cfg(unix)]
    fn a_failing_command_fails_its_stage() {
        let say = |code: u8| format!("echo 'test result: ok. 2 passed; 0 failed; 0 ignored'; exit {code}");
        let run = |code| run_counted(Command::new("sh").args(["-c", &say(code)])).map(Some);
        let mut report = Report::default();
        report.stage("good", || run(0));
        assert!(report.finish(Duration::ZERO).is_ok());
        report.stage("bad", || run(1));
        report.stage("worse", || bail!("not even started"));
        assert_eq!(report.finish(Duration::ZERO).unwrap_err().to_string(), "failed: bad, worse");
        let table = report.table(Duration::from_secs(3));
        assert!(table.contains("good") && table.contains("FAILED  2 passed, 0 failed"), "{table}");
        assert!(table.ends_with("4 passed, 0 failed, in 3.0 s"), "{table}");
    }
}
