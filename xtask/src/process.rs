//! Starts other programs, without the environment variables that would change the build.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// How to start programs: in which folder, and which folders come first on `PATH`.
#[derive(Debug, Clone)]
pub struct Shell {
    folder: PathBuf,
    first_on_path: Vec<PathBuf>,
}

impl Shell {
    /// Programs start in `folder`, with the caller's `PATH`.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), first_on_path: Vec::new() }
    }

    /// The same with these folders first on `PATH`.
    #[must_use]
    pub fn with_path(mut self, folders: Vec<PathBuf>) -> Self {
        self.first_on_path.extend(folders);
        self
    }

    /// A command ready to be given its arguments.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env("PATH", self.search_path());
        // Either would replace `+simd128` of .cargo/config.toml, and the page would silently be several times slower.
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        // Trunk takes NO_COLOR for its own flag and refuses every value but `true` and `false`.
        command.env_remove("NO_COLOR");
        command
    }

    /// Is there such a program on `PATH`?
    pub fn find(&self, program: &str) -> Option<PathBuf> {
        let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(&self.search_path()).map(|folder| folder.join(&file)).find(|path| path.is_file())
    }

    fn search_path(&self) -> OsString {
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let folders = self.first_on_path.iter().cloned().chain(std::env::split_paths(&rest));
        // Only a folder whose name holds the separator cannot be joined; then the caller's PATH is the best there is.
        std::env::join_paths(folders).unwrap_or(rest)
    }
}

/// Runs a command to its end, its output going to the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}; its messages are above");
    }
    Ok(())
}

/// Runs a command to its end and returns what it printed on standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        let messages = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` ended with {}: {}", output.status, messages.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one would type it.
pub fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_would_replace_simd_are_removed() {
        let command = Shell::new(Path::new(".")).command("cargo");
        let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert!(removed.contains(&OsStr::new("RUSTFLAGS")));
        assert!(removed.contains(&OsStr::new("CARGO_ENCODED_RUSTFLAGS")));
    }

    #[test]
    fn the_tool_folders_come_first() {
        let shell = Shell::new(Path::new(".")).with_path(vec![PathBuf::from("/tools/a"), PathBuf::from("/tools/b")]);
        let path = shell.search_path();
        let folders: Vec<_> = std::env::split_paths(&path).take(2).collect();
        assert_eq!(folders, [PathBuf::from("/tools/a"), PathBuf::from("/tools/b")]);
    }

    #[test]
    fn a_program_that_fails_or_is_missing_is_an_error() {
        let shell = Shell::new(Path::new("."));
        assert!(shell.find("no-such-program-of-ours").is_none());
        let error = run(&mut shell.command("no-such-program-of-ours")).unwrap_err();
        assert!(error.to_string().contains("cannot start `no-such-program-of-ours`"));
        let error = output(shell.command("cargo").arg("no-such-verb-of-ours")).unwrap_err();
        assert!(error.to_string().contains("`cargo no-such-verb-of-ours` ended with"), "{error}");
    }
}
