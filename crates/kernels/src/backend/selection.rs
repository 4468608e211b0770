//! The sets of loops there are, and the one in use.

use crate::matrix::Matrix;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use ndarray::{ArrayView2, ArrayViewMut2};

use super::kernel_set::KernelSet;
use super::{Backend, processors};
use crate::masked_matmul::ActivePairs;
use crate::momentum::{MomentumParams, MomentumUpdate};
use crate::sparse::SparseView;

/// What there is to choose from.
struct Sets {
    all: Vec<&'static KernelSet>,
    in_use: &'static KernelSet,
}

/// `None` until somebody asks: what the processor can do is found out at run time.
static SETS: RwLock<Option<Sets>> = RwLock::new(None);

fn with<T>(f: impl FnOnce(&mut Sets) -> T) -> T {
    let mut sets = SETS.write().unwrap_or_else(PoisonError::into_inner);
    f(sets.get_or_insert_with(|| {
        let all = processors::sets();
        Sets { in_use: all[all.len() - 1], all }
    }))
}

/// The sets that can be used here.
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

/// Adds a set that became available at run time. An exact one is used from now on: it changes nothing but the speed.
#[cfg(target_arch = "wasm32")]
pub(super) fn install(set: KernelSet) {
    let set: &'static KernelSet = Box::leak(Box::new(set));
    with(|sets| {
        sets.all.push(set);
        if set.exact {
            sets.in_use = set;
        }
    });
}

/// Uses the set of this name from now on; `false` if there is none. The results of one that is not exact cannot be repeated bit for bit elsewhere.
pub fn switch(name: &str) -> bool {
    with(|sets| {
        let found = sets.all.iter().find(|set| set.name == name);
        sets.in_use = found.unwrap_or(&sets.in_use);
        found.is_some()
    })
}

/// The loops that train: whichever set is in use.
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

    fn masked_forward(&self, pairs: ActivePairs<'_, f32>, span: Range<usize>, weights: &[f32], z: &mut Matrix<f32>) {
        in_use().masked_forward(pairs, span, weights, z);
    }

    fn masked_weight_grad(
        &self,
        pairs: ActivePairs<'_, f32>,
        delta: &Matrix<f32>,
        span: Range<usize>,
        gradient: &mut [f32],
    ) {
        in_use().masked_weight_grad(pairs, delta, span, gradient);
    }

    fn advance(&self, motion: MomentumParams<f32>, panel: MomentumUpdate<'_, f32>) {
        in_use().advance(motion, panel);
    }
}
