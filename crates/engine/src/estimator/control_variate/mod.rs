//! Estimators that use values and slopes together: a slope predicts most of what the loss will do, and the loss corrects it.
//!
//! # What unites them
//!
//! Each is an unbiased estimate from values, `g₀`, plus a control variate: something that is built from slopes, follows `g₀`'s
//! noise as closely as it can, and has mean zero, so that it takes noise away and no truth. The slopes are asked for where
//! no gate draw put them: at the probabilities, at other draws, at softened gates. So every expert runs, and the output layer
//! runs several times; nothing is saved in training by closed gates, only at test time.
//!
//! `predicted` turns this round: slopes are the inputs of a line that is fitted to noisy values, and what the line says is used
//! as it is. It is the only biased one here.
//!
//! # What they cost, and which noise they remove
//!
//! | id          | values | slopes             | what foretells the loss                       | exact, without noise, where              |
//! |-------------|--------|--------------------|-----------------------------------------------|------------------------------------------|
//! | `muprop`    | 1 draw | 1 at `p`           | a straight line through the mean field        | the loss is a line                       |
//! | `double-cv` | K draws| K at the draws     | straight lines through the other draws        | the loss is a line, α = −1               |
//! | `rebar`     | 1 draw | 2 at softened gates| the softened copy of the coin                 | τ → 0, in part: the copy's noise grows   |
//! | `relax`     | 1 draw | 2, or none         | the same and a small network, or that alone   | –                                        |
//! | `predicted` | 1 draw | 1 at the draw      | nothing: a line from slopes to values         | –                                        |
//!
//! "Values" are passes through the open experts, "slopes" are passes through every gate's share of the output layer, forward
//! and back; every expert runs once. The small network's own work is on the meter too.
//!
//! # What is learned on the way
//!
//! Baselines, the weights α and η, the small network and the fitted line come from *earlier* steps when a step's gradient is
//! given, and take that step in afterwards: otherwise they would know the draw they are to be independent of. The weights
//! are the minimisers of a running mean of `‖g‖²` in closed form (`coefficient.rs`), so they have no learning rate; the
//! network goes down the gradient of the same quantity. As `E g` does not depend on any of them, the mean square is the
//! variance but for a constant.
//!
//! # Pitfalls
//!
//! * `MuProp` without a further baseline can be as noisy as plain REINFORCE: on `(b − t)²` with a fair coin what the line
//!   leaves over is the constant ¼.
//! * `z̃` depends on the logit twice, directly and through `v′` (`relaxation.rs`). Without the second part REBAR is biased,
//!   grossly at some logits and invisibly at others: the knob `historic-bug` shows it.
//! * Independent noise for `z̃`, or a coin taken from the wrong tail, leaves it *unbiased*: only the noise tells.
//! * A weight of η = 1 can be worse than none: with a fair coin, t = 0.45 and τ = 0.5 the variance is 0.0227 against 0.0159.
//! * Control variates end at the logits. What comes back through the experts is the drawn gates' gradient alone.
//! * The small network of `relax` is given the relaxed gates and not the digit, so alone it learns a baseline and what each
//!   gate does on average.
//! * `predicted` fits each gate's line over all digits alike: it is right on average over the minibatches it remembers, and
//!   wrong for single examples wherever the truth is no line in the slope, `p` and `b`.
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
