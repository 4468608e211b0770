//! `cargo xtask serve`

use std::process::Stdio;

use anyhow::{Context as _, Result, bail};

use crate::bundle;
use crate::process::Shell;
use crate::progress::Progress;
use crate::project::Project;
use crate::server::{Server, Site};
use crate::tools::Toolbox;

/// Where the page is shown, unless something else is there already.
const USUAL_PORT: u16 = 8080;

#[derive(Debug, PartialEq, Eq)]
struct Wish {
    port: Option<u16>,
    open: bool,
}

/// Sets up, builds, serves until it is interrupted.
pub fn run(arguments: &[&str]) -> Result<()> {
    let wish = parse(arguments)?;
    let (project, progress) = (Project::here(), Progress::new());
    let tools = Toolbox::ready(&project, &progress)?;
    let dist = bundle::make(&project, &tools, &progress)?;
    let server = start(&Site::new(&dist), wish.port)?;
    progress.say("Ready. Stop with Ctrl+C.");
    println!("\n    {}\n", server.address());
    if wish.open {
        open(&tools.shell, &server.address());
    }
    server.wait();
    Ok(())
}

fn parse(arguments: &[&str]) -> Result<Wish> {
    let mut wish = Wish { port: None, open: true };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--no-open" => wish.open = false,
            "--port" => {
                let number = rest.next().context("--port needs a number")?;
                wish.port =
                    Some(number.parse().with_context(|| format!("--port needs a number up to 65535, not {number}"))?);
            }
            other => bail!("serve knows --port N and --no-open, not {other}"),
        }
    }
    Ok(wish)
}

/// At the port asked for or not at all; without one, at the usual port or else at a free one.
fn start(site: &Site, wanted: Option<u16>) -> Result<Server> {
    match wanted {
        Some(port) => site.clone().port(port).start().context("choose another --port, or leave it out for a free one"),
        None => site.clone().port(USUAL_PORT).start().or_else(|_| site.clone().port(0).start()),
    }
}

/// Shows the page in the user's browser. Where that cannot be done, the address is on the screen.
fn open(shell: &Shell, address: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = shell.command(program);
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _ = command.spawn();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn arguments_are_understood_or_refused() {
        assert_eq!(parse(&[]).unwrap(), Wish { port: None, open: true });
        assert_eq!(parse(&["--port", "9000", "--no-open"]).unwrap(), Wish { port: Some(9000), open: false });
        for wrong in [&["--port"][..], &["--port", "99999"], &["--prot"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_an_error_only_if_it_was_asked_for() {
        let folder = Scratch::new("serve").unwrap();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let site = Site::new(folder.path());
        assert!(start(&site, Some(port)).is_err());
        // Whether or not the usual one is taken at the moment.
        assert!(start(&site, None).is_ok());
    }
}
