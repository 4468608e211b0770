//! Which estimators learn from a reward, which has no gradient: those that need values of the loss only, with their knobs as set.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has found something")]

use crate::common::runs::{config, digest, start, train};
use crate::common::script::Script;
use crate::common::toy::{ToyContext, toy_loss};
use crate::common::{choice, make_with};
use gatelab_engine::estimator::{GateDraw, Needs, registry};
use gatelab_engine::schema::{Action, RunConfig};
use gatelab_engine::training::Trainer;
use gatelab_kernels::Matrix;

fn relax(surrogate: &str, told: &str) -> RunConfig {
    let mut config = config("relax", 7);
    config.overrides.insert("surrogate".into(), choice(surrogate));
    config.overrides.insert("told".into(), choice(told));
    config
}

/// With the network alone RELAX uses values of the loss only.
#[test]
fn relax_with_the_network_alone_learns_from_rewards() {
    for told in ["reward", "delayed-reward"] {
        let mut trainer = start(relax("network", told));
        let before = digest(&trainer);
        train(&mut trainer, 20);
        assert_ne!(digest(&trainer), before);
        assert!(
            trainer.live().iter().all(|x| x.is_finite()) && trainer.live()[0] > 0.0,
            "{told}: {:?}",
            trainer.live()
        );
    }
}

#[test]
fn relax_with_the_relaxed_loss_refuses_rewards_and_names_the_knob() {
    let message = Trainer::<f32>::new(relax("relaxed-loss-and-network", "reward")).err().unwrap().to_string();
    assert!(message.contains("surrogate = network"), "{message}");
    // On the way, either of the two settings is refused, and the run stays as it was.
    let mut trainer = start(relax("network", "reward"));
    let error = trainer.change(Action::Reset("surrogate".into())).err().unwrap();
    assert!(error.to_string().contains("surrogate = network"), "{error}");
    train(&mut trainer, 2);
    let mut trainer = start(relax("relaxed-loss-and-network", "cross-entropy"));
    assert!(trainer.change(Action::Set("told".into(), choice("reward"))).is_err());
    trainer.change(Action::Set("surrogate".into(), choice("network"))).unwrap();
    trainer.change(Action::Set("told".into(), choice("reward"))).unwrap();
    train(&mut trainer, 2);
}

/// What an estimator says it needs with a choice made is what it asks for.
#[test]
fn choices_for_rewards_ask_for_losses_only() {
    let mut found = Vec::new();
    for record in registry::RECORDS {
        let Some((knob, name)) = registry::choice_for_rewards(record.id) else { continue };
        if record.needs.only_losses() {
            continue;
        }
        found.push((record.id, knob, name));
        let knobs = [(knob.to_owned(), choice(name))].into();
        assert_eq!(registry::needs(record.id, &knobs), Some(Needs::Losses));
        let mut estimator = make_with(record.id, &[(knob, choice(name))]);
        let (logits, loss) = (Matrix::from_vec((1, 3), vec![-1.0, 0.2, 0.9]), toy_loss());
        let (mut draw, mut noise) = (GateDraw::new(1, 3), Script::plenty(12, 4));
        estimator.draw(&logits, &mut noise, &mut draw);
        let mut context = ToyContext::new(&loss, &draw.gates);
        estimator.logit_gradient(&logits, &draw, &mut context, &mut noise, &mut Matrix::zeros((1, 3)));
        assert_eq!(context.asked, ["losses"], "{}", record.id);
    }
    assert!(found.contains(&("relax", "surrogate", "network")), "{found:?}");
}
