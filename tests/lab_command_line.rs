//! `gatelab lab` as a script sees it: the closed forms for one gate to the digits they are printed with, figures as JSON,
//! refusals in words.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has found something")]

use std::process::{Command, Output};

use gatelab_engine::estimator::registry;
use serde_json::Value;

fn gatelab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gatelab")).arg("lab").args(arguments).output().unwrap()
}

fn figures(arguments: &[&str]) -> Value {
    let output = gatelab(&[arguments, &["--json", "-"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Exact mean and variance of one estimator on `(b − t)²` with one gate.
fn one_gate(id: &str, t: &str, p: &str, knobs: &[&str]) -> (f64, f64) {
    let mut arguments = vec!["toy", "--target", t, "--p", p, "--estimators", id, "--samples", "64"];
    knobs.iter().for_each(|knob| arguments.extend(["--set", knob]));
    let found = figures(&arguments);
    let exact = &found["estimators"][0]["exact"];
    (exact["mean"].as_f64().unwrap(), exact["variance"].as_f64().unwrap())
}

/// Fails unless `found` is what was printed, to half a unit of its last digit; 0 means nothing left but rounding.
#[track_caller]
fn assert_printed(found: f64, printed: &str, what: &str) {
    let value: f64 = printed.parse().unwrap();
    let (digits, exponent) = printed.split_once('e').unwrap_or((printed, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, after)| i32::try_from(after.len()).unwrap());
    let unit = 10_f64.powi(exponent.parse::<i32>().unwrap() - decimals);
    let tolerance = if value == 0.0 { 1e-12 } else { 0.501 * unit };
    assert!((found - value).abs() <= tolerance, "{what}: found {found:e}, printed {printed}");
}

/// Known values for t = 0.499 (exact 5.0e-4 at p = ½, 1.8e-4 at p = 0.1): mean and variance at both p. At p = ½ Concrete and
/// ST-Gumbel have the same mean, by symmetry.
const ROWS: [(&str, &[&str], [&str; 4]); 15] = [
    ("reinforce", &[], ["5.0e-4", "1.5625e-2", "1.8e-4", "5.661e-3"]),
    ("reinforce-mean", &[], ["5.0e-4", "0", "1.8e-4", "2.304e-7"]),
    ("reinforce-optimal", &[], ["5.0e-4", "0", "1.8e-4", "0"]),
    ("rloo", &["samples=2"], ["5.0e-4", "2.50e-7", "1.8e-4", "1.476e-7"]),
    ("arm", &[], ["5.0e-4", "8.333e-8", "1.8e-4", "1.303e-7"]),
    ("disarm", &[], ["5.0e-4", "0", "1.8e-4", "1.296e-7"]),
    ("bitflip-1", &[], ["5.0e-4", "0", "1.8e-4", "0"]),
    ("leg", &[], ["5.0e-4", "0", "1.8e-4", "0"]),
    ("muprop", &["baseline=none"], ["5.0e-4", "1.5625e-2", "1.8e-4", "4.796e-2"]),
    ("st-sigmoid", &[], ["5.0e-4", "6.25e-2", "-7.18e-2", "2.916e-3"]),
    ("reinmax", &[], ["5.0e-4", "6.25e-2", "1.8e-4", "2.257e-2"]),
    ("concrete", &["temperature=0.5", "anneal-epochs=0"], ["4.29e-4", "1.39e-2", "-3.19e-2", "5.9e-3"]),
    ("concrete", &["temperature=0.1", "anneal-epochs=0"], ["4.96e-4", "8.27e-2", "-7.0e-3", "3.0e-2"]),
    ("st-gumbel", &["temperature=0.5", "anneal-epochs=0"], ["4.29e-4", "7.76e-2", "-4.55e-2", "2.98e-2"]),
    ("st-gumbel", &["temperature=0.1", "anneal-epochs=0"], ["4.96e-4", "4.15e-1", "-9.8e-3", "1.50e-1"]),
];

#[test]
fn closed_forms_of_one_gate_come_out_to_the_digits_printed() {
    for (id, knobs, [mean_half, variance_half, mean_tenth, variance_tenth]) in ROWS {
        for (p, mean, variance) in [("0.5", mean_half, variance_half), ("0.1", mean_tenth, variance_tenth)] {
            let (found_mean, found_variance) = one_gate(id, "0.499", p, knobs);
            assert_printed(found_mean, mean, &format!("mean of {id} {knobs:?} at p = {p}"));
            assert_printed(found_variance, variance, &format!("variance of {id} {knobs:?} at p = {p}"));
        }
    }
}

#[test]
fn closed_forms_for_another_target() {
    for (id, half, tenth) in [
        ("rloo", "6.25e-4", "3.69e-4"),
        ("arm", "2.083e-4", "3.257e-4"),
        ("disarm", "0", "3.24e-4"),
        ("reinmax", "0.0625", "0.02624"),
    ] {
        assert_printed(one_gate(id, "0.45", "0.5", &[]).1, half, &format!("variance of {id} at ½"));
        assert_printed(one_gate(id, "0.45", "0.1", &[]).1, tenth, &format!("variance of {id} at 0.1"));
    }
    assert_printed(one_gate("st-sigmoid", "0.45", "0.1", &[]).0, "-0.063", "mean of st-sigmoid");
    assert_printed(one_gate("leg", "0.45", "0.1", &[]).0, "0.009", "the exact gradient");
}

#[test]
fn every_estimator_can_be_measured_on_a_toy_network_and_its_figures_are_whole() {
    let toy = ["toy", "--objective", "softmax", "--gates", "6", "--p", "0.3", "--samples", "640", "--seed", "3"];
    let found = figures(&toy);
    let rows = found["estimators"].as_array().unwrap();
    assert_eq!(rows.len(), registry::RECORDS.len());
    assert_eq!(found["gradient_is_exact"], Value::Bool(true));
    for row in rows {
        let id = row["estimator"].as_str().unwrap();
        assert_eq!(row["mean"].as_array().unwrap().len(), 6, "{id}");
        assert_eq!(row["variance"].as_array().unwrap().len(), 6, "{id}");
        for key in ["noise_to_signal", "cosine_of_one", "cosine_of_mean", "silent", "multiply_adds"] {
            assert!(row[key].as_f64().is_some_and(f64::is_finite), "{id}: {key} is {}", row[key]);
        }
        assert!(row["relative_bias"]["error"].as_f64().is_some(), "{id}: {}", row["relative_bias"]);
        let shares: f64 = ["agree", "opposite", "silent"].iter().map(|key| row[key].as_f64().unwrap()).sum();
        assert!((shares - 1.0).abs() < 1e-12, "{id}");
    }
}

#[test]
fn learning_on_a_toy_reports_the_exact_objective_on_the_way() {
    let found = figures(&[
        "train-toy",
        "--target",
        "0.499",
        "--gates",
        "50",
        "--p",
        "0.4",
        "--estimators",
        "st-sigmoid",
        "--steps",
        "300",
        "--lr",
        "500",
        "--batch",
        "50",
    ]);
    let points = found["runs"][0]["points"].as_array().unwrap();
    assert_eq!(points[0]["step"], 0);
    assert_eq!(points.last().unwrap()["step"], 300);
    for point in points {
        let (p, expected) = (point["mean_p"].as_f64().unwrap(), point["expected"].as_f64().unwrap());
        assert!((expected - (0.499 * 0.499 + p * 0.002)).abs() < 1e-12);
    }
    let p = points.last().unwrap()["mean_p"].as_f64().unwrap();
    assert!((p - 0.499).abs() < 0.03, "straight-through stops at the target: {p}");
}

#[test]
fn refusals_say_what_was_expected() {
    for (arguments, words) in [
        (&["toy", "--p", "0.2,0.3", "--gates", "3"][..], "2 probabilities for 3 gates"),
        (&["toy", "--p", "1.5"], "between 0 and 1"),
        (&["toy", "--estimators", "magic"], "no estimator is called “magic”"),
        (&["toy", "--set", "temperature"], "KEY=VALUE"),
        (&["toy", "--objective", "softmax", "--classes", "1"], "classes"),
        (&["toy", "--objective", "values", "--closed", "nan"], "finite numbers"),
        (&["train-toy", "--lr=-1"], "positive"),
    ] {
        let output = gatelab(arguments);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && message.contains(words), "{arguments:?}: {message}");
    }
}

/// `E |h − t|` over continuous gates is integrated over a kink, so its gradient is named approximate; that of a square is not.
#[test]
fn a_gradient_that_is_not_exact_is_called_approximate() {
    for (power, words) in [("1", "the approximate gradient of its own"), ("2", "the gradient of its own")] {
        let output = gatelab(&["toy", "--power", power, "--estimators", "concrete", "--samples", "640"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains(words), "{text}");
    }
}
