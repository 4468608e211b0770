//! Masked, sparse and dense matrix products, optimizer updates, elementwise functions and random numbers for training small neural
//! networks, with the same bits natively and in WebAssembly.
//!
//! Every exact backend promises one order of arithmetic: each element of a result adds its products in ascending order, with one
//! rounding per product and one per sum. So a computation with AVX-512, with plain Rust or in a browser gives identical results.
//!
//! - [`Matrix`]: a contiguous row-major matrix; [`PackedMatrix`]: weights in panels of columns; [`Sparse`] and [`Input`]: sparse rows
//! - [`CountingKernels`]: the products of a network's layers, forward and backward, with a count of multiply-adds
//! - [`BlockMask`]: which column blocks of a matrix are active in which rows, for products that skip inactive blocks
//! - [`WeightGradTerm`]: weight gradients that are computed panel by panel; [`MomentumUpdate`], [`Adam`]: optimizer steps
//! - [`Backend`]: the operations behind all of these; [`backend`]: its implementations and their selection
//! - [`Real`]: `f32` and `f64` with reproducible elementary functions; [`Rng`]: named streams of random numbers
//! - [`Digest`]: a 64-bit digest of numbers, to compare states bit for bit
//!
//! Letters in shapes: B examples of a minibatch, D inputs, N outputs, G blocks, H = G·width columns in blocks, K columns of a narrow
//! matrix.
//!
//! # Example
//!
//! A layer whose columns form four blocks, of which each example uses one:
//!
//! ```
//! use gatelab_kernels::{BlockMask, CountingKernels, Input, Matrix, PackedMatrix};
//!
//! let (batch, inputs, blocks, width) = (2, 3, 4, 2);
//! let mut x = Input::<f32>::new(batch, inputs);
//! x.assign(Matrix::from_vec((2, 3), vec![1.0, 0.0, 2.0, 0.0, 3.0, 0.0]).view());
//! let weight = PackedMatrix::from_fn(inputs, blocks * width, |row, column| (row + column) as f32);
//! let bias = vec![0.5; blocks * width];
//! let mut mask = BlockMask::new(batch, blocks);
//! mask.refill_where((batch, blocks), |row, block| row == block);
//!
//! let mut kernels = CountingKernels::default();
//! let mut z = Matrix::zeros((batch, blocks * width));
//! kernels.masked_forward(&x, &weight, &bias, &mask, width, &mut z);
//! assert_eq!(z.row(0), [4.5, 7.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
//! assert_eq!(z.row(1), [0.0, 0.0, 9.5, 12.5, 0.0, 0.0, 0.0, 0.0]);
//! // Two blocks of two columns: two nonzero inputs in the first row, one in the second.
//! assert_eq!(kernels.take_macs(), 6);
//! ```
//!
//! # In a browser
//!
//! Build with `-C target-feature=+simd128` and link with `--growable-table`, then call `backend::load()` once. It instantiates small
//! modules with faster kernels. Without them the kernels compiled from Rust are used, with the same results.
//!
//! # Features
//!
//! - `bench`: what only a benchmark needs: the module `peak`, and variants of the browser's kernels
//! - `bench-relaxed`: also variants with relaxed SIMD instructions. A module built with it runs only in browsers that have them.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod adam;
mod aligned;
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
#[cfg(feature = "bench")]
pub mod peak;
mod random;
mod real;
mod softmax;
mod sparse;
mod special;
mod sums;
mod weight_grad;
mod xoshiro;

pub use adam::{Adam, AdamUpdate};
pub use aligned::AlignedVec;
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
pub use real::{Real, logit, sigmoid};
pub use softmax::log_softmax_rows;
pub use sparse::{Entry, Sparse, SparseView};
pub use special::{ln_one_plus_exp, normal_cdf, normal_density, normal_quantile};
pub use sums::{dot, dot_f64, sum_map_f64};
pub use weight_grad::{WeightGradTerm, WeightGradTerms};
pub use xoshiro::splitmix64;
