//! MNIST in shards beside the page: the first is small, so that learning starts before the rest has arrived.

use wasm_bindgen_futures::spawn_local;

use super::bytes::{body, get, inflate, sleep};
use super::mirror;
use super::store::Store;
use crate::protocol::{DataEvent, DataSource, Problem};
use crate::worker::clock::scope;
use crate::worker::{outbox, session};
use gatelab_engine::data::known::MNIST;
use gatelab_engine::data::{Dataset, DatasetKind, Manifest, ShardEntry, Split, parse_manifest, verify_shard};

/// Folder of the shards, relative to the worker's script.
const FOLDER: &str = "data/mnist/";
/// Most bytes of a manifest.
const MANIFEST_CAP: usize = 64 * 1024;
/// Attempts to fetch a shard before the failure is reported.
const TRIES: usize = 3;
/// Time before the next attempts if a run needs the shard, ms; it doubles each time.
const FIRST_WAIT: i32 = 2000;
const LONGEST_WAIT: i32 = 60_000;

/// Fetches the shards, once. If there are none, the files of an earlier download from a mirror are used.
pub(in crate::worker) fn load(store: &mut Store) {
    if store.site_asked || store.mnist.is_some() {
        return;
    }
    store.site_asked = true;
    spawn_local(async {
        if let Err(reason) = load_all().await {
            // The set may have arrived from another source meanwhile.
            let here = session::with(|session| session.store.mnist.is_some());
            if !here && !mirror::from_cache().await {
                outbox::problem(Problem::NoSiteData { message: reason });
                session::with(|session| session.fall_back(MNIST.choice));
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
    let text = String::from_utf8(body(&manifest, 0, MANIFEST_CAP, |_| ()).await?)
        .map_err(|_| "the manifest of the data is not text".to_owned())?;
    let manifest = parse_manifest(&text).map_err(|e| e.to_string())?;
    let mut set = Some(manifest.dataset());
    let shards = in_order(&manifest);
    let total: usize = shards.iter().map(|entry| entry.bytes).sum();
    let mut received = 0;
    for entry in shards {
        let shard = if received == 0 { fetch(entry).await? } else { insist(entry).await };
        received += entry.bytes as u64;
        session::with(|session| -> Result<(), String> {
            let data = session.store.mnist.get_or_insert_with(|| set.take().unwrap_or_else(empty));
            let (labels, pixels) = shard.split_at(entry.count);
            data.split_mut(entry.split).append(labels, pixels).map_err(|e| e.to_string())
        })?;
        drop(shard);
        announce(received, total as u64);
    }
    Ok(())
}

/// A set without examples, for the case that the planned one was used already.
fn empty() -> Dataset {
    Dataset::planned(DatasetKind::Known(MNIST), [0, 0, 0])
}

/// The first training shard, then validation for the error curve, then the rest. The page shows no test error, so test shards
/// are not fetched.
fn in_order(manifest: &Manifest) -> Vec<&ShardEntry> {
    let mut shards: Vec<&ShardEntry> = manifest.shards.iter().filter(|shard| shard.split != Split::Test).collect();
    shards.sort_by_key(|shard| match shard.split {
        Split::Train if shard.start == 0 => 0,
        Split::Valid => 1,
        _ => 2,
    });
    shards
}

/// The bytes of a shard: labels, then pixels.
async fn fetch(entry: &ShardEntry) -> Result<Vec<u8>, String> {
    let mut reason = String::new();
    for _ in 0..TRIES {
        match fetch_once(entry).await {
            Ok(shard) => return Ok(shard),
            Err(error) => reason = error,
        }
    }
    Err(format!("{}: {reason}", entry.file))
}

/// The bytes of a shard that a run needs to go on: repeats the attempts until one succeeds.
async fn insist(entry: &ShardEntry) -> Vec<u8> {
    let mut wait = FIRST_WAIT;
    loop {
        match fetch(entry).await {
            Ok(shard) => return shard,
            // Reported once: a second notice would replace the one that the user has dismissed.
            Err(reason) if wait == FIRST_WAIT => outbox::data_problem(format!(
                "MNIST has arrived only in part ({reason}). The page keeps trying to fetch the rest; the run stops until then where it needs it"
            )),
            Err(_) => {}
        }
        sleep(wait).await;
        wait = (2 * wait).min(LONGEST_WAIT);
    }
}

async fn fetch_once(entry: &ShardEntry) -> Result<Vec<u8>, String> {
    let cap = entry.inflated_bytes();
    let response = get(&url(&entry.file)).await?;
    // A server may have decompressed it on the way.
    let stored = body(&response, entry.bytes, cap.max(entry.bytes), |_| ()).await?;
    let inflated = inflate(stored, cap).await?;
    verify_shard(entry, &inflated).map_err(|e| e.to_string())?;
    Ok(inflated)
}

fn announce(bytes: u64, bytes_total: u64) {
    session::with(|session| {
        let Some(set) = &session.store.mnist else { return };
        let (data, source) = (MNIST.choice, DataSource::Site);
        let (ready, planned) = (set.train.len(), set.train.planned());
        outbox::data(DataEvent::Progress { data, source, ready, planned, bytes, bytes_total });
        if ready == planned {
            outbox::data(DataEvent::ready(set, source));
        }
        session.data_arrived(data);
    });
}
