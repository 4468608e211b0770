//! Numbers only: products and updates, a count of the work in products, elementary functions, random streams, digests.

pub mod backend;
mod block_mask;
mod counting;
mod digest;
mod elementwise;
mod input;
mod masked_matmul;
mod masked_narrow;
mod matrix;
mod momentum;
mod packed_matrix;
#[cfg(feature = "peak")]
pub mod peak;
mod random;
mod real;
mod softmax;
mod sparse;
mod sums;
mod weight_grad;
mod xoshiro;

pub use backend::{Backend, DefaultBackend, MatrixMultiply, Packed, Reference};
pub use block_mask::BlockMask;
pub use counting::CountingKernels;
pub use digest::Digest;
pub use input::{Input, Skipping};
pub use masked_matmul::ActivePairs;
pub use matrix::Matrix;
pub use momentum::{MomentumParams, MomentumUpdate};
pub use packed_matrix::{PANEL, PackedMatrix};
pub use random::{Purpose, RandomSource, Rng};
pub use real::{Real, ln_one_plus_exp, logit, normal_cdf, normal_density, normal_quantile, sigmoid};
pub use softmax::log_softmax_rows;
pub use sparse::{Entry, Sparse, SparseView};
pub use sums::{dot, sum_of, wide_dot};
pub use weight_grad::{WeightGradTerm, WeightGradTerms};
pub use xoshiro::splitmix64;
