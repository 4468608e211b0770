//! Runs that diverge stop with their parameters kept, and configurations that make no sense are refused in words.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has found something")]

use crate::common::runs::{DATA, config, config_with, digest, set, start, switch, train};
use gatelab_engine::estimator::registry;
use gatelab_engine::network::TENSORS;
use gatelab_engine::schema::SHARED;
use gatelab_engine::schema::{Action, CONFIG_VERSION, Change, RunConfig, Value};
use gatelab_engine::training::settings::{ConfigError, lookup};
use gatelab_engine::training::{TrainError, Trainer};

#[test]
fn a_nan_in_the_network_stops_the_run_and_touches_nothing_else() {
    let mut named = Vec::new();
    for id in registry::ids() {
        for (tensor, name) in TENSORS.iter().enumerate() {
            // A NaN in a rectifier's logit closes its gate, which is no failure.
            if *name == "logit biases" && id.contains("rectifier") {
                continue;
            }
            // Open from the start, so that the expert's NaN is met.
            let mut trainer = start(config_with(id, &[("start-rate", 0.9)]));
            train(&mut trainer, 7);
            // In the middle: the weights of a border pixel that is never inked are never looked at.
            let mut tensors = trainer.parameters_mut().tensors();
            let values = &mut tensors[tensor].values;
            // The pixel in row 14, column 14.
            let middle = values.len() * 406 / 784;
            values[middle] = f32::NAN;
            drop(tensors);
            let before = digest(&trainer);
            let error = trainer.step(&DATA).err().unwrap_or_else(|| panic!("{id}: a NaN in {name} went through"));
            let TrainError::NotFinite { tensor: found, step: 7 } = error else { unreachable!("{id}: {error}") };
            assert!(found == "class scores" || TENSORS.contains(&found), "{found}");
            assert!(error.to_string().contains(found) && error.to_string().contains("step 7"), "{error}");
            named.push(found);
            assert_eq!(digest(&trainer), before, "{id}, {name}: parameters are those of before");
            assert_eq!(trainer.step_count(), 7);
            // Again: still refused, still the same.
            assert!(matches!(trainer.step(&DATA), Err(TrainError::NotFinite { .. })));
            assert_eq!(digest(&trainer), before, "{id}, {name}");
        }
    }
    assert!(named.contains(&"class scores") && named.contains(&"gater's hidden weights"), "{named:?}");
}

#[test]
fn a_run_that_diverges_stops_with_finite_parameters() {
    let mut stopped = 0;
    for id in registry::ids() {
        for extra in [&[][..], &[("max-norm", 0.0), ("momentum", 0.9)], &[("max-norm", 0.0), ("gater-rate", 100.0)]] {
            let mut settings = vec![("lr", 1000.0)];
            settings.extend(extra);
            let mut trainer = start(config_with(id, &settings));
            for _ in 0..80 {
                let before = digest(&trainer);
                let result = trainer.step(&DATA);
                assert!(trainer.parameters().numbers().all(|w| w.is_finite()), "{id}, {settings:?}");
                match result {
                    Ok(report) => assert!(report.loss.is_finite() && report.penalty.is_finite(), "{id}"),
                    Err(TrainError::NotFinite { .. }) => {
                        stopped += 1;
                        assert_eq!(digest(&trainer), before, "{id}");
                        // Undone, it goes on.
                        trainer.change(set("lr", 1e-6)).unwrap();
                        break;
                    }
                    Err(other) => unreachable!("{id}: {other}"),
                }
            }
        }
    }
    assert!(stopped > 0, "at least one run diverges");
}

/// What went wrong, in words that name what was found and what was expected.
#[track_caller]
fn refused(result: Result<impl Sized, ConfigError>, words: &[&str]) -> ConfigError {
    let error = result.err().unwrap();
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "“{word}” in: {message}");
    }
    error
}

#[test]
fn impossible_configurations_are_refused_in_words() {
    let make = |config: RunConfig| Trainer::<f32>::new(config).map(|_| ());
    let with = |key: &str, value: Value| {
        let mut config = config("st", 7);
        config.overrides.insert(key.to_owned(), value);
        make(config)
    };
    refused(with("nonsense", Value::Number(1.0)), &["nonsense", "there are", "lr", "momentum", "beta"]);
    refused(with("lr", Value::Number(-1.0)), &["lr", "-1", "a number from", "1000"]);
    refused(with("lr", Value::Number(f64::NAN)), &["lr", "NaN", "a number from"]);
    refused(with("lr", Value::Number(f64::INFINITY)), &["lr", "inf", "1000"]);
    refused(with("momentum", Value::Number(1.0)), &["momentum", "1", "0.999"]);
    refused(with("gates", Value::Number(10.5)), &["gates", "10.5", "whole number from 1 to 8000"]);
    refused(with("lr", Value::Choice("fast".into())), &["lr", "fast", "a number from"]);
    refused(with("expert", Value::Number(3.0)), &["expert", "3", "one of linear, rectifier"]);
    refused(with("expert", Value::Choice("tanh".into())), &["expert", "tanh", "linear, rectifier"]);
    refused(make(config("backprop", 7)), &["backprop", "reinforce-optimal", "sts-released"]);
    let large = config_with("st", &[("gates", 8000.0), ("units", 256.0), ("gater-hidden", 4000.0)]);
    refused(make(large), &["too large", "16000000", "fewer gates or units"]);
    let newer = RunConfig { version: CONFIG_VERSION + 1, ..config("st", 7) };
    refused(make(newer), &[&(CONFIG_VERSION + 1).to_string(), &CONFIG_VERSION.to_string(), "reload"]);
}

#[test]
fn impossible_changes_are_refused_in_words() {
    let mut trainer = start(config("st", 7));
    train(&mut trainer, 2);
    let mut change = |action: Action| trainer.change(action).map(|_| ());
    for key in ["gates", "units", "gater-hidden", "batch", "start-rate", "expert", "valid-examples"] {
        let error = refused(change(set(key, 10.0)), &[key, "only when a run starts"]);
        assert_eq!(error, ConfigError::NotLive { key: key.to_owned() });
        refused(change(Action::Reset(key.into())), &[key, "only when a run starts"]);
    }
    refused(change(set("nonsense", 1.0)), &["nonsense", "there are", "lr"]);
    refused(change(Action::Reset("nonsense".into())), &["nonsense", "there are", "lr"]);
    refused(change(set("lr", 1e9)), &["lr", "1000000000", "1000"]);
    refused(change(Action::Set("lr".into(), Value::Choice("x".into()))), &["lr", "x", "a number"]);
    refused(change(switch("nonsense")), &["nonsense", "noisy-rectifier"]);
    // A knob of another estimator waits until that is chosen.
    assert!(change(set("noise", 2.0)).is_ok());
    assert!(change(set("noise", 21.0)).is_err());
}

#[test]
fn impossible_changes_in_a_configuration_are_refused_before_the_run_starts() {
    let make = |changes: Vec<Change>| {
        let config = RunConfig { changes, ..config("st", 7) };
        Trainer::<f32>::new(config).map(|_| ())
    };
    let at = |step, action| Change { step, action };
    refused(make(vec![at(9, set("lr", 0.2)), at(3, set("lr", 0.3))]), &["ordered"]);
    refused(make(vec![at(3, set("gates", 20.0))]), &["gates", "only when a run starts"]);
    refused(make(vec![at(3, set("lr", -2.0))]), &["lr", "-2"]);
    refused(make(vec![at(3, switch("nonsense"))]), &["nonsense"]);
    refused(make(vec![at(3, Action::Reset("nonsense".into()))]), &["nonsense"]);
    refused(make(vec![at(3, set("lr", 0.2)); 10_001]), &["10001", "10000"]);
    assert!(make(vec![at(3, set("lr", 0.2)); 10_000]).is_ok());
}

/// What `--set` and links carry.
#[test]
fn values_from_text_are_refused_in_words() {
    refused(lookup::parse("nonsense", "1"), &["nonsense", "there are"]);
    refused(lookup::parse("lr", "fast"), &["lr", "fast", "a number from"]);
    refused(lookup::parse("lr", "1e9"), &["lr", "1000000000", "1000"]);
    refused(lookup::parse("lr", "NaN"), &["lr", "NaN"]);
    refused(lookup::parse("batch", "1.5"), &["batch", "1.5", "whole number"]);
    refused(lookup::parse("noise-kind", "cauchy"), &["noise-kind", "cauchy", "gaussian, logistic"]);
    assert_eq!(lookup::parse("lr", "0.25"), Ok(Value::Number(0.25)));
    assert_eq!(lookup::parse("noise-kind", "logistic"), Ok(Value::Choice("logistic".into())));
}

/// Every setting's default, least and greatest value is accepted under every estimator, and a little more is not.
#[test]
fn ranges_are_what_the_table_says() {
    use gatelab_engine::schema::Range;
    for record in registry::RECORDS {
        for key in SHARED.iter().chain(record.knobs) {
            let default = lookup::default_of(key.name, gatelab_engine::schema::Preset::default(), record);
            assert_eq!(lookup::check(key.name, &default, record), Ok(()), "{}: {}", record.id, key.name);
            if let Range::Number { min, max, whole, slider, .. } = key.range {
                assert!(min <= slider.0 && slider.0 < slider.1 && slider.1 <= max, "{}", key.name);
                let beyond = if whole { 1.0 } else { 1e-9 * (1.0 + max.abs()) };
                for (value, ok) in [(min, true), (max, true), (min - beyond, false), (max + beyond, false)] {
                    let found = lookup::check(key.name, &Value::Number(value), record);
                    assert_eq!(found.is_ok(), ok, "{} = {value}", key.name);
                }
            }
        }
    }
}
