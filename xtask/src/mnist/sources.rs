//! Finding the four files: in a folder, otherwise on a public mirror.
//!
//! No source is trusted: a file is accepted if its decompressed bytes have the known hash.

use std::fmt::Display;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use flate2::read::GzDecoder;

use super::files::IdxFile;
use crate::hash::sha256;
use crate::process::{self, Shell};
use crate::project::Project;
use crate::scratch::Scratch;

/// Tried one after the other; `GATELAB_MIRRORS` (addresses separated by spaces) replaces them.
const MIRRORS: [&str; 3] = [
    "https://raw.githubusercontent.com/fgnt/mnist/ae608a02b796c9ee908c082585a5f006fe05258e/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
];

/// A mirror that takes longer than this for a file is given up.
const PATIENCE_SECONDS: u32 = 180;

/// Where to look, in this order: folders, then mirrors.
#[derive(Debug, Clone)]
pub struct Sources {
    /// Folders that may hold the files, packed or not.
    pub folders: Vec<PathBuf>,
    /// Addresses under which the packed files may lie.
    pub mirrors: Vec<String>,
    /// Where downloaded files are kept.
    pub downloads: PathBuf,
}

impl Sources {
    /// The sources of this checkout, `MNIST_DIR` and `GATELAB_MIRRORS` included.
    pub fn of(project: &Project) -> Self {
        let given = std::env::var_os("MNIST_DIR").map(PathBuf::from);
        // The last one: several checkouts side by side may share one copy.
        let usual = [project.downloads(), project.root().join("../shared/mnist")];
        let mirrors = std::env::var("GATELAB_MIRRORS").unwrap_or_else(|_| MIRRORS.join(" "));
        Self {
            folders: given.into_iter().chain(usual).collect(),
            mirrors: mirrors.split_whitespace().map(str::to_owned).collect(),
            downloads: project.downloads(),
        }
    }

    /// The unpacked content of all files, or `None` if no source has one of them. `say` is called with each refusal.
    pub fn all<const N: usize>(&self, files: &[IdxFile; N], say: &dyn Fn(&str)) -> Result<Option<[Vec<u8>; N]>> {
        let mut contents = Vec::with_capacity(N);
        for file in files {
            let Some(content) = self.in_folders(file, say).or_else(|| self.in_mirrors(file, say)) else {
                say(&format!("{} is neither in a folder nor on a mirror that can be reached", file.name));
                return Ok(None);
            };
            contents.push(content);
        }
        // As many as files, so this always converts.
        Ok(contents.try_into().ok())
    }

    fn in_folders(&self, file: &IdxFile, say: &dyn Fn(&str)) -> Option<Vec<u8>> {
        let names = [format!("{}.gz", file.name), file.name.to_owned()];
        let places = self.folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
        places.filter(|place| place.is_file()).find_map(|place| {
            let checked = read(&place).and_then(|bytes| check(file, bytes));
            accept(checked, &place.display(), say)
        })
    }

    fn in_mirrors(&self, file: &IdxFile, say: &dyn Fn(&str)) -> Option<Vec<u8>> {
        self.mirrors.iter().find_map(|mirror| {
            let address = format!("{}/{}.gz", mirror.trim_end_matches('/'), file.name);
            say(&format!("downloading {address}"));
            accept(self.download(file, &address), &address, say)
        })
    }

    /// Downloads to a temporary folder; the file is moved to its place only after its hash was checked.
    fn download(&self, file: &IdxFile, address: &str) -> Result<Vec<u8>> {
        std::fs::create_dir_all(&self.downloads)
            .with_context(|| format!("cannot make the folder {}", self.downloads.display()))?;
        let half = Scratch::in_folder(&self.downloads, "download")?;
        let path = half.path().join(file.name);
        fetch(&Shell::new(half.path()), address, &path)?;
        let content = check(file, read(&path)?)?;
        let place = self.downloads.join(format!("{}.gz", file.name));
        std::fs::rename(&path, &place).with_context(|| format!("cannot keep {}", place.display()))?;
        Ok(content)
    }
}

fn accept(result: Result<Vec<u8>>, place: &dyn Display, say: &dyn Fn(&str)) -> Option<Vec<u8>> {
    result.inspect_err(|error| say(&format!("skipping {place}: {error:#}"))).ok()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).context("cannot read it")
}

/// Unpacks if need be (a gzip file begins with 1f 8b, an IDX file with two zeros) and compares the hash.
fn check(file: &IdxFile, bytes: Vec<u8>) -> Result<Vec<u8>> {
    let content = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut content = Vec::new();
        GzDecoder::new(bytes.as_slice()).read_to_end(&mut content).context("it is not a whole gzip file")?;
        content
    } else {
        bytes
    };
    let found = sha256(&content);
    if found != file.sha256 {
        bail!("the unpacked bytes should have SHA-256 {}, but have {found}", file.sha256);
    }
    Ok(content)
}

/// Downloads with curl, or with node where there is no curl. Every machine that can build the page has one of them, and
/// xtask needs no TLS of its own.
fn fetch(shell: &Shell, address: &str, path: &Path) -> Result<()> {
    let patience = PATIENCE_SECONDS.to_string();
    if shell.find("curl").is_some() {
        let mut curl = shell.command("curl");
        curl.args(["--fail", "--silent", "--show-error", "--location", "--retry", "2", "--connect-timeout", "10"]);
        curl.args(["--max-time", &patience, "--output"]).arg(path).arg(address);
        process::output(&mut curl)?;
    } else if shell.find("node").is_some() {
        const SCRIPT: &str = "const [address, path, seconds] = process.argv.slice(1); \
            fetch(address, { signal: AbortSignal.timeout(seconds * 1000) }).then(async (answer) => { \
                if (!answer.ok) throw new Error(`status ${answer.status}`); \
                require('fs').writeFileSync(path, Buffer.from(await answer.arrayBuffer())); \
            }).catch((error) => { console.error(String(error), String(error.cause ?? '')); process.exit(1); });";
        process::output(shell.command("node").args(["-e", SCRIPT, address]).arg(path).arg(&patience))?;
    } else {
        bail!("there is neither curl nor node to download with; install one of them");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Write as _;

    use super::*;
    use crate::server::{Reply, Site};

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// Sources in a temporary folder, and what they said.
    struct Trial {
        folder: Scratch,
        said: RefCell<Vec<String>>,
    }

    impl Trial {
        fn new() -> Self {
            Self { folder: Scratch::new("sources").unwrap(), said: RefCell::default() }
        }

        fn put(&self, path: &str, content: &[u8]) {
            let path = self.folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }

        fn find(&self, content: &[u8], folders: &[&str], mirrors: &[String]) -> Option<Vec<u8>> {
            let sources = Sources {
                folders: folders.iter().map(|name| self.folder.path().join(name)).collect(),
                mirrors: mirrors.to_vec(),
                downloads: self.folder.path().join("downloads"),
            };
            let hash = sha256(content);
            let say = |text: &str| self.said.borrow_mut().push(text.to_owned());
            let files = [IdxFile { name: "digits", sha256: &hash }];
            sources.all(&files, &say).unwrap().map(|[content]| content)
        }

        fn heard(&self, text: &str) -> bool {
            self.said.borrow().iter().any(|line| line.contains(text))
        }
    }

    /// An address without a server.
    fn nobody() -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    }

    #[test]
    fn a_folder_with_the_wrong_content_is_skipped_and_named() {
        let trial = Trial::new();
        trial.put("a/digits.gz", &gzip(b"wrong"));
        trial.put("b/digits", b"right");
        assert_eq!(trial.find(b"right", &["missing", "a", "b"], &[]).unwrap(), b"right");
        assert!(trial.heard(&sha256(b"right")) && trial.heard(&sha256(b"wrong")), "{:?}", trial.said);
    }

    #[test]
    fn a_download_is_kept_for_the_next_time() {
        let trial = Trial::new();
        trial.put("site/digits.gz", &gzip(b"right"));
        let server = Site::new(&trial.folder.path().join("site")).start().unwrap();
        let mirrors = [server.address()];
        assert_eq!(trial.find(b"right", &["downloads"], &mirrors).unwrap(), b"right");
        assert_eq!(trial.find(b"right", &["downloads"], &mirrors).unwrap(), b"right");
        assert_eq!(server.requests().len(), 1, "the second time nothing is downloaded");
    }

    #[test]
    fn bad_mirrors_are_passed_over() {
        let trial = Trial::new();
        trial.put("wrong/digits.gz", &gzip(b"wrong"));
        trial.put("right/digits.gz", &gzip(b"right"));
        let wrong = Site::new(&trial.folder.path().join("wrong")).start().unwrap();
        let right = Site::new(&trial.folder.path().join("right")).start().unwrap();
        let failing = Site::new(trial.folder.path()).hook(|_, _| Reply::text(403, "go away")).start().unwrap();
        let mirrors = [nobody(), failing.address(), wrong.address(), right.address()];
        assert_eq!(trial.find(b"right", &[], &mirrors).unwrap(), b"right");
        assert!(trial.heard(&sha256(b"wrong")) && trial.heard("403"), "{:?}", trial.said);
        let kept: Vec<_> = std::fs::read_dir(trial.folder.path().join("downloads")).unwrap().flatten().collect();
        assert_eq!(kept.len(), 1, "only the right file is kept: {kept:?}");
    }

    #[test]
    fn without_any_source_there_is_a_plain_answer() {
        let trial = Trial::new();
        assert_eq!(trial.find(b"right", &["missing"], &[nobody()]), None);
        assert!(trial.heard("neither in a folder nor on a mirror"));
    }
}
