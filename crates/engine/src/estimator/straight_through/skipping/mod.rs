//! Straight-through without running the experts of closed gates, or only few of them.
//!
//! The gate gradient of a closed gate is `∂L/∂b_i = ⟨∂L/∂h_i, z_i⟩`: it needs the output `z_i` of an expert that closed gates are
//! meant to save. `st-sigmoid`, `∂L/∂b·p(1−p)` at every gate, is the dense member of this group; the others differ in what
//! they use in place of the missing gate gradients:
//!
//! | id                  | open gate            | closed gate                         | experts run | mean                  |
//! |---------------------|----------------------|-------------------------------------|-------------|-----------------------|
//! | `st-sigmoid`        | `f'·p(1−p)`          | `f'·p(1−p)`                         | all         | dense straight-through |
//! | `st-masked`         | `f'·p(1−p)`          | 0                                   | open        | `p` times the gradient for multilinear losses |
//! | `st-on-only`        | `f'·(1−p)`           | 0; open gates are weighted by `1/p` | open        | exact for multilinear losses |
//! | `st-default-expert` | `f'·p(1−p)`          | `f'·p(1−p)` with a mean output      | open        | as good as the mean   |
//! | `st-sampled-off`    | `f'·p(1−p)`          | one in n of them, weighted by n     | open + 1    | dense straight-through |

mod active_only;
mod default_expert;
mod sampled_off;

pub(in crate::estimator) use active_only::{ActiveOnly, ST_MASKED, ST_ON_ONLY};
pub(in crate::estimator) use default_expert::{DefaultExpert, ST_DEFAULT_EXPERT};
pub(in crate::estimator) use sampled_off::{ST_SAMPLED_OFF, SampledOff};
