//! Numbers only: products and updates, a count of the work in products, elementary functions, random streams, digests.

mod blocks;
mod digest;
mod functions;
mod input;
mod kernels;
mod lanes;
pub mod loops;
mod motion;
mod narrow;
mod noise;
mod open;
mod outer;
mod panels;
#[cfg(feature = "peak")]
pub mod peak;
mod real;
mod softmax;
mod sparse;
mod sums;

pub use blocks::OpenPairs;
pub use digest::Digest;
pub use input::{Input, Skipping};
pub use kernels::Kernels;
pub use loops::{Loops, MatrixMultiply, Packed, Reference};
pub use motion::{Motion, Moving};
pub use noise::{Noise, Purpose, Stream};
pub use open::OpenGates;
pub use outer::{Contributions, Outer};
pub use panels::{PANEL, Panels};
pub use real::{Real, ln_one_plus_exp, logit, normal_cdf, normal_density, normal_quantile, sigmoid};
pub use softmax::log_softmax_rows;
pub use sparse::{Entry, Sparse, SparseView};
pub use sums::{dot, sum_of, wide_dot};
