//! Estimators that follow the slope `∂L/∂b` of the loss at the drawn gates, as if gates were real numbers: quiet, cheap, and
//! biased where the slope is not what they take it for.
//!
//! # One picture for all of them
//!
//! The exact gradient needs the difference between an open and a closed gate, which is an area:
//!
//! ```text
//! ∂E L/∂a = p(1−p) · E[ L(b=1) − L(b=0) ] = p(1−p) · E ∫₀¹ f'(t) dt,     f'(t) = ∂L/∂b at b = t
//! ```
//!
//! Draw `f'` over `0..=1`, shade the area under it, and each estimator is a **quadrature rule** for the shaded area. All it
//! can look at is one end per sample, `f'(1)` with probability `p` or `f'(0)` with probability `1−p`; what it multiplies that
//! end with decides the rule:
//!
//! | id                | multiplies `f'(b)` with             | on average, `× p(1−p)`            | exact for                    |
//! |-------------------|-------------------------------------|-----------------------------------|------------------------------|
//! | `st`              | 1                                   | (no `p(1−p)`: right for `p`, not `a`) | multilinear, but for length |
//! | `st-sigmoid`      | `p(1−p)`                            | `p f'(1) + (1−p) f'(0)`           | multilinear; quadratic at p = ½ |
//! | `reinmax`         | `½\|b−p\|`                          | `½ f'(1) + ½ f'(0)`: trapezoid    | quadratic; cubic off by `pq f'''/12` |
//! | `st-on-only`      | `b(1−p)`                            | `f'(1)`: right end point          | multilinear                  |
//! | `st-masked`       | `b p(1−p)`                          | `p f'(1)`                         | nothing: the trap            |
//! | `st-gumbel`       | `s(1−s)/τ`, `s = σ((a+ℓ)/τ)`        | ends, weighed by how near the coin was | linear as τ → 0         |
//! | `st-slope`        | `s p(1−p)`, coins of `σ(sa)`        | as `st-sigmoid`, of steeper coins | multilinear, of its own coins |
//! | `st-hard-sigmoid` | `k` inside the window               | as `st-sigmoid`, `k` for `p(1−p)` | multilinear, of its own coins |
//! | `semantic-hashing`| `1.2σ'(v)` where not clipped        | right for its soft half           | linear, for its soft half    |
//! | `sts`             | `½√p(1−p)` times `b`, at `h = b√p`  | a rule of its own                 | half the truth for linear    |
//!
//! [`skipping`] holds those that do without the slope of closed gates, and a table of what that costs.
//!
//! # What goes wrong
//!
//! * **The slope is that at the sample.** A slope at `b = p` is another rule, and not second order.
//! * **`f` is not only its values at 0 and 1.** `(b−t)²` and `t² + (1−2t)b` agree on coins and differ for all of these, since
//!   slopes see what lies between. Straight-through on the former creeps to `p = t` and stays there.
//! * **Closed gates have slopes too.** Taken as 0 because the expert didn't run, they multiply the gradient by about `p`.
//! * **The identity is too long** by `1/(p(1−p))` as a gradient of the logit: compare its direction, and give the gater a
//!   smaller rate.
//! * **Other coins, other objective.** `st-slope`, `st-hard-sigmoid` and `st-gumbel` with a forward temperature sample with
//!   another probability than `σ(a)`; their sparsity control and their truth use that one. For a single gate dividing the
//!   *noisy* logit by a temperature changes no coin; dividing the logit before the noise does.
//! * **Clipping is for good.** A gate outside the hard sigmoid's window gets nothing, not even from the sparsity control.
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
