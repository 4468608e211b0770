//! `gatelab train` on IDX files that are not MNIST: they train, and the report has the names of their classes.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gatelab_engine::data::known::FILE_NAMES;
use gatelab_engine::data::{Images, Labels, Split, encode_images, encode_labels, strokes};
use serde_json::{Value, json};

/// A folder of one test with an IDX set of 28×28 images in ten classes; `seed` makes different ones.
fn folder(test: &str, seed: u64) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let parts = [(Split::Train, 1_200), (Split::Test, 200)];
    for ((split, count), names) in parts.into_iter().zip(FILE_NAMES.as_chunks::<2>().0) {
        let (labels, pixels) = strokes::generate(seed, split, 0..count);
        fs::write(folder.join(names[0]), encode_images(Images::from_pixels(&pixels).unwrap())).unwrap();
        fs::write(folder.join(names[1]), encode_labels(Labels::from_bytes(&labels).unwrap())).unwrap();
    }
    folder
}

/// `gatelab train` for one epoch with the data in `folder`, run inside it.
fn train(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatelab"));
    command.current_dir(folder).env_remove("MNIST_DIR").args(["train", "--quiet", "--epochs", "1"]);
    command.args(arguments).output().unwrap()
}

fn report(folder: &Path, arguments: &[&str]) -> Value {
    let output = train(folder, &[arguments, &["--json", "report.json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap()).unwrap()
}

#[track_caller]
fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn a_set_that_is_not_mnist_trains_under_the_names_of_its_classes() {
    let folder = folder("letters", 5);
    let report_named = report(&folder, &["--data", ".", "--classes", "a,b,c,d,e,f,g,h,i,j"]);
    assert_eq!(report_named["classes"], json!(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]));
    assert_eq!((&report_named["data"], &report_named["config"]["data"]), (&json!("letters"), &json!("own")));
    assert!(report_named["test_error_percent"].as_f64().unwrap() < 80.0, "chance is 90 %");
    let plain = report(&folder, &["--data", "."]);
    assert_eq!(plain["classes"], json!(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]));
    assert_eq!(plain["param_digest"], report_named["param_digest"], "names change nothing that is computed");
}

#[test]
fn names_that_do_not_fit_are_refused() {
    let folder = folder("misnamed", 5);
    refused(&train(&folder, &["--data", ".", "--classes", "a,b,c"]), &["--classes", "expected 10", "found 3"]);
    refused(&train(&folder, &["--data", ".", "--classes", "a,b,c,d,e,f,g,h,i,a"]), &["--classes", "\"a\" for class 9"]);
    refused(&train(&folder, &["--strokes", "--classes", "a,b,c,d,e,f,g,h,i,j"]), &["--classes", "--strokes"]);
}

#[test]
fn a_checkpoint_is_not_resumed_on_other_data() {
    let (folder, other) = (folder("made-with", 5), folder("others", 6));
    assert!(train(&folder, &["--data", ".", "--checkpoint", "checkpoint"]).status.success());
    let checkpoint = folder.join("checkpoint");
    let resume = ["--data", ".", "--resume", checkpoint.to_str().unwrap()];
    assert!(train(&folder, &resume).status.success());
    refused(
        &train(&other, &resume),
        &["expected the data that the checkpoint was made with", "found others", "--data"],
    );
}
