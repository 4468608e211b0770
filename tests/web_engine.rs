//! The engine as WebAssembly, in a worker of a real browser: the vector kernels are other code than natively.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test that fails by panicking is a test")]

use gatelab::data::{Dataset, Split, strokes};
use gatelab::estimator::registry;
use gatelab::numeric::{Gemm, Noise, Packed, Purpose, Reference, Stream};
use gatelab::training::config::{DataChoice, RunConfig};
use gatelab::training::{Trainer, checkpoint};
use ndarray::Array2;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn filled(rows: usize, columns: usize, stream: &mut Stream) -> Array2<f32> {
    let mut values = vec![0.0_f32; rows * columns];
    stream.normal(&mut values);
    Array2::from_shape_vec((rows, columns), values).unwrap()
}

fn digits() -> Dataset {
    let mut set = strokes::dataset();
    strokes::grow(&mut set, Split::Train, 2000).unwrap();
    set
}

fn run(estimator: &str, seed: u64) -> Trainer<f32> {
    let estimator = estimator.to_owned();
    Trainer::new(RunConfig { estimator, seed, data: DataChoice::Strokes, ..RunConfig::default() }).unwrap()
}

#[wasm_bindgen_test]
fn matrix_products_equal_the_triple_loop_at_all_odd_sizes() {
    let mut stream = Stream::new(1, Purpose::Lab, 0);
    for (m, k, n) in [(1, 1, 1), (3, 5, 7), (8, 8, 8), (9, 17, 33), (32, 784, 64), (33, 65, 10), (7, 300, 1)] {
        let (a, b) = (filled(m, k, &mut stream), filled(k, n, &mut stream));
        let (mut fast, mut slow) = (Array2::zeros((m, n)), Array2::zeros((m, n)));
        Packed.product(a.view(), b.view(), 0.0, fast.view_mut());
        Reference.product(a.view(), b.view(), 0.0, slow.view_mut());
        let worst = fast.iter().zip(&slow).fold(0.0_f32, |worst, (x, y)| worst.max((x - y).abs()));
        assert!(worst <= 1e-5 * k as f32, "{m} × {k} × {n}: {worst}");
    }
}

#[wasm_bindgen_test]
fn every_estimator_learns_here() {
    let data = digits();
    for id in registry::ids() {
        let mut trainer = run(id, 3);
        let first = trainer.step(&data).unwrap().loss;
        let last = (0..30).map(|_| trainer.step(&data).unwrap().loss).last().unwrap();
        assert!(last < first, "{id}: {first} → {last}");
    }
}

#[wasm_bindgen_test]
fn a_checkpoint_goes_on_bit_for_bit() {
    let data = digits();
    let mut trainer = run("reinforce-optimal", 5);
    for _ in 0..7 {
        trainer.step(&data).unwrap();
    }
    let mut thawed = checkpoint::read(&checkpoint::write(&mut trainer, 1, None).unwrap()).unwrap().trainer;
    for _ in 0..7 {
        trainer.step(&data).unwrap();
        thawed.step(&data).unwrap();
    }
    assert_eq!(trainer.parameters().digest().hex(), thawed.parameters().digest().hex());
}
