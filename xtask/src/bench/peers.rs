//! Who answers jobs: JSON in, JSON out.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::process;
use crate::webdriver::Session;

/// Longer than any job takes: plain JavaScript on the paper's network needs minutes to prove itself.
const PATIENCE: Duration = Duration::from_mins(15);

/// One that takes part.
pub(super) struct Peer {
    /// Short, for `--only` and JSON.
    pub id: &'static str,
    /// For tables.
    pub name: &'static str,
    pub place: Place,
}

/// Somewhere to ask, or why there is nobody.
pub(super) type Place = Result<Box<dyn Answers>, String>;

/// Answers jobs.
pub(super) trait Answers {
    /// The outcome of a job.
    fn answer(&mut self, job: &Value) -> Result<Value>;
}

impl Peer {
    pub(super) fn ask(&mut self, job: &Value) -> Result<Value, String> {
        let place = self.place.as_mut().map_err(|reason| reason.clone())?;
        let answer = place.answer(job).map_err(|error| format!("{error:#}"))?;
        answer["error"].as_str().map_or_else(|| Ok(answer.clone()), |error| Err(error.to_owned()))
    }
}

/// A worker of the bench's page.
pub(super) struct Worker {
    session: Rc<Session>,
    /// Its module and variant, as `worker.js` reads them.
    query: String,
}

impl Worker {
    fn new(session: &Rc<Session>, module: &str, variant: &str) -> Self {
        Self { session: Rc::clone(session), query: format!("module={module}.js&variant={variant}") }
    }

    /// As a peer, if what it loads could be made.
    pub(super) fn place(session: &Rc<Session>, made: &Result<(), String>, module: &str, variant: &str) -> Place {
        made.clone().map(|()| Box::new(Self::new(session, module, variant)) as Box<dyn Answers>)
    }
}

impl Answers for Worker {
    fn answer(&mut self, job: &Value) -> Result<Value> {
        self.session.execute("window.begin(...arguments);", &[json!(self.query), job.clone()])?;
        let begin = Instant::now();
        // Asked now and then: a script that waits would run into the driver's own limit.
        while begin.elapsed() < PATIENCE {
            let reply = self.session.execute("return window.reply ?? null;", &[])?;
            if !reply.is_null() {
                return Ok(reply);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("no answer within {PATIENCE:?}")
    }
}

/// A program that answers line by line.
pub(super) struct Program {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(command: &mut Command) -> Result<Self> {
        let shown = process::show(command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{shown}`"))?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self { child, input, output })
    }

    /// Starts it as a peer.
    pub(super) fn place(command: &mut Command) -> Place {
        Self::start(command).map(|program| Box::new(program) as Box<dyn Answers>).map_err(|error| format!("{error:#}"))
    }
}

impl Answers for Program {
    fn answer(&mut self, job: &Value) -> Result<Value> {
        writeln!(self.input, "{job}").context("it has ended; its messages are above")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        serde_json::from_str(&line).context("it gave no answer; its messages are above")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It ends with its input, but perhaps not soon.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(command: &mut Command) -> Peer {
        Peer { id: "x", name: "X", place: Program::place(command) }
    }

    #[test]
    #[cfg(unix)]
    fn a_program_answers_line_by_line() {
        // `cat` gives back what it is told.
        let mut echo = peer(&mut Command::new("cat"));
        assert_eq!(echo.ask(&json!({ "a": 1 })), Ok(json!({ "a": 1 })));
        assert_eq!(echo.ask(&json!({ "error": "no such kernel" })), Err("no such kernel".to_owned()));
        assert!(peer(&mut Command::new("true")).ask(&json!({})).is_err());
        assert!(peer(&mut Command::new("no-such-program-of-ours")).ask(&json!({})).is_err());
    }
}
