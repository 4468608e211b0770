//! The programs that a build needs beside cargo, each at one version, in a cache of the user.
//!
//! A tool lies at `<cache>/gatelab/tools/<name>-<version>/`: every clone uses it, versions do not collide,
//! and no files of the user are changed. [`install`] installs it.

mod install;
mod lock;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process::{self, Shell};
use crate::progress::Progress;
use crate::project::Project;

/// Builds the page. 0.22 needs a newer Rust than the one pinned in `rust-toolchain.toml`.
const TRUNK: &str = "0.21.14";
/// Brings `wasm-opt`. Trunk.toml names the same version, so that Trunk takes no older one that happens to be installed.
const BINARYEN: &str = "132.0.0";

/// Where a tool comes from, which also decides where its programs lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `cargo install`
    Crates {
        /// With the dependencies that its authors built it with?
        locked: bool,
        /// Optimisation: the time of a first start against the time of every build.
        opt_level: &'static str,
    },
    /// `npm install`
    Npm,
}

/// One tool at one version.
#[derive(Debug, Clone)]
pub struct Tool {
    /// Its package.
    pub package: &'static str,
    /// The program looked for.
    pub program: &'static str,
    /// Exactly this version.
    pub version: String,
    /// How it is got.
    pub origin: Origin,
}

impl Tool {
    /// Trunk.
    pub fn trunk() -> Self {
        // It mostly starts other programs.
        let origin = Origin::Crates { locked: true, opt_level: "0" };
        Self { package: "trunk", program: "trunk", version: TRUNK.into(), origin }
    }

    /// wasm-bindgen and its test runner; `version` must be that of the locked library.
    pub fn wasm_bindgen(version: String) -> Self {
        // The lock file published with 0.2.130 names a crate version that not every index has.
        let origin = Origin::Crates { locked: false, opt_level: "1" };
        Self { package: "wasm-bindgen-cli", program: "wasm-bindgen", version, origin }
    }

    /// wasm-opt.
    pub fn wasm_opt() -> Self {
        Self { package: "binaryen", program: "wasm-opt", version: BINARYEN.into(), origin: Origin::Npm }
    }

    /// The tool's own folder in the cache.
    pub fn home(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}", self.package, self.version))
    }

    /// The folder for `PATH`, given the tool's own folder.
    pub fn programs(&self, home: &Path) -> PathBuf {
        match self.origin {
            Origin::Crates { .. } => home.join("bin"),
            Origin::Npm => home.join("node_modules").join(".bin"),
        }
    }

    fn is_in(&self, cache: &Path) -> bool {
        let name = match self.origin {
            Origin::Npm if cfg!(windows) => format!("{}.cmd", self.program),
            _ => format!("{}{}", self.program, std::env::consts::EXE_SUFFIX),
        };
        self.programs(&self.home(cache)).join(name).is_file()
    }
}

/// Everything that is needed, found.
#[derive(Debug, Clone)]
pub struct Toolbox {
    /// Starts programs with the tools first on `PATH`.
    pub shell: Shell,
    /// Is there a `wasm-opt`? Without it the page is built, but larger and slower.
    pub optimises: bool,
    /// Names and versions, for the stamp: another tool may make another page.
    pub identity: String,
}

impl Toolbox {
    /// Finds the tools, and installs those that are missing.
    pub fn ready(project: &Project, progress: &Progress) -> Result<Self> {
        let plain = Shell::new(project.root());
        ensure_target(&plain, progress)?;
        let cache = cache_folder(|name| std::env::var_os(name).map(PathBuf::from))?;
        let bindgen = lock::version_of("wasm-bindgen", &project.root().join("Cargo.lock"))?;

        let mut tools = vec![Tool::trunk(), Tool::wasm_bindgen(bindgen)];
        for tool in &tools {
            if !tool.is_in(&cache) {
                progress.step(&first_time(tool), || install::install(tool, &cache, &plain))?;
            }
        }
        let optimises = ensure_optimiser(&cache, &plain, progress);
        if optimises {
            tools.push(Tool::wasm_opt());
        }
        let names: Vec<_> = tools.iter().map(|tool| format!("{} {}", tool.package, tool.version)).collect();
        let paths = tools.iter().map(|tool| tool.programs(&tool.home(&cache))).collect();
        Ok(Self { shell: plain.with_path(paths), optimises, identity: names.join(", ") })
    }
}

fn first_time(tool: &Tool) -> String {
    match tool.origin {
        Origin::Npm => format!("Install {} {} (once per user)", tool.package, tool.version),
        Origin::Crates { .. } => {
            format!("Install {} {} (once per user, takes some minutes)", tool.package, tool.version)
        }
    }
}

/// The optimiser is optional, so that a machine without npm can still show the page.
fn ensure_optimiser(cache: &Path, shell: &Shell, progress: &Progress) -> bool {
    let tool = Tool::wasm_opt();
    if tool.is_in(cache) {
        return true;
    }
    let result = if install::npm(shell).is_none() {
        Err(anyhow::anyhow!("there is no npm on this machine (it comes with Node.js)"))
    } else {
        progress.step(&first_time(&tool), || install::install(&tool, cache, shell))
    };
    if let Err(error) = &result {
        progress
            .say(&format!("Without wasm-opt: {error:#}. The page is built without it, larger and somewhat slower."));
    }
    result.is_ok()
}

/// The place of the cache, by the rules of the XDG base directories.
fn cache_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf> {
    // A relative path is invalid by the XDG rules and would put a cache into whatever folder the user stands in.
    let given = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let home = || variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| home.join(".cache"));
    match given.or_else(home) {
        Some(cache) => Ok(cache.join("gatelab").join("tools")),
        None => {
            bail!("no place for the tools: neither XDG_CACHE_HOME nor HOME is set; set one of them")
        }
    }
}

/// `RUSTUP_AUTO_INSTALL=0` stops rustup from fetching the target by itself, so it is asked to.
fn ensure_target(shell: &Shell, progress: &Progress) -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let sysroot = process::output(shell.command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib").is_dir() {
        return Ok(());
    }
    progress.step(&format!("Install the Rust target {TARGET}"), || {
        process::run(shell.command("rustup").args(["target", "add", TARGET])).with_context(|| {
            format!("install Rust through rustup, or put the standard library for {TARGET} into {}", sysroot.trim())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn cache_with(variables: &[(&str, &str)]) -> Result<PathBuf> {
        cache_folder(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value)))
    }

    #[test]
    fn the_cache_follows_xdg() {
        let both = [("XDG_CACHE_HOME", "/cache"), ("HOME", "/home/ada")];
        assert_eq!(cache_with(&both).unwrap(), Path::new("/cache/gatelab/tools"));
        let relative = [("XDG_CACHE_HOME", "cache"), ("HOME", "/home/ada")];
        assert_eq!(cache_with(&relative).unwrap(), Path::new("/home/ada/.cache/gatelab/tools"));
        assert!(cache_with(&[]).unwrap_err().to_string().contains("XDG_CACHE_HOME"));
    }

    #[test]
    fn a_tool_is_keyed_by_its_version() {
        let trunk = Tool::trunk();
        let home = trunk.home(Path::new("/tools"));
        assert_eq!(home, Path::new("/tools/trunk-0.21.14"));
        assert_eq!(trunk.programs(&home), Path::new("/tools/trunk-0.21.14/bin"));
        let home = Tool::wasm_opt().home(Path::new("/tools"));
        assert_eq!(Tool::wasm_opt().programs(&home), Path::new("/tools/binaryen-132.0.0/node_modules/.bin"));
    }

    #[test]
    fn a_tool_counts_only_with_its_program() {
        let cache = Scratch::new("tools").unwrap();
        let tool = Tool::wasm_bindgen("1.2.3".into());
        let bin = tool.programs(&tool.home(cache.path()));
        std::fs::create_dir_all(&bin).unwrap();
        assert!(!tool.is_in(cache.path()));
        std::fs::write(bin.join(format!("wasm-bindgen{}", std::env::consts::EXE_SUFFIX)), "").unwrap();
        assert!(tool.is_in(cache.path()));
        assert!(!Tool::wasm_bindgen("1.2.4".into()).is_in(cache.path()));
    }

    #[test]
    fn trunk_is_configured_with_the_same_versions() {
        let root = Project::here();
        let config = std::fs::read_to_string(root.root().join("Trunk.toml")).unwrap();
        let major = BINARYEN.split('.').next().unwrap();
        assert!(config.contains(&format!("wasm_opt = \"version_{major}\"")));
        let bindgen = lock::version_of("wasm-bindgen", &root.root().join("Cargo.lock")).unwrap();
        assert!(config.contains(&format!("wasm_bindgen = \"{bindgen}\"")));
    }
}
