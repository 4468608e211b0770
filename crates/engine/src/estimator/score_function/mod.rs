//! Estimators that use values of the loss only. They are unbiased for any loss, also for a reward without a gradient.
//!
//! # What they have in common
//!
//! All of them estimate `p_i(1 − p_i) E[L(b_i = 1) − L(b_i = 0)]` from the loss at sampled gates. The weight of the loss is
//! `b − p`, the gradient of the log-probability of the sample (the score function), or the difference of two coupled samples.
//! Experts of closed gates need not run. The loss is never differentiated, so it may be a reward of 0 or 1.
//!
//! They differ in how they reduce the variance that the *other* gates cause in the loss. For all of them but local
//! expectation this variance grows with the number of gates.
//!
//! # Cost, and the variance that is left
//!
//! Passes of the sampled network per step; n gates, of which a share p is open.
//!
//! | id                  | passes           | experts run | subtracts from the loss       | variance with one gate                  |
//! |---------------------|------------------|-------------|-------------------------------|-----------------------------------------|
//! | `reinforce`         | 1                | np          | nothing                       | `pq(q L₁ + p L₀)²`                      |
//! | `reinforce-mean`    | 1                | np          | the mean loss                 | `pq(1 − 2p)²Δ²`                         |
//! | `reinforce-optimal` | 1                | np          | each gate's best constant     | 0                                       |
//! | `rloo`              | K                | up to K·np  | the other draws' mean loss    | `pqΔ²(½ − pq)` for K = 2                |
//! | `arm`               | 2                | up to 2·np  | the antithetic draw's loss    | `Δ²{⅔[⅛ − (½ − m)³] − m²M²}`            |
//! | `disarm`            | 2                | up to 2·np  | the same, averaged over u     | `Δ² m M²(½ − m)`                        |
//! | `bitflip-1`         | 1 and one expert | np + 1      | the loss with gate k flipped  | 0 (n gates: from the choice of k)       |
//! | `leg`               | 1, every expert  | n           | the loss with the gate flipped| 0 (n gates: from the other gates)       |
//!
//! `q = 1 − p`, `Δ = L₁ − L₀`, `m = min(p, q)`, `M = max(p, q) = σ(|a|)`; tests check the last column. `flips` of the gated layer
//! cost one dense forward pass and n softmaxes instead of n forward passes: the layer is linear, so that flipping one gate
//! adds a fixed vector to the scores.
//!
//! # Pitfalls
//!
//! * A baseline that contains the example's own loss shrinks the gradient: by `1 − 1/B` for a minibatch's mean. What is
//!   learned across steps is used first and updated afterwards.
//! * The best constant for one gate is `q L₁ + p L₀`, with swapped weights, and not the mean loss.
//! * ARM and `DisARM` need both draws from *one* uniform number per gate. Gates here are open where `u < p`, so the papers' u is
//!   `1 − u`. Each draw alone is Bernoulli with probability `p`; the formulas hold for the pair only. The factor is `σ(|a|)`, not
//!   `p`.
//! * The ARM gradient of a gate with the same value in both draws is not 0 but proportional to `½ − u`: with sparse gates that
//!   is most of them.
//! * With many gates of equal `p` and a loss that is a sum over gates, `DisARM` and leave-one-out have nearly the same variance.
//! * One flip per example represents all n gates, hence the factor n: few gates get a gradient in each step, and a large one.
//!
//! # Sources
//!
//! Williams 1992; Bengio, Léonard & Courville 2013; Titsias & Lázaro-Gredilla 2015; Kool, van Hoof & Welling 2019; Yin & Zhou
//! 2019; Dong, Mnih & Tucker 2020; Yin, Ho, Yan, Qian & Zhou 2020; Kunes et al. 2022.

mod antithetic;
mod flips;
mod reinforce;
mod rloo;

family! {
    reinforce::REINFORCE => reinforce::Reinforce::new(reinforce::Baseline::None),
    reinforce::REINFORCE_MEAN => reinforce::Reinforce::new(reinforce::Baseline::Mean),
    reinforce::REINFORCE_OPTIMAL => reinforce::Reinforce::new(reinforce::Baseline::Optimal),
    rloo::RLOO => rloo::Rloo::new(),
    antithetic::ARM => antithetic::Antithetic::new(false),
    antithetic::DISARM => antithetic::Antithetic::new(true),
    flips::BITFLIP => flips::OneFlip::default(),
    flips::LEG => flips::LocalExpectation,
}
