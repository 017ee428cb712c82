//! The numbers of the worked example, which the core's tests compare with the page.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Affine, DenseLayer, OutLayer, SimpleNeuralNetwork};
use chainrule::training::{BatchGradient, Dataset};
use ndarray::{Array1, Array2, array};

/// Everything that the worked example computes.
pub struct Numbers {
    pub x: Array2<f64>,
    pub w1: Array2<f64>,
    pub b1: Array1<f64>,
    pub z1: Array2<f64>,
    pub a1: Array2<f64>,
    pub w2: Array2<f64>,
    pub b2: Array1<f64>,
    pub y_hat: Array2<f64>,
    pub y: Array2<f64>,
    pub c: f64,
    pub dc_dy_hat: Array2<f64>,
    pub dc_dw2: Array2<f64>,
    pub dc_db2: Array1<f64>,
    pub dc_da1: Array2<f64>,
    pub dc_dz1: Array2<f64>,
    pub dc_dw1: Array2<f64>,
    pub dc_db1: Array1<f64>,
    pub dc_dx: Array2<f64>,
}

impl Numbers {
    pub fn compute() -> Numbers {
        let (x, y) = (array![[1.0, 2.0], [2.0, -1.0]], array![[-8.0], [6.0]]);
        let (w1, b1) = (array![[2.0, -1.0], [1.0, 1.0]], array![-2.0, 1.0]);
        let (w2, b2) = (array![[2.0, -1.0]], array![1.0]);
        let activation = Activation::LeakyReLU { leakiness: 0.5 };
        let loss = Loss::MeanSquareError;
        let hidden = DenseLayer {
            affine: Affine::new(w1.clone(), b1.clone()),
            activation,
        };
        let out = |w: &Array2<f64>, b: &Array1<f64>| OutLayer {
            affine: Affine::new(w.clone(), b.clone()),
        };
        let network = SimpleNeuralNetwork::from_layers(vec![hidden], out(&w2, &b2), loss);

        // An out layer is an affine map and nothing else: with W₁ and b₁ it gives Z₁.
        let first = SimpleNeuralNetwork::from_layers(Vec::new(), out(&w1, &b1), loss);
        let z1 = first.predict(x.view());
        let y_hat = network.predict(x.view());
        let mut gradient = BatchGradient::new(&network, 2, 0.0);
        let data = Dataset::new(x.view(), y.view(), None);
        let c = gradient.loss_and_gradients(&network, &data, &[0, 1]);
        let layers = &gradient.gradients().layers;

        let dc_dy_hat = Array2::from_shape_fn(y.dim(), |at| {
            loss.derivative(y_hat[at], y[at]) / y.len() as f64
        });
        let dc_da1 = dc_dy_hat.dot(&w2); // (B4)
        let dc_dz1 = &dc_da1 * &z1.mapv(|z| activation.derivative(z)); // (B1)
        assert_eq!(dc_dz1.t().dot(&x), layers[0].dc_dw, "(B2)");
        Numbers {
            a1: z1.mapv(|z| activation.value(z)),
            dc_dw2: layers[1].dc_dw.clone(),
            dc_db2: layers[1].dc_db.clone(),
            dc_dw1: layers[0].dc_dw.clone(),
            dc_db1: layers[0].dc_db.clone(),
            dc_dx: dc_dz1.dot(&w1), // (B4)
            x,
            w1,
            b1,
            z1,
            w2,
            b2,
            y_hat,
            y,
            c,
            dc_dy_hat,
            dc_da1,
            dc_dz1,
        }
    }
}
