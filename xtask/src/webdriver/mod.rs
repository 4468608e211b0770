//! A small `WebDriver` client: one headless Chromium per [`Session`], over plain HTTP to a chromedriver on this machine.
//!
//! ```no_run
//! # use std::{path::Path, time::Duration};
//! # use xtask::webdriver::{Driver, Options};
//! # fn main() -> anyhow::Result<()> {
//! let driver = Driver::start(Path::new("chromedriver"))?;
//! let session = driver.session(&Options::new().size(390, 844))?;
//! session.goto("http://127.0.0.1:8080/")?;
//! session.wait_until("return document.querySelector('h1')?.textContent", Duration::from_secs(10))?;
//! session.click("button")?;
//! assert_eq!(session.complaints()?, Vec::<String>::new());
//! # Ok(())
//! # }
//! ```
//!
//! A session closes its browser when dropped, and chromedriver ends with the last of its sessions, also when a test fails.

mod base64;
mod driver;
mod element;
mod options;
mod session;

pub use driver::Driver;
pub use element::Element;
pub use options::Options;
pub use session::{LogEntry, Session};
