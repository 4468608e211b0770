//! Derivatives by central differences with Richardson's extrapolation, and the comparison with a gradient.

/// `df/dx` at `x`: central differences of steps h and h/2, extrapolated; the error is of fourth order.
pub(crate) fn derivative(mut f: impl FnMut(f64) -> f64, x: f64, h: f64) -> f64 {
    let mut central = |h: f64| (f(x + h) - f(x - h)) / (2.0 * h);
    let (wide, narrow) = (central(h), central(0.5 * h));
    (4.0 * narrow - wide) / 3.0
}

/// Relative tolerance of [`compare`].
pub(crate) const RELATIVE: f64 = 1e-6;
/// Differences below this are rounding of the loss, 1e-16/h: they excuse an entry but certify nothing.
const EXCUSED: f64 = 2e-12;

/// Compares a gradient with differences, entry by entry: each must agree to [`RELATIVE`], or be too small to tell; at least
/// `least` entries must agree by the first rule.
///
/// # Errors
/// The first entry that disagrees, or that too few could be told.
pub(crate) fn compare(name: &str, gradient: &[f64], differences: &[f64], least: usize) -> Result<(), String> {
    assert_eq!(gradient.len(), differences.len());
    let mut certified = 0;
    for (i, (&g, &d)) in gradient.iter().zip(differences).enumerate() {
        let apart = (g - d).abs();
        if apart <= RELATIVE * g.abs().max(d.abs()) && g.abs() > EXCUSED {
            certified += 1;
        } else if apart.is_nan() || apart > EXCUSED {
            return Err(format!("{name}[{i}]: gradient {g:e}, differences {d:e}"));
        }
    }
    if certified < least {
        return Err(format!("{name}: only {certified} of {} entries could be told, expected {least}", gradient.len()));
    }
    Ok(())
}
