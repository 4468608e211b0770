//! The choice of the data to learn, and the progress of data that are arriving.

use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File, FileList, HtmlInputElement};
use yew::prelude::*;

use super::SetUpProps;
use crate::page::messages::setup as text;
use crate::page::state::Msg;
use gatelab_engine::schema::DataChoice;

#[component]
pub fn Digits(props: &SetUpProps) -> Html {
    let SetUpProps { page, send, files } = props;
    let over = use_state(|| false);
    let drag = |inside: bool| {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(inside);
        })
    };
    let ondrop = {
        let (over, files) = (over.clone(), files.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            emit(&files, event.data_transfer().and_then(|transfer| transfer.files()));
        })
    };
    let shown = |choice: &DataChoice| *choice != DataChoice::Own || page.data.has(*choice);
    html! {
        <fieldset
            class={classes!("cards", over.then_some("drop"))} ondragover={drag(true)} ondragleave={drag(false)} {ondrop}
        >
            <legend class="overline">{ text::DIGITS }</legend>
            { for DataChoice::ALL.into_iter().filter(shown).map(|choice| {
                let (name, what) = (page.data.name_of(choice).to_owned(), text::about(choice));
                let on = choice == page.data.wanted;
                html! {
                    <label class={classes!("card", on.then_some("on"))}>
                        <input
                            type="radio" name="data" checked={on}
                            onchange={send.reform(move |_: Event| Msg::Data(choice))}
                        />
                        <span><b>{ name }</b>{ " " }<small>{ what }</small></span>
                    </label>
                }
            }) }
            <div class="row">
                <FileButton label={text::CHOOSE_FILES} files={files.clone()} />
                <small class="hint">{ text::DROP_HINT }</small>
            </div>
            if let Some(progress) = page.data.progress {
                <div class="arriving">
                    <progress
                        aria-label={text::ARRIVING} max="1" value={progress.share().map(|share| format!("{share:.3}"))}
                    ></progress>
                    <small>{ text::progress(progress.bytes, progress.bytes_total, progress.ready, progress.planned) }</small>
                </div>
            }
        </fieldset>
    }
}

/// Properties of [`FileButton`].
#[derive(Clone, PartialEq, Properties)]
pub struct FileButtonProps {
    /// Text of the button.
    pub label: &'static str,
    /// Called with the chosen files.
    pub files: Callback<Vec<File>>,
}

/// A file input with the look of a button; one control for keyboard and screen reader.
#[component]
pub fn FileButton(props: &FileButtonProps) -> Html {
    let files = props.files.clone();
    let onchange = Callback::from(move |event: Event| {
        let input = event.target_unchecked_into::<HtmlInputElement>();
        emit(&files, input.files());
        // Otherwise, choosing the same files again would be no change.
        input.set_value("");
    });
    html! {
        <label class="ghost file">
            <input type="file" multiple={true} {onchange} />
            { props.label }
        </label>
    }
}

fn emit(files: &Callback<Vec<File>>, list: Option<FileList>) {
    let Some(list) = list else { return };
    let all: Vec<File> = js_sys::Array::from(&list).iter().filter_map(|file| file.dyn_into().ok()).collect();
    if !all.is_empty() {
        files.emit(all);
    }
}
