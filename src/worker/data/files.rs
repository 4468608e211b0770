//! IDX files chosen by the user.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::bytes::{inflate, read_all};
use crate::protocol::{DataEvent, DataSource};
use crate::worker::{outbox, session};
use gatelab_engine::data::{
    Dataset, DatasetKind, Images, Labels, MAX_EXAMPLES, PIXELS, mnist, parse_images, parse_labels,
};
use gatelab_engine::schema::DataChoice;

/// No file is larger, inflated.
const CAP: usize = 16 + MAX_EXAMPLES * PIXELS;

/// Reads the files; what was in use stays in use until they are found good.
pub(in crate::worker) fn open(attachments: &Array) {
    let files: Vec<File> = attachments.iter().filter_map(|file| file.dyn_into().ok()).collect();
    spawn_local(async move {
        match read(&files).await {
            Ok((choice, set)) => {
                let name = set.kind.name().to_owned();
                session::with(|session| match choice {
                    DataChoice::Mnist => session.store.mnist = Some(set),
                    _ => session.store.own = Some(set),
                });
                outbox::data(DataEvent::Ready { data: choice, source: DataSource::Files, name });
                session::with(|session| session.data_arrived(choice));
            }
            Err(error) => outbox::data_problem(error),
        }
    });
}

async fn read(files: &[File]) -> Result<(DataChoice, Dataset), String> {
    if files.len() != 2 && files.len() != 4 {
        return Err(format!(
            "expected two files (images and labels) or four (the same for testing), found {}; choose them together",
            files.len()
        ));
    }
    let mut contents = Vec::new();
    for file in files {
        let bytes = read_all(&file.stream(), file.size() as usize, CAP, |_| ())
            .await
            .map_err(|e| format!("{}: {e}", file.name()))?;
        contents.push(inflate(bytes, CAP).await.map_err(|e| format!("{}: {e}", file.name()))?);
    }
    let mut images: Vec<(Images<'_>, &[u8])> = Vec::new();
    let mut labels: Vec<(Labels<'_>, &[u8])> = Vec::new();
    for (file, bytes) in files.iter().zip(&contents) {
        // The kind is in the file's first bytes: labels are tried where it doesn't hold images.
        match (parse_images(bytes), parse_labels(bytes)) {
            (Ok(found), _) => images.push((found, bytes)),
            (_, Ok(found)) => labels.push((found, bytes)),
            (Err(error), Err(other)) => {
                let error = if bytes.get(3) == Some(&1) { other } else { error };
                return Err(format!("{}: {error}", file.name()));
            }
        }
    }
    if images.len() != labels.len() {
        return Err(format!(
            "expected as many files of images as of labels, found {} and {}",
            images.len(),
            labels.len()
        ));
    }
    // Larger sets first, so that the pairs meet whatever the order in which they were chosen.
    images.sort_by_key(|(images, _)| std::cmp::Reverse(images.len()));
    labels.sort_by_key(|(labels, _)| std::cmp::Reverse(labels.len()));
    let name = files.first().map_or_else(String::new, File::name);
    if let ([train, test], [train_labels, test_labels]) = (&images[..], &labels[..]) {
        let parts = [train.1, train_labels.1, test.1, test_labels.1];
        let set = mnist::dataset_from_files(&name, parts).map_err(|e| e.to_string())?;
        let choice = if set.kind == DatasetKind::Mnist { DataChoice::Mnist } else { DataChoice::Own };
        return Ok((choice, set));
    }
    let pairs: Vec<_> = images.iter().map(|(i, _)| *i).zip(labels.iter().map(|(l, _)| *l)).collect();
    let set = Dataset::from_idx_pairs(DatasetKind::Own(name), &pairs).map_err(|e| e.to_string())?;
    Ok((DataChoice::Own, set))
}
