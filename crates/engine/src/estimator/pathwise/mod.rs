//! Gates of another kind, which ordinary backpropagation can train: the estimate is right for that gate's objective, and the
//! question is how far that objective is from the one with coins.
//!
//! A gate `g = G(a, n)` with noise `n` that does not depend on the logit has the gradient `E[∂L/∂g · ∂G/∂a]` of its own
//! objective `E L(G(a, n))`: no rule has to be guessed. What is given up is the question. Each gate below asks another one:
//!
//! | id                | gate in training                   | exactly 0?            | at test time                | noise     |
//! |-------------------|------------------------------------|-----------------------|-----------------------------|-----------|
//! | `noisy-rectifier` | `max(0, a + n)`                    | yes, `P(a + n ≤ 0)`   | `max(0, a)`                 | Gaussian or logistic |
//! | `rectifier`       | `max(0, a)`                        | yes                   | the same                    | none      |
//! | `sigmoid`         | `σ(a)`                             | never                 | the same                    | none      |
//! | `sigmoid-noise`   | `σ(a + n)`                         | never                 | `σ(a)`                      | Gaussian  |
//! | `concrete`        | `σ((a + ℓ)/τ)`                     | never                 | hard, at the target rate    | logistic  |
//! | `hard-concrete`   | `clip(σ((a + ℓ)/β)(ζ−γ) + γ)`      | yes, `1 − σ(a − β ln(−γ/ζ))` | `clip(σ(a)(ζ−γ) + γ)` | logistic  |
//!
//! Where the gate is exactly 0 its expert is skipped, and its gradient is an honest zero: around it the gate does not move.
//! Where it never is, nothing is skipped in training, whatever the firing rate.
//!
//! # What goes wrong
//!
//! * **Judged by another truth.** Each is compared with the gradient of its own objective ([`law`](super::Estimator::law)); how
//!   far that is from the gradient for coins is a question of its own. For Concrete the distance goes as `τ²`, its variance as
//!   `1/τ`.
//! * **Trained soft, tested hard.** Concrete's test is on hard gates, since only those save work: an honest comparison, and the
//!   reason for letting the temperature fall.
//! * **Firing rates of hard concrete.** Open is `g ≠ 0`, with the probability above, not `σ(a)`; its gate at test time has
//!   neither noise nor β, and is closed for every logit below `ln(−γ/ζ)` without β: sparser than in training.
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
