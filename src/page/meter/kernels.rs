//! The kernels in use, their speed on this machine, and the choice between strict and relaxed.

use yew::prelude::*;

use crate::page::dom::memory;
use crate::page::messages::pictures::meter as say;
use crate::page::pieces::Choice;
use crate::page::state::Msg;
use crate::page::view::PanelProps;

/// Storage key. The choice belongs to the machine, not to the run, so it is no part of a link.
const NAME: &str = "gatelab-kernels";
const RELAXED: &str = "relaxed";

/// Whether the user has allowed relaxed kernels on this machine.
pub fn relaxed() -> bool {
    memory::recall(NAME).as_deref() == Some(RELAXED)
}

/// A row of the meter; empty until the worker has measured the kernels.
#[component]
pub(super) fn KernelsRow(props: &PanelProps) -> Html {
    let backend = &props.page.backend;
    let Some(used) = backend.in_use() else { return Html::default() };
    let choose = props.send.reform(|chosen: usize| {
        let relaxed = chosen == 1;
        if relaxed {
            memory::keep(NAME, RELAXED);
        } else {
            memory::forget(NAME);
        }
        Msg::Relax(relaxed)
    });
    let names: Vec<_> = say::KERNEL_NAMES.iter().map(|name| AttrValue::from(*name)).collect();
    html! {
        <>
            <dt>{ say::KERNELS }</dt>
            <dd>
                <span class="kernels">
                    if backend.offers_relaxed() {
                        <Choice label={say::KERNELS} {names} chosen={usize::from(!used.exact)} {choose} />
                    } else {
                        { say::KERNEL_NAMES[0] }
                    }
                    <b>{ say::speed(used.speed) }</b>
                </span>
            </dd>
        </>
    }
}
