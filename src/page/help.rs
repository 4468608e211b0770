//! Help: what the page is, and the keys.

use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use super::keyboard;
use super::messages::shell as text;

/// Properties of [`Help`].
#[derive(Clone, PartialEq, Properties)]
pub struct HelpProps {
    /// Whether it is open.
    pub open: bool,
    /// Closes it.
    pub close: Callback<()>,
}

/// A native modal dialog: the browser handles Esc, focus and the inert page behind it.
#[component]
pub fn Help(props: &HelpProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with(props.open, move |open| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                if *open && !dialog.open() {
                    let _ = dialog.show_modal();
                } else if !*open && dialog.open() {
                    dialog.close();
                }
            }
        });
    }
    let close = props.close.clone();
    let onclose = props.close.reform(|_: Event| ());
    html! {
        <dialog class="help" ref={dialog} {onclose} aria-labelledby="help-title">
            <h2 id="help-title">{ text::HELP_TITLE }</h2>
            { for text::HELP_TEXT.iter().map(|paragraph| html! { <p>{ *paragraph }</p> }) }
            <h3>{ text::SHORTCUTS }</h3>
            <Letters />
            <button type="button" class="ghost" onclick={move |_| close.emit(())}>{ text::CLOSE }</button>
        </dialog>
    }
}

#[component]
fn Letters() -> Html {
    let on = use_state(keyboard::letters);
    let onchange = {
        let on = on.clone();
        Callback::from(move |event: Event| {
            let checked = event.target_unchecked_into::<HtmlInputElement>().checked();
            keyboard::set_letters(checked);
            on.set(checked);
        })
    };
    html! {
        <>
            <dl class="keys">
                { for text::KEYS.iter().map(|(key, meaning, single)| html! {
                    <div class={classes!((*single && !*on).then_some("off"))}>
                        <dt><kbd>{ *key }</kbd></dt>
                        <dd>{ *meaning }</dd>
                    </div>
                }) }
            </dl>
            <label class="switch">
                <input type="checkbox" checked={*on} {onchange} />
                <span>{ text::LETTERS }<small>{ text::LETTERS_HINT }</small></span>
            </label>
        </>
    }
}
