//! Differentiable gates: the estimate is the exact gradient of the gate's own objective, which differs from that of Bernoulli
//! gates.
//!
//! A gate `g = G(a, n)` with noise `n` that does not depend on the logit has the pathwise (reparametrisation) gradient
//! `E[∂L/∂g · ∂G/∂a]` of its own objective `E L(G(a, n))`. Each gate below defines another objective:
//!
//! | id                | gate in training                   | exactly 0?            | at test time                | noise     |
//! |-------------------|------------------------------------|-----------------------|-----------------------------|-----------|
//! | `noisy-rectifier` | `max(0, a + n)`                    | yes, `P(a + n ≤ 0)`   | `max(0, a)`                 | Gaussian or logistic |
//! | `rectifier`       | `max(0, a)`                        | yes                   | the same                    | none      |
//! | `sigmoid`         | `σ(a)`                             | never                 | the same                    | none      |
//! | `sigmoid-noise`   | `σ(a + n)`                         | never                 | `σ(a)`                      | Gaussian  |
//! | `concrete`        | `σ((a + ℓ)/τ)`                     | never                 | hard, `1[a > θ]`            | logistic  |
//! | `hard-concrete`   | `clip(σ((a + ℓ)/β)(ζ−γ) + γ)`      | yes, `1 − σ(a − β ln(−γ/ζ))` | `clip(σ(a)(ζ−γ) + γ)` | logistic  |
//!
//! Where the gate is exactly 0 its expert is skipped, and its gradient is exactly 0: the gate is constant there. A gate that is
//! never 0 saves no work in training, whatever the firing rate.
//!
//! # Pitfalls
//!
//! * **Another objective.** Each is compared with the gradient of its own objective
//!   ([`distribution`](super::Estimator::distribution)), not with that of Bernoulli gates. For Concrete the difference of the
//!   two grows as `τ²`, and its variance as `1/τ`.
//! * **Trained soft, tested hard.** Concrete is tested with hard gates, since only those save work. That is why the temperature
//!   is annealed.
//! * **Firing rates of hard concrete.** Open means `g ≠ 0`, with the probability above, not `σ(a)`. Its gate at test time has
//!   neither noise nor β, and is closed for every logit below `ln(−γ/ζ)`: sparser than in training.
//! * **Small temperatures underflow.** In single precision `σ(z/τ)` reaches 0 near `z = −100τ`; then gate and gradient are 0.
//!
//! # Sources
//!
//! Bengio, Léonard & Courville 2013, Proposition 1 and section 5; Maddison, Mnih & Teh 2016; Jang, Gu & Poole 2016; Louizos,
//! Welling & Kingma 2018.

mod concrete;
mod hard_concrete;
mod rectifier;
mod sigmoid;

family! {
    rectifier::NOISY_RECTIFIER => rectifier::Rectifier::new(true),
    rectifier::RECTIFIER => rectifier::Rectifier::new(false),
    sigmoid::SIGMOID => sigmoid::Sigmoid::new(false),
    sigmoid::SIGMOID_NOISE => sigmoid::Sigmoid::new(true),
    concrete::CONCRETE => concrete::Concrete::new(),
    hard_concrete::HARD_CONCRETE => hard_concrete::HardConcrete::new(),
}
