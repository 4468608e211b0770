//! The bench as a worker in the browser; `cargo xtask bench` builds it. The native bench is `gatelab bench`.

#[cfg(target_arch = "wasm32")]
mod exports {
    #![allow(unreachable_pub, reason = "wasm-bindgen exports what is public")]

    use std::cell::RefCell;

    use gatelab::bench::{Bench, Job};
    use gatelab_engine::data::known::MNIST;
    use gatelab_engine::data::{Dataset, DatasetKind, Split};
    use gatelab_kernels::backend::{self, Backend as _};
    use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance)]
        fn now() -> f64;
    }

    fn clock() -> f64 {
        now() / 1000.0
    }

    thread_local! {
        static BENCH: RefCell<Bench> = RefCell::new(Bench::new(clock, Dataset::planned(DatasetKind::Known(MNIST), MNIST.split_sizes)));
    }

    /// Adds an unpacked shard: labels, then pixels.
    #[wasm_bindgen]
    pub fn append(split: &str, shard: &[u8]) -> Result<(), JsError> {
        let split: Split = serde_json::from_str(&format!("{split:?}"))?;
        let (labels, pixels) = shard.split_at(shard.len() / (gatelab_engine::data::PIXELS + 1));
        BENCH.with_borrow_mut(|bench| bench.data.split_mut(split).append(labels, pixels))?;
        Ok(())
    }

    /// Loads the kernels written as WebAssembly modules, as the trainer does.
    #[wasm_bindgen(start)]
    pub fn start() {
        // Without them, the kernels in Rust are measured.
        let _ = backend::load();
    }

    /// Uses relaxed arithmetic from now on.
    #[wasm_bindgen]
    pub fn relax() -> Result<(), JsError> {
        let relaxed = backend::available().into_iter().find(|set| !set.is_exact());
        let relaxed = relaxed.ok_or_else(|| JsError::new("this browser has no relaxed arithmetic"))?;
        backend::switch(relaxed.name());
        Ok(())
    }

    /// Uses the kernel set of this name from now on.
    #[wasm_bindgen]
    pub fn use_set(name: &str) -> Result<(), JsError> {
        backend::load_variants().map_err(|error| JsError::new(&format!("{error:?}")))?;
        let known = || backend::available().iter().map(|set| set.name()).collect::<Vec<_>>().join("; ");
        if backend::switch(name) {
            Ok(())
        } else {
            Err(JsError::new(&format!("no kernel set {name}; there are {}", known())))
        }
    }

    /// Executes a job, given and returned as JSON.
    #[wasm_bindgen]
    pub fn answer(job: &str) -> Result<String, JsError> {
        let job: Job = serde_json::from_str(job)?;
        let outcome = BENCH.with_borrow_mut(|bench| bench.answer(&job))?;
        Ok(serde_json::to_string(&outcome)?)
    }

    /// Bytes of the module's memory.
    #[wasm_bindgen]
    pub fn taken() -> JsValue {
        let buffer = js_sys::Reflect::get(&wasm_bindgen::memory(), &"buffer".into()).unwrap_or_default();
        js_sys::Reflect::get(&buffer, &"byteLength".into()).unwrap_or_default()
    }
}

fn main() {}
