//! The network as an estimator sees it: questions about the loss, each with its price.

use ndarray::Array2;

use super::parameters::Parameters;
use super::pass::Pass;
use super::{experts, head};
use crate::estimator::GateContext;
use crate::numeric::{Kernels, Real};

/// Answers an estimator's questions about the gates drawn in a pass whose head has run forward and backward.
pub struct PassContext<'a, R: Real> {
    /// The network.
    pub parameters: &'a Parameters<R>,
    /// The pass.
    pub pass: &'a mut Pass<R>,
    /// Counts forward work: experts of closed gates that had to run.
    pub forward: &'a mut Kernels<R>,
    /// Counts backward work.
    pub backward: &'a mut Kernels<R>,
}

impl<R: Real> PassContext<'_, R> {
    /// `∂L/∂g_j = Σ_{u in block j} dh_u·z_u` for the blocks given by `wanted(example)`.
    fn slopes(&mut self, out: &mut Array2<R>, all: bool) {
        let units = self.pass.shape.units_per_gate;
        out.fill(R::zero());
        let rows = self.pass.gated_gradient.rows().into_iter().zip(self.pass.expert.rows());
        let mut pairs = 0;
        for (b, ((dh, z), mut slopes)) in rows.zip(out.rows_mut()).enumerate() {
            let (Some(dh), Some(z)) = (dh.to_slice(), z.to_slice()) else { continue };
            let dot = |j: usize| {
                let block = j * units..(j + 1) * units;
                dh[block.clone()].iter().zip(&z[block]).map(|(&d, &z)| d * z).sum::<R>()
            };
            if all {
                pairs += slopes.len();
                slopes.iter_mut().enumerate().for_each(|(j, slope)| *slope = dot(j));
            } else {
                let open = self.pass.open.of(b);
                pairs += open.len();
                open.iter().for_each(|&j| slopes[j as usize] = dot(j as usize));
            }
        }
        self.backward.count(pairs * units);
    }
}

impl<R: Real> GateContext<R> for PassContext<'_, R> {
    fn losses(&mut self, out: &mut [R]) {
        out.copy_from_slice(&self.pass.losses);
    }

    fn slopes_of_active(&mut self, out: &mut Array2<R>) {
        self.slopes(out, false);
    }

    fn slopes_of_all(&mut self, out: &mut Array2<R>) {
        experts::complete(self.parameters, self.pass, self.forward);
        head::complete(self.parameters, self.pass, self.backward);
        self.slopes(out, true);
    }
}
