//! Estimators that use values of the loss only: unbiased whatever the loss, even a reward that has no slope.
//!
//! # What unites them
//!
//! All of them estimate `p_i(1 − p_i) E[L(b_i = 1) − L(b_i = 0)]` by how the loss came out at states that were drawn, weighing
//! it by `b − p`, the slope of the draw's log-probability, or by how two coupled draws differ. A gate whose expert was skipped
//! is judged like any other: nothing is asked that its expert would have to run for. The loss itself is never
//! differentiated, so it may be a right-or-wrong reward.
//!
//! What distinguishes them is how they get rid of the noise that all the *other* gates put into that loss. That noise grows
//! with the number of gates for every estimator here but local expectation.
//!
//! # What they cost, and which noise they remove
//!
//! Passes of the sampled network per step; n gates of which a share p is open.
//!
//! | id                  | passes           | experts run | what it subtracts             | noise left with one gate                |
//! |---------------------|------------------|-------------|-------------------------------|-----------------------------------------|
//! | `reinforce`         | 1                | np          | nothing                       | `pq(q L₁ + p L₀)²`                      |
//! | `reinforce-mean`    | 1                | np          | the usual loss                | `pq(1 − 2p)²Δ²`                         |
//! | `reinforce-optimal` | 1                | np          | each gate's best constant     | 0                                       |
//! | `rloo`              | K                | up to K·np  | the other draws' mean loss    | `pqΔ²(½ − pq)` for K = 2                |
//! | `arm`               | 2                | up to 2·np  | the mirrored draw's loss      | `Δ²{⅔[⅛ − (½ − m)³] − m²M²}`            |
//! | `disarm`            | 2                | up to 2·np  | the same, dice averaged away  | `Δ² m M²(½ − m)`                        |
//! | `bitflip-1`         | 1 and one expert | np + 1      | everything but gate k         | 0 (with n gates: which one was picked)  |
//! | `leg`               | 1, every expert  | n           | everything but the gate       | 0 (with n gates: the others' states)    |
//!
//! `q = 1 − p`, `Δ = L₁ − L₀`, `m = min(p, q)`, `M = max(p, q) = σ(|a|)`; the table's last column is the variance for one gate, by
//! which the tests hold them. `flips` of the gated layer cost one dense forward and n softmaxes, not n forwards: the
//! layer is linear, so that one gate moves the scores by a fixed vector.
//!
//! # Pitfalls
//!
//! * A baseline that contains the example's own loss shrinks the gradient: by `1 − 1/B` for a minibatch's mean. Everything that
//!   is learned across steps is used first and updated afterwards.
//! * The best constant for one gate is `q L₁ + p L₀`, with swapped weights, and not the mean loss.
//! * ARM and `DisARM` need both draws from *one* uniform number per gate. The coins here fire below `p`, so the papers' u is
//!   `1 − u`. Each draw is fair by itself; only the pair may be used in the formulas. The factor is `σ(|a|)`, not `p`.
//! * ARM still pushes a gate that came out alike in both draws, by `½ − u`: with sparse gates that is most of them.
//! * With many gates of equal `p` and a loss that is a sum over gates, `DisARM` and leave-one-out become equally noisy: what the
//!   averaged dice gain, the other gates' noise takes.
//! * One flip per example has to stand for all n, hence its factor n: few gates speak at each step, and loudly.
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
