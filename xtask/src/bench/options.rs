//! What was asked for.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context as _, Result, bail};

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// The engine and its peers.
    Comparison,
    /// Larger and larger networks.
    Scaling,
    /// Whole steps with every kernel set of the browser.
    Sets,
    /// Whole steps in the browser beside those of another checkout.
    Against(PathBuf),
}

/// Arguments of `cargo xtask bench`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Options {
    /// Fewer cases and rounds.
    pub quick: bool,
    pub subject: Subject,
    /// Every case runs once in each.
    pub rounds: usize,
    /// Of each case in each round.
    pub seconds: f64,
    /// Only cases whose name holds one of these.
    pub only: Vec<String>,
    /// Also the built page at work?
    pub page: bool,
    /// Where to write every figure.
    pub json: Option<PathBuf>,
    /// Where to write the tables.
    pub markdown: Option<PathBuf>,
}

const USAGE: &str = "\
cargo xtask bench [--quick] [--scaling | --sets | --against DIR] [--rounds N] [--seconds S] [--only TEXT]… [--no-page] [--json FILE] [--markdown FILE]

  --quick          two minutes of measuring: fewer cases and rounds
  --scaling        batch, gates and units ×1, ×2, ×4, ×8 instead
  --sets           whole steps with every kernel set of the browser instead: hand-written kernels and the same in Rust
  --against DIR    whole steps in the browser, beside those of the checkout in this folder, instead
  --rounds N       every case runs once in each round (5; quick: 3)
  --seconds S      of each case in each round (1; quick: 0.4)
  --only TEXT      only cases whose name holds this, such as `small 32`, `tfjs`, `gemm`; may be repeated
  --no-page        without the built page at work, and without building it
  --json FILE      everything that was measured
  --markdown FILE  the tables";

impl Options {
    pub(super) fn parse(arguments: &[&str]) -> Result<Self> {
        let quick = arguments.contains(&"--quick");
        let (rounds, seconds) = if quick { (3, 0.4) } else { (5, 1.0) };
        let mut options = Self {
            quick,
            subject: Subject::Comparison,
            rounds,
            seconds,
            only: Vec::new(),
            page: true,
            json: None,
            markdown: None,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().with_context(|| format!("{argument} needs a value\n\n{USAGE}"));
            match *argument {
                "--quick" => {}
                "--scaling" | "--sets" | "--against" if options.subject != Subject::Comparison => {
                    bail!("--scaling, --sets and --against are measurements of their own\n\n{USAGE}")
                }
                "--scaling" => options.subject = Subject::Scaling,
                "--sets" => options.subject = Subject::Sets,
                "--against" => options.subject = Subject::Against(value()?.into()),
                "--no-page" => options.page = false,
                "--rounds" => options.rounds = number(value()?)?,
                "--seconds" => options.seconds = number(value()?)?,
                "--only" => options.only.push((*value()?).to_owned()),
                "--json" => options.json = Some(value()?.into()),
                "--markdown" => options.markdown = Some(value()?.into()),
                "--help" | "-h" => bail!("{USAGE}"),
                other => bail!("bench does not know {other}\n\n{USAGE}"),
            }
        }
        if options.rounds == 0 || options.seconds <= 0.0 {
            bail!("at least one round and some time are needed");
        }
        options.page &= options.subject == Subject::Comparison;
        Ok(options)
    }

    /// How it was measured, under the tables.
    pub(super) fn in_words(&self) -> String {
        let Self { rounds, seconds, .. } = self;
        format!("{rounds} rounds of {seconds} s each; ~ where other programs were at work in most of them.")
    }

    /// Whether a case of this name is wanted.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|text| name.contains(text.as_str()))
    }
}

fn number<T: FromStr>(text: &str) -> Result<T> {
    text.parse().ok().with_context(|| format!("{text} is no such number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_understood_or_refused() {
        let options = Options::parse(&["--quick", "--rounds", "7", "--only", "gemm", "--only", "small 32"]).unwrap();
        assert_eq!((options.rounds, options.quick, options.page), (7, true, true));
        assert!(options.wants("tfjs-tuned small 32") && !options.wants("tfjs-tuned small 128"));
        assert!(!Options::parse(&["--scaling"]).unwrap().page);
        assert!(!Options::parse(&["--sets"]).unwrap().page);
        for wrong in [
            &["--rounds"][..],
            &["--rounds", "0"],
            &["--rounds", "x"],
            &["--fast"],
            &["--sets", "--scaling"],
            &["--against"],
        ] {
            assert!(Options::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
