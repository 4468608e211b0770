//! Everything that takes part, built, installed and started. What cannot be had is left out, and its rows say why.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::options::{Options, Subject};
use super::peers::{Peer, Place, Program, Worker};
use super::sets::SETS;
use super::site;
use crate::e2e::Stage;
use crate::process::{self, Shell};
use crate::progress::Progress;
use crate::project::Project;
use crate::server::{Server, Site};
use crate::tools::Toolbox;
use crate::webdriver::{Driver, Options as Browser, Session};
use crate::{browser, bundle, mnist};

/// Everything that takes part.
pub(super) struct Setup {
    /// Those who answer.
    pub peers: Vec<Peer>,
    /// What the engine says can be measured.
    pub catalogue: Value,
    /// The built page, if it is wanted.
    pub page: Option<Stage>,
    /// Names and versions.
    pub versions: Vec<(String, String)>,
    // Needed as long as the peers are.
    _server: Server,
}

impl Setup {
    pub(super) fn ready(project: &Project, options: &Options, progress: &Progress) -> Result<Self> {
        if !mnist::prepare(project, progress)? {
            bail!("MNIST cannot be had; put its four files into a folder and name that in MNIST_DIR");
        }
        let tools = Toolbox::ready(project, progress)?;
        let chromedriver = browser::chromedriver(&tools.shell, progress)?;
        let native = progress.step("Build the engine, native", || native(&tools.shell))?;
        let catalogue = process::output(tools.shell.command(&native).args(["bench", "--list"]))?;
        let catalogue = serde_json::from_str(&catalogue).context("the engine's list of cases is no JSON")?;
        let site = site::make(project)?;
        let build = |root: &Path, name: &str, variants: bool| {
            in_words(site::engine(project, &tools, &site, &site::Engine { root, name, variants }, progress))
        };
        let engine = build(project.root(), "engine", options.subject == Subject::Sets);
        let page = if options.page {
            Some(Stage::new(bundle::make(project, &tools, progress)?, chromedriver.clone()))
        } else {
            None
        };

        let (server, session) = open(&site, &chromedriver)?;
        let torch = Torch::find(project, &tools.shell);
        let peers = match &options.subject {
            Subject::Sets => kernel_sets(&session, &engine),
            Subject::Against(other) => {
                let other = build(other, "against", false);
                let worker = |made, variant| Worker::place(&session, made, "gatelab", variant);
                let peer = |id, name, place| Peer { id, name, place };
                let against = worker(&other, "strict&engine=against");
                vec![
                    peer("here", "this checkout", worker(&engine, "strict")),
                    peer("against", "the other one", against),
                ]
            }
            Subject::Comparison | Subject::Scaling => {
                let tensorflow = in_words(site::tensorflow(project, &tools.shell, &site, progress));
                let native = Program::place(tools.shell.command(&native).args(["bench", "--serve"]));
                comparison(&session, &engine, &tensorflow, native, &torch)
            }
        };
        let versions = versions(&tools.shell, &session, project, torch.version)?;
        Ok(Self { peers, catalogue, page, versions, _server: server })
    }
}

/// A worker of the browser for each kernel set.
fn kernel_sets(session: &Rc<Session>, engine: &Result<(), String>) -> Vec<Peer> {
    let peer = |(name, _): (&'static str, &'static str)| {
        // A plus sign is a space in the query of an address.
        let variant = format!("set:{}", name.replace(' ', "+"));
        Peer { id: name, name, place: Worker::place(session, engine, "gatelab", &variant) }
    };
    SETS.map(peer).into()
}

/// The engine's builds, and the libraries that they are compared with.
fn comparison(
    session: &Rc<Session>,
    engine: &Result<(), String>,
    tensorflow: &Result<(), String>,
    native: Place,
    torch: &Torch,
) -> Vec<Peer> {
    let worker = |made: &Result<(), String>, module: &str, variant: &str| Worker::place(session, made, module, variant);
    let peer = |id, name, place| Peer { id, name, place };
    vec![
        peer("strict", "Gatelab, browser", worker(engine, "gatelab", "strict")),
        // With one run in its memory.
        peer("alone", "Gatelab, browser, in a worker of its own", worker(engine, "gatelab", "strict&alone")),
        peer("relaxed", "Gatelab, browser, relaxed", worker(engine, "gatelab", "relaxed")),
        peer("native", "Gatelab, native", native),
        peer("tfjs-tuned", "TF.js wasm, tuned", worker(tensorflow, "tfjs", "tuned")),
        peer("tfjs-turned", "TF.js wasm, tuned, weights left", worker(tensorflow, "tfjs", "turned")),
        peer("tfjs-idiomatic", "TF.js wasm, idiomatic", worker(tensorflow, "tfjs", "idiomatic")),
        peer("js-zeros", "plain JavaScript, zero pixels skipped", worker(&Ok(()), "plain", "zeros")),
        peer("js", "plain JavaScript", worker(&Ok(()), "plain", "dense")),
        peer("torch-1", "PyTorch, native, 1 thread", torch.start("1")),
        peer("torch-2", "PyTorch, native, 2 threads", torch.start("2")),
    ]
}

/// Builds the command line and says where it is.
fn native(shell: &Shell) -> Result<std::path::PathBuf> {
    process::run(shell.command("cargo").args(["build", "--quiet", "--release", "-p", "gatelab", "--bin", "gatelab"]))?;
    Ok(site::target(&mut shell.command("cargo"))?
        .join("release")
        .join(format!("gatelab{}", std::env::consts::EXE_SUFFIX)))
}

/// The bench's page in a browser. With these headers its clock is as fine as it gets.
fn open(site: &Path, chromedriver: &Path) -> Result<(Server, Rc<Session>)> {
    let server = Site::new(site)
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Embedder-Policy", "require-corp")
        .start()?;
    let session = Driver::start(chromedriver)?.session(&Browser::new())?;
    session.goto(&server.address())?;
    session.wait_until("return window.begin && crossOriginIsolated;", Duration::from_secs(20))?;
    Ok((server, Rc::new(session)))
}

fn in_words<T>(result: Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("{error:#}"))
}

/// `PyTorch`, if Python has it.
struct Torch {
    version: Option<String>,
    python: String,
    script: std::path::PathBuf,
    shards: std::path::PathBuf,
    shell: Shell,
}

impl Torch {
    fn find(project: &Project, shell: &Shell) -> Self {
        let python = std::env::var("GATELAB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let said = process::output(shell.command(&python).args(["-c", "import torch; print(torch.__version__)"]));
        Self {
            version: said.ok().map(|text| text.trim().to_owned()),
            python,
            script: site::sources(project).join("python/torch_peer.py"),
            shards: project.shards(),
            shell: shell.clone(),
        }
    }

    fn start(&self, threads: &str) -> Place {
        if self.version.is_none() {
            return Err("not installed; GATELAB_PYTHON may name a Python that has it".to_owned());
        }
        let mut command = self.shell.command(&self.python);
        Program::place(command.arg(&self.script).arg(&self.shards).arg(threads).env("OMP_NUM_THREADS", threads))
    }
}

fn versions(
    shell: &Shell,
    session: &Session,
    project: &Project,
    torch: Option<String>,
) -> Result<Vec<(String, String)>> {
    let browser = session.cdp("Browser.getVersion", &json!({}))?;
    let package: Value = serde_json::from_str(&std::fs::read_to_string(site::sources(project).join("package.json"))?)?;
    let word = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let commit = process::output(shell.command("git").args(["describe", "--always", "--dirty"]));
    let mut versions = vec![
        ("gatelab".to_owned(), commit.map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())),
        ("browser".to_owned(), word(&browser["product"])),
        ("rustc".to_owned(), process::output(shell.command("rustc").arg("--version"))?.trim().replace("rustc ", "")),
        ("TF.js".to_owned(), word(&package["dependencies"]["@tensorflow/tfjs-core"])),
    ];
    versions.extend(torch.map(|version| ("PyTorch".to_owned(), version)));
    Ok(versions)
}
