//! Tests of the laboratory's state.

use super::*;
use gatelab_engine::lab::{Estimate, Metrics, ToyView};
use gatelab_engine::schema::Value;

fn clock(now: f64, epoch: f64) -> LabMsg {
    LabMsg::Clock(Clock { now, run: 1, epoch, ready: true })
}

/// A laboratory with a snapshot, and the number of its request.
fn with_snapshot() -> (Lab, u32) {
    let mut lab = Lab::default();
    lab.update(LabMsg::Opened);
    assert_eq!(lab.update(clock(0.0, 1.0)), vec![LabEffect::Freeze]);
    let effects = lab.update(LabMsg::Snapshot(100.0));
    let [LabEffect::Examine(LabCommand::Examine { request, .. })] = effects[..] else { panic!("{effects:?}") };
    (lab, request)
}

fn measured(request: u32, step: u64, samples: u64, noise: f64) -> LabMsg {
    let metrics = Metrics {
        samples,
        relative_bias: Some(Estimate { value: 0.1, error: 0.01 }),
        noise_to_signal: noise,
        ..Metrics::default()
    };
    let row = |id: &str, times: f64| gatelab_engine::lab::Row {
        estimator: id.to_owned(),
        metrics: Metrics { noise_to_signal: noise * times, ..metrics.clone() },
        reference_is_known: true,
        distance_to_bernoulli: None,
        mean: Vec::new(),
        variance: Vec::new(),
    };
    LabMsg::Event(LabEvent::Measured {
        request,
        step,
        epoch: 1.0,
        rows: vec![row("st", 2.0), row("reinforce", 1.0)],
        reference_error: Some(0.01),
        scatter: Vec::new(),
        scatter_of: 0,
        done: false,
    })
}

#[test]
fn ticked_at_first_is_what_the_registry_has() {
    let lab = Lab::default();
    assert!(lab.ticked.contains(&"reinforce") && lab.ticked.contains(&"st-sigmoid"));
    assert!(lab.ticked.iter().all(|id| registry::record(id).is_some()));
}

#[test]
fn opening_requests_one_snapshot() {
    let (mut lab, _) = with_snapshot();
    assert_eq!(lab.update(clock(200.0, 1.1)), vec![]);
    assert_eq!(lab.update(LabMsg::Look), vec![LabEffect::Freeze]);
    assert_eq!(lab.update(LabMsg::Look), vec![], "one is pending");
}

#[test]
fn following_needs_both_time_and_epochs() {
    let (mut lab, request) = with_snapshot();
    lab.update(measured(request, 800, 64, 1.0));
    lab.update(LabMsg::Follow(true));
    assert_eq!(lab.update(clock(20_000.0, 1.2)), vec![], "too few epochs");
    assert_eq!(lab.update(clock(10_000.0, 3.0)), vec![], "too soon");
    assert_eq!(lab.update(clock(20_000.0, 1.6)), vec![LabEffect::Freeze]);
}

#[test]
fn stale_answers_are_dropped_and_moments_of_training_remembered() {
    let (mut lab, request) = with_snapshot();
    lab.update(measured(request + 7, 800, 64, 1.0));
    assert!(lab.probe.measured.is_none());
    lab.update(measured(request, 800, 64, 1.0));
    lab.update(measured(request, 800, 128, 3.0));
    assert_eq!(lab.probe.history.len(), 1);
    lab.update(LabMsg::Look);
    let effects = lab.update(LabMsg::Snapshot(9000.0));
    let [LabEffect::Examine(LabCommand::Examine { request: next, .. })] = effects[..] else { panic!("{effects:?}") };
    lab.update(measured(request, 800, 192, 1.0));
    lab.update(measured(next, 1600, 64, 2.0));
    let steps: Vec<u64> = lab.probe.history.iter().map(|point| point.step).collect();
    assert_eq!(steps, [800, 1600]);
    assert_eq!(Metric::Noise.of(&lab.probe.history[0].rows[1].1, false), Some(3.0), "the newest of its moment");
    lab.update(LabMsg::Clock(Clock { now: 1.0, run: 2, epoch: 0.0, ready: false }));
    assert!(lab.probe.history.is_empty(), "another run has its own history");
}

#[test]
fn rows_are_sorted_by_the_pressed_column() {
    let (mut lab, request) = with_snapshot();
    lab.update(measured(request, 800, 64, 1.0));
    let first = |lab: &Lab| lab.probe.sorted()[0].estimator.clone();
    assert_eq!(first(&lab), "st");
    lab.update(LabMsg::Sort(Column::Noise));
    assert_eq!(first(&lab), "reinforce");
    lab.update(LabMsg::Sort(Column::Noise));
    assert_eq!(first(&lab), "st");
    lab.update(LabMsg::Sort(Column::Name));
    assert_eq!(lab.probe.sort, None);
}

#[test]
fn a_reward_leaves_out_those_that_need_slopes() {
    let (mut lab, _) = with_snapshot();
    let effects = lab.update(LabMsg::Reward(true));
    let [LabEffect::Examine(LabCommand::Examine { estimators, .. })] = &effects[..] else { panic!("{effects:?}") };
    assert!(estimators.contains(&"reinforce".to_owned()) && !estimators.contains(&"st".to_owned()));
}

fn view() -> ToyView {
    ToyView { slope: vec![], area: 0.1, gradient: 0.02, analyses: vec![], gradient_is_exact: true, rows: vec![] }
}

#[test]
fn while_dragging_one_request_is_pending_and_the_last_value_is_sent() {
    let mut lab = Lab::default();
    let asked = |effects: Vec<LabEffect>| match &effects[..] {
        [LabEffect::Send(LabCommand::Toy { request, spec })] => Some((*request, spec.p[0])),
        _ => None,
    };
    let (first, _) = asked(lab.update(LabMsg::Opened)).expect("asks when it opens");
    for p in [0.4, 0.5, 0.6] {
        assert_eq!(lab.update(LabMsg::Toy(ToyEdit::Probability(p))), vec![]);
    }
    let next = asked(lab.update(LabMsg::Event(LabEvent::Toy { request: first, view: view(), done: false })));
    let (second, p) = next.expect("asks again");
    assert_eq!(p.to_bits(), 0.6_f64.to_bits());
    assert!(lab.gate.row("st").is_none(), "the answer is about another gate");
    assert_eq!(lab.update(LabMsg::Event(LabEvent::Toy { request: first, view: view(), done: true })), vec![]);
    assert!(!lab.gate.done, "stale");
    lab.update(LabMsg::Event(LabEvent::Toy { request: second, view: view(), done: true }));
    assert!(lab.gate.done);
    let refused = LabEvent::Refused { request: second, message: "no".into() };
    lab.update(LabMsg::Event(refused));
    assert_eq!(lab.gate.refusal.as_deref(), Some("no"));
}

#[test]
fn temperature_is_sent_only_when_it_is_set() {
    let mut toy = Toy::default();
    assert!(toy.spec(&["st"], 1).knobs.is_empty());
    toy.temperature = Some(0.5);
    assert_eq!(toy.spec(&["st"], 1).knobs.get("temperature"), Some(&Value::Number(0.5)));
}

#[test]
fn a_curve_of_learning_is_drawn_paused_and_done() {
    let mut lab = Lab::default();
    let effects = lab.update(LabMsg::Train(Train::Toggle));
    let [LabEffect::Send(LabCommand::TrainToy { request, .. })] = effects[..] else { panic!("{effects:?}") };
    let point = |step: u64| gatelab_engine::lab::TrainingPoint { step, expected: 0.2, error: 0.0, mean_p: 0.4 };
    let points = vec![point(0), point(1000), point(2000)];
    lab.update(LabMsg::Event(LabEvent::TrainedToy { request, points, p: vec![0.4], done: true }));
    lab.update(LabMsg::Frame(3000.0));
    assert_eq!(lab.gate.trained.as_ref().and_then(Trained::now).map(|point| point.step), Some(1000));
    assert_eq!(lab.update(LabMsg::Train(Train::Toggle)), vec![], "pauses");
    lab.update(LabMsg::Frame(9000.0));
    assert!(!lab.gate.trained.as_ref().is_some_and(Trained::is_drawn));
    lab.update(LabMsg::Train(Train::Toggle));
    lab.update(LabMsg::Frame(f64::INFINITY));
    assert!(lab.gate.trained.as_ref().is_some_and(Trained::is_drawn) && !lab.gate.playing);
    lab.update(LabMsg::Toy(ToyEdit::Target(0.3)));
    assert!(lab.gate.trained.is_none(), "another gate");
}

#[test]
fn the_optimum_is_an_end_and_the_two_spellings_agree() {
    let mut toy = Toy::default();
    assert_eq!(toy.optimum(), Some(0.0));
    assert!((toy.area() - 0.1).abs() < 1e-12);
    toy.spelling = Spelling::Line;
    assert!((toy.area() - 0.1).abs() < 1e-12 && (toy.slope(0.2) - 0.1).abs() < 1e-12);
    toy.t = 0.7;
    assert_eq!(toy.optimum(), Some(1.0));
}
