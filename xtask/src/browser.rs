//! Finding Chromium and its driver for the tests, and installing them where that is possible.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::process::{self, Shell};
use crate::progress::Progress;

/// Names a chromedriver to be used instead of the one on `PATH`; wasm-bindgen's test runner knows it as well.
const CHROMEDRIVER: &str = "CHROMEDRIVER";

/// The chromedriver; chromedriver itself finds the browser that it came with.
pub fn chromedriver(shell: &Shell, progress: &Progress) -> Result<PathBuf> {
    let driver = match find(shell) {
        Some(driver) => driver,
        None => install(shell, progress)?,
    };
    let version = process::output(shell.command(&driver).arg("--version"))?;
    progress.say(&format!("Browser tests use {}", short(&version)));
    Ok(driver)
}

fn find(shell: &Shell) -> Option<PathBuf> {
    let given = std::env::var_os(CHROMEDRIVER).map(PathBuf::from);
    given.filter(|path| path.is_file()).or_else(|| shell.find("chromedriver"))
}

/// `ChromeDriver 156.0.8078.79 (a21ce…)` without the part in parentheses.
fn short(version: &str) -> &str {
    version.split('(').next().unwrap_or(version).trim()
}

fn install(shell: &Shell, progress: &Progress) -> Result<PathBuf> {
    const HELP: &str = "the tests need Chromium and a chromedriver of the same version: install both (Debian: \
        `apt-get install chromium chromium-driver`), or set CHROMEDRIVER to the path of the driver";
    let Some(rights) = rights(shell) else { bail!("{HELP}") };
    progress.step("Install Chromium", || {
        let apt = |arguments: &[&str]| {
            let words: Vec<&str> = rights.iter().copied().chain(["apt-get"]).chain(arguments.iter().copied()).collect();
            let (program, rest) = words.split_first().context("an empty command")?;
            process::run(shell.command(program).args(rest).env("DEBIAN_FRONTEND", "noninteractive"))
        };
        let packages = ["install", "-y", "--no-install-recommends", "chromium", "chromium-driver"];
        // Only a machine with an old list, or none, needs a new one.
        apt(&packages).or_else(|_| apt(&["update"]).and_then(|()| apt(&packages))).context(HELP)
    })?;
    find(shell).context(HELP)
}

/// The words before `apt-get` that allow it to install; `None` where nothing does.
fn rights(shell: &Shell) -> Option<&'static [&'static str]> {
    shell.find("apt-get")?;
    let user = process::output(shell.command("id").arg("-u")).ok()?;
    if user.trim() == "0" {
        return Some(&[]);
    }
    // Fails instead of asking for a password.
    process::output(shell.command("sudo").args(["-n", "true"])).ok().map(|_| ["sudo", "-n"].as_slice())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_version_is_shown_without_its_revision() {
        assert_eq!(super::short("ChromeDriver 156.0.8078.79 (a21ce95c-refs/x)\n"), "ChromeDriver 156.0.8078.79");
    }
}
