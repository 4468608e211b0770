//! MNIST from a public mirror, at the user's request: checked by hash, kept in the browser's cache.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Cache, Response};

use super::bytes::{body, get, inflate, words};
use crate::protocol::{DataEvent, DataSource};
use crate::worker::clock::scope;
use crate::worker::{outbox, session};
use gatelab_engine::data::known::MNIST;
use gatelab_engine::data::{Dataset, MAX_EXAMPLES, PIXELS};

/// Name of the cache.
const CACHE: &str = "gatelab-mnist-1";
/// Most bytes of a decompressed file.
const CAP: usize = 16 + MAX_EXAMPLES * PIXELS;
/// Size of the four compressed files together; for the progress bar.
const EXPECTED_BYTES: u64 = 11_594_722;

/// Downloads the four files from `base` (`None`: the built-in mirror).
pub(in crate::worker) fn download(base: Option<String>) {
    spawn_local(async move {
        let base = base.unwrap_or_else(|| MNIST.mirror.unwrap_or_default().to_owned());
        match fetch_all(&base).await {
            Ok(files) => {
                keep(&files).await;
                if let Err(error) = install(files).await {
                    outbox::data_problem(format!("the download from {base} cannot be used: {error}"));
                }
            }
            Err(error) => outbox::data_problem(format!(
                "MNIST could not be downloaded from {base}: {error}. Try again later, or choose the four files yourself; \
                 until then the page goes on with what it has"
            )),
        }
    });
}

/// Uses the files of an earlier download; returns whether there were any.
pub(super) async fn from_cache() -> bool {
    let Some(cache) = open_cache().await else { return false };
    let mut files = Vec::new();
    for file in &MNIST.files {
        let found = JsFuture::from(cache.match_with_str(file.name)).await.ok().filter(|found| !found.is_undefined());
        let Some(response) = found else { return false };
        match body(&response.unchecked_into::<Response>(), 0, CAP, |_| ()).await {
            Ok(bytes) => files.push(bytes),
            Err(_) => return false,
        }
    }
    install(files).await.is_ok()
}

/// The files as downloaded, in the order of the description.
async fn fetch_all(base: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut files: Vec<Vec<u8>> = Vec::new();
    for file in &MNIST.files {
        let before: usize = files.iter().map(Vec::len).sum();
        let response = get(&file.url(base)).await.map_err(|e| format!("{}: {e}", file.name))?;
        let bytes = body(&response, 0, CAP, |count| progress((before + count) as u64)).await?;
        // Each file is checked before the next is fetched.
        let inflated = inflate(bytes.clone(), CAP).await.map_err(|e| format!("{}: {e}", file.name))?;
        file.verify(&inflated).map_err(|e| e.to_string())?;
        files.push(bytes);
    }
    Ok(files)
}

async fn install(files: Vec<Vec<u8>>) -> Result<(), String> {
    let mut inflated = Vec::new();
    for bytes in files {
        inflated.push(inflate(bytes, CAP).await?);
    }
    let [train_images, train_labels, test_images, test_labels] = inflated.as_slice() else {
        return Err(format!("expected four files, found {}; download them again", inflated.len()));
    };
    let pairs: [[&[u8]; 2]; 2] = [[train_images, train_labels], [test_images, test_labels]];
    let set = Dataset::from_files(MNIST.name, &pairs).map_err(|e| e.to_string())?;
    outbox::data(DataEvent::ready(&set, DataSource::Mirror));
    session::with(|session| {
        session.store.mnist = Some(set);
        session.data_arrived(MNIST.choice);
    });
    Ok(())
}

/// Puts the files into the cache. Where that is not allowed, the next visit downloads them again.
async fn keep(files: &[Vec<u8>]) {
    let Some(cache) = open_cache().await else { return };
    for (file, bytes) in MNIST.files.iter().zip(files) {
        let copy = Uint8Array::from(&bytes[..]);
        let Ok(response) = Response::new_with_opt_js_u8_array(Some(&copy)) else { return };
        let put = cache.put_with_str(file.name, &response);
        if let Err(error) = JsFuture::from(put).await {
            outbox::data_problem(format!(
                "MNIST is loaded, but this browser does not keep it for the next visit: {}",
                words(&error)
            ));
            return;
        }
    }
}

async fn open_cache() -> Option<Cache> {
    let caches = scope().caches().ok()?;
    JsFuture::from(caches.open(CACHE)).await.ok().map(JsCast::unchecked_into)
}

fn progress(bytes: u64) {
    outbox::data(DataEvent::Progress {
        data: MNIST.choice,
        source: DataSource::Mirror,
        ready: 0,
        planned: MNIST.split_sizes[0],
        bytes,
        bytes_total: EXPECTED_BYTES,
    });
}
