//! Data sets: from files, from shards, and what the rest of the crate reads from them.

#![allow(clippy::float_cmp, reason = "pixels become exactly these numbers")]
#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use std::fs;
use std::path::{Path, PathBuf};

use gatelab_engine::data::digest::sha256_hex;
use gatelab_engine::data::known::{Description, FILE_NAMES, KNOWN, KnownFile, MNIST, Recognised, recognise};
use gatelab_engine::data::{
    ClassNames, DataChoice, DataError, Dataset, DatasetKind, Examples, Images, Labels, Manifest, PIXELS, Shard,
    ShardEntry, Split, encode_images, encode_labels, encode_shard, load_dir, parse_manifest, verify_shard,
};
use gatelab_kernels::Input;
use proptest::prelude::*;

/// Examples whose pixels all tell their number.
fn numbered(count: usize) -> (Vec<u8>, Vec<u8>) {
    let labels = (0..count).map(|i| (i % 10) as u8).collect();
    (labels, (0..count * PIXELS).map(|i| (i / PIXELS) as u8).collect())
}

fn own(sizes: &[usize]) -> Result<Dataset, DataError> {
    let data: Vec<_> = sizes.iter().map(|&size| numbered(size)).collect();
    let pairs: Vec<_> = data
        .iter()
        .map(|(labels, pixels)| (Images::from_pixels(pixels).unwrap(), Labels::from_bytes(labels).unwrap()))
        .collect();
    Dataset::from_idx_pairs(DatasetKind::Own("mine".into()), &pairs)
}

fn sizes(set: &Dataset) -> [usize; 3] {
    assert!(set.is_complete());
    Split::ALL.map(|split| set.split(split).len())
}

#[test]
fn own_files_are_split_in_file_order() {
    let one = own(&[700]).unwrap();
    assert_eq!(sizes(&one), [500, 100, 100]);
    assert_eq!([one.valid.image(0)[0], one.test.image(0)[783]], [500_usize as u8, 600_usize as u8]);
    assert_eq!(sizes(&own(&[703]).unwrap()), [503, 100, 100]);
    for order in [[600, 100], [100, 600]] {
        let two = own(&order).unwrap();
        assert_eq!(sizes(&two), [500, 100, 100]);
        assert_eq!(two.valid.label(1), 1);
    }
    assert_eq!(sizes(&own(&[60_000, 10_000]).unwrap()), MNIST.split_sizes);
}

#[test]
fn own_files_that_make_no_set_are_refused() {
    assert!(matches!(own(&[699]), Err(DataError::TooFew { needed: 700, found: 699, .. })));
    assert!(matches!(own(&[900, 99]), Err(DataError::TooFew { needed: 100, found: 99, .. })));
    assert!(matches!(own(&[]), Err(DataError::PairCount { found: 0 })));
    assert!(matches!(own(&[700, 700, 700]), Err(DataError::PairCount { found: 3 })));
    assert!(matches!(own(&[60_000, 40_001]), Err(DataError::TooMany { .. })));
    let (labels, pixels) = numbered(800);
    let pair = (Images::from_pixels(&pixels).unwrap(), Labels::from_bytes(&labels[1..]).unwrap());
    let set = Dataset::from_idx_pairs(DatasetKind::Known(MNIST), &[pair]);
    assert_eq!(set, Err(DataError::Pair { images: 800, labels: 799 }));
}

#[test]
fn appending_keeps_to_the_plan() {
    let (labels, pixels) = numbered(6);
    let mut examples = Examples::with_plan(5);
    examples.append(&labels[..3], &pixels[..3 * PIXELS]).unwrap();
    let before = examples.clone();
    assert!(matches!(examples.append(&labels[3..], &pixels[3 * PIXELS..]), Err(DataError::OutOfRange { .. })));
    assert!(matches!(examples.append(&labels[3..5], &pixels[3 * PIXELS..]), Err(DataError::Length { .. })));
    assert!(matches!(examples.append(&[10], &pixels[..PIXELS]), Err(DataError::Label { .. })));
    assert_eq!(examples, before);
    examples.append(&labels[3..5], &pixels[3 * PIXELS..5 * PIXELS]).unwrap();
    assert!(examples.is_complete() && examples.label(4) == 4 && examples.image(4)[0] == 4);
}

#[test]
fn a_batch_holds_pixels_between_0_and_1_and_only_examples_that_are_here() {
    let mut examples = Examples::with_plan(300);
    let (labels, pixels) = numbered(256);
    examples.append(&labels, &pixels).unwrap();
    let (mut x, mut y) = (Input::<f32>::new(1, PIXELS), [99; 3]);
    examples.load(&[255, 0, 51], &mut x, &mut y).unwrap();
    assert_eq!(y, [5, 0, 1]);
    let values = x.to_dense();
    assert_eq!(values.dim(), (3, PIXELS));
    assert_eq!([values[(0, 0)], values[(1, 0)], values[(2, PIXELS - 1)]], [1.0, 0.0, 0.2]);
    let mut wide = Input::<f64>::new(3, PIXELS);
    examples.load(&[255, 0, 51], &mut wide, &mut y).unwrap();
    assert!(wide.to_dense().iter().zip(&values).all(|(&wide, &narrow)| wide == f64::from(narrow)));

    let before = x.clone();
    let absent = examples.load(&[0, 256, 1], &mut x, &mut y);
    assert_eq!(absent, Err(DataError::OutOfRange { limit: 256, index: 256 }));
    assert!(matches!(examples.load(&[0], &mut x, &mut y), Err(DataError::Length { .. })));
    assert_eq!(y, [5, 0, 1]);
    assert!(x == before, "nothing is changed");
}

/// A checkpoint's data must be refused if they are others, and only then.
#[test]
fn a_checkpoints_digest_is_compared_with_the_data() {
    let (labels, pixels) = numbered(1_000);
    let mut set = Dataset::planned(DatasetKind::Own("mine".into()), [1_000, 10, 10]);
    assert_eq!(set.check_digest(None), Ok(true));
    assert_eq!(set.check_digest(Some(7)), Ok(false), "nothing has arrived that could be compared");
    set.train.append(&labels, &pixels).unwrap();
    let made_with = set.content_digest();
    assert_eq!(set.check_digest(made_with), Ok(true));
    assert_eq!(set.check_digest(None), Ok(true));
    // Names change nothing that is computed.
    set.kind = DatasetKind::Own("renamed".into());
    let set = set.with_classes(ClassNames::parse("a,b,c,d,e,f,g,h,i,j").unwrap()).unwrap();
    assert_eq!(set.check_digest(made_with), Ok(true));

    let mut other = Dataset::planned(DatasetKind::Own("other".into()), [1_000, 10, 10]);
    other.train.append(&labels, &pixels.iter().map(|pixel| pixel ^ 1).collect::<Vec<_>>()).unwrap();
    let error = other.check_digest(made_with).unwrap_err();
    assert!(matches!(error, DataError::OtherData { .. }));
    let said = error.to_string();
    for word in ["expected", &format!("{:016x}", made_with.unwrap()), "found other", "choose the data"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

/// Two pairs of files and a table with one row that knows them.
fn published() -> ([Vec<u8>; 4], Vec<Description>) {
    let file = |count: usize, shift: u8| {
        let (labels, pixels) = numbered(count);
        let pixels: Vec<u8> = pixels.iter().map(|pixel| pixel.wrapping_add(shift)).collect();
        let images = encode_images(Images::from_pixels(&pixels).unwrap());
        [images, encode_labels(Labels::from_bytes(&labels).unwrap())]
    };
    let ([a, b], [c, d]) = (file(900, 1), file(150, 2));
    let files = [a, b, c, d];
    let known = std::array::from_fn(|i| KnownFile { name: FILE_NAMES[i], sha256: String::leak(sha256_hex(&files[i])) });
    let row = Description {
        id: "letters",
        name: "Letters",
        choice: DataChoice::Own,
        classes: ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"],
        split_sizes: [750, 150, 150],
        files: known,
        mirror: None,
    };
    (files, vec![row])
}

#[test]
fn known_sets_are_recognised_by_the_hashes_of_their_files() {
    let (files, table) = published();
    let [a, b, c, d] = files.each_ref().map(Vec::as_slice);
    assert_eq!(recognise(&table, &[[a, b], [c, d]]), Ok(Recognised::Whole(&table[0])));
    for part in [vec![[a, b]], vec![[c, d]], vec![[c, d], [a, b]], vec![[a, b], [a, b]]] {
        assert_eq!(recognise(&table, &part), Ok(Recognised::Part(&table[0])), "{} pairs", part.len());
    }
    // Another set, and a known pair beside another one.
    let strange = [a.to_vec(), vec![1]].concat();
    assert_eq!(recognise(&table, &[[&strange, &strange]]), Ok(Recognised::No));
    assert_eq!(recognise(&table, &[[a, b], [&strange, &strange]]), Ok(Recognised::No));
    assert_eq!(recognise(KNOWN, &[[a, b], [c, d]]), Ok(Recognised::No));
    // A damaged file beside its known companion, and labels of other images.
    for (pair, file) in [([&strange[..], b], 0), ([a, &strange[..]], 1), ([a, d], 1), ([c, b], 0)] {
        let error = recognise(&table, &[pair]).unwrap_err().to_string();
        assert!(error.contains(FILE_NAMES[file]) && error.contains("Letters"), "{error}");
    }
}

#[test]
fn names_of_classes_come_with_the_set_or_from_the_user() {
    let names = ClassNames::parse("a,b,c,d,e,f,g,h,i,j").unwrap();
    let set = own(&[700]).unwrap();
    assert_eq!(set.classes, ClassNames::default());
    assert_eq!(set.with_classes(names.clone()).unwrap().classes, names);

    let fashion = KNOWN.iter().find(|set| set.id == "fashion-mnist").unwrap();
    let set = Dataset::planned(DatasetKind::Known(fashion), fashion.split_sizes);
    assert_eq!((set.classes.name(0), set.classes.name(9)), ("T-shirt/top", "Ankle boot"));
    assert_eq!((set.kind.name(), set.kind.choice()), ("Fashion-MNIST", DataChoice::Own));
    let error = set.clone().with_classes(names).unwrap_err().to_string();
    assert!(error.contains("Fashion-MNIST") && error.contains("leave them out"), "{error}");
    assert!(set.clone().with_classes(set.classes.clone()).is_ok(), "its own names are no other names");
}

#[test]
fn the_content_digest_knows_data_before_all_of_it_is_here() {
    let (labels, pixels) = numbered(1_500);
    let mut set = Dataset::planned(DatasetKind::Strokes, [1_500, 10, 10]);
    set.train.append(&labels[..999], &pixels[..999 * PIXELS]).unwrap();
    assert_eq!(set.content_digest(), None);
    set.train.append(&labels[999..1_000], &pixels[999 * PIXELS..1_000 * PIXELS]).unwrap();
    let early = set.content_digest();
    assert!(early.is_some());
    set.train.append(&labels[1_000..], &pixels[1_000 * PIXELS..]).unwrap();
    assert_eq!(set.content_digest(), early);

    let mut other = set.clone();
    other.kind = DatasetKind::Known(MNIST);
    assert_ne!(other.content_digest(), early);
    let mut other = Dataset::planned(DatasetKind::Strokes, [1_500, 10, 10]);
    let mut changed = pixels.clone();
    changed[999 * PIXELS] ^= 1;
    other.train.append(&labels, &changed).unwrap();
    assert_ne!(other.content_digest(), early);
}

/// An empty folder that belongs to one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_folder_of_own_files_is_own_data() {
    let folder = folder("own-digits");
    let (labels, pixels) = numbered(1_200);
    let images = encode_images(Images::from_pixels(&pixels).unwrap());
    let labels = encode_labels(Labels::from_bytes(&labels).unwrap());
    let missing = load_dir(&folder).unwrap_err().to_string();
    assert!(missing.contains("train-images-idx3-ubyte"), "{missing}");
    // Either spelling will do.
    for (file, bytes) in FILE_NAMES.iter().zip([&images, &labels, &images, &labels]) {
        let name = if file.starts_with("t10k") { file.replace("-idx", ".idx") } else { (*file).to_owned() };
        fs::write(folder.join(name), bytes).unwrap();
    }
    let set = load_dir(&folder).unwrap();
    assert_eq!(set.kind, DatasetKind::Own("own-digits".into()));
    assert_eq!(sizes(&set), [1_000, 200, 1_200]);
}

/// The real files, where they are kept: `$MNIST_DIR`, or beside the checkout.
fn mnist_folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/mnist");
    let folder = std::env::var_os("MNIST_DIR").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[test]
fn the_real_files_are_known_and_a_damaged_one_is_refused() {
    let Some(folder) = mnist_folder() else {
        eprintln!("not run: no MNIST files; set MNIST_DIR to their folder");
        return;
    };
    let set = load_dir(&folder).unwrap();
    assert_eq!(set.kind, DatasetKind::Known(MNIST));
    assert_eq!(sizes(&set), MNIST.split_sizes);
    assert_eq!([set.train.label(0), set.train.label(1), set.test.label(0)], [5, 0, 7]);

    let (labels, pixels) = (set.test.labels(), set.test.pixels());
    let mut images = encode_images(Images::from_pixels(pixels).unwrap());
    let labels = encode_labels(Labels::from_bytes(labels).unwrap());
    assert_eq!([sha256_hex(&images), sha256_hex(&labels)], [MNIST.files[2].sha256, MNIST.files[3].sha256]);
    images[5_000] ^= 1;
    let damaged = Dataset::from_files("x", &[[&images, &labels], [&images, &labels]]);
    assert!(matches!(damaged, Err(DataError::Hash { .. })), "{damaged:?}");
}

/// A word of the message, and what to spoil for it.
type Spoiled = (&'static str, fn(&mut Manifest));

/// A manifest of small shards and their inflated bytes.
fn shards() -> (Manifest, Vec<Vec<u8>>) {
    let plan = [
        ("train-0.bin", Split::Train, 0, 20),
        ("valid-0.bin", Split::Valid, 27, 5),
        ("train-1.bin", Split::Train, 20, 7),
        ("test-0.bin", Split::Test, 0, 4),
    ];
    let (labels, pixels) = numbered(20);
    let cut =
        |count: usize| encode_shard(Shard { labels: &labels[..count], pixels: &pixels[..count * PIXELS] }).unwrap();
    let bytes: Vec<_> = plan.iter().map(|&(.., count)| cut(count)).collect();
    let entry = |(&(file, split, start, _), bytes): (&(&str, Split, usize, usize), &Vec<u8>)| {
        ShardEntry::describe(file, split, start, bytes, bytes.len())
    };
    let shards = plan.iter().zip(&bytes).map(entry).collect();
    (Manifest { version: 1, name: "small".into(), shards }, bytes)
}

#[test]
fn shards_make_a_set() {
    let (manifest, bytes) = shards();
    let manifest = parse_manifest(&serde_json::to_string(&manifest).unwrap()).unwrap();
    assert_eq!((manifest.sizes(), manifest.total_bytes()), ([27, 5, 4], 36 * 785));
    assert_eq!(manifest.shard_sizes(Split::Train), [20, 7]);
    let mut set = manifest.dataset();
    for (entry, bytes) in manifest.shards.iter().zip(&bytes) {
        let shard = verify_shard(entry, bytes).unwrap();
        set.split_mut(entry.split).append(shard.labels, shard.pixels).unwrap();
    }
    assert_eq!(sizes(&set), [27, 5, 4]);
    assert_eq!((set.train.image(20)[0], set.train.label(19)), (0, 9));

    let mut damaged = bytes[0].clone();
    damaged[20 + 783] ^= 1;
    assert!(matches!(verify_shard(&manifest.shards[0], &damaged), Err(DataError::Hash { .. })));
    assert!(matches!(verify_shard(&manifest.shards[0], &bytes[1]), Err(DataError::Length { .. })));
}

#[test]
fn manifests_that_do_not_hold_together_are_refused() {
    let mut wrong: Vec<Spoiled> = vec![
        ("version", |m| m.version = 2),
        ("name", |m| m.name.clear()),
        ("MNIST", |m| m.name = "MNIST".into()),
        ("starting at", |m| m.shards[2].start = 19),
        ("starting at", |m| m.shards.swap(0, 2)),
        ("starting at", |m| m.shards[3].start = usize::MAX),
        ("begin where", |m| m.shards[1].start = 0),
        ("begin where", |m| m.shards[3].start = 1),
        ("begin where", |m| drop(m.shards.remove(0))),
        ("twice", |m| m.shards[2].file = "train-0.bin".into()),
        ("examples", |m| m.shards[1].count = 0),
        ("examples", |m| m.shards[1].count = usize::MAX),
        ("SHA-256", |m| m.shards[1].sha256.make_ascii_uppercase()),
        ("SHA-256", |m| m.shards[1].sha256.truncate(63)),
        ("bytes", |m| m.shards[1].bytes = 0),
        ("bytes", |m| m.shards[1].bytes = usize::MAX),
        ("without shards", |m| m.shards.truncate(3)),
        ("without shards", |m| m.shards.clear()),
    ];
    wrong.push(("more than 100000", |m| {
        m.shards = (0..30)
            .map(|i| ShardEntry {
                start: i / 3 * 4000,
                count: 4000,
                file: format!("{i}"),
                split: Split::ALL[i % 3],
                ..m.shards[0].clone()
            })
            .collect();
    }));
    for (word, spoil) in wrong {
        let (mut manifest, _) = shards();
        spoil(&mut manifest);
        let error = parse_manifest(&serde_json::to_string(&manifest).unwrap()).unwrap_err().to_string();
        assert!(error.contains(word), "{word}: {error}");
    }
    for file in ["", ".hidden", "a/b", "..", "a\\b", "https://x", "a?b", "%2e", "ü", &"x".repeat(65)] {
        let (mut manifest, _) = shards();
        manifest.shards[0].file = file.into();
        let error = manifest.validate().unwrap_err().to_string();
        assert!(error.contains("file name"), "{file}: {error}");
    }
}

proptest! {
    #[test]
    fn manifests_never_panic(text in ".{0,200}") {
        prop_assert!(parse_manifest(&text).is_err());
    }

    #[test]
    fn a_manifest_with_one_byte_changed_is_refused_or_valid(position in any::<prop::sample::Index>(), byte in 32_u8..127) {
        let mut text = serde_json::to_string(&shards().0).unwrap().into_bytes();
        let position = position.index(text.len());
        text[position] = byte;
        if let Ok(manifest) = parse_manifest(std::str::from_utf8(&text).unwrap()) {
            prop_assert_eq!(manifest.validate(), Ok(()));
            // The counts of the last shards of validation and test are held by no later shard; those of training by where validation starts.
            prop_assert_eq!(manifest.sizes()[0], 27);
        }
    }
}
