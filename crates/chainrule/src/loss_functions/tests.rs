//! Sweeps over all loss functions: central differences, weights, blocks, extreme arguments, text forms.

use ndarray::{Array1, Array2, array, s};

use super::{Loss, ParseLossError};
use crate::real::Real;

/// A sweep over `Loss::ALL` and other parameters.
fn all() -> impl Iterator<Item = Loss> {
    Loss::ALL
        .into_iter()
        .chain([Loss::Huber { delta: 0.3 }, Loss::Pinball { tau: 0.25 }])
}

/// `n` numbers that any loss takes as targets, no two alike.
fn positive_numbers(n: usize) -> impl Iterator<Item = f64> {
    (0..n).map(|i| 0.2 + (i as f64 * 0.618_034).fract() * 3.0)
}

fn assert_close(found: f64, expected: f64, tolerance: f64, what: impl std::fmt::Display) {
    let error = (found - expected).abs() / expected.abs().max(1.0);
    assert!(error < tolerance, "{what}: {found}, expected {expected}");
}

#[test]
fn every_derivative_matches_central_differences() {
    // Rounding costs at most about 1e-14 / h = 1e-9 (values below 150), the h² term less. No two grids meet, and none
    // of their differences is a δ: all stay clear of the kinks by far more than h.
    let h = 1e-5;
    for loss in all() {
        for y in [0.21, 0.77, 1.4, 4.9] {
            for i in -35..35 {
                let y_hat = f64::from(i) / 10.0 + 0.033;
                let difference = (loss.value(y_hat + h, y) - loss.value(y_hat - h, y)) / (2.0 * h); // (G1)
                let derivative = loss.derivative(y_hat, y);
                let error = (derivative - difference).abs() / derivative.abs().max(0.02);
                assert!(
                    error < 1e-7,
                    "{loss} at {y_hat}, {y}: {derivative}, difference {difference}"
                );
            }
        }
    }
}

#[test]
fn the_deviances_go_on_along_their_tangent_beyond_the_bounds() {
    for loss in [Loss::PoissonDeviance, Loss::GammaDeviance] {
        for y_hat in [-70.0, 70.0_f64] {
            let bound = 40.0 * y_hat.signum();
            assert_eq!(
                loss.derivative(y_hat, 2.0),
                loss.derivative(bound, 2.0),
                "{loss}"
            );
            let tangent = loss.value(bound, 2.0) + loss.derivative(bound, 2.0) * (y_hat - bound);
            assert_close(loss.value(y_hat, 2.0), tangent, 1e-15, loss);
            assert!(
                loss.derivative(y_hat, 2.0) * y_hat > 0.0,
                "{loss}: the gradient must lead back from {y_hat}"
            );
        }
    }
}

#[test]
fn values_match_the_formulas() {
    // By hand: ŷ = ln 2, so μ = 2 for the deviances; y = 3.
    let (y_hat, y) = (2.0_f64.ln(), 3.0);
    let poisson = 2.0 * (3.0 * 1.5_f64.ln() - 1.0);
    let gamma = 2.0 * (0.5 - 1.5_f64.ln());
    assert_close(
        Loss::PoissonDeviance.value(y_hat, y),
        poisson,
        1e-15,
        "Poisson",
    );
    assert_close(Loss::GammaDeviance.value(y_hat, y), gamma, 1e-15, "Gamma");
    assert_eq!(Loss::PoissonDeviance.value(0.0, 0.0), 2.0); // 0 ln 0 = 0 leaves 2 μ
    assert_eq!(Loss::MeanSquareError.value(1.0, y), 4.0);
    assert_eq!(Loss::MeanAbsoluteError.value(1.0, y), 2.0);
    assert_eq!(Loss::Huber { delta: 1.5 }.value(1.0, y), 1.5 * (2.0 - 0.75));
    assert_eq!(Loss::Huber { delta: 2.5 }.value(1.0, y), 2.0);
    assert_eq!(Loss::Pinball { tau: 0.75 }.value(1.0, y), 1.5);
    assert_eq!(Loss::Pinball { tau: 0.75 }.value(5.0, y), 0.5);
}

#[test]
fn a_perfect_prediction_has_no_gradient() {
    for loss in all().filter(|loss| loss.inverse_link(1.0_f64) == 1.0) {
        assert_eq!(loss.derivative(1.7_f64, 1.7), 0.0, "{loss}");
        assert_eq!(loss.value(1.7_f64, 1.7), 0.0, "{loss}");
    }
}

#[test]
fn huber_is_smooth_where_its_pieces_meet() {
    let loss = Loss::Huber { delta: 0.5 };
    for side in [-1.0, 1.0] {
        let (inside, outside) = (side * (0.5 - 1e-12), side * (0.5 + 1e-12));
        assert_close(
            loss.value(inside, 0.0),
            loss.value(outside, 0.0),
            2e-12,
            "value",
        );
        assert_close(
            loss.derivative(inside, 0.0),
            loss.derivative(outside, 0.0),
            2e-12,
            "derivative",
        );
    }
}

#[test]
fn pinball_is_least_at_the_quantile() {
    let y: Vec<f64> = (0..101).map(f64::from).collect();
    let cost = |q: f64| Loss::Pinball { tau: 0.9 }.sum(&[q; 101], &y, 1, None, 1.0);
    assert!(cost(90.0) < cost(89.0) && cost(90.0) < cost(91.0));
}

#[test]
fn deviances_vanish_where_the_mean_is_the_target() {
    for loss in [Loss::PoissonDeviance, Loss::GammaDeviance] {
        for y in positive_numbers(20) {
            let least = loss.value(y.ln(), y);
            assert!(
                least.abs() < 1e-14 && loss.derivative(y.ln(), y).abs() < 1e-14,
                "{loss} at {y}"
            );
            assert!(
                loss.value(y.ln() - 0.01, y) > least && loss.value(y.ln() + 0.01, y) > least,
                "{loss}"
            );
            assert_close(loss.inverse_link(y.ln()), y, 1e-15, loss);
        }
    }
}

fn check_extremes<R: Real>() {
    let grid = [
        -1e4, -1e3, -100.0, -88.0, -41.0, -3.0, -1e-30, 0.0, 1e-50, 1e-3, 1.0, 40.0, 89.0, 710.0,
        1e4,
    ];
    for loss in all() {
        for (y_hat, y) in grid
            .iter()
            .flat_map(|&y_hat| grid.map(|y| (R::from_f64(y_hat), R::from_f64(y))))
        {
            let (value, derivative) = (loss.value(y_hat, y), loss.derivative(y_hat, y));
            let finite = value.is_finite() && derivative.is_finite();
            assert!(
                finite,
                "{loss} at {y_hat}, {y} in {}: {value}, {derivative}",
                R::NAME
            );
            let mean = loss.inverse_link(y_hat);
            assert!(
                mean.is_finite() && (mean * mean).is_finite(),
                "{loss}: mean {mean} in {}",
                R::NAME
            );
        }
        assert!(
            loss.value(R::nan(), R::one()).is_nan(),
            "{loss} hides a NaN prediction in {}",
            R::NAME
        );
        assert!(
            loss.value(R::one(), R::nan()).is_nan(),
            "{loss} hides a NaN target in {}",
            R::NAME
        );
    }
}

#[test]
fn large_arguments_give_no_nan_and_no_infinity() {
    check_extremes::<f32>();
    check_extremes::<f64>();
}

/// Predictions (n,o), targets (n,o) and whole-numbered weights (n).
fn batch(rows: usize, outputs: usize) -> (Array2<f64>, Array2<f64>, Array1<f64>) {
    let mut numbers = positive_numbers(2 * rows * outputs);
    let y_hat = Array2::from_shape_fn((rows, outputs), |_| numbers.next().unwrap());
    let y = Array2::from_shape_fn((rows, outputs), |_| numbers.next().unwrap());
    (y_hat, y, (0..rows).map(|r| (r % 4) as f64).collect())
}

#[test]
fn weights_count_as_repeated_rows() {
    let (y_hat, y, w) = batch(11, 3);
    let repeated: Vec<usize> = (0..11).flat_map(|r| vec![r; w[r] as usize]).collect();
    for loss in all() {
        let weighted = loss.mean(y_hat.view(), y.view(), Some(w.view()));
        let (many_hat, many) = (
            y_hat.select(ndarray::Axis(0), &repeated),
            y.select(ndarray::Axis(0), &repeated),
        );
        assert_close(
            weighted,
            loss.mean(many_hat.view(), many.view(), None),
            1e-14,
            loss,
        );
        let unweighted = loss.mean(y_hat.view(), y.view(), None);
        assert_eq!(
            unweighted,
            loss.mean(y_hat.view(), y.view(), Some(Array1::ones(11).view())),
            "{loss}"
        );
    }
}

#[test]
fn the_gradient_of_a_weighted_batch_matches_central_differences() {
    let (mut y_hat, y, w) = batch(5, 2);
    let (y, w, scale, h) = (y.as_slice().unwrap(), w.as_slice(), 1.0 / 12.0, 1e-5);
    for loss in all() {
        let mut g = [f64::NAN; 10]; // must be overwritten
        let cost = loss.sum_and_gradient(y_hat.as_slice().unwrap(), y, 2, w, scale, &mut g);
        assert_eq!(
            cost,
            loss.sum(y_hat.as_slice().unwrap(), y, 2, w, scale),
            "{loss}: not the same bits"
        );
        for (i, &derivative) in g.iter().enumerate() {
            let mut cost_at = |step: f64| {
                let y_hat = y_hat.as_slice_mut().unwrap();
                let kept = y_hat[i];
                y_hat[i] = kept + step;
                let cost = loss.sum(y_hat, y, 2, w, scale);
                y_hat[i] = kept;
                cost
            };
            let difference = (cost_at(h) - cost_at(-h)) / (2.0 * h); // (G1)
            assert_close(derivative, difference, 1e-9, format!("{loss}, element {i}"));
        }
    }
}

#[test]
fn blocks_add_up_to_the_whole() {
    let (y_hat, y, w) = batch(11, 3);
    let scale = 1.0 / (3.0 * w.sum());
    let rows = |from: usize, to: usize| (s![from..to, ..], s![from..to]);
    for loss in all() {
        let whole = loss.mean(y_hat.view(), y.view(), Some(w.view()));
        let mut blocks = 0.0;
        for (from, to) in [(0, 4), (4, 5), (5, 5), (5, 11)] {
            let (matrix, vector) = rows(from, to);
            let (y_hat, y, w) = (y_hat.slice(matrix), y.slice(matrix), w.slice(vector));
            let (y_hat, y) = (y_hat.as_slice().unwrap(), y.as_slice().unwrap());
            blocks += loss.sum(y_hat, y, 3, w.as_slice(), scale);
        }
        assert_close(blocks, whole, 1e-14, loss);
    }
}

#[test]
fn the_mean_reads_any_memory_layout() {
    let (y_hat, y, _) = batch(4, 3);
    let columns_first = y.t().as_standard_layout().into_owned();
    for loss in all() {
        let expected = loss.mean(y_hat.view(), y.view(), None);
        assert_eq!(
            loss.mean(y_hat.view(), columns_first.t(), None),
            expected,
            "{loss}"
        );
    }
}

#[test]
fn an_empty_or_weightless_batch_costs_nothing() {
    for loss in all() {
        let empty = Array2::<f32>::zeros((0, 2));
        assert_eq!(loss.mean(empty.view(), empty.view(), None), 0.0);
        let (y_hat, y) = (array![[1.0_f32], [2.0]], array![[2.0_f32], [2.0]]);
        assert_eq!(
            loss.mean(y_hat.view(), y.view(), Some(Array1::zeros(2).view())),
            0.0
        );
    }
}

#[test]
#[should_panic(expected = "2 weights for 3 rows")]
fn a_wrong_number_of_weights_panics_with_both_numbers() {
    Loss::MeanSquareError.sum(&[0.0; 6], &[0.0; 6], 2, Some(&[1.0; 2]), 1.0);
}

#[test]
fn each_loss_accepts_the_targets_that_it_is_defined_for() {
    for loss in all() {
        let least = match loss {
            Loss::PoissonDeviance => 0.0,
            Loss::GammaDeviance => f64::MIN_POSITIVE,
            _ => f64::MIN,
        };
        for y in [
            f64::MIN,
            -1.0,
            -f64::MIN_POSITIVE,
            -0.0,
            0.0,
            f64::MIN_POSITIVE,
            3.0,
            f64::MAX,
        ] {
            assert_eq!(loss.accepts_target(y), y >= least, "{loss}, {y}");
        }
        for y in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!loss.accepts_target(y), "{loss}, {y}");
        }
    }
}

#[test]
fn text_forms_round_trip() {
    for loss in all() {
        assert_eq!(loss.to_string().parse(), Ok(loss));
    }
    for (short, loss) in [
        ("mse", Loss::MeanSquareError),
        ("MAE", Loss::MeanAbsoluteError),
        (" poisson ", Loss::PoissonDeviance),
        ("gamma", Loss::GammaDeviance),
        ("huber", Loss::Huber { delta: 1.0 }),
        ("huber( 1.5 )", Loss::Huber { delta: 1.5 }),
        ("mean_squared_error", Loss::MeanSquareError),
        ("SquaredError", Loss::MeanSquareError),
        ("l2", Loss::MeanSquareError),
        ("absolute_error", Loss::MeanAbsoluteError),
        ("l1", Loss::MeanAbsoluteError),
        ("quantile(0.9)", Loss::Pinball { tau: 0.9 }),
        ("mean_gamma_deviance", Loss::GammaDeviance),
    ] {
        assert_eq!(short.parse(), Ok(loss), "{short}");
    }
}

#[test]
fn a_wrong_text_gets_an_error_that_says_what_to_write() {
    let message = |text: &str| text.parse::<Loss>().unwrap_err().to_string();
    assert_eq!(
        message("rmse"),
        "\"rmse\" is not a loss function; choose one of mean_square_error, mean_absolute_error, huber, pinball(0.9), \
         poisson_deviance, gamma_deviance (short: mse, mae, poisson, gamma)"
    );
    assert_eq!(
        message("mae(2)"),
        "\"mae(2)\": mean_absolute_error takes no parameter; write mean_absolute_error"
    );
    let delta = "huber's delta must be a finite number above 0, as in huber(1.5)";
    for text in [
        "huber(0)",
        "huber(-1)",
        "huber(inf)",
        "huber(NaN)",
        "huber()",
    ] {
        assert_eq!(message(text), format!("\"{text}\": {delta}"));
    }
    for text in [
        "pinball",
        "pinball(0)",
        "pinball(1)",
        "pinball(NaN)",
        "pinball(x)",
    ] {
        assert_eq!(
            text.parse::<Loss>(),
            Err(ParseLossError::BadTau {
                found: text.to_owned()
            })
        );
    }
    let tau = "pinball needs the level of its quantile, between 0 and 1, as in pinball(0.9)";
    assert_eq!(message("pinball"), format!("\"pinball\": {tau}"));
}

#[cfg(feature = "serde")]
#[test]
fn losses_are_stored_under_their_names() {
    for loss in all() {
        let json = serde_json::to_string(&loss).unwrap();
        assert!(json.contains(&format!("\"{}\"", loss.name())), "{json}");
        assert_eq!(serde_json::from_str::<Loss>(&json).unwrap(), loss);
    }
}
