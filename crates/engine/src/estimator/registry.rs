//! The estimators there are, in the order in which they are shown. Adding one is one file and one line here.

use super::both::double_cv::{DOUBLE_CV, DoubleCv};
use super::both::muprop::{MUPROP, MuProp};
use super::both::predicted::{PREDICTED, Predicted};
use super::both::rebar::{REBAR, Rebar};
use super::both::relax::{RELAX, Relax};
use super::own::concrete::{CONCRETE, Concrete};
use super::own::hard_concrete::{HARD_CONCRETE, HardConcrete};
use super::own::rectifier::{NOISY_RECTIFIER, RECTIFIER, Rectifier};
use super::own::sigmoid::{SIGMOID, SIGMOID_NOISE, Sigmoid};
use super::slope::annealed::{Annealed, ST_SLOPE};
use super::slope::gumbel::{Gumbel, ST_GUMBEL};
use super::slope::hard_sigmoid::{HardSigmoid, ST_HARD_SIGMOID};
use super::slope::reinmax::{REINMAX, ReinMax};
use super::slope::semantic_hashing::{SEMANTIC_HASHING, SemanticHashing};
use super::slope::skipping::{
    DefaultExpert, OpenOnly, ST_DEFAULT_EXPERT, ST_MASKED, ST_ON_ONLY, ST_SAMPLED_OFF, SampledOff,
};
use super::slope::smooth_times_stochastic::{STS, STS_RELEASED, SmoothTimesStochastic};
use super::slope::straight_through::{ST, ST_SIGMOID, StraightThrough};
use super::value::antithetic::{ARM, Antithetic, DISARM};
use super::value::flips::{BITFLIP, LEG, LocalExpectation, OneFlip};
use super::value::reinforce::{Baseline, REINFORCE, REINFORCE_MEAN, REINFORCE_OPTIMAL, Reinforce};
use super::value::rloo::{RLOO, Rloo};
use super::{Estimator, Record};
use gatelab_kernels::Real;

pub use super::knobs::SIGNAL;

/// Declares the table once: the records, and how each estimator is made.
macro_rules! registry {
    ($($record:ident => $make:expr),* $(,)?) => {
        /// All records.
        pub static RECORDS: &[&Record] = &[$(&$record),*];

        /// A new estimator with this id, its knobs at their built-in values.
        pub fn make<R: Real>(id: &str) -> Option<Box<dyn Estimator<R>>> {
            $(if id == $record.id {
                return Some(Box::new($make));
            })*
            None
        }
    };
}

registry! {
    ST => StraightThrough { derivative: false },
    ST_SIGMOID => StraightThrough { derivative: true },
    ST_GUMBEL => Gumbel::new(),
    ST_SLOPE => Annealed::new(),
    ST_HARD_SIGMOID => HardSigmoid::new(),
    ST_MASKED => OpenOnly { corrected: false },
    ST_ON_ONLY => OpenOnly { corrected: true },
    ST_DEFAULT_EXPERT => DefaultExpert::new(),
    ST_SAMPLED_OFF => SampledOff::new(),
    REINMAX => ReinMax::new(),
    SEMANTIC_HASHING => SemanticHashing::new(),
    STS => SmoothTimesStochastic::new(false),
    STS_RELEASED => SmoothTimesStochastic::new(true),
    REINFORCE => Reinforce::new(Baseline::None),
    REINFORCE_MEAN => Reinforce::new(Baseline::Mean),
    REINFORCE_OPTIMAL => Reinforce::new(Baseline::Optimal),
    RLOO => Rloo::new(),
    ARM => Antithetic::new(false),
    DISARM => Antithetic::new(true),
    BITFLIP => OneFlip::default(),
    LEG => LocalExpectation,
    MUPROP => MuProp::new(),
    DOUBLE_CV => DoubleCv::new(),
    REBAR => Rebar::new(),
    RELAX => Relax::new(),
    PREDICTED => Predicted::new(),
    NOISY_RECTIFIER => Rectifier::new(true),
    RECTIFIER => Rectifier::new(false),
    SIGMOID => Sigmoid::new(false),
    SIGMOID_NOISE => Sigmoid::new(true),
    CONCRETE => Concrete::new(),
    HARD_CONCRETE => HardConcrete::new(),
}

/// The record with this id.
pub fn record(id: &str) -> Option<&'static Record> {
    RECORDS.iter().find(|record| record.id == id).copied()
}

/// All ids.
pub fn ids() -> Vec<&'static str> {
    RECORDS.iter().map(|record| record.id).collect()
}
