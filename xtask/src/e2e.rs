//! The environment of an end-to-end test: the built page, and a browser.
//!
//! `cargo xtask test` puts both into the environment. A test then reads:
//!
//! ```no_run
//! # use std::time::Duration;
//! # fn main() -> anyhow::Result<()> {
//! let stage = xtask::e2e::Stage::from_env()?;
//! let server = stage.site().prefix("/some/where/").start()?;
//! let browser = stage.browser(&xtask::webdriver::Options::new())?;
//! browser.goto(&server.address())?;
//! browser.wait_until("return document.querySelector('h1')", Duration::from_secs(20))?;
//! # Ok(())
//! # }
//! ```

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::server::Site;
use crate::webdriver::{Driver, Options, Session};

/// Names the folder of the built page.
pub const DIST: &str = "GATELAB_DIST";
/// Names the chromedriver.
pub const CHROMEDRIVER: &str = "GATELAB_CHROMEDRIVER";

/// The built page and the browser to look at it with.
#[derive(Debug, Clone)]
pub struct Stage {
    dist: PathBuf,
    chromedriver: PathBuf,
}

impl Stage {
    /// Of these.
    pub fn new(dist: PathBuf, chromedriver: PathBuf) -> Self {
        Self { dist, chromedriver }
    }

    /// As `cargo xtask test e2e` has set it.
    pub fn from_env() -> Result<Self> {
        let path = |name: &str| {
            let value = std::env::var_os(name);
            value.map(PathBuf::from).with_context(|| format!("{name} is not set; run `cargo xtask test e2e`"))
        };
        Ok(Self { dist: path(DIST)?, chromedriver: path(CHROMEDRIVER)? })
    }

    /// The built page, ready to be started.
    pub fn site(&self) -> Site {
        Site::new(&self.dist)
    }

    /// Where the built page lies.
    pub fn dist(&self) -> &std::path::Path {
        &self.dist
    }

    /// A browser.
    pub fn browser(&self, options: &Options) -> Result<Session> {
        Driver::start(&self.chromedriver)?.session(options)
    }
}
