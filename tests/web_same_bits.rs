//! The same run gives the same bits natively and in the browser, with every exact kernel set. Compiled for both.
#![allow(clippy::unwrap_used, reason = "a test that fails by panicking is a test")]

use gatelab_engine::data::{Split, strokes};
use gatelab_engine::schema::{DataChoice, RunConfig};
use gatelab_engine::training::Trainer;
use gatelab_kernels::{Backend as _, backend};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Digests of the parameters after a short run, one line for each estimator. A deliberate change of the arithmetic changes
/// them: then the lines that the native test prints go in here, and the browser must agree.
const GOLDEN: &str = include_str!("golden/short-runs.txt");

fn digest(estimator: &str) -> String {
    let mut data = strokes::dataset();
    strokes::grow(&mut data, Split::Train, 2000).unwrap();
    let config = RunConfig { estimator: estimator.to_owned(), data: DataChoice::Strokes, ..RunConfig::default() };
    let mut trainer = Trainer::<f32>::new(config).unwrap();
    for _ in 0..40 {
        trainer.step(&data).unwrap();
    }
    trainer.parameters().digest().hex()
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_short_run_has_the_golden_digest_with_every_exact_kernel_set() {
    #[cfg(target_arch = "wasm32")]
    backend::load_variants().unwrap();
    for set in backend::available().into_iter().filter(|set| set.is_exact()) {
        assert!(backend::switch(set.name()));
        let estimators = GOLDEN.lines().filter_map(|line| line.split(' ').next());
        let found: Vec<_> = estimators.map(|estimator| format!("{estimator} {}", digest(estimator))).collect();
        assert!(found.iter().eq(GOLDEN.lines()), "with the kernel set {}:\n{}", set.name(), found.join("\n"));
    }
}
