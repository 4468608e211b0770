//! MNIST beside the page, in shards: the first is small, so that learning starts before the rest has arrived.

use wasm_bindgen_futures::spawn_local;

use super::bytes::{body, get, inflate};
use super::mirror;
use super::store::Store;
use crate::data::{Dataset, Manifest, ShardEntry, Split, parse_manifest, verify_shard};
use crate::protocol::{DataEvent, DataSource, Problem};
use crate::training::config::DataChoice;
use crate::worker::clock::scope;
use crate::worker::{outbox, session};

/// Folder of the shards, relative to the worker's script.
const FOLDER: &str = "data/mnist/";
/// No manifest is larger.
const MANIFEST_CAP: usize = 64 * 1024;
/// How often a shard is asked for before that is given up.
const TRIES: usize = 3;

/// Asks for the shards, once; what has been downloaded from a mirror before is found if there are none.
pub(in crate::worker) fn load(store: &mut Store) {
    if store.site_asked || store.mnist.is_some() {
        return;
    }
    store.site_asked = true;
    spawn_local(async {
        if let Err(reason) = load_all().await {
            let began = session::with(|session| session.store.mnist.is_some());
            if began {
                outbox::data_problem(format!("MNIST arrived only in part: {reason}. Reload the page to try again"));
            } else if !mirror::from_cache().await {
                outbox::problem(Problem::NoSiteData { message: reason });
                session::with(|session| session.fall_back(DataChoice::Mnist));
            }
        }
    });
}

fn url(file: &str) -> String {
    let script = scope().location().href();
    let folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{FOLDER}{file}")
}

async fn load_all() -> Result<(), String> {
    let manifest = get(&url("manifest.json")).await?;
    let text = String::from_utf8(body(&manifest, MANIFEST_CAP, |_| ()).await?)
        .map_err(|_| "the manifest of the data is not text".to_owned())?;
    let manifest = parse_manifest(&text).map_err(|e| e.to_string())?;
    let mut set = Some(manifest.dataset());
    let total = manifest.total_bytes();
    let mut received = 0;
    for entry in in_order(&manifest) {
        let shard = fetch(entry).await?;
        received += entry.bytes as u64;
        session::with(|session| -> Result<(), String> {
            let data = session.store.mnist.get_or_insert_with(|| set.take().unwrap_or_else(empty));
            data.split_mut(entry.split).append(&shard.0, &shard.1).map_err(|e| e.to_string())
        })?;
        announce(received, total as u64);
    }
    Ok(())
}

/// A set that nothing will ever be added to; stands where one was taken already.
fn empty() -> Dataset {
    Dataset::planned(crate::data::DatasetKind::Mnist, [0, 0, 0])
}

/// The first training shard, then validation for the error curve, then the rest; test digits last.
fn in_order(manifest: &Manifest) -> Vec<&ShardEntry> {
    let mut shards: Vec<&ShardEntry> = manifest.shards.iter().collect();
    shards.sort_by_key(|shard| match shard.split {
        Split::Train if shard.start == 0 => 0,
        Split::Valid => 1,
        Split::Train => 2,
        Split::Test => 3,
    });
    shards
}

async fn fetch(entry: &ShardEntry) -> Result<(Vec<u8>, Vec<u8>), String> {
    let mut reason = String::new();
    for _ in 0..TRIES {
        match fetch_once(entry).await {
            Ok(shard) => return Ok(shard),
            Err(error) => reason = error,
        }
    }
    Err(format!("{}: {reason}", entry.file))
}

async fn fetch_once(entry: &ShardEntry) -> Result<(Vec<u8>, Vec<u8>), String> {
    let cap = entry.inflated_bytes();
    let response = get(&url(&entry.file)).await?;
    // A server may have inflated it on the way.
    let stored = body(&response, cap.max(entry.bytes), |_| ()).await?;
    let inflated = inflate(stored, cap).await?;
    let shard = verify_shard(entry, &inflated).map_err(|e| e.to_string())?;
    Ok((shard.labels.to_vec(), shard.pixels.to_vec()))
}

fn announce(bytes: u64, bytes_total: u64) {
    let (ready, planned) = session::with(|session| {
        session.store.mnist.as_ref().map_or((0, 0), |data| (data.train.len(), data.train.planned()))
    });
    let (data, source) = (DataChoice::Mnist, DataSource::Site);
    outbox::data(DataEvent::Progress { data, source, ready, planned, bytes, bytes_total });
    if ready == planned {
        outbox::data(DataEvent::Ready { data, source, name: "MNIST".into() });
    }
    session::with(|session| session.data_arrived(data));
}
