//! Notices with buttons.

use web_sys::File;
use yew::prelude::*;

use crate::page::dom;
use crate::page::messages::notices as text;
use crate::page::setup::FileButton;
use crate::page::state::{Msg, NotFinite, Page, Why};
use crate::protocol::Rescue;
use gatelab_engine::schema::DataChoice;

/// The mirror named in the document, instead of the built-in one.
const MIRROR: &str = "gatelab-mirror";

pub(super) fn other_build() -> Html {
    html! { <div class="notice warning" role="alert"><p class="notice-text">{ text::OTHER_BUILD }</p></div> }
}

pub(super) fn gave_up(why: &Why, send: &Callback<Msg>) -> Html {
    html! {
        <div class="notice warning" role="alert">
            <p class="notice-text"><b>{ text::GAVE_UP_TITLE }</b>{ " " }{ text::gave_up(why) }</p>
            <button type="button" class="ghost" onclick={send.reform(|_: MouseEvent| Msg::StartAgain)}>
                { text::START_AGAIN }
            </button>
        </div>
    }
}

pub(super) fn not_finite(stop: &NotFinite, send: &Callback<Msg>) -> Html {
    html! {
        <div class="notice warning" role="alert" data-testid="not-finite">
            <p class="notice-text"><b>{ text::NOT_FINITE_TITLE }</b>{ " " }{ text::not_finite(stop) }</p>
            <div class="row">
                if stop.can_undo {
                    <button
                        type="button" class="ghost" onclick={send.reform(|_: MouseEvent| Msg::Rescue(Rescue::Undo))}
                    >{ text::UNDO }</button>
                }
                <button
                    type="button" class="ghost" onclick={send.reform(|_: MouseEvent| Msg::Rescue(Rescue::LowerRate))}
                >{ text::LOWER_RATE }</button>
                <button type="button" class="ghost" onclick={send.reform(|_: MouseEvent| Msg::Replay)}>
                    { text::REPLAY }
                </button>
            </div>
        </div>
    }
}

/// The requested digits are missing: names the digits in use and offers a download.
pub(super) fn missing_digits(page: &Page, send: &Callback<Msg>, files: &Callback<Vec<File>>) -> Html {
    let wanted = page.data.wanted;
    if wanted == page.config.data || wanted == DataChoice::Strokes {
        return Html::default();
    }
    if page.data.has(wanted) {
        return arrived(wanted, send);
    }
    let own = wanted == DataChoice::Own;
    if !own && page.data.missing.is_none() {
        return Html::default();
    }
    let (title, words) =
        if own { (text::OWN_TITLE, text::OWN_TEXT) } else { (text::STROKES_TITLE, text::STROKES_TEXT) };
    let progress = page.data.progress.filter(|_| page.data.fetching);
    html! {
        <div class="notice offer" data-testid="no-mnist" title={page.data.missing.clone()}>
            <p class="notice-text"><b>{ title }</b>{ " " }{ words }</p>
            if let Some(progress) = progress {
                <progress aria-label={text::DOWNLOADING} max="1" value={progress.share().map(|share| format!("{share:.3}"))}>
                </progress>
            }
            <div class="row">
                if !own {
                    <button
                        type="button" class="ghost strong" disabled={page.data.fetching}
                        onclick={send.reform(|_: MouseEvent| Msg::Download(dom::meta(MIRROR)))}
                    >{ if page.data.fetching { text::DOWNLOADING } else { text::DOWNLOAD } }</button>
                }
                <FileButton label={text::CHOOSE_FILES} files={files.clone()} />
            </div>
        </div>
    }
}

/// The digits arrived after the user had begun to work with the run on stroke digits.
fn arrived(wanted: DataChoice, send: &Callback<Msg>) -> Html {
    html! {
        <div class="notice offer">
            <p class="notice-text"><b>{ text::ARRIVED_TITLE }</b>{ " " }{ text::ARRIVED_TEXT }</p>
            <button
                type="button" class="ghost strong" onclick={send.reform(move |_: MouseEvent| Msg::Data(wanted))}
            >{ text::LEARN_MNIST }</button>
        </div>
    }
}
