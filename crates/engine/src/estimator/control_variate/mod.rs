//! Estimators that use values of the loss and gate gradients: a control variate made of gate gradients predicts most of the
//! loss, and the value of the loss corrects the prediction.
//!
//! # What they have in common
//!
//! Each is an unbiased estimate from values, `g₀`, plus a control variate: a term made of gate gradients that is strongly
//! correlated with `g₀` and has mean zero, so that it reduces the variance and adds no bias. The gate gradients are taken
//! elsewhere than at the drawn gates: at the probabilities, at other draws, at relaxed gates. So every expert runs, and the
//! output layer runs several times. Closed gates save no work in training, only at test time.
//!
//! `predicted` is different: gate gradients are the inputs of a linear regression on noisy values, and the prediction is used
//! as the gradient. It is the only biased one here.
//!
//! # Cost, and what the control variate is made of
//!
//! | id          | values | gate gradients     | prediction of the loss                        | without variance if                      |
//! |-------------|--------|--------------------|-----------------------------------------------|------------------------------------------|
//! | `muprop`    | 1 draw | 1 at `p`           | linear expansion around the mean field        | the loss is linear                       |
//! | `double-cv` | K draws| K at the draws     | linear expansions around the other draws      | the loss is linear, α = −1               |
//! | `rebar`     | 1 draw | 2 at relaxed gates | the loss at the relaxed gates                 | τ → 0, in part: the variate's own variance grows |
//! | `relax`     | 1 draw | 2, or none         | the same and a small network, or that alone   | –                                        |
//! | `predicted` | 1 draw | 1 at the draw      | none: a regression from gate gradients to values | –                                     |
//!
//! "Values" are passes through the open experts. "Gate gradients" are forward and backward passes through the output layer
//! with all gates; every expert runs once. The multiply-adds of the small network are counted too.
//!
//! # What is learned across steps
//!
//! Baselines, the weights α and η, the small network and the regression are those learned from *earlier* steps when the
//! gradient of a step is computed, and are updated afterwards: otherwise they would depend on the draw, and the estimate would
//! be biased. The weights minimise a moving average of `‖g‖²` in closed form (`coefficient.rs`), so they have no learning rate;
//! the network is trained by the gradient of the same quantity. As `E g` does not depend on any of them, the mean square is
//! the variance plus a constant.
//!
//! # Pitfalls
//!
//! * `MuProp` without a further baseline can have as much variance as REINFORCE: on `(b − t)²` with p = ½ the remainder is the
//!   constant ¼.
//! * `z̃` depends on the logit twice, directly and through `v′` (`relaxation.rs`). Without the second part REBAR is biased,
//!   strongly at some logits and hardly at others: the knob `historic-bug` shows it.
//! * Independent noise for `z̃`, or a gate taken from the wrong tail, leaves it *unbiased*: only the variance shows the mistake.
//! * A weight of η = 1 can be worse than none: with p = ½, t = 0.45 and τ = 0.5 the variance is 0.0227 against 0.0159.
//! * Control variates end at the logits. The experts are trained by the gradient at the drawn gates alone.
//! * The input of the small network of `relax` is the relaxed gates and not the digit, so alone it learns a baseline and the
//!   mean effect of each gate.
//! * `predicted` fits each gate's line over all digits: it is right on average over the minibatches in its moving averages,
//!   and biased for single examples where the gradient is not linear in the gate gradient, `p` and `b`.
//!
//! # Sources
//!
//! Gu, Levine, Sutskever & Mnih 2016; Tucker, Mnih, Maddison, Lawson & Sohl-Dickstein 2017; Grathwohl, Choi, Wu, Roeder &
//! Duvenaud 2018; Titsias & Shi 2022; Bengio 2013.

mod coefficient;
mod double_cv;
mod least_squares;
mod muprop;
mod predicted;
mod rebar;
mod relax;
mod relaxation;
mod surrogate;

family! {
    muprop::MUPROP => muprop::MuProp::new(),
    double_cv::DOUBLE_CV => double_cv::DoubleCv::new(),
    rebar::REBAR => rebar::Rebar::new(),
    relax::RELAX => relax::Relax::new(),
    predicted::PREDICTED => predicted::Predicted::new(),
}
