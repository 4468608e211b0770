//! Gradient estimates that perturb real-valued parameters by small noise, against which Theorem 1 is set off in the paper:
//! their means, without sampling. No estimator of the program works this way.

use super::quadrature;

/// Mean of the simultaneous perturbation estimate `(L(u+z) − L(u−z))/(2z_i)` with `z_i = ±σ`, over all signs.
pub(crate) fn spsa(loss: &dyn Fn(&[f64]) -> f64, at: &[f64], sigma: f64) -> Vec<f64> {
    let n = at.len();
    let mut mean = vec![0.0; n];
    let states = 1_usize << n;
    for state in 0..states {
        let z: Vec<f64> = (0..n).map(|i| if state >> i & 1 == 1 { sigma } else { -sigma }).collect();
        let moved = |sign: f64| at.iter().zip(&z).map(|(u, z)| u + sign * z).collect::<Vec<_>>();
        let difference = loss(&moved(1.0)) - loss(&moved(-1.0));
        for (mean, z) in mean.iter_mut().zip(&z) {
            *mean += difference / (2.0 * z) / states as f64;
        }
    }
    mean
}

/// Mean of Fiete and Seung's estimate `(L(u+σz) − L(u))·z_i/σ` with normal `z`, for two parameters, by quadrature.
pub(crate) fn fiete_seung(loss: &dyn Fn(&[f64]) -> f64, at: [f64; 2], sigma: f64) -> [f64; 2] {
    let nodes = quadrature::normal(&[]);
    let mut mean = [0.0; 2];
    let still = loss(&at);
    for &(x, wx) in &nodes {
        for &(y, wy) in &nodes {
            let change = loss(&[at[0] + sigma * x, at[1] + sigma * y]) - still;
            mean[0] += wx * wy * change * x / sigma;
            mean[1] += wx * wy * change * y / sigma;
        }
    }
    mean
}
