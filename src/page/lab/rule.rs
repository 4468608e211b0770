//! Which points of the loss's slope a rule looks at, for the picture of one gate.

use gatelab_engine::estimator::registry;

/// What a rule sees of a loss.
#[derive(Clone, Debug, PartialEq)]
pub enum Looks {
    /// Values at shut and open only.
    Values,
    /// Slopes at these places b, with these weights: its guess is their weighted sum.
    Points(Vec<(f64, f64)>),
    /// The slope at one place, put right by values.
    Corrected(f64),
    /// Something else: random places, or a gate of its own kind.
    Elsewhere,
}

impl Looks {
    /// What it takes the area for, if slopes tell.
    pub fn guess(&self, slope: impl Fn(f64) -> f64) -> Option<f64> {
        match self {
            Self::Points(points) => Some(points.iter().map(|(b, weight)| weight * slope(*b)).sum()),
            _ => None,
        }
    }

    /// The places, with weights to draw.
    pub fn places(&self) -> Vec<(f64, f64)> {
        match self {
            Self::Points(points) => points.clone(),
            Self::Corrected(at) => vec![(*at, 1.0)],
            Self::Values | Self::Elsewhere => Vec::new(),
        }
    }
}

/// What an estimator sees of a gate that fires with probability p.
pub fn looks(id: &str, p: f64) -> Looks {
    let q = 1.0 - p;
    match id {
        // Slopes at the drawn gate, which is open with p, shut with q.
        "st-sigmoid" | "st-default-expert" | "st-sampled-off" => Looks::Points(vec![(0.0, q), (1.0, p)]),
        // The same without p(1 − p).
        "st" => Looks::Points(vec![(0.0, 1.0 / p), (1.0, 1.0 / q)]),
        "reinmax" => Looks::Points(vec![(0.0, 0.5), (1.0, 0.5)]),
        "st-on-only" => Looks::Points(vec![(1.0, 1.0)]),
        "st-masked" => Looks::Points(vec![(1.0, p)]),
        "muprop" => Looks::Corrected(p),
        _ if registry::record(id).is_some_and(|record| record.needs.only_losses()) => Looks::Values,
        _ => Looks::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::{Spelling, Toy};
    use super::*;
    use gatelab_engine::lab::area;

    /// What is drawn is what the estimator itself does, by quadrature over its random numbers.
    #[test]
    fn guesses_are_those_of_the_estimators() {
        let spellings = [Spelling::Square, Spelling::Values];
        for (spelling, p) in spellings.into_iter().flat_map(|spelling| [(spelling, 0.3), (spelling, 0.6)]) {
            let toy = Toy { spelling, p, ..Toy::default() };
            for id in registry::ids() {
                let looks = looks(id, p);
                let wanted = match &looks {
                    Looks::Elsewhere => continue,
                    Looks::Points(_) => looks.guess(|b| toy.slope(b)).unwrap(),
                    Looks::Values | Looks::Corrected(_) => toy.area(),
                };
                // Its surrogate settles near, not at, the loss.
                let tolerance = if id == "predicted" { 0.05 } else { 1e-6 };
                let found = area::guess(&toy.spec(&[id], 1), id).unwrap();
                if let Some(found) = found.area {
                    assert!((found - wanted).abs() < tolerance, "{id} at p = {p}, {spelling:?}: {found} {wanted}");
                }
            }
        }
    }
}
