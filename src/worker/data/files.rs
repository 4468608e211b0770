//! IDX files chosen by the user.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::bytes::{inflate, read_all};
use crate::protocol::{DataEvent, DataSource};
use crate::worker::{outbox, session};
use gatelab_engine::data::{
    ClassNames, DataChoice, Dataset, Images, Labels, MAX_EXAMPLES, PIXELS, parse_images, parse_labels,
};

/// Most bytes of a decompressed file.
const CAP: usize = 16 + MAX_EXAMPLES * PIXELS;

/// End of the name of a text file with the names of the classes.
const NAMES: &str = ".txt";

/// Reads the files and announces the set; on an error, the set in use remains in use.
pub(in crate::worker) fn open(attachments: &Array) {
    let files: Vec<File> = attachments.iter().filter_map(|file| file.dyn_into().ok()).collect();
    spawn_local(async move {
        match read(&files).await {
            Ok(set) => {
                let choice = set.kind.choice();
                outbox::data(DataEvent::ready(&set, DataSource::Files));
                session::with(|session| {
                    match choice {
                        DataChoice::Mnist => session.store.mnist = Some(set),
                        _ => session.store.own = Some(set),
                    }
                    session.data_arrived(choice);
                });
            }
            Err(error) => outbox::data_problem(error),
        }
    });
}

/// A file by its name, decompressed.
struct Content {
    name: String,
    bytes: Vec<u8>,
}

async fn read(files: &[File]) -> Result<Dataset, String> {
    let mut contents = Vec::new();
    let mut classes = None;
    for file in files {
        let name = file.name();
        let say = |error: String| format!("{name}: {error}");
        let bytes = read_all(&file.stream(), file.size() as usize, CAP, |_| ()).await.map_err(say)?;
        let bytes = inflate(bytes, CAP).await.map_err(say)?;
        if name.to_lowercase().ends_with(NAMES) {
            let names = ClassNames::parse(&String::from_utf8_lossy(&bytes)).map_err(|e| say(e.to_string()))?;
            classes = Some(names);
        } else {
            contents.push(Content { name, bytes });
        }
    }
    if contents.len() != 2 && contents.len() != 4 {
        return Err(format!(
            "expected two IDX files (images and labels) or four (the same for testing), found {}; choose them together",
            contents.len()
        ));
    }
    let set = dataset(&contents)?;
    match classes {
        Some(classes) => set.with_classes(classes).map_err(|e| e.to_string()),
        None => Ok(set),
    }
}

/// The set of one or two files of images and as many of labels, in any order.
fn dataset(contents: &[Content]) -> Result<Dataset, String> {
    let mut images: Vec<(Images<'_>, &[u8])> = Vec::new();
    let mut labels: Vec<(Labels<'_>, &[u8])> = Vec::new();
    for Content { name, bytes } in contents {
        // The first bytes of a file say which kind it is. A file that holds no images may hold labels.
        match (parse_images(bytes), parse_labels(bytes)) {
            (Ok(found), _) => images.push((found, bytes)),
            (_, Ok(found)) => labels.push((found, bytes)),
            (Err(error), Err(other)) => {
                let error = if bytes.get(3) == Some(&1) { other } else { error };
                return Err(format!("{name}: {error}"));
            }
        }
    }
    if images.len() != labels.len() {
        return Err(format!(
            "expected as many files of images as of labels, found {} and {}; choose a file of labels for each file of images",
            images.len(),
            labels.len()
        ));
    }
    // Larger sets first: images and labels of a pair are equally many, so the pairs don't depend on the order of choice.
    images.sort_by_key(|(images, _)| std::cmp::Reverse(images.len()));
    labels.sort_by_key(|(labels, _)| std::cmp::Reverse(labels.len()));
    let pairs: Vec<[&[u8]; 2]> =
        images.iter().zip(&labels).map(|((_, images), (_, labels))| [*images, *labels]).collect();
    let name = contents.first().map_or("", |content| content.name.as_str());
    Dataset::from_files(name, &pairs).map_err(|e| e.to_string())
}
