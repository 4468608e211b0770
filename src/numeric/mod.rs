//! Numbers only: matrix products that count their work, elementary functions, random streams, digests.

mod blocks;
mod digest;
mod gemm;
mod kernels;
mod noise;
pub mod peak;
mod real;

pub use blocks::OpenGates;
pub use digest::Digest;
pub use gemm::{Gemm, MatrixMultiply, Reference};
pub use kernels::Kernels;
pub use noise::{Noise, Purpose, Stream};
pub use real::{Real, ln_one_plus_exp, logit, normal_cdf, normal_density, normal_quantile, sigmoid};
