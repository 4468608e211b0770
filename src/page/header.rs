//! The header: title, views, and the controls of the page (not of the run).

use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use super::dom::{self, Timer};
use super::messages::{lab, shell as text};
use super::state::Msg;
use super::theme;
use super::view::{PanelProps, View};
use crate::protocol::link::{Mode, print};

/// Time for which a confirmation is shown, ms.
const CONFIRMED_MS: i32 = 4000;

/// Properties of [`Header`].
#[derive(Clone, PartialEq, Properties)]
pub struct HeaderProps {
    /// The state.
    pub page: View,
    /// Opens the help.
    pub help: Callback<bool>,
    /// The user's wishes.
    pub send: Callback<Msg>,
}

/// The header.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let help = props.help.clone();
    html! {
        <header class="top">
            <h1 class="wordmark">
                <Dots />
                { text::NAME }
            </h1>
            <p class="subtitle">{ text::SUBTITLE }</p>
            <Views page={props.page.clone()} send={props.send.clone()} />
            <div class="top-tools">
                <CopyLink page={props.page.clone()} />
                <ThemeSwitch />
                <button
                    type="button" class="quiet round" aria-label={text::HELP} title={text::HELP}
                    onclick={move |_| help.emit(true)}
                >{ "?" }</button>
            </div>
        </header>
    }
}

/// The two views of the page. The run continues in both.
#[component]
fn Views(props: &PanelProps) -> Html {
    html! {
        <nav class="views" aria-label={lab::VIEWS}>
            { for [(Mode::Train, lab::TRAIN), (Mode::Lab, lab::LAB)].map(|(view, name)| html! {
                <button
                    type="button" aria-current={(props.page.mode == view).then_some("page")}
                    onclick={props.send.reform(move |_: MouseEvent| Msg::Mode(view))}
                >{ name }</button>
            }) }
        </nav>
    }
}

/// The logo: six gates, two of them open.
#[component]
fn Dots() -> Html {
    html! {
        <svg class="dots" viewBox="0 0 26 20" aria-hidden="true">
            <circle class="dot-open" cx="4" cy="4.5" r="3" />
            <circle cx="13" cy="4.5" r="3" />
            <circle cx="22" cy="4.5" r="3" />
            <circle cx="4" cy="15.5" r="3" />
            <circle class="dot-accent" cx="13" cy="15.5" r="3" />
            <circle cx="22" cy="15.5" r="3" />
        </svg>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CopyProps {
    page: View,
}

#[component]
fn CopyLink(props: &CopyProps) -> Html {
    let said = use_state(|| None::<&'static str>);
    let timer = use_mut_ref(|| None::<Timer>);
    let onclick = {
        let (page, said) = (props.page.clone(), said.clone());
        Callback::from(move |_: MouseEvent| {
            let (printed, repeatable) = (print(&page.link()), page.backend.repeatable);
            let (said, timer) = (said.clone(), timer.clone());
            spawn_local(async move {
                let words = match copy(&printed.text).await {
                    Some(()) if printed.shortened => text::LINK_COPIED_SHORTENED,
                    Some(()) if !repeatable => text::LINK_COPIED_RELAXED,
                    Some(()) => text::LINK_COPIED,
                    None => text::LINK_NOT_COPIED,
                };
                said.set(Some(words));
                timer.replace(Some(Timer::once(CONFIRMED_MS, move || said.set(None))));
            });
        })
    };
    html! {
        <span class="copy">
            <span class="said" role="status">{ said.unwrap_or_default() }</span>
            <button type="button" class="quiet" {onclick}>{ text::COPY_LINK }</button>
        </span>
    }
}

/// Copies a text. The clipboard is missing on pages without HTTPS.
async fn copy(hash: &str) -> Option<()> {
    let window = dom::window()?;
    let address = window.location().href().ok()?;
    let base = address.split('#').next()?;
    let navigator = window.navigator();
    if !js_sys::Reflect::has(&navigator, &"clipboard".into()).unwrap_or(false) {
        return None;
    }
    let promise = navigator.clipboard().write_text(&format!("{base}{hash}"));
    JsFuture::from(promise).await.ok().map(|_| ())
}

#[component]
fn ThemeSwitch() -> Html {
    let dark = use_state(theme::is_dark);
    let label = if *dark { text::THEME_TO_LIGHT } else { text::THEME_TO_DARK };
    let onclick = {
        let dark = dark.clone();
        Callback::from(move |_: MouseEvent| {
            let wanted = !theme::is_dark();
            theme::set_dark(wanted);
            dark.set(wanted);
        })
    };
    html! {
        <button type="button" class="quiet round" aria-label={label} title={label} {onclick}>
            <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="8" cy="8" r="6" class="glyph-line" />
                <path d="M8 2a6 6 0 0 1 0 12z" class="glyph-fill" />
            </svg>
        </button>
    }
}
