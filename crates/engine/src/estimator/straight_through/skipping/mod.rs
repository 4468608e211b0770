//! Straight-through without running the experts of closed gates, or hardly any of them.
//!
//! The slope of a closed gate is `∂L/∂b_i = ⟨∂L/∂h_i, z_i⟩`: it needs the output `z_i` of an expert that sparse gates were
//! meant to save. [`ST_SIGMOID`](super::straight_through::ST_SIGMOID), `∂L/∂b·p(1−p)` at every gate, is the dense member of
//! this family; the others differ in what they put in place of the missing slopes:
//!
//! | id                  | open gate            | closed gate                         | experts run | on average            |
//! |---------------------|----------------------|-------------------------------------|-------------|-----------------------|
//! | `st-sigmoid`        | `f'·p(1−p)`          | `f'·p(1−p)`                         | all         | dense straight-through |
//! | `st-masked`         | `f'·p(1−p)`          | 0                                   | open        | `p` times the truth for multilinear losses: the trap |
//! | `st-on-only`        | `f'·(1−p)`           | 0, made up for by the `1/p`         | open        | exact for multilinear losses |
//! | `st-default-expert` | `f'·p(1−p)`          | `f'·p(1−p)` with a mean output      | open        | as good as the mean   |
//! | `st-sampled-off`    | `f'·p(1−p)`          | one in n of them, n times as heavy  | open + 1    | dense straight-through |

mod default_expert;
mod active_only;
mod sampled_off;

pub(in crate::estimator) use default_expert::{DefaultExpert, ST_DEFAULT_EXPERT};
pub(in crate::estimator) use active_only::{ActiveOnly, ST_MASKED, ST_ON_ONLY};
pub(in crate::estimator) use sampled_off::{ST_SAMPLED_OFF, SampledOff};
