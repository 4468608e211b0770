//! One gate and the loss `(b − t)²`: closed forms and printed digits for each estimator of coins, by enumeration.

use crate::common::toy::{Loss, Outcome, enumerate_coins, mean, mean_gradient, variance, with_baselines};
use crate::common::{assert_close, assert_printed, make, plain_logit};

/// One gate, `f = (b − t)²`: the closed forms of mean and variance, and their printed digits.
#[test]
fn one_gate_anchors() {
    struct Anchor {
        t: f64,
        p: f64,
        exact: (f64, f64),
        reinforce: Option<(f64, f64)>,
        mean: Option<(f64, f64)>,
        slope: [Option<(f64, f64)>; 2],
    }
    let anchors = [
        Anchor {
            t: 0.499,
            p: 0.5,
            exact: (5.0e-4, 1e-5),
            reinforce: Some((1.5625e-2, 1e-6)),
            mean: Some((0.0, 1e-15)),
            slope: [Some((5.0e-4, 1e-5)), Some((6.25e-2, 1e-4))],
        },
        Anchor {
            t: 0.499,
            p: 0.1,
            exact: (1.8e-4, 1e-5),
            reinforce: Some((5.661e-3, 1e-6)),
            mean: Some((2.304e-7, 1e-10)),
            slope: [Some((-7.18e-2, 1e-4)), Some((2.916e-3, 1e-6))],
        },
        Anchor { t: 0.45, p: 0.5, exact: (0.025, 1e-3), reinforce: None, mean: Some((0.0, 1e-15)), slope: [None; 2] },
        Anchor {
            t: 0.45,
            p: 0.1,
            exact: (0.009, 1e-3),
            reinforce: None,
            mean: None,
            slope: [Some((-0.063, 1e-3)), None],
        },
    ];
    for Anchor { t, p, exact, reinforce, mean: mean_baseline, slope } in anchors {
        let q = 1.0 - p;
        let (logits, loss) = ([plain_logit(p)], Loss::of_one(move |b| (b - t).powi(2), move |b| 2.0 * (b - t)));
        let (f1, f0) = ((1.0 - t).powi(2), t * t);
        let (slope1, slope0) = (2.0 * (1.0 - t), -2.0 * t);
        let truth = p * q * (f1 - f0);
        assert_printed(truth, exact.0, exact.1, "exact");
        let moments = |states: &[Outcome]| (mean(states, |o| o.gradient[0]), variance(states, |o| o.gradient[0]));

        let average = p * f1 + q * f0;
        let baselines = [(0.0, reinforce), (average, mean_baseline), (q * f1 + p * f0, Some((0.0, 1e-15)))];
        for (baseline, printed) in baselines {
            let (centre, spread) = moments(&with_baselines(&logits, &loss, &[baseline]));
            assert_close(centre, truth, 1e-15, "mean");
            assert_close(spread, p * q * (q * f1 + p * f0 - baseline).powi(2), 1e-15, "variance");
            if let Some((printed, unit)) = printed {
                assert_printed(spread, printed, unit, "variance");
            }
        }
        let by_mean = p * q * ((1.0 - 2.0 * p) * (f1 - f0)).powi(2);
        assert_close(moments(&with_baselines(&logits, &loss, &[average])).1, by_mean, 1e-15, "mean baseline");
        assert_close(
            moments(&enumerate_coins(make("reinforce").as_mut(), &logits, &loss)).0,
            truth,
            1e-15,
            "REINFORCE",
        );

        let (centre, spread) = moments(&enumerate_coins(make("st-sigmoid").as_mut(), &logits, &loss));
        assert_close(centre, p * q * (p * slope1 + q * slope0), 1e-15, "mean of ST × σ′");
        assert_close(centre, 2.0 * p * q * (p - t), 1e-15, "it stops at p = t");
        assert_close(spread, (p * q).powi(3) * (slope1 - slope0).powi(2), 1e-15, "variance of ST × σ′");
        for (found, printed) in [centre, spread].into_iter().zip(slope) {
            if let Some((printed, unit)) = printed {
                assert_printed(found, printed, unit, "ST × σ′");
            }
        }
    }
}

#[test]
fn value_estimators_see_the_states_only_and_slope_estimators_the_extension() {
    // (b − t)² and t² + (1 − 2t)b agree where gates are 0 or 1.
    let t = 0.45;
    let curved = || Loss::of_one(move |b| (b - t).powi(2), move |b| 2.0 * (b - t));
    let straight = || Loss::of_one(move |b| t * t + (1.0 - 2.0 * t) * b, move |_| 1.0 - 2.0 * t);
    let logits = [plain_logit(0.2)];
    let means =
        |id: &str| [curved(), straight()].map(|f| mean_gradient(&enumerate_coins(make(id).as_mut(), &logits, &f))[0]);
    let [a, b] = means("reinforce");
    assert_close(a, b, 1e-15, "REINFORCE");
    for id in ["st", "st-sigmoid"] {
        let [a, b] = means(id);
        assert!((a - b).abs() > 0.05, "{id}");
    }
}
