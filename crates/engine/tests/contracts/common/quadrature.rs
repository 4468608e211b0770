//! Integrals by Gauss and Legendre's rule on pieces.

/// Nodes in −1..1 and weights of the rule of order `n`, by Newton's method on the Legendre polynomial.
fn legendre(n: usize) -> Vec<(f64, f64)> {
    (0..n)
        .map(|i| {
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
            let mut derivative = 1.0;
            for _ in 0..100 {
                let (mut before, mut now) = (1.0, x);
                for k in 2..=n {
                    let k = k as f64;
                    (before, now) = (now, ((2.0 * k - 1.0) * x * now - (k - 1.0) * before) / k);
                }
                derivative = n as f64 * (x * now - before) / (x * x - 1.0);
                let step = now / derivative;
                x -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * derivative * derivative))
        })
        .collect()
}

/// Nodes and weights for an integral over `from..to`, cut at `cuts` (kinks of the integrand) and every half unit.
pub(crate) fn nodes(from: f64, to: f64, cuts: &[f64]) -> Vec<(f64, f64)> {
    let mut ends = vec![from, to];
    ends.extend(cuts.iter().copied().filter(|c| *c > from && *c < to));
    let pieces = (2.0 * (to - from)).ceil() as usize;
    ends.extend((1..pieces).map(|i| from + (to - from) * i as f64 / pieces as f64));
    ends.sort_by(f64::total_cmp);
    let rule = legendre(12);
    ends.windows(2)
        .flat_map(|piece| {
            let (middle, half) = (0.5 * (piece[0] + piece[1]), 0.5 * (piece[1] - piece[0]));
            rule.iter().map(move |(x, w)| (middle + half * x, half * w)).collect::<Vec<_>>()
        })
        .collect()
}

/// Standard normal numbers with their probabilities; `cuts` are kinks of what will be averaged.
pub(crate) fn normal(cuts: &[f64]) -> Vec<(f64, f64)> {
    let density = |z: f64| (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    nodes(-12.0, 12.0, cuts).into_iter().map(|(z, w)| (z, w * density(z))).collect()
}

/// Uniform numbers with their probabilities, spread so that their logits are evenly covered; `cuts` are kinks on the scale
/// of the logit.
pub(crate) fn uniform_by_logit(cuts: &[f64]) -> Vec<(f64, f64)> {
    let near = |t: f64| 1.0 / (1.0 + (-t).exp());
    nodes(-36.0, 36.0, cuts).into_iter().map(|(t, w)| (near(t), w * near(t) * near(-t))).collect()
}
