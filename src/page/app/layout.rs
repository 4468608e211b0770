//! The layout of the page.

use yew::prelude::*;

use super::{App, AppMsg};
use crate::page::chooser::{Chooser, Sheet};
use crate::page::classes::ClassesPanel;
use crate::page::curves::CurvesPanel;
use crate::page::gates::GatesPanel;
use crate::page::header::Header;
use crate::page::help::Help;
use crate::page::keyboard::focus_estimators;
use crate::page::knobs::KnobsPanel;
use crate::page::lab::LabView;
use crate::page::messages::shell as text;
use crate::page::meter::MeterPanel;
use crate::page::notices::Notices;
use crate::page::one_digit::OneDigitPanel;
use crate::page::setup::SetUp;
use crate::page::transport::Transport;
use crate::protocol::link::Mode;

pub(super) fn page(app: &App, ctx: &Context<App>) -> Html {
    let send = ctx.link().callback(AppMsg::Do);
    let files = ctx.link().callback(AppMsg::Files);
    let help = ctx.link().callback(AppMsg::Help);
    let in_lab = app.page.mode == Mode::Lab;
    // The fragment describes the run, so the skip link must not change it.
    let skip = Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        focus_estimators(in_lab);
    });
    let (page, live) = (app.view.clone(), app.live.clone());
    html! {
        <>
            <a class="skip" href="#estimators" onclick={skip}>{ text::SKIP }</a>
            <Header page={page.clone()} help={help.clone()} send={send.clone()} />
            <Transport page={page.clone()} send={send.clone()} live={live.clone()} />
            <Notices
                page={page.clone()} send={send.clone()} files={files.clone()} other_build={app.other_build}
            />
            <main class="board" hidden={in_lab}>
                <div class="column column-ask">
                    <Chooser page={page.clone()} send={send.clone()} />
                    <KnobsPanel page={page.clone()} send={send.clone()} />
                </div>
                <div class="column column-gates">
                    if let Some(record) = page.record() {
                        <Sheet page={page.clone()} live={live.clone()} {record} />
                    }
                    <GatesPanel live={live.clone()} />
                    <div class="pair">
                        <ClassesPanel live={live.clone()} />
                        <OneDigitPanel live={live.clone()} />
                    </div>
                </div>
                <div class="column column-results">
                    <CurvesPanel live={live.clone()} />
                    if let Some(record) = page.record() {
                        <MeterPanel {live} {record} page={page.clone()} send={send.clone()} />
                    }
                    <SetUp page={page.clone()} {send} {files} />
                </div>
            </main>
            if in_lab {
                <LabView page={page.clone()} live={app.live.clone()} lab={app.lab.clone()} />
            }
            <Help open={app.help} close={help.reform(|()| false)} />
        </>
    }
}
