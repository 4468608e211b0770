//! An estimator's formulas. Pointing at a symbol, touching it, or reaching it by keyboard shows its meaning and its
//! current value. One listener serves all symbols; the tip lies over the page, so the layout does not move.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::symbols::{self, Reading, Symbol};
use super::{SheetProps, latex};
use crate::page::canvas::use_reading;
use crate::page::live::{Live, LiveHandle};
use crate::page::messages::{chooser as text, numbers, shell};
use crate::page::view::View;
use gatelab_engine::estimator::Record;

/// Interval between updates of the value, ms.
const READ_EVERY_MS: f64 = 250.0;
/// The tip's id, to which symbols refer.
const TIP: &str = "symbol-tip";

/// The symbol under the pointer and its position in the formula area, CSS pixels: horizontal middle, bottom.
#[derive(Clone, Copy, PartialEq)]
struct Pointed {
    symbol: Symbol,
    x: f64,
    bottom: f64,
}

#[component]
pub fn Formulas(props: &SheetProps) -> Html {
    let record = props.record;
    let pointed = use_state(|| None::<Pointed>);
    let area = use_node_ref();
    let markup = use_memo(record.id, move |_| latex::of(record));
    {
        let pointed = pointed.clone();
        use_effect_with(record.id, move |_| pointed.set(None));
    }
    let look = {
        let (area, pointed) = (area.clone(), pointed.clone());
        Rc::new(move |event: &Event| {
            let news = area.cast::<Element>().and_then(|area| at(event, &area, record));
            if *pointed != news {
                pointed.set(news);
            }
        })
    };
    let leave = {
        let pointed = pointed.clone();
        Rc::new(move || {
            if pointed.is_some() {
                pointed.set(None);
            }
        })
    };
    let onpointerover = listen(&look, |look, event: PointerEvent| look(&event));
    let onfocusin = listen(&look, |look, event: FocusEvent| look(&event));
    let onpointerleave = listen(&leave, |leave, _: PointerEvent| leave());
    let onfocusout = listen(&leave, |leave, _: FocusEvent| leave());
    let onkeydown = listen(&leave, |leave, event: KeyboardEvent| {
        if event.key() == "Escape" {
            leave();
        }
    });
    let rows = [(shell::FORWARD, ""), (shell::BACKWARD, ""), (shell::TEST_TIME, "lesser")];
    html! {
        <div class="formula-area" ref={area} {onpointerover} {onpointerleave} {onfocusin} {onfocusout} {onkeydown}>
            <dl class="formulas">
                { for rows.into_iter().zip(markup.iter()).map(|((name, class), pieces)| html! {
                    <>
                        <dt>{ name }</dt>
                        <dd class={class}>
                            { for pieces.iter().map(|piece| html! {
                                <span class="piece">{ Html::from_html_unchecked(piece.clone().into()) }</span>
                            }) }
                        </dd>
                    </>
                }) }
            </dl>
            <Tip page={props.page.clone()} live={props.live.clone()} pointed={*pointed} />
        </div>
    }
}

/// A listener whose callback is shared with others.
fn listen<S: ?Sized + 'static, E: 'static>(shared: &Rc<S>, hear: impl Fn(&S, E) + 'static) -> Callback<E> {
    let shared = shared.clone();
    Callback::from(move |event| hear(&shared, event))
}

/// The symbol that an event is about.
fn at(event: &Event, area: &Element, record: &'static Record) -> Option<Pointed> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let element = target.closest("[data-symbol]").ok()??;
    let symbol = symbols::find(record, &element.get_attribute("data-symbol")?)?;
    let (place, around) = (element.get_bounding_client_rect(), area.get_bounding_client_rect());
    Some(Pointed {
        symbol,
        x: f64::midpoint(place.left(), place.right()) - around.left(),
        bottom: place.bottom() - around.top(),
    })
}

#[derive(Clone, PartialEq, Properties)]
struct TipProps {
    page: View,
    live: LiveHandle,
    pointed: Option<Pointed>,
}

#[component]
fn Tip(props: &TipProps) -> Html {
    let node = use_node_ref();
    let pointed = props.pointed;
    let reading = pointed.and_then(|pointed| pointed.symbol.reading);
    let now = use_reading(&props.live, READ_EVERY_MS, move |live| reading.and_then(|reading| value(live, reading)));
    {
        let node = node.clone();
        use_effect_with(pointed, move |pointed| {
            if let (Some(tip), Some(pointed)) = (node.cast::<HtmlElement>(), pointed) {
                place(&tip, pointed);
            }
        });
    }
    let body = pointed.map(|Pointed { symbol, .. }| {
        let set = symbol.setting.and_then(|key| props.page.knobs.value(key.name)).map(|value| numbers::value(&value));
        html! {
            <>
                <span class="symbol-title"><span class="math">{ symbol.shown() }</span>{ " " }{ symbol.meaning }</span>
                if !symbol.more.is_empty() { <span>{ symbol.more }</span> }
                if set.is_some() || now.is_some() {
                    <span class="symbol-value">
                        if let Some(now) = now { <span>{ text::SYMBOL_NOW }{ " " }<b>{ now }</b></span> }
                        if let Some(set) = set { <span>{ text::SYMBOL_SETTING }{ " " }<b>{ set }</b></span> }
                    </span>
                }
            </>
        }
    });
    html! { <div id={TIP} ref={node} class="tip symbol-tip" role="tooltip" hidden={body.is_none()}>{ body }</div> }
}

/// A measured number as text, or nothing before the first one.
fn value(live: &Live, reading: Reading) -> Option<String> {
    let now = live.summary();
    match reading {
        Reading::Live(index) => now.live.get(index).map(|value| numbers::steady(f64::from(*value))),
        Reading::Loss => now.train_loss.map(numbers::steady),
        Reading::Rate => now.gate_rate.map(numbers::percent),
        Reading::Lambda => (now.step > 0).then(|| numbers::steady(f64::from(now.lambda))),
    }
}

/// Under the symbol, inside the area's width.
fn place(tip: &HtmlElement, pointed: &Pointed) {
    const GAP: f64 = 6.0;
    let Some(around) = tip.parent_element() else { return };
    let width = f64::from(tip.offset_width());
    let most = (f64::from(around.client_width()) - width).max(0.0);
    let style = tip.style();
    // Setting a plain length does not fail.
    let _ = style.set_property("left", &format!("{}px", (pointed.x - width / 2.0).clamp(0.0, most).round()));
    let _ = style.set_property("top", &format!("{}px", (pointed.bottom + GAP).round()));
}
