//! Notices: messages and decisions for the user.

mod decisions;

use web_sys::File;
use yew::prelude::*;

use self::decisions::{gave_up, missing_digits, not_finite, other_build};
use super::messages::notices as text;
use super::state::{Msg, Notice, NoticeText, Tone};
use super::view::View;

/// Properties of [`Notices`].
#[derive(Clone, PartialEq, Properties)]
pub struct NoticesProps {
    /// The state.
    pub page: View,
    /// The user's wishes.
    pub send: Callback<Msg>,
    /// The user's files.
    pub files: Callback<Vec<File>>,
    /// The worker is of another build, and a reload did not help.
    pub other_build: bool,
}

/// All notices, most urgent first.
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let NoticesProps { page, send, files, other_build: other } = props;
    html! {
        <section class="notices" aria-label={text::NOTICES}>
            if *other { { other_build() } }
            if let Some(why) = &page.health.gave_up { { gave_up(why, send) } }
            if let Some(stop) = &page.not_finite { { not_finite(stop, send) } }
            { missing_digits(page, send, files) }
            { for page.notices.iter().map(|notice| one(notice, send)) }
        </section>
    }
}

fn one(notice: &Notice, send: &Callback<Msg>) -> Html {
    let id = notice.id;
    let class = match notice.tone {
        Tone::Quiet => "notice",
        Tone::Warning => "notice warning",
    };
    let lines = text::notice(&notice.text);
    html! {
        <div key={id} {class}>
            <div class="notice-text">
                if matches!(notice.text, NoticeText::Link(_)) {
                    <b>{ text::LINK_TITLE }</b>
                    <ul>{ for lines.into_iter().map(|line| html! { <li>{ line }</li> }) }</ul>
                } else {
                    { for lines.into_iter().map(|line| html! { <p>{ line }</p> }) }
                }
            </div>
            <button
                type="button" class="quiet" onclick={send.reform(move |_: MouseEvent| Msg::Dismiss(id))}
            >{ text::DISMISS }</button>
        </div>
    }
}
