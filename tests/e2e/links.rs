//! Mistyped or truncated addresses: valid parts are used, the rest is reported.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::support::{Visit, open};

/// The page runs at this address and says this.
fn runs_and_says(visit: &Visit, words: &[&str]) -> Result<()> {
    for text in words {
        visit.noticed(text)?;
    }
    visit.trains()
}

#[test]
fn parts_of_an_address_that_cannot_be_used_are_named() -> Result<()> {
    let visit = open("#v=99&est=magic&seed=minus&lr=1e99&gates=0&nonsense=%f0%9f&at=5&data=mnist")?;
    runs_and_says(&visit, &["Parts of the link could not be used", "magic", "minus", "1e99", "nonsense"])?;
    assert_eq!(visit.root("data-estimator")?, visit.estimators()?.first().context("no estimators")?.as_str());
    visit.is_content()
}

#[test]
fn a_newer_version_is_reported() -> Result<()> {
    let visit = open("#v=3&est=reinforce")?;
    runs_and_says(&visit, &["version"])?;
    assert_eq!(visit.root("data-estimator")?, "reinforce");
    visit.is_content()
}

#[test]
fn a_huge_address_is_not_read() -> Result<()> {
    let visit = open("")?;
    visit.trains()?;
    visit.ask("location.hash = 'at=1:lr:0.1&'.repeat(100_000);")?;
    runs_and_says(&visit, &["bytes long"])
}

#[test]
fn a_network_too_large_for_a_tab_is_refused() -> Result<()> {
    let visit = open("#gates=100000&units=100000")?;
    runs_and_says(&visit, &["Parts of the link could not be used"])?;
    visit.is_content()
}

/// Every visit would take seconds, so the addresses follow each other in one.
#[test]
fn no_address_stops_the_page() -> Result<()> {
    let visit = open("")?;
    visit.trains()?;
    let addresses = [
        "#",
        "##&&==&=&",
        "#est=",
        "#seed=18446744073709551615",
        "#seed=18446744073709551616",
        "#pause=99999999999999999999",
        "#at=::::&at=-1:lr:1",
        "#at=10:lr:nan&lr=inf",
        "#%00%ff%zz",
        "#preset=paper-200&gates=1&units=1",
        "#lr=0.1&lr=0.2&lr=0.3",
        "#<script>alert(1)</script>",
    ];
    for address in addresses {
        visit.ask(&format!("location.hash = {};", json!(address)))?;
        visit.trains().with_context(|| address.to_owned())?;
    }
    visit.is_content()
}

/// The largest rate there is: the run stays finite, or stops and says where.
#[test]
fn the_largest_rate_is_survived() -> Result<()> {
    let visit = open("#est=st&lr=1000&momentum=0.99")?;
    visit.until(
        "const root = document.documentElement.dataset;
         return root.state === 'failed' || Number(root.step) > 500;",
    )?;
    if visit.root("data-state")? == "failed" {
        let said = visit.noticed("Training diverged")?;
        assert!(said.contains("At step") && said.contains("“"), "{said}");
        visit.press("Continue with a tenth of the rate")?;
    }
    visit.until("const { state, step } = document.documentElement.dataset; return state !== 'loading' && step > 0;")?;
    visit.is_content()
}
