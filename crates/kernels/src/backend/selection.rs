//! The available kernel sets, and the current one.

use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use ndarray::{ArrayView2, ArrayViewMut2};

use super::contract::{Backend, DefaultBackend};
use super::kernel_set::KernelSet;
use super::processors;
use crate::masked_matmul::ActivePairs;
use crate::matrix::Matrix;
use crate::momentum::{MomentumParams, MomentumUpdate};
use crate::sparse::SparseView;

/// The available sets and the current one.
struct Sets {
    all: Vec<&'static KernelSet>,
    in_use: &'static KernelSet,
}

/// `None` until the first use, since processor features are detected at run time.
static SETS: RwLock<Option<Sets>> = RwLock::new(None);

fn with<T>(f: impl FnOnce(&mut Sets) -> T) -> T {
    let mut sets = SETS.write().unwrap_or_else(PoisonError::into_inner);
    f(sets.get_or_insert_with(|| {
        let all = processors::sets();
        Sets { in_use: all[all.len() - 1], all }
    }))
}

/// The kernel sets that can be used on this machine.
pub fn available() -> Vec<&'static KernelSet> {
    with(|sets| sets.all.clone())
}

/// The set that [`Packed`] uses.
pub fn in_use() -> &'static KernelSet {
    if let Some(sets) = &*SETS.read().unwrap_or_else(PoisonError::into_inner) {
        return sets.in_use;
    }
    with(|sets| sets.in_use)
}

/// Adds a set that became available at run time. A set of the same name is replaced.
#[cfg(target_arch = "wasm32")]
pub(super) fn add(set: KernelSet) {
    let set: &'static KernelSet = Box::leak(Box::new(set));
    with(|sets| {
        sets.all.retain(|other| other.name != set.name);
        sets.all.push(set);
    });
}

/// Makes the set of this name the current one; returns `false` if there is none. Results of a set that is not exact differ between
/// machines.
pub fn switch(name: &str) -> bool {
    with(|sets| {
        let found = sets.all.iter().find(|set| set.name == name);
        sets.in_use = found.unwrap_or(&sets.in_use);
        found.is_some()
    })
}

/// The backend for training in `f32`: the current kernel set.
pub struct Packed;

impl Backend<f32> for Packed {
    fn name(&self) -> &'static str {
        in_use().name
    }

    fn product(&self, a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, beta: f32, c: ArrayViewMut2<'_, f32>) {
        in_use().product(a, b, beta, c);
    }

    fn sparse_rows(&self, a: SparseView<'_, f32>, b: ArrayView2<'_, f32>, c: ArrayViewMut2<'_, f32>) {
        in_use().sparse_rows(a, b, c);
    }

    fn masked_forward(&self, pairs: ActivePairs<'_, f32>, columns: Range<usize>, weights: &[f32], z: &mut Matrix<f32>) {
        in_use().masked_forward(pairs, columns, weights, z);
    }

    fn masked_weight_grad(
        &self,
        pairs: ActivePairs<'_, f32>,
        delta: &Matrix<f32>,
        columns: Range<usize>,
        gradient: &mut [f32],
    ) {
        in_use().masked_weight_grad(pairs, delta, columns, gradient);
    }

    fn momentum_step(&self, params: MomentumParams<f32>, update: MomentumUpdate<'_, f32>) {
        in_use().momentum_step(params, update);
    }
}

impl DefaultBackend for f32 {
    fn default_backend() -> &'static dyn Backend<Self> {
        &Packed
    }
}
