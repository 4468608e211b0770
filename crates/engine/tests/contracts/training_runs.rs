//! Whole runs: the configuration determines every bit, changes on the way are replayed, and switches keep what
//! they must.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use crate::common::runs::{DATA, config, config_with, digest, set, start, switch, train};
use crate::common::script::scattered;
use gatelab_engine::estimator::{Needs, registry};
use gatelab_engine::schema::{Action, Change, RunConfig, Value};
use gatelab_engine::training::Trainer;

#[test]
fn the_configuration_determines_every_bit() {
    for id in registry::ids() {
        let run = |seed| {
            let mut trainer = start(config(id, seed));
            let reports = train(&mut trainer, 30);
            (digest(&trainer), reports.iter().map(|r| r.loss.to_bits()).collect::<Vec<_>>())
        };
        let first = run(7);
        assert_eq!(first, run(7), "{id}");
        let other = run(8);
        assert_ne!(first.0.0, other.0.0, "{id}");
        assert_ne!(first.1, other.1, "{id}");
    }
}

/// Estimators raced from one seed start from the same weights and meet the same minibatches.
#[test]
fn estimators_of_one_seed_share_weights_and_minibatches() {
    let mut labels: Option<Vec<Vec<u8>>> = None;
    for id in registry::ids() {
        let mut trainer = start(config_with(id, &[("start-rate", 0.3)]));
        let fresh = start(config_with("st", &[("start-rate", 0.3)]));
        assert_eq!(trainer.parameters(), fresh.parameters(), "{id}");
        let seen: Vec<_> = (1..4)
            .map(|step| {
                train(&mut trainer, step);
                trainer.pass().labels.clone()
            })
            .collect();
        assert_eq!(*labels.get_or_insert_with(|| seen.clone()), seen, "{id}");
    }
}

#[test]
fn every_estimator_learns() {
    for record in registry::RECORDS {
        let mut config = config(record.id, 7);
        // The same for all, whatever their tuned defaults are: this is about learning at all.
        let sizes = [("gates", 16.0), ("units", 4.0), ("gater-hidden", 16.0), ("batch", 32.0)];
        let rates = [("lr", 0.2), ("momentum", 0.5), ("gater-rate", 0.3), ("lambda", 1e-4), ("start-rate", 0.5)];
        for (key, value) in sizes.into_iter().chain(rates) {
            config.overrides.insert(key.to_owned(), Value::Number(value));
        }
        let mut trainer = start(config);
        let reports = train(&mut trainer, 60);
        for report in &reports {
            assert!(report.loss.is_finite() && report.penalty.is_finite() && report.penalty >= 0.0, "{}", record.id);
            assert!((0.0..=1.0).contains(&report.gate_rate), "{}", record.id);
            let work = report.work;
            // Those that ask about other gates run the output layer again, up to twice, beside what a dense network does.
            let more = match record.needs {
                Needs::MoreLosses | Needs::Flips | Needs::GateGradsElsewhere => 2 * 32 * (16 * 4) * 10,
                _ => 0,
            };
            assert!(work.forward > 0 && work.forward <= work.forward_dense + more, "{}: {work:?}", record.id);
        }
        let average = |part: &[gatelab_engine::training::StepReport]| {
            part.iter().map(|r| r.loss).sum::<f64>() / part.len() as f64
        };
        let (before, after) = (average(&reports[..5]), average(&reports[50..]));
        assert!(after < before - 0.2, "{}: loss from {before:.3} to {after:.3}", record.id);
        assert!(trainer.parameters().numbers().all(|w| w.is_finite()), "{}", record.id);
        assert_eq!(trainer.live().len(), record.live.len(), "{}", record.id);
        assert!(trainer.live().iter().all(|x| x.is_finite()), "{}", record.id);
    }
}

/// The f32 engine follows its f64 twin while rounding has not yet decided otherwise.
#[test]
fn single_precision_follows_double_precision() {
    for id in ["sigmoid", "rectifier", "st", "reinforce-mean"] {
        let mut single = start(config(id, 7));
        let mut double = Trainer::<f64>::new(config(id, 7)).unwrap();
        for _ in 0..8 {
            let (a, b) = (single.step(&DATA).unwrap(), double.step(&DATA).unwrap());
            assert!((a.loss - b.loss).abs() < 2e-4 * b.loss, "{id}: {} and {}", a.loss, b.loss);
            assert_eq!(a.work, b.work, "{id}");
        }
    }
}

#[test]
fn a_switch_keeps_parameters_and_the_order_of_digits() {
    for to in registry::ids() {
        let mut kept = start(config("sts", 7));
        let mut switched = start(config("sts", 7));
        train(&mut kept, 10);
        train(&mut switched, 10);
        switched.change(switch(to)).unwrap();
        assert_eq!(kept.parameters(), switched.parameters(), "{to}");
        assert_eq!(switched.settings().estimator, to);
        assert_eq!(switched.step_count(), 10);
        train(&mut kept, 13);
        train(&mut switched, 13);
        assert_eq!(kept.pass().labels, switched.pass().labels, "{to}");
        assert_eq!(kept.pass().input, switched.pass().input, "{to}");
    }
}

/// There and back again between two steps is as if nothing had happened, for estimators that remember nothing.
#[test]
fn there_and_back_is_nothing_for_an_estimator_without_memory() {
    for id in ["st", "st-sigmoid", "sts", "sts-released", "reinforce", "sigmoid", "sigmoid-noise"] {
        let mut kept = start(config(id, 7));
        let mut switched = start(config(id, 7));
        train(&mut kept, 10);
        train(&mut switched, 10);
        switched.change(switch("noisy-rectifier")).unwrap();
        switched.change(switch(id)).unwrap();
        train(&mut kept, 20);
        train(&mut switched, 20);
        assert_eq!(digest(&kept), digest(&switched), "{id}");
    }
}

/// Makes a run from a list of changes, then replays its configuration, as it is and through JSON as links carry it.
fn assert_replays(config: RunConfig, changes: &[(u64, Action)], until: u64, what: &str) {
    let mut live = start(config);
    for (step, action) in changes {
        train(&mut live, *step);
        live.change(action.clone()).unwrap();
    }
    train(&mut live, until);
    let json = serde_json::to_string(live.config()).unwrap();
    let through: RunConfig = serde_json::from_str(&json).unwrap();
    assert_eq!(&through, live.config(), "JSON keeps every bit: {what}");
    for config in [live.config().clone(), through] {
        let mut again = start(config);
        train(&mut again, until);
        assert_eq!(digest(&again), digest(&live), "{what}");
        assert_eq!(again.settings(), live.settings(), "{what}");
        assert_eq!(again.config(), live.config(), "{what}");
        assert!(again.changes_ahead().is_empty());
    }
}

#[test]
fn changes_are_replayed_bit_for_bit() {
    let changes = [
        (5, set("lr", 0.3)),
        (9, switch("reinforce-optimal")),
        (9, set("baseline-decay", 0.7)),
        (14, set("momentum", 0.5)),
        (14, Action::Reset("lr".into())),
        (20, switch("noisy-rectifier")),
        (21, Action::Set("noise-kind".into(), Value::Choice("logistic".into()))),
        (22, set("target", 0.3)),
        (25, switch("reinforce-optimal")),
        (30, set("lr", 0.123_456_789_012_345_67)),
    ];
    for id in ["st", "rectifier", "reinforce-mean"] {
        assert_replays(config(id, 3), &changes, 35, id);
    }
}

/// Several changes between two steps: a slider dragged back to where it was, an estimator tried and left again.
#[test]
fn changes_between_the_same_two_steps_are_replayed_bit_for_bit() {
    for id in ["rectifier", "reinforce-mean", "reinforce-optimal", "st"] {
        let back = [(12, switch("sts")), (12, switch(id))];
        assert_replays(config(id, 3), &back, 30, &format!("{id} left and taken again"));
        let dragged = [(12, set("lambda", 0.01)), (12, set("lambda", 0.5)), (12, set("lambda", 1e-5))];
        assert_replays(config(id, 3), &dragged, 30, &format!("{id}, λ dragged and back at its start"));
        let reset = [(12, set("lambda", 0.5)), (12, Action::Reset("lambda".into()))];
        assert_replays(config(id, 3), &reset, 30, &format!("{id}, λ set and reset"));
        let mixed =
            [(12, set("lr", 0.5)), (12, switch("sts")), (12, set("lr", 0.2)), (12, switch(id)), (12, set("lr", 0.3))];
        assert_replays(config(id, 3), &mixed, 30, &format!("{id}, switches and a slider"));
    }
}

/// The same for changes thrown together.
#[test]
fn any_changes_are_replayed_bit_for_bit() {
    let ids = registry::ids();
    for seed in 0..25 {
        let pick = |i: u64, n: usize| (scattered(seed, i) * n as f64) as usize;
        let mut step = 0;
        let changes: Vec<(u64, Action)> = (0..12)
            .map(|i| {
                step += [0, 0, 0, 1, 4][pick(10 * i, 5)];
                let action = match pick(10 * i + 1, 6) {
                    0 | 1 => switch(ids[pick(10 * i + 2, ids.len())]),
                    2 => set("lambda", [1e-5, 0.1, 0.02][pick(10 * i + 3, 3)]),
                    3 => Action::Reset(["lambda", "target", "lr"][pick(10 * i + 4, 3)].into()),
                    4 => set("target", [0.1, 0.3][pick(10 * i + 5, 2)]),
                    _ => set("baseline-decay", [0.9, 0.3][pick(10 * i + 6, 2)]),
                };
                (step, action)
            })
            .collect();
        let id = ids[pick(3, ids.len())];
        assert_replays(config(id, seed), &changes, step + 6, &format!("{id}: {changes:?}"));
    }
}

/// The last position of a dragged slider is what is written down.
#[test]
fn a_dragged_slider_is_one_change() {
    let mut trainer = start(config("st", 7));
    train(&mut trainer, 3);
    for i in 0..500 {
        trainer.change(set("lr", 0.1 + 0.001 * f64::from(i))).unwrap();
    }
    assert_eq!(trainer.config().changes, [Change { step: 3, action: set("lr", 0.1 + 0.001 * 499.0) }]);
}

/// A change made during a replay starts another run: what lay ahead is dropped.
#[test]
fn a_change_in_a_replay_drops_what_lay_ahead() {
    let mut config = config("st", 7);
    config.changes = vec![Change { step: 4, action: set("lr", 0.2) }, Change { step: 9, action: switch("sts") }];
    let mut trainer = start(config);
    train(&mut trainer, 6);
    assert_eq!(trainer.changes_ahead().len(), 1);
    trainer.change(set("momentum", 0.3)).unwrap();
    assert!(trainer.changes_ahead().is_empty());
    train(&mut trainer, 12);
    assert_eq!(trainer.settings().estimator, "st");
    assert_eq!(trainer.config().changes.len(), 2);
}

/// A change that is refused leaves the run as it was.
#[test]
fn a_refused_change_changes_nothing() {
    let mut trainer = start(config("rectifier", 7));
    let mut untouched = start(config("rectifier", 7));
    train(&mut trainer, 8);
    train(&mut untouched, 8);
    for action in [
        switch("nonsense"),
        set("lr", -1.0),
        set("gates", 20.0),
        set("nonsense", 1.0),
        Action::Reset("nonsense".into()),
    ] {
        assert!(trainer.change(action.clone()).is_err(), "{action:?}");
    }
    assert!(trainer.config().changes.is_empty());
    train(&mut trainer, 16);
    train(&mut untouched, 16);
    assert_eq!(digest(&trainer), digest(&untouched));
}
