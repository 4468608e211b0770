//! The chromedriver process, and requests to it.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Options, Session};
use crate::http;

/// Longer than any command may take: starting Chromium on a loaded machine, or a long asynchronous script.
const PATIENCE: Duration = Duration::from_mins(3);

/// It starts within a fraction of a second.
const START: Duration = Duration::from_secs(30);

/// A running chromedriver. Clones share it; the last one ends it.
#[derive(Debug, Clone)]
pub struct Driver {
    process: Arc<Process>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    address: SocketAddr,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Driver {
    /// Starts `program` at a port that it picks itself, so that no two of them can meet. The driver picks the port before it listens,
    /// so another program can take it in between; then the driver ends, and is started again.
    pub fn start(program: &Path) -> Result<Self> {
        Self::start_once(program).or_else(|_| Self::start_once(program)).or_else(|_| Self::start_once(program))
    }

    fn start_once(program: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child.stdout.take().context("chromedriver has no output")?;
        // From here on an early return ends the process.
        let mut process = Process { child, address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) };
        let lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let (sender, greeting) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            // Reads to the end, because chromedriver would block once the pipe is full.
            for port in lines.filter_map(|line| port_in(&line)) {
                // The receiver is gone.
                let _ = sender.send(port);
            }
        });
        let Ok(port) = greeting.recv_timeout(START) else {
            bail!("{} did not report the port at which it listens", program.display());
        };
        process.address.set_port(port);
        Ok(Self { process: Arc::new(process) })
    }

    /// Opens a browser.
    pub fn session(&self, options: &Options) -> Result<Session> {
        Session::open(self.clone(), options)
    }

    /// One `WebDriver` command; returns its `value`.
    pub(super) fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let sent = if method == "POST" { body.to_string() } else { String::new() };
        let answer = http::request(self.process.address, method, path, sent.as_bytes(), PATIENCE)?;
        let mut json: Value = serde_json::from_slice(&answer.body)
            .with_context(|| format!("chromedriver's answer to {method} {path} is no JSON"))?;
        let value = json["value"].take();
        if answer.status != 200 {
            let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            bail!("{}: {}", word("error"), word("message"));
        }
        Ok(value)
    }
}

/// `ChromeDriver was started successfully on port 40123.`
fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("started successfully on port ")?;
    rest.trim_end_matches('.').trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_greeting() {
        assert_eq!(port_in("ChromeDriver was started successfully on port 40123."), Some(40123));
        assert_eq!(port_in("Starting ChromeDriver 156.0.8078.79 on port 0"), None);
    }

    #[test]
    fn a_program_that_is_no_driver_is_an_error() {
        assert!(Driver::start(Path::new("no-such-driver")).is_err());
        #[cfg(unix)]
        assert!(Driver::start(Path::new("true")).unwrap_err().to_string().contains("did not report"));
    }
}
