//! Tabs after the ARIA pattern: one tab stop, arrow keys choose.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Properties of [`Tabs`].
#[derive(Debug, Properties, PartialEq)]
pub struct TabsProps {
    /// Prefix of the ids: the tab panel's is `{id}-panel`, the tabs' are `{id}-tab-0` …
    pub id: &'static str,
    /// Name of the list.
    pub label: &'static str,
    /// Names of the tabs.
    pub names: &'static [&'static str],
    /// The chosen one.
    pub chosen: usize,
    /// Chooses.
    pub choose: Callback<usize>,
}

/// A list of tabs.
#[component]
pub fn Tabs(props: &TabsProps) -> Html {
    let onkeydown = {
        let (choose, chosen, count, id) = (props.choose.clone(), props.chosen, props.names.len(), props.id);
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" => (chosen + 1) % count,
                "ArrowLeft" => (chosen + count - 1) % count,
                "Home" => 0,
                "End" => count - 1,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            choose.emit(next);
            focus(&format!("{id}-tab-{next}"));
        })
    };
    let tab = |(index, name): (usize, &&'static str)| {
        let choose = props.choose.clone();
        let chosen = index == props.chosen;
        html! {
            <button type="button" role="tab" class="tab" id={format!("{}-tab-{index}", props.id)}
                aria-selected={chosen.to_string()} aria-controls={format!("{}-panel", props.id)}
                tabindex={if chosen { "0" } else { "-1" }} onclick={move |_| choose.emit(index)}>{ *name }</button>
        }
    };
    html! {
        <div class="tabs" role="tablist" aria-label={props.label} {onkeydown}>
            { for props.names.iter().enumerate().map(tab) }
        </div>
    }
}

fn focus(id: &str) {
    let element =
        web_sys::window().and_then(|window| window.document()?.get_element_by_id(id)?.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // Fails only for elements that cannot have the focus; a button can.
        let _ = element.focus();
    }
}
