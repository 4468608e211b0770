//! The rules of behaviour.

use super::{Effect, LiveOp, Msg, NoticeText, OnSwitch, Page, Why};
use crate::protocol::link::{Link, Mode};
use crate::protocol::{BUILD, Command, DataEvent, DataSource, Event, PROTOCOL_VERSION, Problem, RunState};
use gatelab_engine::schema::{Action, Change, DataChoice, RunConfig, Value};
use gatelab_engine::training::settings::Settings;

fn settings(estimator: &str) -> Settings {
    Settings::of(&RunConfig { estimator: estimator.into(), ..RunConfig::default() }).expect("defaults are valid")
}

fn started(page: &Page, step: u64) -> Msg {
    Msg::Event(Event::Started {
        run: page.run,
        step,
        config: page.config.clone(),
        settings: settings(page.knobs.estimator()),
    })
}

fn changed(run: u32, step: u64, action: Action) -> Msg {
    Msg::Event(Event::Changed { run, change: Change { step, action }, settings: settings("st") })
}

fn running() -> Page {
    let mut page = Page::new(Link::default(), Vec::new());
    page.update(Msg::Boot);
    page.update(Msg::Event(Event::Ready { protocol: PROTOCOL_VERSION, build: BUILD.into() }));
    page.update(started(&page, 0));
    page.update(Msg::Event(Event::State { run: 1, state: RunState::Running, step: 0, digest: None }));
    page
}

fn commands(effects: &[Effect]) -> Vec<Command> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(command) => Some(command.clone()),
            _ => None,
        })
        .collect()
}

fn lr(value: f64) -> Action {
    Action::Set("lr".into(), Value::Number(value))
}

#[test]
fn boot_starts_the_run_of_the_link() {
    let mut page = Page::new(Link { pause_at: Some(5), ..Link::default() }, Vec::new());
    let effects = page.update(Msg::Boot);
    let expected = Command::Start { run: 1, config: RunConfig::default(), paused: false, pause_at: Some(5) };
    assert_eq!(commands(&effects)[0], expected);
}

#[test]
fn another_build_is_not_used() {
    let mut page = Page::new(Link::default(), Vec::new());
    let effects = page.update(Msg::Event(Event::Ready { protocol: PROTOCOL_VERSION, build: "other".into() }));
    assert_eq!(effects, vec![Effect::OtherBuild]);
    assert!(!page.health.up);
}

#[test]
fn keeping_switches_the_run_as_it_goes() {
    let mut page = running();
    let effects = page.update(Msg::Choose("reinforce".into()));
    assert_eq!(commands(&effects), vec![Command::Change(Action::Estimator("reinforce".into()))]);
    assert_eq!(page.knobs.estimator(), "reinforce");
    assert_eq!(page.knobs.confirmed_estimator(), "st");
    page.update(changed(1, 812, Action::Estimator("reinforce".into())));
    assert_eq!(page.knobs.confirmed_estimator(), "reinforce");
    assert_eq!(page.config.changes.len(), 1);
    assert_eq!(page.run, 1);
}

#[test]
fn forking_goes_on_under_a_new_number() {
    let mut page = running();
    page.update(Msg::OnSwitch(OnSwitch::Fork));
    let effects = page.update(Msg::Choose("reinforce".into()));
    assert_eq!(commands(&effects), vec![Command::Fork { run: 2, action: Action::Estimator("reinforce".into()) }]);
    let effects = page.update(changed(2, 40, Action::Estimator("reinforce".into())));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Live(LiveOp::Branch(1, 2, ..)))));
    assert_eq!((page.run, page.next_run), (2, 3));
}

#[test]
fn restarting_keeps_seed_and_knobs_but_not_the_history() {
    let mut page = running();
    page.update(changed(1, 3, lr(0.5)));
    page.update(Msg::OnSwitch(OnSwitch::Restart));
    let effects = page.update(Msg::Choose("sts".into()));
    let Some(Command::Start { run: 2, config, .. }) = commands(&effects).into_iter().next() else {
        panic!("a new run was expected: {effects:?}");
    };
    assert_eq!((config.estimator.as_str(), config.seed), ("sts", 7));
    assert_eq!(config.overrides.get("lr"), Some(&Value::Number(0.5)));
    assert!(config.changes.is_empty());
}

#[test]
fn a_replay_repeats_the_changes_and_does_not_count_them_twice() {
    let mut page = running();
    page.update(changed(1, 3, lr(0.5)));
    page.update(Msg::Replay);
    assert_eq!((page.run, page.config.changes.len()), (2, 1));
    assert!(!page.knobs.differs("lr"), "the change is still to come");
    page.update(started(&page, 0));
    page.update(changed(2, 3, lr(0.5)));
    assert_eq!(page.config.changes.len(), 1);
    assert!(page.knobs.differs("lr"));
}

#[test]
fn a_new_seed_starts_with_what_is_in_force() {
    let mut page = running();
    page.update(changed(1, 3, lr(0.5)));
    page.update(changed(1, 4, Action::Estimator("sts".into())));
    page.update(Msg::NewSeed(99));
    assert_eq!((page.config.seed, page.config.estimator.as_str()), (99, "sts"));
    assert_eq!(page.config.overrides.get("lr"), Some(&Value::Number(0.5)));
    assert!(page.config.changes.is_empty());
}

#[test]
fn a_dragged_knob_shows_the_wish_until_it_is_confirmed_or_refused() {
    let mut page = running();
    page.update(Msg::Set("lr".into(), Value::Number(0.2)));
    page.update(Msg::Set("lr".into(), Value::Number(0.3)));
    page.update(changed(1, 5, lr(0.2)));
    assert_eq!(page.knobs.value("lr"), Some(Value::Number(0.3)));
    page.update(changed(1, 6, lr(0.3)));
    page.update(Msg::Set("lr".into(), Value::Number(0.4)));
    page.update(Msg::Event(Event::Problem(Problem::Config { message: "no".into() })));
    assert_eq!(page.knobs.value("lr"), Some(Value::Number(0.3)));
}

#[test]
fn a_digest_stands_only_while_the_run_rests() {
    let mut page = running();
    page.update(Msg::Toggle);
    page.update(Msg::Event(Event::State { run: 1, state: RunState::Paused, step: 9, digest: Some("ab".into()) }));
    assert_eq!((page.digest.as_deref(), page.step, page.wants_run), (Some("ab"), 9, false));
    assert_eq!(commands(&page.update(Msg::Toggle)), vec![Command::Run]);
    page.update(Msg::Event(Event::State { run: 1, state: RunState::Running, step: 9, digest: None }));
    assert_eq!(page.digest, None);
}

#[test]
fn words_of_an_older_run_are_not_heard() {
    let mut page = running();
    page.update(Msg::Replay);
    let before = page.clone();
    page.update(Msg::Event(Event::State { run: 1, state: RunState::Paused, step: 9, digest: None }));
    page.update(changed(1, 9, lr(0.9)));
    assert_eq!(page, before);
}

#[test]
fn a_dead_worker_is_replaced_and_goes_on_from_its_checkpoint() {
    let mut page = running();
    let effects = page.update(Msg::WorkerFailed(Why::Silent, 0.0, Some((1, 1200))));
    assert_eq!(effects[0], Effect::Respawn);
    assert_eq!(effects[1], Effect::Restore { run: 1, paused: false });
    assert!(matches!(page.notices[0].text, NoticeText::WentOn(Why::Silent, 1200)));
    assert!(commands(&effects).iter().any(|command| matches!(command, Command::Watch(_))));
}

#[test]
fn a_checkpoint_of_another_run_is_not_used() {
    let mut page = running();
    page.update(Msg::Replay);
    let effects = page.update(Msg::WorkerFailed(Why::Silent, 0.0, Some((1, 1200))));
    assert!(matches!(commands(&effects)[0], Command::Start { run: 2, .. }));
}

#[test]
fn the_third_failure_within_a_minute_stops() {
    let mut page = running();
    page.update(Msg::WorkerFailed(Why::Silent, 1000.0, None));
    page.update(Msg::WorkerFailed(Why::Silent, 20_000.0, None));
    assert!(page.health.gave_up.is_none());
    let effects = page.update(Msg::WorkerFailed(Why::Silent, 40_000.0, None));
    assert_eq!(effects[0], Effect::GiveUp);
    assert_eq!(page.state, RunState::Failed);
    let effects = page.update(Msg::StartAgain);
    assert!(effects.contains(&Effect::Respawn));
    assert!(matches!(commands(&effects)[0], Command::Start { run: 1, .. }));
}

#[test]
fn failures_far_apart_do_not_add_up() {
    let mut page = running();
    for minute in 0..10 {
        page.update(Msg::WorkerFailed(Why::Silent, 61_000.0 * f64::from(minute), None));
        assert!(page.health.gave_up.is_none());
    }
}

fn digits() -> Vec<String> {
    (0..10).map(|class| class.to_string()).collect()
}

fn mnist(source: DataSource) -> DataEvent {
    DataEvent::Ready { data: DataChoice::Mnist, source, name: "MNIST".into(), classes: digits() }
}

#[test]
fn names_of_classes_reach_the_pictures_with_the_data_they_belong_to() {
    let named = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Live(LiveOp::Classes(classes)) => Some(classes.as_slice().concat()),
            _ => None,
        })
    };
    let mut page = running();
    let classes: Vec<String> = ('a'..='j').map(String::from).collect();
    let ready = DataEvent::Ready { data: DataChoice::Own, source: DataSource::Files, name: "letters".into(), classes };
    page.update(Msg::FilesSent);
    // Another set is learned until the new run begins.
    assert_eq!(named(&page.update(Msg::Event(Event::Data(ready)))), None);
    assert_eq!(page.config.data, DataChoice::Own);
    assert_eq!(named(&page.update(started(&page, 0))), Some("abcdefghij".into()));
    assert_eq!(page.data.name_of(DataChoice::Own), "letters");
    assert_eq!(named(&page.update(started(&page, 0))), None, "nothing has changed");
    page.update(Msg::Data(DataChoice::Strokes));
    assert_eq!(named(&page.update(started(&page, 0))), Some("0123456789".into()));
}

/// The choice is known only when the files have been read.
#[test]
fn files_of_mnist_are_learned_as_mnist() {
    let mut page = running();
    page.config.data = DataChoice::Strokes;
    page.update(Msg::FilesSent);
    let effects = page.update(Msg::Event(Event::Data(mnist(DataSource::Files))));
    assert!(matches!(commands(&effects)[..], [Command::Start { run: 2, .. }]), "{effects:?}");
    assert_eq!((page.config.data, page.data.fetching), (DataChoice::Mnist, false));
}

#[test]
fn downloaded_digits_are_learned_at_once_and_the_link_always_names_the_wanted_ones() {
    let mut page = running();
    page.config.data = DataChoice::Strokes;
    page.update(Msg::Event(Event::Problem(Problem::NoSiteData { message: "404".into() })));
    assert_eq!(page.link().config.data, DataChoice::Mnist);
    assert!(matches!(commands(&page.update(Msg::Download(None)))[0], Command::Download { base: None }));
    let ready = mnist(DataSource::Mirror);
    let effects = page.update(Msg::Event(Event::Data(ready)));
    let Some(Command::Start { run: 2, config, .. }) = commands(&effects).into_iter().next() else {
        panic!("a new run was expected: {effects:?}");
    };
    assert_eq!(config.data, DataChoice::Mnist);
    assert!(!page.data.fetching);
}

#[test]
fn an_edited_link_starts_its_run_and_the_pages_own_does_not() {
    let mut page = running();
    assert!(page.update(Msg::Link("#est=st&seed=7".into())).is_empty());
    let effects = page.update(Msg::Link("#est=st&seed=8&nonsense=1".into()));
    assert!(matches!(commands(&effects)[0], Command::Start { run: 2, .. }));
    assert!(matches!(page.notices[0].text, NoticeText::Link(_)));
}

#[test]
fn an_undone_change_is_cut_from_the_pictures() {
    let mut page = running();
    let effects = page.update(started(&page, 30));
    assert!(effects.contains(&Effect::Live(LiveOp::Truncate(1, 30))));
}

#[test]
fn a_network_too_large_leaves_the_run_as_it_is() {
    let mut page = running();
    let most = |name: &str, value| (name.to_owned(), Some(Value::Number(value)));
    let values = vec![most("gates", 8000.0), most("units", 256.0)];
    let effects = page.update(Msg::SetUp(gatelab_engine::schema::Preset::default(), values));
    assert!(commands(&effects).is_empty());
    assert_eq!((page.run, page.state, page.notices.len()), (1, RunState::Running, 1));
}

#[test]
fn late_digits_replace_a_stand_in_that_nobody_has_touched() {
    let late = || {
        let ready = mnist(DataSource::Site);
        Msg::Event(Event::Data(ready))
    };
    let fell_back = || {
        let mut page = running();
        let event = DataEvent::FallBack { wanted: DataChoice::Mnist, using: DataChoice::Strokes };
        page.update(Msg::Event(Event::Data(event)));
        page.config.data = DataChoice::Strokes;
        page
    };
    let mut page = fell_back();
    assert!(matches!(commands(&page.update(late()))[0], Command::Start { run: 2, .. }));
    let mut page = fell_back();
    page.update(changed(1, 5, lr(0.2)));
    assert!(page.update(late()).is_empty());
}

#[test]
fn of_several_values_at_one_step_the_last_is_kept() {
    let mut page = running();
    page.update(changed(1, 5, lr(0.2)));
    page.update(changed(1, 5, Action::Set("lambda".into(), Value::Number(0.2))));
    page.update(changed(1, 5, lr(0.3)));
    page.update(changed(1, 6, lr(0.4)));
    let rates: Vec<_> = page.config.changes.iter().map(|change| (change.step, change.action.clone())).collect();
    assert_eq!(rates.len(), 3);
    assert_eq!((&rates[1], &rates[2]), (&(5, lr(0.3)), &(6, lr(0.4))));
}

#[test]
fn a_link_to_another_view_leaves_the_run_alone() {
    let mut page = running();
    let text = crate::protocol::link::print(&page.link()).text;
    let effects = page.update(Msg::Link(format!("{text}&view=lab")));
    assert_eq!((page.mode, page.run), (Mode::Lab, 1));
    assert!(commands(&effects).is_empty(), "{effects:?}");
    assert_eq!(page.update(Msg::Mode(Mode::Train)), vec![Effect::WriteLink]);
    assert!(!crate::protocol::link::print(&page.link()).text.contains("view"));
}
