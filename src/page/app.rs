//! The root component. It holds the state, passes messages to the reducer and executes the effects.

mod address;
mod layout;
mod speech;

use web_sys::File;
use yew::prelude::*;

use self::address::Address;
use self::speech::Speech;
use super::bridge::{Bridge, News, Parcel};
use super::lab::LabHandle;
use super::live::LiveHandle;
use super::root::Root;
use super::state::{Effect, LiveOp, Msg, Page};
use super::view::View;
use super::{dom, keyboard, messages, meter};
use crate::protocol::link::parse;

/// Reloads the page once per tab when its worker is of another build.
const RELOADED: &str = "gatelab-reloaded";

/// Messages of the app.
pub enum AppMsg {
    /// A message for the reducer.
    Do(Msg),
    /// Files that the user chose, for the worker.
    Files(Vec<File>),
    /// The worker failed.
    News(News),
    /// The page was hidden or shown.
    Visibility,
    /// The address was edited.
    Address(String),
    /// Help opens or closes.
    Help(bool),
}

/// The app.
pub struct App {
    page: Page,
    view: View,
    bridge: Bridge,
    live: LiveHandle,
    lab: LabHandle,
    root: Root,
    address: Address,
    speech: Speech,
    help: bool,
    /// The files that the user chose last. A new worker has to read them again.
    files: Vec<File>,
    other_build: bool,
    _listeners: Vec<dom::Listener>,
}

impl Component for App {
    type Message = AppMsg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let live = LiveHandle::new();
        let root = Root::default();
        let link = ctx.link().clone();
        let bridge = {
            let (live, root) = (live.clone(), root.clone());
            Bridge::new(move |news| match news {
                // Frames bypass Yew: a component update for each of 60 frames a second would be too slow.
                News::Frame(frame) => {
                    root.frame(&frame);
                    live.ingest(*frame);
                }
                news => link.send_message(AppMsg::News(news)),
            })
        };
        let page = {
            let (link, problems) = parse(&address::read());
            let mut page = Page::new(link, problems);
            page.backend.relaxed = meter::relaxed();
            page
        };
        live.on_watch(ctx.link().callback(|watch| AppMsg::Do(Msg::Watch(watch))));
        let lab = LabHandle::new(ctx.link().callback(|digits| AppMsg::Do(Msg::Freeze(digits))));
        ctx.link().send_message(AppMsg::Do(Msg::Boot));
        Self {
            view: View::of(&page),
            page,
            bridge,
            live,
            lab,
            root,
            address: Address::default(),
            speech: Speech::default(),
            help: false,
            files: Vec::new(),
            other_build: false,
            _listeners: listeners(ctx),
        }
    }

    fn update(&mut self, _ctx: &Context<Self>, msg: AppMsg) -> bool {
        match msg {
            AppMsg::Do(msg) => self.act(msg),
            AppMsg::News(News::Event(event)) => self.act(Msg::Event(event)),
            AppMsg::News(News::Failed(why)) => {
                let checkpoint = self.bridge.newest_checkpoint();
                self.act(Msg::WorkerFailed(why, dom::now(), checkpoint))
            }
            AppMsg::News(News::Snapshot(bytes)) => {
                self.lab.snapshot(bytes);
                false
            }
            AppMsg::News(News::Frame(_)) => false,
            AppMsg::Files(files) => {
                self.files.clone_from(&files);
                self.bridge.send(Parcel::files(files));
                self.act(Msg::FilesSent)
            }
            AppMsg::Visibility => {
                self.bridge.visibility_changed();
                self.live.page_visible(dom::visible());
                false
            }
            AppMsg::Address(text) => !self.address.is_mine(&text) && self.act(Msg::Link(text)),
            AppMsg::Help(open) => std::mem::replace(&mut self.help, open) != open,
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        layout::page(self, ctx)
    }
}

impl App {
    fn act(&mut self, msg: Msg) -> bool {
        let before = self.page.clone();
        let effects = self.page.update(msg);
        let mut other_build = false;
        for effect in effects {
            other_build |= effect == Effect::OtherBuild;
            self.perform(effect);
        }
        let changed = self.page != before || other_build;
        if changed {
            self.view = View::of(&self.page);
        }
        changed
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send(command) => self.bridge.send(Parcel::plain(&command)),
            Effect::Respawn => {
                self.bridge.respawn();
                // The failed worker held the user's digits, so the new one reads the files again.
                if !self.files.is_empty() {
                    self.bridge.send(Parcel::files(self.files.clone()));
                }
            }
            Effect::GiveUp => self.bridge.hang_up(),
            Effect::Restore { run, paused } => self.bridge.restore(run, paused),
            Effect::ForgetCheckpoints => self.bridge.forget_checkpoints(),
            Effect::Live(op) => self.update_pictures(op),
            Effect::WriteLink => self.address.write_soon(self.page.link()),
            Effect::Speak(words) => self.speech.say(messages::notices::spoken(&words, &self.page)),
            Effect::Root => self.root.state(&self.page),
            Effect::OtherBuild => self.meet_other_build(),
            Effect::Interactive => {
                dom::memory::not_done(RELOADED);
                self.bridge.open();
                self.root.interactive();
            }
        }
    }

    fn update_pictures(&self, op: LiveOp) {
        match op {
            LiveOp::Begin(run, config, settings, step) => self.live.begin_run(run, &config, &settings, step),
            LiveOp::Change(run, change, settings) => self.live.change(run, &change, &settings),
            LiveOp::Branch(from, run, change, settings) => self.live.branch(from, run, &change, &settings),
            LiveOp::Classes(classes) => self.live.name_classes(classes),
            LiveOp::Truncate(run, step) => self.live.truncate(run, step),
        }
    }

    /// After a deployment, an old page can load a new worker. Reloads once; if a cache still serves the old page, shows
    /// a notice.
    fn meet_other_build(&mut self) {
        self.bridge.hang_up();
        if dom::memory::done_before(RELOADED) {
            self.other_build = true;
        } else if let Some(window) = dom::window() {
            let _ = window.location().reload();
        }
    }
}

fn listeners(ctx: &Context<App>) -> Vec<dom::Listener> {
    let mut all = Vec::new();
    let (Some(window), Some(document)) = (dom::window(), dom::document()) else { return all };
    let link = ctx.link().clone();
    all.push(dom::Listener::new(&document, "visibilitychange", move |_| link.send_message(AppMsg::Visibility)));
    let link = ctx.link().clone();
    all.push(dom::Listener::new(&window, "hashchange", move |_| link.send_message(AppMsg::Address(address::read()))));
    let link = ctx.link().clone();
    all.push(dom::Listener::new(&document, "keydown", move |event| {
        if let Some(wish) = keyboard::wish(&event) {
            link.send_message(wish);
        }
    }));
    all
}

/// Replaces the static markup with the app.
pub fn run() {
    let Some(place) = dom::document().and_then(|document| document.get_element_by_id("app")) else { return };
    place.set_inner_html("");
    // The message of the boot check is no longer needed.
    if let Some(root) = dom::root() {
        let _ = root.set_attribute("data-mounted", "");
    }
    yew::Renderer::<App>::with_root(place).render();
}
