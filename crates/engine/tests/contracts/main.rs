//! Contracts of the engine: each file holds one part of it against values that are computed another way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails by panicking is a test")]

mod common;
mod data_batches;
mod data_idx;
mod data_sets;
mod data_strokes;
mod estimator_rewards;
mod estimator_state;
mod golden_digests;
mod lab_microscope;
mod mutations;
mod mutations_quadrature;
mod network_context;
mod network_gate_grads;
mod network_gradients;
mod network_work;
mod oracles_baselines;
mod oracles_control_variate;
mod oracles_gates;
mod oracles_one_gate;
mod oracles_pathwise;
mod oracles_perturbation;
mod oracles_quadrature;
mod oracles_reinforce;
mod oracles_relaxed;
mod oracles_score_function;
mod oracles_skipping;
mod oracles_sparsity;
mod oracles_straight_through;
mod training_checkpoints;
mod training_evaluation;
mod training_failures;
mod training_rewards;
mod training_runs;
mod training_sameness;
mod training_waiting;
