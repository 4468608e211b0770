//! The address of the page: what is printed is read back as it was, and whatever else is typed there is survived.

use std::collections::BTreeMap;

use gatelab::protocol::link::{Link, LinkProblem, MOST_BYTES, MOST_CHANGES, Mode, parse, print, without_changes};
use gatelab_engine::estimator::registry;
use gatelab_engine::network::GaterLoss;
use gatelab_engine::schema::{Action, CONFIG_VERSION, Change, DataChoice, Preset, Range, RunConfig, Value};
use gatelab_engine::training::settings::{Settings, lookup};
use proptest::prelude::*;

fn value_of(range: Range) -> BoxedStrategy<Value> {
    match range {
        Range::Number { min, max, whole: true, .. } => {
            (min as u64..=max as u64).prop_map(|x| Value::Number(x as f64)).boxed()
        }
        Range::Number { min, max, .. } => prop_oneof![
            (0.0..=1.0).prop_map(move |t: f64| Value::Number((min + t * (max - min)).clamp(min, max))),
            Just(Value::Number(min)),
            Just(Value::Number(max)),
        ]
        .boxed(),
        Range::Choice(names) => prop::sample::select(names).prop_map(|name| Value::Choice(name.to_owned())).boxed(),
    }
}

fn setting(live_only: bool) -> BoxedStrategy<(String, Value)> {
    // The table checks a choice against the first estimator that has it: take keys as the table finds them.
    let known: Vec<_> = lookup::all().filter(|key| key.live || !live_only).collect();
    prop::sample::select(known)
        .prop_flat_map(|key| value_of(key.range).prop_map(|value| (key.name.to_owned(), value)))
        .boxed()
}

fn action() -> BoxedStrategy<Action> {
    prop_oneof![
        prop::sample::select(registry::ids()).prop_map(|id| Action::Estimator(id.to_owned())),
        setting(true).prop_map(|(name, value)| Action::Set(name, value)),
        setting(true).prop_map(|(name, _)| Action::Reset(name)),
        Just(Action::ResetMomentum),
    ]
    .boxed()
}

fn link() -> impl Strategy<Value = Link> {
    (
        prop::sample::select(Preset::all().collect::<Vec<_>>()),
        prop::sample::select(registry::ids()),
        any::<u64>(),
        prop::sample::select(vec![DataChoice::Mnist, DataChoice::Strokes, DataChoice::Own]),
        prop::collection::vec(setting(false), 0..6),
        prop::collection::vec((any::<u64>(), action()), 0..12),
        prop::option::of(any::<u64>()),
        prop::sample::select(vec![Mode::Train, Mode::Lab]),
    )
        .prop_map(|(preset, estimator, seed, data, overrides, changes, pause_at, view)| {
            let mut changes: Vec<_> = changes.into_iter().map(|(step, action)| Change { step, action }).collect();
            changes.sort_by_key(|change| change.step);
            let overrides: BTreeMap<_, _> = overrides.into_iter().collect();
            let config = RunConfig {
                preset,
                estimator: estimator.into(),
                seed,
                data,
                overrides,
                changes,
                ..RunConfig::default()
            };
            Link { config, pause_at, mode: view }
        })
        .prop_filter("networks that no tab holds are refused", |link| Settings::of(&link.config).is_ok())
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(link in link()) {
        let printed = print(&link);
        prop_assert!(!printed.shortened);
        prop_assert!(printed.text.len() < MOST_BYTES);
        let (back, problems) = parse(&printed.text);
        prop_assert_eq!(problems, vec![]);
        prop_assert_eq!(back, link);
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,200}") {
        let (link, _) = parse(&text);
        prop_assert!(Settings::of(&link.config).is_ok());
    }

    #[test]
    fn no_damage_is_too_great(link in link(), at in any::<prop::sample::Index>(), with in "\\PC{0,3}") {
        let text = print(&link).text;
        let at = at.index(text.len());
        let damaged = format!("{}{with}{}", &text[..at], &text[at + 1..]);
        let (back, _) = parse(&damaged);
        prop_assert!(Settings::of(&back.config).is_ok());
    }
}

#[test]
fn the_documented_example_means_what_it_says() {
    let (link, problems) = parse(
        "#v=1&preset=classroom&est=st&seed=7&data=mnist&lr=0.05&at=812:est:reinforce&at=900:lr:0.01&at=950:lr:&pause=1200",
    );
    assert_eq!(problems, vec![]);
    assert_eq!(link.pause_at, Some(1200));
    assert_eq!(link.config.overrides["lr"], Value::Number(0.05));
    let actions: Vec<_> = link.config.changes.iter().map(|change| (change.step, change.action.clone())).collect();
    assert_eq!(
        actions,
        vec![
            (812, Action::Estimator("reinforce".into())),
            (900, Action::Set("lr".into(), Value::Number(0.01))),
            (950, Action::Reset("lr".into())),
        ]
    );
}

#[test]
fn an_empty_address_is_the_default_run() {
    assert_eq!(parse(""), (Link::default(), vec![]));
    assert_eq!(parse("#"), (Link::default(), vec![]));
}

#[test]
fn what_cannot_be_used_is_named_and_the_rest_is_used() {
    let (link, problems) = parse("#est=nobody&seed=12&lr=1e9&colour=red&preset=huge&at=5:gates:3&at=x&at=7:nothing:1");
    assert_eq!(link.config, RunConfig { seed: 12, ..RunConfig::default() });
    assert_eq!(problems.len(), 7);
    let words: Vec<_> = problems.iter().map(ToString::to_string).collect();
    for word in ["nobody", "1e9", "colour", "huge", "5:gates:3", "STEP", "nothing"] {
        assert!(words.iter().any(|line| line.contains(word)), "{word} is missing in {words:#?}");
    }
}

#[test]
fn percent_encoding_is_understood_and_broken_encoding_survived() {
    assert_eq!(parse("#est=re%69nforce").0.config.estimator, "reinforce");
    assert_eq!(parse("#seed=%31%32").0.config.seed, 12);
    for text in ["#est=%", "#est=%6", "#%zz=%ff%fe", "#seed=%+1", "#at=%3A%3A"] {
        let (link, problems) = parse(text);
        assert_eq!(link, Link::default(), "{text}");
        assert_eq!(problems.len(), 1, "{text}");
    }
}

#[test]
fn a_huge_address_is_refused_unread() {
    let (link, problems) = parse(&format!("#seed=3&{}", "x".repeat(1 << 20)));
    assert_eq!(link, Link::default());
    assert!(matches!(problems[..], [LinkProblem::TooLong { .. }]));
}

#[test]
fn a_newer_version_is_said_and_read_as_far_as_it_goes() {
    let (link, problems) = parse(&format!("#v={}&seed=9", CONFIG_VERSION + 1));
    assert_eq!(link.config.seed, 9);
    assert_eq!(link.config.version, CONFIG_VERSION);
    assert!(matches!(problems[..], [LinkProblem::Newer { .. }]));
}

#[test]
fn many_changes_become_the_settings_they_ended_with() {
    let mut config = RunConfig::default();
    for step in 0..=MOST_CHANGES as u64 {
        config
            .changes
            .push(Change { step, action: Action::Set("lr".into(), Value::Number(0.001 * (step + 1) as f64)) });
    }
    let printed = print(&Link { config: config.clone(), pause_at: None, mode: Mode::Train });
    assert!(printed.shortened);
    let (back, problems) = parse(&printed.text);
    assert_eq!(problems, vec![]);
    assert_eq!(back.config, without_changes(&config, u64::MAX));
}

#[test]
fn a_network_that_no_tab_holds_is_left_to_the_preset() {
    let (link, problems) = parse("#gates=8000&units=256&lr=0.5");
    assert!(matches!(problems[..], [LinkProblem::Together { .. }]), "{problems:?}");
    assert_eq!(link.config.overrides.keys().collect::<Vec<_>>(), ["lr"]);
}

#[test]
fn a_link_without_a_room_opens_where_runs_are_trained() {
    assert_eq!(parse("#v=1&est=st").0.mode, Mode::Train);
    assert_eq!(parse("#v=1&est=st&view=lab").0.mode, Mode::Lab);
    let (link, problems) = parse("#view=attic");
    assert_eq!(link.mode, Mode::Train);
    assert!(matches!(&problems[..], [LinkProblem::Value { name, .. }] if name == "view"), "{problems:?}");
}

/// A link that asks for both keeps the estimator, says what it dropped, and can be run.
#[test]
fn a_link_with_a_reward_for_slopes_is_survived() {
    let (link, problems) = parse("#v=1&est=reinmax&told=reward&lr=0.3");
    assert!(matches!(&problems[..], [LinkProblem::Together { message }] if message.contains("slope")), "{problems:?}");
    assert_eq!(link.config.estimator, "reinmax");
    assert!(Settings::of(&link.config).is_ok() && link.config.overrides.contains_key("lr"));
    let (link, problems) = parse("#v=1&est=reinforce&told=delayed-reward&delay=3");
    assert_eq!(
        (problems, Settings::of(&link.config).map(|s| (s.gater_loss, s.delay))),
        (vec![], Ok((GaterLoss::DelayedReward, 3)))
    );
}

/// Links made before momentum resets were recorded mean what they meant.
#[test]
fn a_link_of_version_1_is_the_run_it_was() {
    let text =
        "#v=1&preset=paper-200&est=st&seed=9&data=strokes&lr=0.05&at=812:est:reinforce&at=900:lr:0.01&pause=1200";
    let (link, problems) = parse(text);
    assert_eq!(problems, vec![]);
    let now = print(&link).text;
    assert_eq!(now, text.replace("v=1", "v=2"));
    assert_eq!(parse(&now), (link, vec![]));
}

/// What "lower rate" does after a failure is in the link, so that the run replays from it.
#[test]
fn a_rescued_run_replays_from_its_link() {
    let at = |step, action| Change { step, action };
    let config = RunConfig {
        changes: vec![at(40, Action::ResetMomentum), at(40, Action::Set("lr".into(), Value::Number(0.01)))],
        ..RunConfig::default()
    };
    let text = print(&Link { config: config.clone(), ..Link::default() }).text;
    assert!(text.contains("at=40:reset-momentum:"), "{text}");
    assert_eq!(parse(&text), (Link { config, ..Link::default() }, vec![]));
}
