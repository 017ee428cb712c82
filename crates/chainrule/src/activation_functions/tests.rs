//! Sweeps over all activation functions: central differences, stored values, extreme arguments, text forms.

use super::erf::normal_distribution;
use super::{Activation, ParseActivationError};
use crate::real::Real;

/// A sweep over `Activation::ALL` and a steeper LeakyReLU.
fn all() -> impl Iterator<Item = Activation> {
    Activation::ALL
        .into_iter()
        .chain([Activation::LeakyReLU { leakiness: -0.3 }])
}

fn relative_error(found: f64, expected: f64) -> f64 {
    if found == expected {
        0.0
    } else {
        (found - expected).abs() / expected.abs()
    }
}

#[test]
fn every_derivative_matches_central_differences() {
    // Rounding costs about 1e-16 · 8 / h = 8e-11, the h² term about as little: 1e-9 where |a'| ≥ 0.08, and 1e-7 holds
    // down to |a'| = 1e-3, which is taken as the least scale. The grid's step keeps clear of the kink at 0.
    let h = 1e-5;
    for activation in all() {
        for i in -80..80 {
            let z = (f64::from(i) + 0.37) / 10.0;
            let difference = (activation.value(z + h) - activation.value(z - h)) / (2.0 * h); // (G1)
            let derivative = activation.derivative(z);
            let error = (derivative - difference).abs() / derivative.abs().max(1e-3);
            assert!(
                error < 1e-7,
                "{activation} at {z}: a' = {derivative}, difference {difference}"
            );
        }
    }
}

#[test]
fn the_kinks_take_the_left_derivative() {
    for zero in [0.0_f64, -0.0] {
        assert_eq!(Activation::ReLU.derivative(zero), 0.0);
        assert_eq!(
            Activation::LeakyReLU { leakiness: 0.2 }.derivative(zero),
            0.2
        );
        assert_eq!(Activation::ReLU.value(zero), 0.0);
        assert_eq!(Activation::LeakyReLU { leakiness: 0.2 }.value(zero), 0.0);
    }
}

#[test]
fn smooth_functions_match_stored_values() {
    // Name, z, a(z), a'(z), made with mpmath 1.3:
    //   from mpmath import *
    //   mp.dps = 60
    //   sigma = lambda z: 1 / (1 + exp(-z))
    //   f = {"tanh": tanh, "sigmoid": sigma, "gelu": lambda z: z * ncdf(z), "silu": lambda z: z * sigma(z),
    //        "mish": lambda z: z * tanh(log(1 + exp(z))), "softplus": lambda z: log(1 + exp(z))}
    //   for name, a in f.items():
    //       for z in (-30, -5.5, -0.7, 0.3, 2, 15):
    //           print(f'("{name}", {float(z)}, {float(a(mpf(z)))!r}, {float(diff(a, mpf(z)))!r}),')
    let stored = [
        ("tanh", -30.0, -1.0, 3.502604305078608e-26),
        ("tanh", -5.5, -0.9999665971563038, 6.680457164241374e-05),
        ("tanh", -0.7, -0.6043677771171635, 0.6347395899824586),
        ("tanh", 0.3, 0.2913126124515909, 0.9151369618266292),
        ("tanh", 2.0, 0.9640275800758169, 0.07065082485316447),
        ("tanh", 15.0, 0.9999999999998128, 3.743049187535369e-13),
        (
            "sigmoid",
            -30.0,
            9.357622968839299e-14,
            9.357622968838423e-14,
        ),
        ("sigmoid", -5.5, 0.004070137715896128, 0.004053571694869767),
        ("sigmoid", -0.7, 0.3318122278318339, 0.22171287329310904),
        ("sigmoid", 0.3, 0.574442516811659, 0.24445831169074586),
        ("sigmoid", 2.0, 0.8807970779778824, 0.10499358540350652),
        ("sigmoid", 15.0, 0.9999996940977731, 3.059021333494523e-07),
        (
            "gelu",
            -30.0,
            -1.472014178144456e-196,
            -4.416031690708495e-195,
        ),
        (
            "gelu",
            -5.5,
            -1.0444259356238245e-07,
            -5.733472398739924e-07,
        ),
        ("gelu", -0.7, -0.1693745565561511, 0.023385898866340155),
        ("gelu", 0.3, 0.1853734266566858, 0.7323277668271099),
        ("gelu", 2.0, 1.9544997361036416, 1.085231801078197),
        ("gelu", 15.0, 15.0, 1.0),
        (
            "silu",
            -30.0,
            -2.8072868906517896e-12,
            -2.713710660963134e-12,
        ),
        ("silu", -5.5, -0.0223857574374287, -0.01822450660588759),
        ("silu", -0.7, -0.23226855948228373, 0.17661321652665757),
        ("silu", 0.3, 0.17233275504349768, 0.6477800103188828),
        ("silu", 2.0, 1.7615941559557649, 1.0907842487848955),
        ("silu", 15.0, 14.999995411466596, 1.0000042826297733),
        (
            "mish",
            -30.0,
            -2.807286890651921e-12,
            -2.713710660963392e-12,
        ),
        ("mish", -5.5, -0.02243131361636677, -0.01830696442607401),
        ("mish", -0.7, -0.267870234795501, 0.18441607325678191),
        ("mish", 0.3, 0.20800137234811503, 0.7828272995511304),
        ("mish", 2.0, 1.9439589595339946, 1.0693179342794896),
        ("mish", 15.0, 14.999999999997193, 1.0000000000054274),
        (
            "softplus",
            -30.0,
            9.357622968839737e-14,
            9.357622968839299e-14,
        ),
        (
            "softplus",
            -5.5,
            0.0040784432705707205,
            0.004070137715896128,
        ),
        ("softplus", -0.7, 0.4031860488854579, 0.3318122278318339),
        ("softplus", 0.3, 0.8543552444685271, 0.574442516811659),
        ("softplus", 2.0, 2.1269280110429727, 0.8807970779778824),
        ("softplus", 15.0, 15.000000305902274, 0.9999996940977731),
    ];
    // A few roundings, and ten times that for GELU' at −0.7, where Φ and z φ cancel all but a tenth.
    for (name, z, value, derivative) in stored {
        let activation: Activation = name.parse().unwrap();
        let errors = [
            relative_error(activation.value(z), value),
            relative_error(activation.derivative(z), derivative),
        ];
        assert!(
            errors.iter().all(|&e| e < 1e-14),
            "{name} at {z}: relative errors {errors:?}"
        );

        let z = z as f32; // the same digits of f32; below its smallest normal number only the absolute error counts
        let single = [
            (activation.value(z), value),
            (activation.derivative(z), derivative),
        ];
        for (found, expected) in single {
            let error = (f64::from(found) - expected).abs() / expected.abs().max(1e-37);
            assert!(
                error < 4e-6,
                "{name} at {z} in f32: {found}, expected {expected}"
            );
        }
    }
}

#[test]
fn the_normal_distribution_matches_stored_values_in_both_tails() {
    // z, Φ(z), φ(z) at the borders of Cody's three ranges and far out, made with mpmath 1.3:
    //   from mpmath import *
    //   mp.dps = 60
    //   for z in (-37, -30, -12.3, -5.66, -5.65, -2, -0.67, -0.66, -1e-9, 0, 0.3, 1, 5, 9):
    //       print(f"({float(z)}, {float(erfc(-mpf(z) / sqrt(2)) / 2)!r}, {float(npdf(mpf(z)))!r}),")
    let stored = [
        (-37.0, 5.725571222524577e-300, 2.1200065515246056e-298),
        (-30.0, 4.906713927148187e-198, 1.4736461348785476e-196),
        (-12.3, 4.5287069561587846e-35, 5.60665692630384e-34),
        (-5.66, 7.568649751997714e-09, 4.410297778937309e-08),
        (-5.65, 8.022391850663497e-09, 4.6668867975942534e-08),
        (-2.0, 0.02275013194817921, 0.05399096651318805),
        (-0.67, 0.2514288950953101, 0.3187371384754015),
        (-0.66, 0.25462691467133614, 0.32086380377117246),
        (-1e-09, 0.49999999960105773, 0.3989422804014327),
        (0.0, 0.5, 0.3989422804014327),
        (0.3, 0.6179114221889527, 0.3813878154605241),
        (1.0, 0.8413447460685429, 0.24197072451914334),
        (5.0, 0.9999997133484281, 1.4867195147342977e-06),
        (9.0, 1.0, 1.0279773571668915e-18),
    ];
    for (z, distribution, density) in stored {
        let found = normal_distribution::<f64>(z);
        let errors = [
            relative_error(found.0, distribution),
            relative_error(found.1, density),
        ];
        assert!(
            errors.iter().all(|&e| e < 1.5e-15),
            "z = {z}: relative errors {errors:?}"
        );
    }
}

fn check_extremes<R: Real>() {
    for activation in all() {
        let whole_numbers = (-10_000..=10_000).map(|i| R::from_f64(f64::from(i)));
        for z in whole_numbers.chain([R::min_value(), R::max_value()]) {
            let (value, derivative) = (activation.value(z), activation.derivative(z));
            assert!(
                value.is_finite() && derivative.is_finite(),
                "{activation} at {z} in {}",
                R::NAME
            );
        }
        assert!(
            activation.value(R::nan()).is_nan(),
            "{activation} hides a NaN in {}",
            R::NAME
        );
    }
}

#[test]
fn large_arguments_give_no_nan_and_no_infinity() {
    check_extremes::<f32>();
    check_extremes::<f64>();
}

#[test]
fn far_from_zero_the_smooth_rectifiers_are_the_relu() {
    for activation in [
        Activation::Gelu,
        Activation::SiLU,
        Activation::Mish,
        Activation::Softplus,
    ] {
        assert_eq!(
            (activation.value(1e4_f32), activation.derivative(1e4_f32)),
            (1e4, 1.0),
            "{activation}"
        );
        assert_eq!(
            (activation.value(-1e4_f64), activation.derivative(-1e4_f64)),
            (0.0, 0.0),
            "{activation}"
        );
    }
}

#[test]
fn slices_are_overwritten_and_gradients_multiplied() {
    let z: Vec<f64> = (0..19).map(|i| f64::from(i) * 0.7 - 6.0).collect();
    for activation in all() {
        let mut a = vec![f64::NAN; z.len()];
        let mut g: Vec<f64> = z.iter().map(|z| z - 1.0).collect();
        activation.forward(&z, &mut a);
        activation.multiply_by_derivative(&z, &mut g);
        for ((&z, a), g) in z.iter().zip(a).zip(g) {
            assert_eq!(a, activation.value(z), "{activation}");
            assert_eq!(g, (z - 1.0) * activation.derivative(z), "{activation}");
        }
    }
}

#[test]
#[should_panic(expected = "z has 3 elements, but a has 2")]
fn unequal_lengths_panic_with_both() {
    Activation::Tanh.forward(&[0.0; 3], &mut [0.0; 2]);
}

#[test]
fn text_forms_round_trip() {
    for activation in all() {
        assert_eq!(activation.to_string().parse(), Ok(activation));
    }
    for activation in Activation::ALL {
        assert_eq!(activation.name().parse(), Ok(activation));
    }
    assert_eq!(
        Activation::LeakyReLU { leakiness: 0.2 }.to_string(),
        "leaky_relu(0.2)"
    );
    for (theirs, activation) in [
        (" ReLU ", Activation::ReLU),
        ("LeakyReLU(0.2)", Activation::LeakyReLU { leakiness: 0.2 }),
        ("leaky-relu", Activation::LeakyReLU { leakiness: 0.01 }),
        ("swish", Activation::SiLU),
        ("Linear", Activation::Identity),
        ("logistic", Activation::Sigmoid),
    ] {
        assert_eq!(theirs.parse(), Ok(activation), "{theirs}");
    }
}

#[test]
fn a_wrong_text_gets_an_error_that_says_what_to_write() {
    let message = |text: &str| text.parse::<Activation>().unwrap_err().to_string();
    assert_eq!(
        message("rellu"),
        "\"rellu\" is not an activation function; choose one of relu, leaky_relu, identity, tanh, sigmoid, gelu, silu, \
         mish, softplus"
    );
    assert_eq!(
        message("tanh(2)"),
        "\"tanh(2)\": tanh takes no parameter; write tanh"
    );
    for text in [
        "leaky_relu(inf)",
        "leaky_relu(NaN)",
        "leaky_relu(x)",
        "leaky_relu()",
    ] {
        assert_eq!(
            text.parse::<Activation>(),
            Err(ParseActivationError::BadLeakiness {
                found: text.to_owned()
            })
        );
    }
    assert_eq!(
        message("leaky_relu(x)"),
        "\"leaky_relu(x)\": the leakiness must be a finite number, as in leaky_relu(0.01)"
    );
}

#[cfg(feature = "serde")]
#[test]
fn activations_are_stored_under_their_names() {
    for activation in all() {
        let json = serde_json::to_string(&activation).unwrap();
        assert!(
            json.contains(&format!("\"{}\"", activation.name())),
            "{json}"
        );
        assert_eq!(
            serde_json::from_str::<Activation>(&json).unwrap(),
            activation
        );
    }
}
