//! Multiply-adds on registers alone. No kernel can be faster, so their rate is the 100 % of a benchmark.
//!
//! Each loop keeps several independent sums and accesses no memory. The number of sums that hides the latency best differs between
//! processors, and so does the cost of a product that feeds a sum compared with independent products and sums. The caller takes the
//! fastest loop.

use std::hint::black_box;

pub use crate::backend::PeakLoop;

/// Defines a module of loops over one vector type: `chained` feeds each product to its sum, `independent` has as many products as
/// sums, independent of each other.
macro_rules! loops {
    ($module:ident, $(#[$feature:meta])?, $vector:ty, $splat:expr, |$s:ident, $a:ident, $b:ident| $chained:expr, $mul:expr, $add:expr) => {
        mod $module {
            #[allow(clippy::wildcard_imports, reason = "the vector instructions of one architecture")]
            use super::*;

            $(#[$feature])?
            pub(super) fn chained<const N: usize>(passes: u32) {
                let ($a, $b) = (black_box($splat(0.5)), black_box($splat(1.0)));
                let mut sums: [$vector; N] = [$b; N];
                for _ in 0..passes {
                    for sum in &mut sums {
                        let $s = *sum;
                        *sum = $chained;
                    }
                }
                black_box(sums);
            }

            $(#[$feature])?
            pub(super) fn independent<const N: usize>(passes: u32) {
                // The values neither overflow nor become subnormal.
                let (one, zero) = (black_box($splat(1.0)), black_box($splat(0.0)));
                let (mut products, mut sums): ([$vector; N], [$vector; N]) = ([one; N], [one; N]);
                for _ in 0..passes {
                    for (product, sum) in products.iter_mut().zip(&mut sums) {
                        *product = $mul(*product, one);
                        *sum = $add(*sum, zero);
                    }
                }
                black_box((products, sums));
            }
        }
    };
}

/// The loops of such a module. `$call` runs one of its functions with a number of passes.
macro_rules! listed {
    ($module:ident, $what:literal, $lanes:literal, |$run:ident, $passes:ident| $call:expr) => {{
        fn through<const FORM: usize>($passes: u32) {
            let $run = match FORM {
                0 => $module::chained::<8>,
                1 => $module::chained::<10>,
                2 => $module::chained::<12>,
                3 => $module::independent::<4>,
                4 => $module::independent::<5>,
                _ => $module::independent::<6>,
            };
            $call
        }
        let entry = |form: &str, sums: u64, run: fn(u32)| PeakLoop {
            name: format!("{}, {form}", $what),
            exact: true,
            operations: 2 * $lanes * sums,
            run: Box::new(run),
        };
        vec![
            entry("8 sums", 8, through::<0>),
            entry("10 sums", 10, through::<1>),
            entry("12 sums", 12, through::<2>),
            entry("4 products and 4 sums", 4, through::<3>),
            entry("5 products and 5 sums", 5, through::<4>),
            entry("6 products and 6 sums", 6, through::<5>),
        ]
    }};
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use super::{PeakLoop, black_box};
    use std::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_splat, v128};

    loops!(strict, , v128, f32x4_splat, |s, a, b| f32x4_add(f32x4_mul(s, a), b), f32x4_mul, f32x4_add);

    pub(super) fn all() -> Vec<PeakLoop> {
        let mut all = listed!(strict, "128 bits", 4, |run, passes| run(passes));
        let modules = crate::backend::peak_loops();
        all.extend(modules.unwrap_or_else(|error| unreachable!("a valid module can be instantiated: {error:?}")));
        all
    }
}

#[cfg(target_arch = "x86_64")]
mod platform {
    #![allow(unsafe_code, reason = "functions for wider vectors are called after their detection")]

    use super::{PeakLoop, black_box};
    use std::arch::x86_64::{
        __m128, __m256, __m512, _mm_add_ps, _mm_mul_ps, _mm_set1_ps, _mm256_add_ps, _mm256_mul_ps, _mm256_set1_ps,
        _mm512_add_ps, _mm512_mul_ps, _mm512_set1_ps,
    };

    loops!(sse, #[target_feature(enable = "sse2")], __m128, _mm_set1_ps, |s, a, b| _mm_add_ps(_mm_mul_ps(s, a), b), _mm_mul_ps, _mm_add_ps);
    loops!(avx, #[target_feature(enable = "avx2")], __m256, _mm256_set1_ps, |s, a, b| _mm256_add_ps(_mm256_mul_ps(s, a), b), _mm256_mul_ps, _mm256_add_ps);
    loops!(avx512, #[target_feature(enable = "avx512f")], __m512, _mm512_set1_ps, |s, a, b| _mm512_add_ps(_mm512_mul_ps(s, a), b), _mm512_mul_ps, _mm512_add_ps);

    pub(super) fn all() -> Vec<PeakLoop> {
        let mut all = listed!(sse, "128 bits", 4, |run, passes| {
            // SAFETY: every x86-64 processor has SSE2.
            unsafe { run(passes) }
        });
        if is_x86_feature_detected!("avx2") {
            all.extend(listed!(avx, "256 bits", 8, |run, passes| {
                // SAFETY: the feature was detected above.
                unsafe { run(passes) }
            }));
        }
        if is_x86_feature_detected!("avx512f") {
            all.extend(listed!(avx512, "512 bits", 16, |run, passes| {
                // SAFETY: the feature was detected above.
                unsafe { run(passes) }
            }));
        }
        all
    }
}

#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
mod platform {
    use super::{PeakLoop, black_box};

    /// Four lanes, which compilers keep in one vector register.
    type Four = [f32; 4];

    fn splat(value: f32) -> Four {
        [value; 4]
    }

    fn mul(a: Four, b: Four) -> Four {
        std::array::from_fn(|i| a[i] * b[i])
    }

    fn add(a: Four, b: Four) -> Four {
        std::array::from_fn(|i| a[i] + b[i])
    }

    loops!(four, , Four, splat, |s, a, b| add(mul(s, a), b), mul, add);

    pub(super) fn all() -> Vec<PeakLoop> {
        listed!(four, "128 bits", 4, |run, passes| run(passes))
    }
}

/// All loops that this processor or browser can run.
pub fn loops() -> Vec<PeakLoop> {
    platform::all()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_loop_can_be_run() {
        for each in super::loops() {
            (each.run)(10);
            assert!(each.operations >= 32, "{}", each.name);
        }
    }
}
