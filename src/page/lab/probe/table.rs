//! The table: one row for each estimator, with one small chart in each cell, on an axis shared by its column.

use yew::prelude::*;

use super::ProbeProps;
use super::bars::{self, Axis, bias_axis, is_unbiased, noise_axis};
use crate::page::lab::scale::LogAxis;
use crate::page::lab::state::{Column, LabMsg, Probe, noise};
use crate::page::messages::lab::probe as text;
use crate::page::messages::pictures::amount;
use crate::page::messages::shell;
use crate::page::palette::hue_class;
use gatelab_engine::estimator::registry;
use gatelab_engine::lab::Row;

const COLUMNS: [Column; 6] =
    [Column::Name, Column::Bias, Column::Noise, Column::Direction, Column::Signs, Column::Cost];

/// The table. Its roles are explicit, because narrow screens change the display of its elements.
#[component]
pub fn Table(props: &ProbeProps) -> Html {
    let ProbeProps { probe, send, .. } = props;
    let rows = probe.sorted();
    let axes = Axes { bias: bias_axis(&rows), noise: noise_axis(&rows, probe.equal_cost) };
    html! {
        <table class="lab-table" role="table" aria-label={text::TABLE}>
            <thead role="rowgroup">
                <tr role="row">{ for COLUMNS.into_iter().map(|column| head(column, probe, &axes, send)) }</tr>
            </thead>
            <tbody role="rowgroup">
                { for rows.iter().map(|row| line(row, probe, &axes, send)) }
            </tbody>
        </table>
    }
}

struct Axes {
    bias: LogAxis,
    noise: LogAxis,
}

fn head(column: Column, probe: &Probe, axes: &Axes, send: &Callback<LabMsg>) -> Html {
    let sorted = match probe.sort {
        Some((by, down)) if by == column => Some(if down { "descending" } else { "ascending" }),
        _ => None,
    };
    let axis = match column {
        Column::Bias => bars::ticks(&Axis::Log(axes.bias)),
        Column::Noise => bars::ticks(&Axis::Log(axes.noise)),
        Column::Direction => bars::ticks(&Axis::Unit),
        Column::Signs => bars::sign_names(),
        Column::Name | Column::Cost => Html::default(),
    };
    html! {
        <th role="columnheader" scope="col" class={class_of(column)} aria-sort={sorted} key={class_of(column)}>
            <button
                type="button" class="sort" title={text::column_hint(column)}
                onclick={send.reform(move |_: MouseEvent| LabMsg::Sort(column))}
            >{ text::column(column) }<span class="sort-mark" aria-hidden="true"></span></button>
            { axis }
        </th>
    }
}

const fn class_of(column: Column) -> &'static str {
    match column {
        Column::Name => "of-name",
        Column::Bias => "of-bias",
        Column::Noise => "of-noise",
        Column::Direction => "of-direction",
        Column::Signs => "of-signs",
        Column::Cost => "of-cost",
    }
}

fn line(row: &Row, probe: &Probe, axes: &Axes, send: &Callback<LabMsg>) -> Html {
    let Some(record) = registry::record(&row.estimator) else { return Html::default() };
    let metrics = &row.metrics;
    let chosen = probe.shown == Some(record.id);
    let show = send.reform(move |_: MouseEvent| LabMsg::Show(record.id));
    let unbiased = is_unbiased(metrics);
    let bias = match (metrics.relative_bias, unbiased) {
        (None, _) => text::NOT_YET.to_owned(),
        (Some(bias), true) => text::no_bias(bias),
        (Some(bias), false) => text::bias(bias),
    };
    let noise = noise(metrics, probe.equal_cost);
    let cell = |column: Column, picture: Html, words: String| {
        html! {
            <td role="cell" class={class_of(column)}>
                <span class="cell-label" aria-hidden="true">{ text::column(column) }</span>
                { picture }
                <span class="cell-words">{ words }</span>
            </td>
        }
    };
    html! {
        <tr
            role="row" class={classes!(hue_class(record.id), chosen.then_some("chosen"))} key={record.id} onclick={show.clone()}
            data-estimator={record.id} data-samples={metrics.samples.to_string()}
            data-bias={metrics.relative_bias.map(|bias| format!("{:e}", bias.value))}
            data-unbiased={metrics.relative_bias_squared.map(|_| unbiased.to_string())}
        >
            <th role="rowheader" scope="row" class="of-name">
                <button type="button" class="who" aria-pressed={chosen.to_string()}>
                    <i class="swatch" aria-hidden="true"></i>
                    <span class="name">{ record.name }</span>
                </button>
                <small class="bias">{ shell::bias(record.bias) }</small>
                if let Some(distance) = row.distance_to_bernoulli {
                    <small class="own">{ text::own_objective(distance, row.reference_is_known) }</small>
                }
            </th>
            { cell(Column::Bias, bars::bias(metrics, &axes.bias), bias) }
            { cell(Column::Noise, bars::noise(noise, &axes.noise), text::noise(noise)) }
            { cell(Column::Direction, bars::direction(metrics), text::cosines(metrics.cosine_of_one, metrics.cosine_of_mean)) }
            <td role="cell" class="of-signs">
                <span class="cell-label" aria-hidden="true">{ text::column(Column::Signs) }</span>
                { bars::signs(metrics.signs) }
            </td>
            <td role="cell" class="of-cost">
                <span class="cell-label" aria-hidden="true">{ text::column(Column::Cost) }</span>
                <b>{ amount(metrics.multiply_adds) }</b>
                <small>{ text::draws(metrics.samples) }</small>
            </td>
        </tr>
    }
}
