//! The laboratory's view: its panels, and a clock that follows the run.

use yew::prelude::*;

use super::gate::OneGate;
use super::handle::LabHandle;
use super::list::List;
use super::probe::ProbePanel;
use super::state::{Clock, LabMsg};
use crate::page::dom::{self, Timer};
use crate::page::live::LiveHandle;
use crate::page::messages::lab as text;
use crate::page::view::View;
use crate::protocol::RunState;

/// Milliseconds between two reports of the run's progress to the laboratory.
const TICK_MS: i32 = 1000;

/// Properties of [`LabView`].
#[derive(Clone, PartialEq, Properties)]
pub struct LabViewProps {
    /// The page's state.
    pub page: View,
    /// Newest numbers of the run.
    pub live: LiveHandle,
    /// The laboratory.
    pub lab: LabHandle,
}

/// The view.
#[component]
pub fn LabView(props: &LabViewProps) -> Html {
    let LabViewProps { page, live, lab } = props;
    let update = use_force_update();
    use_effect_with(lab.clone(), move |lab| {
        let lab = lab.clone();
        lab.open(Callback::from(move |()| update.force_update()));
        move || lab.close()
    });
    use_clock(page, live, lab);
    {
        let lab = lab.clone();
        use_effect_with(page.learns_from_reward(), move |reward| lab.act(LabMsg::Reward(*reward)));
    }
    let send = {
        let lab = lab.clone();
        use_callback((), move |msg: LabMsg, ()| lab.act(msg))
    };
    let state = lab.read();
    html! {
        <main class="lab" id="laboratory" aria-label={text::LAB}>
            if let Some(why) = &state.failed {
                <div class="notice warning lab-notice" role="alert">
                    <p class="notice-text"><b>{ text::BROKEN_TITLE }</b>{ " " }{ text::broken(why) }</p>
                    <button type="button" class="ghost" onclick={send.reform(|_: MouseEvent| LabMsg::Again)}>
                        { text::AGAIN }
                    </button>
                </div>
            }
            <List ticked={state.ticked.clone()} reward={state.reward} send={send.clone()} />
            <div class="lab-instruments">
                <ProbePanel probe={state.probe.clone()} measurable={state.measurable().len()} send={send.clone()} />
                <OneGate gate={state.gate.clone()} ticked={state.ticked.clone()} {send} />
            </div>
        </main>
    }
}

/// Sends the run's progress to the laboratory, once a second and when the run's state changes.
#[hook]
fn use_clock(page: &View, live: &LiveHandle, lab: &LabHandle) {
    let ticks = use_state(|| 0_u32);
    let ready = matches!(page.state, RunState::Running | RunState::Paused | RunState::Stopped);
    let (live, lab, now) = (live.clone(), lab.clone(), *ticks);
    use_effect_with((now, page.run, ready), move |(_, run, ready)| {
        let numbers = live.read().numbers();
        // The first frame of a run arrives after its start.
        let ready = *ready && numbers.run == *run;
        lab.act(LabMsg::Clock(Clock { now: dom::now(), run: *run, epoch: numbers.epoch, ready }));
        let timer = Timer::once(TICK_MS, move || ticks.set(now.wrapping_add(1)));
        move || drop(timer)
    });
}
