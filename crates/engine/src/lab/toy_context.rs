//! The [`GateContext`] of a toy objective: losses and gate gradients in `f64`, with their multiply-adds counted as in the
//! network's context.

use gatelab_kernels::Matrix;

use super::objective::Objective;
use crate::estimator::GateContext;

/// Losses and gate gradients of one objective at drawn gates [B × n].
pub struct ToyContext<'a> {
    objective: &'a dyn Objective,
    gates: &'a Matrix<f64>,
    macs: u64,
}

impl<'a> ToyContext<'a> {
    /// For the drawn gates [B × n]. Counts one evaluation of `f` per example, which is part of the draw.
    pub fn new(objective: &'a dyn Objective, gates: &'a Matrix<f64>) -> Self {
        let mut context = Self { objective, gates, macs: 0 };
        gates.rows().for_each(|row| context.count(row, 1));
        context
    }

    /// Multiply-adds so far, all examples together.
    pub fn macs(&self) -> u64 {
        self.macs
    }

    fn count(&mut self, gates: &[f64], times: u64) {
        let active = gates.iter().filter(|g| **g != 0.0).count();
        self.macs += times * self.objective.cost(active);
    }

    /// `f(g_j = 1) − f(g_j = 0)` of example b, with the other gates as drawn.
    fn difference(&self, b: usize, j: usize) -> f64 {
        let mut gates = self.gates.row(b).to_vec();
        let mut at = |value: f64| {
            gates[j] = value;
            self.objective.value(&gates)
        };
        at(1.0) - at(0.0)
    }

    /// Writes `∂f/∂g` at the drawn gates to `out` [B × n] where `wanted`, 0 elsewhere.
    fn slopes(&mut self, out: &mut Matrix<f64>, wanted: impl Fn(usize, usize) -> bool) {
        for (b, (row, slopes)) in self.gates.rows().zip(out.rows_mut()).enumerate() {
            self.count(row, 2);
            self.objective.slopes(row, slopes);
            slopes.iter_mut().enumerate().filter(|(j, _)| !wanted(b, *j)).for_each(|(_, slope)| *slope = 0.0);
        }
    }
}

impl GateContext<f64> for ToyContext<'_> {
    fn losses(&mut self, out: &mut [f64]) {
        for (row, loss) in self.gates.rows().zip(out) {
            *loss = self.objective.value(row);
        }
    }

    fn losses_at(&mut self, gates: &Matrix<f64>, out: &mut [f64]) {
        for (row, loss) in gates.rows().zip(out) {
            self.count(row, 1);
            *loss = self.objective.value(row);
        }
    }

    fn flips(&mut self, out: &mut Matrix<f64>) {
        for (b, row) in out.rows_mut().enumerate() {
            row.iter_mut().enumerate().for_each(|(j, out)| *out = self.difference(b, j));
        }
        self.macs += (out.nrows() as u64) * self.objective.cost(out.ncols());
    }

    fn flip(&mut self, gate: &[usize], out: &mut [f64]) {
        for (b, (&j, out)) in gate.iter().zip(out).enumerate() {
            *out = self.difference(b, j);
        }
        self.macs += gate.len() as u64 * self.objective.cost(1);
    }

    fn gate_grads_of_active(&mut self, out: &mut Matrix<f64>) {
        let gates = self.gates;
        self.slopes(out, |b, j| gates[(b, j)] != 0.0);
    }

    fn gate_grads_of(&mut self, wanted: &Matrix<bool>, out: &mut Matrix<f64>) {
        self.slopes(out, |b, j| wanted[(b, j)]);
    }

    fn gate_grads_of_all(&mut self, out: &mut Matrix<f64>) {
        self.slopes(out, |_, _| true);
    }

    fn gate_grads_at(&mut self, gates: &Matrix<f64>, losses: &mut [f64], out: &mut Matrix<f64>) {
        for ((row, loss), slopes) in gates.rows().zip(losses).zip(out.rows_mut()) {
            self.count(row, 3);
            *loss = self.objective.value(row);
            self.objective.slopes(row, slopes);
        }
    }

    /// Each gate of a toy has one unit, whose output is 1.
    fn units(&self) -> usize {
        self.gates.ncols()
    }

    fn outputs_of_active(&mut self, sums: &mut [f64], counts: &mut [f64]) {
        for (column, (sum, count)) in self.gates.view().columns().into_iter().zip(sums.iter_mut().zip(counts)) {
            *count = column.iter().filter(|g| **g != 0.0).count() as f64;
            *sum = *count;
        }
    }

    fn gate_grads_with(&mut self, outputs: &[f64], out: &mut Matrix<f64>) {
        self.slopes(out, |_, _| true);
        for (gates, slopes) in self.gates.rows().zip(out.rows_mut()) {
            for ((slope, _), output) in slopes.iter_mut().zip(gates).zip(outputs).filter(|((_, gate), _)| **gate == 0.0)
            {
                *slope *= output;
            }
        }
    }
}
