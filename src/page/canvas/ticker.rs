//! One animation frame for all drawings, requested only after a change.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::theme::{Theme, ThemeWatch};

/// Drawing time after which the other jobs are left to the next frame, milliseconds.
const BUDGET: f64 = 9.0;

type Job = Rc<dyn Fn(f64)>;
type Jobs = Vec<(u64, Job)>;
type OnFrame = Closure<dyn FnMut(f64)>;

/// Calls its jobs in the next animation frame after [`Ticker::wake`].
#[derive(Clone, Default)]
pub struct Ticker(Rc<Inner>);

#[derive(Default)]
struct Inner {
    jobs: RefCell<Jobs>,
    next_id: Cell<u64>,
    asked: Cell<bool>,
    turn: Cell<usize>,
    frame: RefCell<Option<OnFrame>>,
    later: RefCell<Option<Closure<dyn FnMut()>>>,
    theme: RefCell<Option<Rc<Theme>>>,
    theme_stale: Cell<bool>,
    theme_watch: RefCell<Option<ThemeWatch>>,
}

impl fmt::Debug for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticker").field("jobs", &self.0.jobs.borrow().len()).finish_non_exhaustive()
    }
}

impl Ticker {
    /// Adds a job; it is called with the frame's time in milliseconds until it is removed.
    pub fn add(&self, job: impl Fn(f64) + 'static) -> u64 {
        let id = self.0.next_id.get();
        self.0.next_id.set(id + 1);
        self.0.jobs.borrow_mut().push((id, Rc::new(job)));
        self.wake();
        id
    }

    /// Removes a job.
    pub fn remove(&self, id: u64) {
        self.0.jobs.borrow_mut().retain(|(other, _)| *other != id);
    }

    /// Requests an animation frame unless one is pending.
    pub fn wake(&self) {
        if self.0.asked.replace(true) {
            return;
        }
        let mut frame = self.0.frame.borrow_mut();
        let closure = frame.get_or_insert_with(|| {
            let weak = Rc::downgrade(&self.0);
            Closure::new(move |now| {
                if let Some(inner) = weak.upgrade() {
                    Ticker(inner).tick(now);
                }
            })
        });
        let asked =
            web_sys::window().and_then(|window| window.request_animation_frame(closure.as_ref().unchecked_ref()).ok());
        self.0.asked.set(asked.is_some());
    }

    /// Requests a frame after some milliseconds.
    pub fn wake_after(&self, milliseconds: f64) {
        let mut later = self.0.later.borrow_mut();
        let closure = later.get_or_insert_with(|| {
            let weak = Rc::downgrade(&self.0);
            Closure::new(move || {
                if let Some(inner) = weak.upgrade() {
                    Ticker(inner).wake();
                }
            })
        });
        if let Some(window) = web_sys::window() {
            let callback = closure.as_ref().unchecked_ref();
            // Without a timer, the drawing is done with the next requested frame.
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, milliseconds.ceil() as i32);
        }
    }

    /// Calls the jobs; jobs beyond the budget run first in the next frame.
    fn tick(&self, now: f64) {
        self.0.asked.set(false);
        let jobs: Vec<Job> = self.0.jobs.borrow().iter().map(|(_, job)| job.clone()).collect();
        let begin = clock();
        let turn = self.0.turn.get();
        for done in 0..jobs.len() {
            let place = (turn + done) % jobs.len();
            if done > 0 && clock() - begin > BUDGET {
                self.0.turn.set(place);
                self.wake();
                return;
            }
            if let Some(job) = jobs.get(place) {
                job(now);
            }
        }
    }

    /// The theme's colours, read once per change of theme.
    pub fn theme(&self) -> Rc<Theme> {
        if self.0.theme_watch.borrow().is_none() {
            let weak = Rc::downgrade(&self.0);
            let watch = ThemeWatch::new(move || {
                if let Some(inner) = weak.upgrade() {
                    Ticker(inner).reread_theme();
                }
            });
            self.0.theme_watch.replace(Some(watch));
        }
        let mut kept = self.0.theme.borrow_mut();
        if self.0.theme_stale.take() {
            let news = Theme::read();
            if kept.as_deref() != Some(&news) {
                *kept = Some(Rc::new(news));
            }
        }
        kept.get_or_insert_with(|| Rc::new(Theme::read())).clone()
    }

    /// Reads theme and type size again at the next use.
    pub fn reread_theme(&self) {
        self.0.theme_stale.set(true);
        self.wake();
    }
}

/// Milliseconds since the page was opened.
fn clock() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}
