//! The instruments themselves, in a real browser: an end-to-end test is worth as much as what it would notice.
//!
//! Run by `cargo xtask test e2e`; plain `cargo test` leaves it alone, as it needs Chromium.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use xtask::e2e;
use xtask::scratch::Scratch;
use xtask::server::{Server, Site};
use xtask::webdriver::{Driver, Options, Session};

const PATIENCE: Duration = Duration::from_secs(20);

/// A page of its own with these files, in a browser.
struct Trial {
    // Dropped in this order: browser, server, folder.
    browser: Session,
    server: Server,
    _folder: Scratch,
}

impl Trial {
    fn new(files: &[(&str, &str)], options: &Options) -> Result<Self> {
        let folder = Scratch::new("trial")?;
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content)?;
        }
        let server = Site::new(folder.path()).prefix("/a/b/").start()?;
        let driver = std::env::var_os(e2e::CHROMEDRIVER).context("run `cargo xtask test e2e`")?;
        let browser = Driver::start(driver.as_ref())?.session(options)?;
        browser.goto(&server.address())?;
        Ok(Self { browser, server, _folder: folder })
    }
}

/// A page that does one thing after it was loaded, with a worker that it may start.
fn page(script: &str) -> String {
    format!("<!doctype html><link rel=icon href='data:,'><h1>Trial</h1><script type=module>{script}</script>")
}

/// Waits until a complaint that holds `text` was seen.
fn complains(script: &str, worker: &str, text: &str) -> Result<()> {
    let files = [("index.html", page(script)), ("worker.js", worker.to_owned())];
    let files = files.iter().map(|(name, content)| (*name, content.as_str())).collect::<Vec<_>>();
    let trial = Trial::new(&files, &Options::new())?;
    let begin = std::time::Instant::now();
    let mut seen = Vec::new();
    while begin.elapsed() < PATIENCE {
        seen.extend(trial.browser.complaints()?);
        if seen.iter().any(|complaint| complaint.contains(text)) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("`{script}` with worker `{worker}`: nothing about {text} in {seen:?}");
}

const START: &str = "window.worker = new Worker('worker.js', { type: 'module' });";

#[test]
fn failures_of_the_page_are_seen() -> Result<()> {
    complains("throw new Error('thrown-42')", "", "thrown-42")?;
    complains("Promise.reject(new Error('rejected-42'))", "", "rejected-42")?;
    complains("console.error('said-42')", "", "said-42")?;
    complains("console.warn('warned-42')", "", "warned-42")?;
    complains("fetch('missing-42.bin')", "", "missing-42.bin")
}

#[test]
fn failures_of_a_worker_are_seen() -> Result<()> {
    complains(START, "throw new Error('thrown-42')", "thrown-42")?;
    complains(START, "syntax error 42", "worker.js could not be started")?;
    complains("new Worker('missing-42.js', { type: 'module' })", "", "missing-42.js")?;
    complains(START, "Promise.reject(new Error('rejected-42'))", "rejected-42")?;
    // A request that fails within a worker is in the server's log only, where it is known whose it was.
    complains(START, "console.error('said-42')", "said-42")
}

#[test]
fn a_quiet_page_has_no_complaints() -> Result<()> {
    let page = page(
        "window.worker = new Worker('worker.js', { type: 'module' }); worker.onmessage = () => window.heard = true;",
    );
    let trial = Trial::new(&[("index.html", &page), ("worker.js", "postMessage(1)")], &Options::new())?;
    trial.browser.wait_until("return window.heard", PATIENCE)?;
    assert_eq!(trial.browser.complaints()?, Vec::<String>::new());
    assert_eq!(trial.server.requests().len(), 2);
    Ok(())
}

#[test]
fn elements_scripts_and_pictures() -> Result<()> {
    let page = "<!doctype html><link rel=icon href='data:,'><body style='margin:0;background:#123456'>\
        <button class=b onclick=\"this.textContent='clicked'\">click</button><button class=b>other</button>\
        <input id=i value=x><p id=late></p><script>setTimeout(() => late.textContent = 'now', 300)</script>";
    let trial = Trial::new(&[("index.html", page)], &Options::new().size(390, 844).argument("--js-flags=--expose-gc"))?;
    let browser = &trial.browser;

    browser.click(".b")?;
    assert_eq!(browser.find(".b")?.text()?, "clicked");
    assert_eq!(browser.find_all(".b")?.len(), 2);
    let input = browser.find("#i")?;
    input.keys("yz")?;
    assert_eq!((input.property("value")?, input.attribute("id")?), (json!("xyz"), Some("i".to_owned())));
    assert!(browser.find("#missing").is_err());

    assert_eq!(browser.execute("return arguments[0] + 1", &[json!(2)])?, json!(3));
    assert_eq!(browser.execute("return arguments[0].id", &[input.reference().clone()])?, json!("i"));
    assert_eq!(browser.execute("return typeof gc", &[])?, json!("function"), "extra arguments arrive");
    assert_eq!(browser.execute_async("setTimeout(arguments[0], 10, 'later')", &[])?, json!("later"));
    browser.wait_until("return late.textContent === 'now'", PATIENCE)?;
    let error = browser.wait_until("return nothing.there", Duration::from_millis(200)).unwrap_err().to_string();
    assert!(error.contains("nothing is not defined"), "{error}");

    let picture = browser.screenshot()?;
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    // Width and height stand at a fixed place of the file.
    assert_eq!(picture[16..24], [0, 0, 390_u16.to_be_bytes()[0], 390_u16.to_be_bytes()[1], 0, 0, 3, 0x4c]);
    browser.resize(1000, 500)?;
    assert_eq!(browser.execute("return [innerWidth, innerHeight]", &[])?, json!([1000, 500]));

    let requested = browser.log("performance")?;
    assert!(requested.iter().any(|entry| entry.message.contains("Network.requestWillBeSent")));
    let version = browser.cdp("Browser.getVersion", &json!({}))?;
    assert!(version["product"].as_str().is_some_and(|product| product.contains("Chrome")));
    Ok(())
}
