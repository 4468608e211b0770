//! Everything that takes part, built, installed and started. What cannot be had is left out, and its rows say why.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::options::Options;
use super::peers::{Answers, Peer, Program, Worker};
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
        let built = site::BUILDS.map(|build| in_words(site::engine(project, &tools, &site, build, progress)));
        let tensorflow = in_words(site::tensorflow(project, &tools.shell, &site, progress));
        let page = match options.page {
            true => Some(Stage::new(bundle::make(project, &tools, progress)?, chromedriver.clone())),
            false => None,
        };

        let (server, session) = open(&site, &chromedriver)?;
        let worker = |module: &str, variant: &str| Box::new(Worker::new(&session, module, variant)) as Box<dyn Answers>;
        let [strict, relaxed] = built;
        let (torch, torch_version) = torch(project, &tools.shell);
        let peer = |id, name, place| Peer { id, name, place };
        let peers = vec![
            peer("strict", "Gatelab, browser", strict.map(|()| worker("gatelab", "strict"))),
            peer("relaxed", "Gatelab, browser, relaxed", relaxed.map(|()| worker("gatelab", "relaxed"))),
            peer("native", "Gatelab, native", program(tools.shell.command(&native).args(["bench", "--serve"]))),
            peer("tfjs-tuned", "TF.js wasm, tuned", tensorflow.clone().map(|()| worker("tfjs", "tuned"))),
            peer("tfjs-idiomatic", "TF.js wasm, idiomatic", tensorflow.map(|()| worker("tfjs", "idiomatic"))),
            peer("js-zeros", "plain JavaScript, zero pixels skipped", Ok(worker("plain", "zeros"))),
            peer("js", "plain JavaScript", Ok(worker("plain", "dense"))),
            peer("torch-1", "PyTorch, native, 1 thread", torch("1")),
            peer("torch-2", "PyTorch, native, 2 threads", torch("2")),
        ];
        let versions = versions(&tools.shell, &session, project, torch_version)?;
        Ok(Self { peers, catalogue, page, versions, _server: server })
    }
}

/// Builds the command line and says where it is.
fn native(shell: &Shell) -> Result<std::path::PathBuf> {
    process::run(shell.command("cargo").args(["build", "--quiet", "--release", "-p", "gatelab", "--bin", "gatelab"]))?;
    Ok(site::target(shell)?.join("release").join(format!("gatelab{}", std::env::consts::EXE_SUFFIX)))
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

fn program(command: &mut std::process::Command) -> Result<Box<dyn Answers>, String> {
    in_words(Program::start(command)).map(|program| Box::new(program) as Box<dyn Answers>)
}

fn in_words<T>(result: Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("{error:#}"))
}

/// Starts PyTorch with a number of threads, if Python has it; and its version.
fn torch(project: &Project, shell: &Shell) -> (impl Fn(&str) -> Result<Box<dyn Answers>, String>, Option<String>) {
    let python = std::env::var("GATELAB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let ask = process::output(shell.command(&python).args(["-c", "import torch; print(torch.__version__)"]));
    let version = ask.ok().map(|text| text.trim().to_owned());
    let (found, shell) = (version.is_some(), shell.clone());
    let (script, shards) = (site::sources(project).join("python/torch_peer.py"), project.shards());
    let start = move |threads: &str| {
        if !found {
            return Err("not installed; GATELAB_PYTHON may name a Python that has it".to_owned());
        }
        program(shell.command(&python).arg(&script).arg(&shards).arg(threads).env("OMP_NUM_THREADS", threads))
    };
    (start, version)
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
        ("rustc".to_owned(), process::output(shell.command("rustc").arg("--version"))?.trim().to_owned()),
        ("TF.js".to_owned(), word(&package["dependencies"]["@tensorflow/tfjs-core"])),
    ];
    versions.extend(torch.map(|version| ("PyTorch".to_owned(), version)));
    Ok(versions)
}
