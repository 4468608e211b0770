//! Estimators that use the gate gradient `∂L/∂b` at the drawn gates, as if gates were real numbers: little variance, one pass,
//! and biased where the loss is not as they assume.
//!
//! # Quadrature
//!
//! The exact gradient needs the difference between an open and a closed gate, which is an integral:
//!
//! ```text
//! ∂E L/∂a = p(1−p) · E[ L(b=1) − L(b=0) ] = p(1−p) · E ∫₀¹ f'(t) dt,     f'(t) = ∂L/∂b at b = t
//! ```
//!
//! Each estimator is a **quadrature rule** for `∫₀¹ f'(t) dt`. A sample gives one end point only: `f'(1)` with probability `p`
//! or `f'(0)` with probability `1−p`. The factor by which it is multiplied defines the rule:
//!
//! | id                | factor of `f'(b)`                   | mean, `× p(1−p)`                  | exact for                    |
//! |-------------------|-------------------------------------|-----------------------------------|------------------------------|
//! | `st`              | 1                                   | (no `p(1−p)`: the gradient for `p`, not `a`) | multilinear, but for length |
//! | `st-sigmoid`      | `p(1−p)`                            | `p f'(1) + (1−p) f'(0)`           | multilinear; quadratic at p = ½ |
//! | `reinmax`         | `½\|b−p\|`                          | `½ f'(1) + ½ f'(0)`: trapezoid    | quadratic; cubic off by `pq f'''/12` |
//! | `st-on-only`      | `b(1−p)`                            | `f'(1)`: right end point          | multilinear                  |
//! | `st-masked`       | `b p(1−p)`                          | `p f'(1)`                         | nothing                      |
//! | `st-gumbel`       | `s(1−s)/τ`, `s = σ((a+ℓ)/τ)`        | both ends, weighted by `s(1−s)`   | linear as τ → 0              |
//! | `st-slope`        | `s p(1−p)`, `p = σ(sa)`             | as `st-sigmoid`, with its own `p` | multilinear, its own objective |
//! | `st-hard-sigmoid` | `k` inside the window               | as `st-sigmoid`, `k` for `p(1−p)` | multilinear, its own objective |
//! | `semantic-hashing`| `1.2σ'(v)` where not clipped        | exact for its soft half           | linear, for its soft half    |
//! | `sts`             | `½√p(1−p)` times `b`, at `h = b√p`  | a rule of its own                 | half the gradient for linear |
//!
//! `skipping` holds those that don't need the gate gradients of closed gates, and a table of their cost.
//!
//! # Pitfalls
//!
//! * **The gate gradient is that at the sample.** A gradient at `b = p` is another rule, and not of second order.
//! * **`f` is not determined by its values at 0 and 1.** `(b−t)²` and `t² + (1−2t)b` agree at 0 and 1 and differ for all of these
//!   estimators, whose gate gradients depend on the values between. Straight-through on the former converges to `p = t`.
//! * **Closed gates have gate gradients too.** Taking them as 0 because the expert didn't run multiplies the gradient by about
//!   `p`.
//! * **The identity is too long** by `1/(p(1−p))` as a gradient of the logit: compare its direction, and use a smaller gater
//!   rate.
//! * **Another probability, another objective.** `st-slope`, `st-hard-sigmoid` and `st-gumbel` with a forward temperature sample
//!   with another probability than `σ(a)`; their sparsity control and their reference gradient use that one. For a single gate
//!   dividing the *noisy* logit by a temperature changes no sample; dividing the logit before the noise does.
//! * **Clipping is permanent.** A gate outside the hard sigmoid's window gets no gradient, not even from the sparsity control.
//!
//! # Sources
//!
//! Hinton 2012; Bengio, Léonard & Courville 2013, section 4 and Eq. 2; Raiko et al. 2014; Jang, Gu & Poole 2016; Chung, Ahn &
//! Bengio 2016; Courbariaux et al. 2016; Kaiser & Bengio 2018; Liu et al. 2023; Shah et al. 2024; Panda et al. 2025.

mod annealed;
mod gumbel;
mod hard_sigmoid;
mod plain;
mod reinmax;
mod semantic_hashing;
mod skipping;
mod smooth_times_stochastic;

family! {
    plain::ST => plain::StraightThrough { derivative: false },
    plain::ST_SIGMOID => plain::StraightThrough { derivative: true },
    gumbel::ST_GUMBEL => gumbel::Gumbel::new(),
    annealed::ST_SLOPE => annealed::Annealed::new(),
    hard_sigmoid::ST_HARD_SIGMOID => hard_sigmoid::HardSigmoid::new(),
    skipping::ST_MASKED => skipping::ActiveOnly { corrected: false },
    skipping::ST_ON_ONLY => skipping::ActiveOnly { corrected: true },
    skipping::ST_DEFAULT_EXPERT => skipping::DefaultExpert::new(),
    skipping::ST_SAMPLED_OFF => skipping::SampledOff::new(),
    reinmax::REINMAX => reinmax::ReinMax::new(),
    semantic_hashing::SEMANTIC_HASHING => semantic_hashing::SemanticHashing::new(),
    smooth_times_stochastic::STS => smooth_times_stochastic::SmoothTimesStochastic::new(false),
    smooth_times_stochastic::STS_RELEASED => smooth_times_stochastic::SmoothTimesStochastic::new(true),
}
