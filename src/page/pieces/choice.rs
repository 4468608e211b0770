//! A choice of a few, as joined buttons of which one is pressed.

use yew::prelude::*;

/// Properties of [`Choice`].
#[derive(Debug, Properties, PartialEq)]
pub struct ChoiceProps {
    /// Name of the group.
    pub label: &'static str,
    /// Names of the alternatives.
    pub names: Vec<AttrValue>,
    /// The chosen one.
    pub chosen: usize,
    /// Chooses.
    pub choose: Callback<usize>,
}

/// Joined buttons, one pressed.
#[component]
pub fn Choice(props: &ChoiceProps) -> Html {
    let button = |(index, name): (usize, &AttrValue)| {
        let choose = props.choose.clone();
        html! {
            <button type="button" aria-pressed={(index == props.chosen).to_string()}
                onclick={move |_| choose.emit(index)}>{ name.clone() }</button>
        }
    };
    html! {
        <div class="choice" role="group" aria-label={props.label}>
            { for props.names.iter().enumerate().map(button) }
        </div>
    }
}
