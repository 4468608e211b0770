//! Numbers only: matrix products that count their work, elementary functions, random streams, digests.

mod blocks;
mod digest;
mod kernels;
mod noise;
pub mod products;
mod real;
mod sparse;

pub use blocks::OpenGates;
pub use digest::Digest;
pub use kernels::Kernels;
pub use noise::{Noise, Purpose, Stream};
pub use products::{Gemm, MatrixMultiply, Packed, Reference};
pub use real::{Real, ln_one_plus_exp, logit, normal_cdf, normal_density, normal_quantile, sigmoid};
pub use sparse::SparseView;
