//! The page opens, wherever a host puts it.

use std::time::Duration;

use anyhow::Result;
use xtask::e2e::Stage;
use xtask::webdriver::Options;

/// The page has taken the place of what `index.html` shows until then, and nothing went wrong on the way.
fn opens_under(prefix: &str) -> Result<()> {
    let stage = Stage::from_env()?;
    let server = stage.site().prefix(prefix).start()?;
    let browser = stage.browser(&Options::new())?;
    browser.goto(&server.address())?;
    browser.wait_until("return document.documentElement.hasAttribute('data-mounted')", Duration::from_secs(30))?;
    assert_eq!(browser.complaints()?, Vec::<String>::new());
    let failed: Vec<_> = server.requests().into_iter().filter(|request| request.status >= 400).collect();
    assert!(failed.is_empty(), "{failed:?}");
    Ok(())
}

#[test]
fn at_the_root_of_a_host() -> Result<()> {
    opens_under("/")
}

#[test]
fn under_a_sub_path() -> Result<()> {
    opens_under("/some/where/")
}
