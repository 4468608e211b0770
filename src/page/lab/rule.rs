//! At which points b each estimator uses f′(b), for the picture of one gate.

use gatelab_engine::estimator::registry;

/// How an estimator uses the slope f′ of the loss.
#[derive(Clone, Debug, PartialEq)]
pub enum SlopeUse {
    /// Not at all: only the values f(0) and f(1).
    Values,
    /// At points b with weights: its estimate of the area is `Σ weight·f′(b)`.
    Points(Vec<(f64, f64)>),
    /// At one point, with a correction from values of the loss.
    Corrected(f64),
    /// At random points, or with gates that are not Bernoulli(p).
    Elsewhere,
}

impl SlopeUse {
    /// Its estimate of the area `f(1) − f(0)`, where that follows from slopes alone.
    pub fn guess(&self, slope: impl Fn(f64) -> f64) -> Option<f64> {
        match self {
            Self::Points(points) => Some(points.iter().map(|(b, weight)| weight * slope(*b)).sum()),
            _ => None,
        }
    }

    /// The points b, with weights for drawing.
    pub fn points(&self) -> Vec<(f64, f64)> {
        match self {
            Self::Points(points) => points.clone(),
            Self::Corrected(at) => vec![(*at, 1.0)],
            Self::Values | Self::Elsewhere => Vec::new(),
        }
    }
}

/// How an estimator uses f′ for a gate with firing probability p.
pub fn slope_use(id: &str, p: f64) -> SlopeUse {
    let q = 1.0 - p;
    match id {
        // f′ at the drawn gate value: 1 with probability p, 0 with q.
        "st-sigmoid" | "st-default-expert" | "st-sampled-off" => SlopeUse::Points(vec![(0.0, q), (1.0, p)]),
        // The same, without the factor p(1 − p).
        "st" => SlopeUse::Points(vec![(0.0, 1.0 / p), (1.0, 1.0 / q)]),
        "reinmax" => SlopeUse::Points(vec![(0.0, 0.5), (1.0, 0.5)]),
        "st-on-only" => SlopeUse::Points(vec![(1.0, 1.0)]),
        "st-masked" => SlopeUse::Points(vec![(1.0, p)]),
        "muprop" => SlopeUse::Corrected(p),
        _ if registry::record(id).is_some_and(|record| record.needs.only_losses()) => SlopeUse::Values,
        _ => SlopeUse::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::{Spelling, Toy};
    use super::*;
    use gatelab_engine::lab::one_gate;

    /// The weights agree with the estimator's own code, by quadrature over its random numbers.
    #[test]
    fn weights_are_those_of_the_estimators() {
        let spellings = [Spelling::Square, Spelling::Values];
        for (spelling, p) in spellings.into_iter().flat_map(|spelling| [(spelling, 0.3), (spelling, 0.6)]) {
            let toy = Toy { spelling, p, ..Toy::default() };
            for id in registry::ids() {
                let slope_use = slope_use(id, p);
                let wanted = match &slope_use {
                    SlopeUse::Elsewhere => continue,
                    SlopeUse::Points(_) => slope_use.guess(|b| toy.slope(b)).unwrap(),
                    SlopeUse::Values | SlopeUse::Corrected(_) => toy.area(),
                };
                // Its surrogate converges near the loss, not to it.
                let tolerance = if id == "predicted" { 0.05 } else { 1e-6 };
                let found = one_gate::analyse(&toy.spec(&[id], 1), id).unwrap();
                if let Some(found) = found.area {
                    assert!((found - wanted).abs() < tolerance, "{id} at p = {p}, {spelling:?}: {found} {wanted}");
                }
            }
        }
    }
}
