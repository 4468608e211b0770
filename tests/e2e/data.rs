//! Data that are missing, damaged, slow or the user's own: the page reports it, and learns what is available.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use gatelab_engine::data::known::MNIST;
use gatelab_engine::data::{Images, Labels, PIXELS, Split, encode_images, encode_labels, strokes};
use serde_json::{Value, json};
use xtask::scratch::Scratch;
use xtask::server::{Fault, Reply, Request, Server, Site};

use crate::support::{Plan, Visit, mnist_file};

/// A mirror that responds late, wrongly or not at all must not stop the run.
fn still_learns_strokes(visit: &Visit) -> Result<()> {
    assert_eq!(visit.root("data-dataset")?, "strokes");
    visit.trains()
}

fn is_data(request: &Request) -> bool {
    request.path.starts_with("data/")
}

fn without_data(request: &Request, reply: Reply) -> Reply {
    if is_data(request) { Reply::text(404, "no such file") } else { reply }
}

/// The page on a host without data, with this mirror.
fn with_mirror(mirror: String) -> Result<Visit> {
    let meta = format!("<head><meta name=\"gatelab-mirror\" content=\"{mirror}\">");
    let hook = move |request: &Request, mut reply: Reply| {
        if request.path.is_empty() {
            let page = String::from_utf8_lossy(&reply.body).replacen("<head>", &meta, 1);
            reply.body = page.into_bytes();
        }
        without_data(request, reply)
    };
    let visit = Plan::new()?.site(|site| site.hook(hook)).open("")?;
    visit.root_is("data-dataset", "strokes")?;
    Ok(visit)
}

/// A host with MNIST that other pages may read from.
fn mirror(folder: &Path) -> Result<Server> {
    for file in &MNIST.files {
        let name = format!("{}.gz", file.name);
        std::fs::copy(mnist_file(file.name)?, folder.join(&name)).with_context(|| format!("cannot copy {name}"))?;
    }
    Site::new(folder).header("Access-Control-Allow-Origin", "*").start()
}

#[test]
fn without_digits_beside_the_page_it_learns_strokes_and_offers_mnist() -> Result<()> {
    let visit = Plan::new()?.site(|site| site.hook(without_data)).open("")?;
    visit.root_is("data-dataset", "strokes")?;
    visit.noticed("Training on built-in stroke digits")?;
    assert!(visit.offers("Download MNIST (11 MB)")?);
    still_learns_strokes(&visit)
}

#[test]
fn mnist_comes_from_a_mirror_and_is_kept_for_the_next_visit() -> Result<()> {
    let folder = Scratch::new("mirror")?;
    let mirror = mirror(folder.path())?;
    let visit = with_mirror(mirror.address())?;
    visit.press("Download MNIST (11 MB)")?;
    visit.root_is("data-dataset", "mnist")?;
    visit.trains()?;
    assert_eq!(visit.notices()?, "");

    mirror.set_hook(|_, _| Reply::text(503, "not today"));
    let before = mirror.requests().len();
    visit.browser.reload()?;
    visit.until("return window.__said.some(([name, value]) => name === 'data-dataset' && value === 'mnist');")?;
    visit.root_is("data-dataset", "mnist")?;
    visit.trains()?;
    assert_eq!(mirror.requests().len(), before, "what is kept is not downloaded again");
    Ok(())
}

#[test]
fn bad_mirrors_are_refused_in_words_and_the_run_goes_on() -> Result<()> {
    let folder = Scratch::new("mirror")?;
    let mirror = mirror(folder.path())?;
    let visit = with_mirror(mirror.address())?;
    let change = |change: fn(&mut Reply)| {
        mirror.set_hook(move |_, mut reply| {
            change(&mut reply);
            reply
        });
    };
    let refused = |what: &str| -> Result<()> {
        visit.press("Download MNIST (11 MB)")?;
        let said = visit.noticed("could not be downloaded").with_context(|| what.to_owned())?;
        assert!(said.contains("choose the four files yourself"), "{what}: {said}");
        still_learns_strokes(&visit).with_context(|| what.to_owned())?;
        visit.press("Dismiss")
    };

    change(|reply| *reply = Reply::text(404, "no such file"));
    refused("a mirror without the files")?;
    // Other bytes in a valid gzip file: only the hash differs.
    let other = std::fs::read(mnist_file("t10k-labels-idx1-ubyte")?)?;
    mirror.set_hook(move |_, reply| Reply { body: other.clone(), ..reply });
    refused("a mirror with other files")?;
    change(|reply| {
        let half = reply.body.len() / 2;
        reply.body.truncate(half);
    });
    refused("files cut short")?;
    change(|reply| reply.fault = Fault::CutAfter(1000));
    refused("a connection that breaks")?;
    change(|reply| *reply = Reply::new(200, "text/html", b"<h1>Log in to this network</h1>".to_vec()));
    refused("a page of a captive portal")?;
    drop(mirror);
    refused("a mirror that is not there")
}

/// All shards but this one are good; this one is changed by the server.
fn with_shard(file: &'static str, change: fn(Reply) -> Reply) -> Result<Visit> {
    let hook = move |request: &Request, reply: Reply| if request.path.ends_with(file) { change(reply) } else { reply };
    Plan::new()?.site(|site| site.hook(hook)).open("")
}

fn damaged(mut reply: Reply) -> Reply {
    let middle = reply.body.len() / 2;
    if let Some(byte) = reply.body.get_mut(middle) {
        *byte ^= 0x55;
    }
    reply
}

fn cut(reply: Reply) -> Reply {
    let half = reply.body.len() / 2;
    reply.with_fault(Fault::CutAfter(half))
}

fn stalled(reply: Reply) -> Reply {
    reply.with_fault(Fault::StallAfter(1000))
}

#[test]
fn a_first_shard_that_is_damaged_cut_or_stalled_leaves_strokes() -> Result<()> {
    let first = first_shard()?;
    for change in [damaged, cut, stalled] {
        let visit = with_shard(first, change)?;
        visit.root_is("data-dataset", "strokes")?;
        still_learns_strokes(&visit)?;
    }
    Ok(())
}

#[test]
fn a_manifest_that_is_none_leaves_strokes() -> Result<()> {
    let visit = with_shard("manifest.json", |_| Reply::new(200, "application/json", b"{\"version\":99}".to_vec()))?;
    visit.root_is("data-dataset", "strokes")?;
    visit.noticed("Training on built-in stroke digits")?;
    still_learns_strokes(&visit)
}

/// The run has begun with the first shard; it stops before the second, reports it, and goes on when that is available.
#[test]
fn a_run_waits_for_a_later_shard_until_it_can_be_had() -> Result<()> {
    let second = training_shards()?.swap_remove(1).leak();
    let visit = with_shard(second, damaged)?;
    visit.noticed("MNIST has arrived only in part")?;
    assert_eq!(visit.root("data-dataset")?, "mnist");
    visit.server.clear_hook();
    // More than the first shard has minibatches.
    visit.reach(200)?;
    assert_eq!(visit.root("data-state")?, "running");
    Ok(())
}

#[test]
fn a_shard_that_is_damaged_once_is_asked_for_again() -> Result<()> {
    let first = first_shard()?;
    let times = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&times);
    let hook = move |request: &Request, reply: Reply| {
        let bad = request.path.ends_with(first) && count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        if bad { damaged(reply) } else { reply }
    };
    let visit = Plan::new()?.site(|site| site.hook(hook)).open("")?;
    visit.root_is("data-dataset", "mnist")?;
    visit.trains()?;
    assert_eq!(times.load(std::sync::atomic::Ordering::SeqCst), 2);
    assert_eq!(visit.notices()?, "");
    Ok(())
}

/// The names of the shards of training digits, as the manifest beside the page has them.
fn training_shards() -> Result<Vec<String>> {
    let path = xtask::e2e::Stage::from_env()?.dist().join("data/mnist/manifest.json");
    let text = std::fs::read(&path).with_context(|| format!("no {}: `cargo xtask data` says why", path.display()))?;
    let manifest: Value = serde_json::from_slice(&text)?;
    let shards = manifest["shards"].as_array().context("a manifest without shards")?;
    let training = shards.iter().filter(|shard| shard["split"] == "train");
    Ok(training.filter_map(|shard| shard["file"].as_str().map(str::to_owned)).collect())
}

/// Hooks outlive the test's own frame.
fn first_shard() -> Result<&'static str> {
    let name = training_shards()?.into_iter().next().context("no shards")?;
    Ok(name.leak())
}

/// The user's own files, given to the file input.
struct Files {
    folder: Scratch,
    visit: Visit,
}

impl Files {
    fn new() -> Result<Self> {
        let visit = Plan::new()?.open("#data=strokes")?;
        visit.trains()?;
        Ok(Self { folder: Scratch::new("own")?, visit })
    }

    fn put(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    fn choose(&self, files: &[PathBuf]) -> Result<()> {
        let paths: Vec<String> = files.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        self.visit.browser.find("input[type=file]")?.keys(&paths.join("\n"))
    }

    /// Files are refused with these words, and the run goes on.
    fn refused(&self, files: &[PathBuf], words: &str) -> Result<()> {
        self.choose(files)?;
        let said = self.visit.noticed(words)?;
        still_learns_strokes(&self.visit).with_context(|| said)?;
        self.visit.press("Dismiss")
    }
}

/// Images and labels in IDX format.
fn pair(count: usize) -> Result<(Vec<u8>, Vec<u8>)> {
    let (labels, pixels) = strokes::generate(1, Split::Train, 0..count);
    assert_eq!(pixels.len(), count * PIXELS);
    Ok((encode_images(Images::from_pixels(&pixels)?), encode_labels(Labels::from_bytes(&labels)?)))
}

#[test]
fn files_of_ones_own_are_learned() -> Result<()> {
    let files = Files::new()?;
    let (images, labels) = pair(3000)?;
    // In the other order: the files' contents say what they are.
    files.choose(&[files.put("b-labels", &labels)?, files.put("a-images", &images)?])?;
    files.visit.root_is("data-dataset", "own")?;
    files.visit.trains()?;
    assert_eq!(files.visit.notices()?, "");
    files.visit.is_content()
}

/// A text file beside the IDX files names the classes, wherever the page names one.
#[test]
fn files_of_ones_own_bring_names_of_their_classes() -> Result<()> {
    const NAMES: &str = "alpha\nbravo\ncharlie\ndelta\necho\nfoxtrot\ngolf\nhotel\nindia\njuliett\n";
    let named = |selector: &str, pattern: &str| {
        format!(
            "const part = document.querySelector('{selector}');
             part.scrollIntoView();
             return /{pattern}/.test(part.getAttribute('aria-label') ?? part.textContent);"
        )
    };
    let any = NAMES.trim().replace('\n', "|");
    let files = Files::new()?;
    let (images, labels) = pair(3000)?;
    let names = files.put("classes.txt", NAMES.as_bytes())?;
    files.choose(&[files.put("images", &images)?, names, files.put("labels", &labels)?])?;
    files.visit.root_is("data-dataset", "own")?;
    files.visit.trains()?;
    files.visit.until(&named(".classes canvas", "for alpha, .* for juliett; "))?;
    files.visit.until(&named(".one-digit canvas", &format!("^An example of ({any})\\..* class: ({any}), ")))?;
    files.visit.until(&named(".one-digit .verdict", &format!("^(right:|says) ({any}), ")))?;
    assert_eq!(files.visit.notices()?, "");

    // Another set has the names of its own classes.
    files.visit.go("#data=strokes")?;
    files.visit.root_is("data-dataset", "strokes")?;
    files.visit.until(&named(".classes canvas", "for 0, .* for 9; ")).map(drop)
}

#[test]
fn files_that_are_no_digits_are_refused_in_words_and_the_run_goes_on() -> Result<()> {
    let files = Files::new()?;
    let (images, labels) = pair(300)?;
    let good_images = files.put("images", &images)?;
    let good_labels = files.put("labels", &labels)?;
    let (_, too_few) = pair(299)?;
    let mut vast = images.clone();
    vast[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
    let mut wrong = labels.clone();
    *wrong.last_mut().context("no labels")? = 10;

    files.refused(std::slice::from_ref(&good_images), "expected two IDX files")?;
    files.refused(&[good_images.clone(), files.put("noise", b"not digits at all")?], "noise")?;
    files.refused(&[good_images.clone(), files.put("empty", b"")?], "empty")?;
    files.refused(&[files.put("short", &images[..images.len() / 2])?, good_labels.clone()], "short")?;
    files.refused(&[files.put("vast", &vast)?, good_labels.clone()], "vast")?;
    files.refused(&[good_images.clone(), files.put("eleven", &wrong)?], "10")?;
    let names = files.put("names.txt", b"a,b,c")?;
    files.refused(&[good_images.clone(), good_labels.clone(), names], "names.txt: expected 10 names")?;
    files.refused(&[good_images, files.put("few", &too_few)?], "299")?;
    files.refused(&[files.put("torn.gz", &[&[0x1f, 0x8b, 8, 0], &images[..500]].concat())?, good_labels], "torn.gz")?;
    Ok(())
}

/// A hundred megabytes: refused before they are read to their end.
#[test]
fn a_file_larger_than_any_of_digits_is_refused() -> Result<()> {
    let files = Files::new()?;
    let (_, labels) = pair(300)?;
    let huge = files.put("huge", b"")?;
    std::fs::File::options().write(true).open(&huge)?.set_len(200 << 20)?;
    files.refused(&[huge, files.put("labels", &labels)?], "huge")
}

/// An address that names files of one's own cannot bring them.
#[test]
fn an_address_with_somebodys_own_files_asks_for_them() -> Result<()> {
    let visit = Plan::new()?.open("#data=own&est=st")?;
    let said = visit.noticed("your own files")?;
    assert!(said.contains("Choose"), "{said}");
    visit.browser.wait_until("return Number(document.documentElement.dataset.step) > 5;", Duration::from_secs(40))?;
    assert_eq!(json!(visit.root("data-state")?), "running");
    Ok(())
}
