//! The engine as WebAssembly, in a worker of a real browser: the vector kernels are other code than natively.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test that fails by panicking is a test")]

use gatelab_engine::data::{Dataset, Split, strokes};
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::{DataChoice, RunConfig};
use gatelab_engine::training::{Trainer, checkpoint};
use gatelab_kernels::backend::{self, KernelSet};
use gatelab_kernels::{
    ActivePairs, Backend, BlockMask, Entry, Matrix, MomentumParams, MomentumUpdate, Packed, PackedMatrix, Purpose,
    RandomSource, Reference, Rng, SparseView,
};
use ndarray::Array2;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn filled(rows: usize, columns: usize, stream: &mut Rng) -> Array2<f32> {
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

/// The kernel sets of this browser: in Rust, of the modules, and mixed.
fn sets() -> Vec<&'static KernelSet> {
    thread_local!(static LOADED: () = backend::load_variants().unwrap());
    LOADED.with(|()| backend::available())
}

const ODD_SIZES: [(usize, usize, usize); 9] = [
    (1, 1, 1),
    (3, 5, 7),
    (8, 8, 8),
    (9, 17, 33),
    (32, 784, 64),
    (33, 65, 10),
    (7, 300, 1),
    (70, 1203, 90),
    (1030, 32, 8),
];

fn bits(values: &Array2<f32>) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// Checks a product against the triple loop: bit for bit, or but for the rounding of the products.
fn check(set: &KernelSet, fast: &Array2<f32>, slow: &Array2<f32>, k: usize) {
    if set.is_exact() {
        assert_eq!(bits(fast), bits(slow), "{} {:?} {k}", set.name(), fast.dim());
    }
    let worst = fast.iter().zip(slow).fold(0.0_f32, |worst, (x, y)| worst.max((x - y).abs()));
    assert!(worst <= 1e-6 * (k + 10) as f32, "{} {:?} {k}: {worst}", set.name(), fast.dim());
}

#[wasm_bindgen_test]
fn the_module_is_what_trains() {
    assert!(sets().iter().filter(|set| set.is_exact()).count() >= 8);
    assert_eq!(Packed.name(), "module");
    assert!(backend::in_use().is_exact());
}

#[wasm_bindgen_test]
fn matrix_products_equal_the_triple_loop_at_all_odd_sizes() {
    let mut stream = Rng::new(1, Purpose::Measurement, 0);
    for set in sets() {
        for (m, k, n) in ODD_SIZES {
            let (a, b, c) = (filled(m, k, &mut stream), filled(k, n, &mut stream), filled(m, n, &mut stream));
            let (across, down) = (filled(k, m, &mut stream), filled(n, k, &mut stream));
            for (a, b) in [(a.view(), b.view()), (across.t(), b.view()), (a.view(), down.t()), (across.t(), down.t())] {
                for beta in [0.0, 1.0] {
                    let (mut fast, mut slow) = (c.clone(), c.clone());
                    set.product(a, b, beta, fast.view_mut());
                    Reference.product(a, b, beta, slow.view_mut());
                    check(set, &fast, &slow, k);
                }
            }
        }
    }
}

/// The larger numbers of a matrix, row by row, and where rows begin.
fn scattered(dense: &Array2<f32>) -> (Vec<u32>, Vec<Entry<f32>>) {
    let (mut starts, mut entries) = (vec![0], Vec::new());
    for row in dense.rows() {
        let large = row.iter().enumerate().filter(|(_, x)| **x > 0.8);
        entries.extend(large.map(|(j, &value)| Entry { column: j as u32, value }));
        starts.push(entries.len() as u32);
    }
    (starts, entries)
}

#[wasm_bindgen_test]
fn open_pairs_and_updates_equal_their_definitions_at_all_odd_sizes() {
    let mut stream = Rng::new(4, Purpose::Measurement, 0);
    for set in sets() {
        for (batch, inputs, gates, units) in
            [(1, 1, 1, 1), (5, 90, 9, 8), (32, 784, 13, 5), (9, 50, 70, 1), (6, 33, 3, 23)]
        {
            let (starts, entries) = scattered(&filled(batch, inputs, &mut stream));
            let mut mask = BlockMask::default();
            mask.refill_where((batch, gates), |b, j| (b + 2 * j) % 3 == 0);
            let pairs = ActivePairs { input: SparseView::new(&starts, &entries), mask: &mask, block_width: units };
            let delta = Matrix::from(filled(batch, gates * units, &mut stream));
            let weights = PackedMatrix::<f32>::zeros(inputs, gates * units);
            for span in (0..weights.panels()).map(|panel| weights.panel_columns(panel)) {
                let start = filled(inputs, span.len(), &mut stream);
                let (mut fast, mut slow) = (start.clone(), start.clone());
                set.masked_weight_grad(pairs, &delta, span.clone(), fast.as_slice_mut().unwrap());
                Reference.masked_weight_grad(pairs, &delta, span.clone(), slow.as_slice_mut().unwrap());
                check(set, &fast, &slow, batch);
                let (mut fast, mut slow) = (delta.clone(), delta.clone());
                set.masked_forward(pairs, span.clone(), start.as_slice().unwrap(), &mut fast);
                Reference.masked_forward(pairs, span.clone(), start.as_slice().unwrap(), &mut slow);
                check(set, &fast.view().to_owned(), &slow.view().to_owned(), inputs);
                for normed in [false, true] {
                    let gradient = filled(inputs, span.len(), &mut stream);
                    let moved = |kernel: &dyn Backend<f32>| {
                        let (mut w, mut v) = (start.clone(), start.mapv(|x| x * 1e-20));
                        let mut norms = vec![0.5; if normed { span.len() } else { 0 }];
                        let (weights, velocity) = (w.as_slice_mut().unwrap(), v.as_slice_mut().unwrap());
                        let mut gradient = gradient.clone();
                        let gradient = gradient.as_slice_mut().unwrap();
                        let panel = MomentumUpdate { weights, velocity, gradient, squares: &mut norms };
                        kernel.momentum_step(MomentumParams { momentum: 0.9, rate: 1e-2 }, panel);
                        assert!(gradient.iter().all(|g| g.to_bits() == 0), "{} leaves a gradient", kernel.name());
                        (bits(&w), bits(&v), norms.into_iter().map(f32::to_bits).collect::<Vec<_>>())
                    };
                    assert_eq!(moved(set), moved(&Reference), "{} {span:?}, norms: {normed}", set.name());
                }
            }
        }
    }
}

#[wasm_bindgen_test]
fn sparse_rows_equal_the_triple_loop_at_all_odd_sizes() {
    let mut stream = Rng::new(2, Purpose::Measurement, 0);
    for set in sets() {
        for (m, k, n) in [(1, 1, 1), (5, 40, 31), (32, 784, 512), (7, 100, 77), (3, 9, 10)] {
            let (dense, b, c) = (filled(m, k, &mut stream), filled(k, n, &mut stream), filled(m, n, &mut stream));
            let (starts, entries) = scattered(&dense);
            let a = SparseView::new(&starts, &entries);
            let (mut fast, mut slow) = (c.clone(), c);
            set.sparse_rows(a, b.view(), fast.view_mut());
            Reference.sparse_rows(a, b.view(), slow.view_mut());
            check(set, &fast, &slow, k);
        }
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
    let mut thawed = checkpoint::read(&checkpoint::write(&trainer, None).unwrap()).unwrap().trainer;
    for _ in 0..7 {
        trainer.step(&data).unwrap();
        thawed.step(&data).unwrap();
    }
    assert_eq!(trainer.parameters().digest().hex(), thawed.parameters().digest().hex());
}
