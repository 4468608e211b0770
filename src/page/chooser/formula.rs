//! Formulas in math type: single letters italic, words and signs upright.

use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct FormulaProps {
    /// The formula, plain Unicode.
    pub text: &'static str,
}

#[component]
pub fn Formula(props: &FormulaProps) -> Html {
    html! {
        <span class="math">
            { for pieces(props.text).into_iter().map(|(piece, italic)| if italic {
                html! { <i>{ piece }</i> }
            } else {
                html! { { piece } }
            }) }
        </span>
    }
}

/// Accents and small letters that belong to the letter before them.
fn attaches(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1d62}'..='\u{1d6a}' | '\u{2080}'..='\u{209c}' | '′')
}

fn pieces(text: &str) -> Vec<(String, bool)> {
    let mut word = String::new();
    let mut letters = 0;
    let mut other = String::new();
    let mut all: Vec<(String, bool)> = Vec::new();
    for c in text.chars() {
        if attaches(c) && !word.is_empty() {
            word.push(c);
        } else if c.is_alphabetic() {
            if !other.is_empty() {
                all.push((std::mem::take(&mut other), false));
            }
            word.push(c);
            letters += 1;
        } else {
            if !word.is_empty() {
                all.push((std::mem::take(&mut word), letters == 1));
            }
            letters = 0;
            other.push(c);
        }
    }
    if !word.is_empty() {
        all.push((word, letters == 1));
    }
    if !other.is_empty() {
        all.push((other, false));
    }
    all
}
