//! Hooks for components that show live numbers: [`use_drawing`] for a canvas, [`use_reading`] for numbers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use super::observe::{SizeWatch, ViewWatch};
use super::surface::{Surface, fit};
use super::theme::Theme;
use crate::page::live::{Live, LiveHandle, Need, Part};

type Draw = dyn Fn(&Surface, &Live);

/// What a redraw depends on.
#[derive(Default)]
struct Drawing {
    draw: RefCell<Option<Rc<Draw>>>,
    in_view: Cell<bool>,
    dirty: Cell<bool>,
    seen: Cell<u64>,
    theme: RefCell<Option<Rc<Theme>>>,
}

impl Drawing {
    fn paint(&self, live: &LiveHandle, part: Part, canvas: &HtmlCanvasElement) {
        if !self.in_view.get() {
            return;
        }
        let theme = live.ticker().theme();
        let same_theme = self.theme.borrow().as_ref().is_some_and(|old| Rc::ptr_eq(old, &theme));
        let store = live.read();
        let version = store.version_of(part);
        if same_theme && !self.dirty.get() && version == self.seen.get() {
            return;
        }
        let draw = self.draw.borrow().clone();
        let (Some(draw), Some(surface)) = (draw, fit(canvas, theme.clone())) else { return };
        draw(&surface, &store);
        self.dirty.set(false);
        self.seen.set(version);
        self.theme.replace(Some(theme));
    }
}

/// A canvas on which `draw` draws whenever `part` of the store, `deps`, the element's size or the theme has changed,
/// and the element is in view. While it is in view, `need` is part of the watch sent to the worker.
///
/// `draw` must not call the handle's writing methods: the store is being read.
#[hook]
pub fn use_drawing<D, F>(live: &LiveHandle, part: Part, need: Option<Need>, deps: D, draw: F) -> NodeRef
where
    D: PartialEq + 'static,
    F: Fn(&Surface, &Live) + 'static,
{
    let node = use_node_ref();
    let drawing = use_memo((), |()| Drawing::default());
    drawing.draw.replace(Some(Rc::new(draw)));
    {
        let (drawing, live) = (drawing.clone(), live.clone());
        use_effect_with(deps, move |_| {
            drawing.dirty.set(true);
            live.ticker().wake();
        });
    }
    let canvas_node = node.clone();
    use_effect_with((live.clone(), need), move |(live, need)| {
        let watches = canvas_node.cast::<HtmlCanvasElement>().map(|canvas| attach(live, part, *need, drawing, canvas));
        let (live, need) = (live.clone(), *need);
        move || {
            if let Some((job, size, view)) = watches {
                live.ticker().remove(job);
                drop((size, view));
            }
            if let Some(need) = need {
                live.need(need, false);
            }
        }
    });
    node
}

fn attach(
    live: &LiveHandle,
    part: Part,
    need: Option<Need>,
    drawing: Rc<Drawing>,
    canvas: HtmlCanvasElement,
) -> (u64, SizeWatch, ViewWatch) {
    let size = {
        let (drawing, ticker) = (drawing.clone(), live.ticker());
        SizeWatch::new(&canvas, move || {
            drawing.dirty.set(true);
            ticker.reread_theme();
        })
    };
    let view = {
        let (drawing, live) = (drawing.clone(), live.clone());
        ViewWatch::new(&canvas, move |seen| {
            drawing.in_view.set(seen);
            if let Some(need) = need {
                live.need(need, seen);
            }
            live.ticker().wake();
        })
    };
    let job = {
        let live = live.clone();
        live.clone().ticker().add(move |_| drawing.paint(&live, part, &canvas))
    };
    (job, size, view)
}

/// The current result of `read`. The component renders again when it changes, at most once in `every` milliseconds.
#[hook]
pub fn use_reading<T, F>(live: &LiveHandle, every: f64, read: F) -> T
where
    T: Clone + PartialEq + 'static,
    F: Fn(&Live) -> T + 'static,
{
    let update = use_force_update();
    let value = read(&live.read());
    let shown = use_mut_ref(|| None::<T>);
    shown.replace(Some(value.clone()));
    let reader = use_mut_ref(|| None::<Rc<dyn Fn(&Live) -> T>>);
    reader.replace(Some(Rc::new(read)));
    use_effect_with(live.clone(), move |live| {
        let (last, seen, waiting) = (Cell::new(0.0), Cell::new(0), Cell::new(false));
        let store = live.clone();
        let job = live.ticker().add(move |now: f64| {
            if store.version() == seen.get() {
                return;
            }
            let wait = last.get() + every - now;
            if wait > 1.0 {
                if !waiting.replace(true) {
                    store.ticker().wake_after(wait);
                }
                return;
            }
            waiting.set(false);
            last.set(now);
            seen.set(store.version());
            let Some(reader) = reader.borrow().clone() else { return };
            let news = reader(&store.read());
            if shown.borrow().as_ref() != Some(&news) {
                update.force_update();
            }
        });
        let ticker = live.ticker();
        move || ticker.remove(job)
    });
    value
}
