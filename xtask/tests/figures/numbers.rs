//! The numbers of the worked example, from one pass. The core's tests compare them with the page.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{
    Affine, DenseLayer, Gradients, OutLayer, Pass, SimpleNeuralNetwork, Workspace,
};
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
        let n = x.nrows();
        let hidden = DenseLayer {
            affine: Affine::new(array![[2.0, -1.0], [1.0, 1.0]], array![-2.0, 1.0]),
            activation: Activation::LeakyReLU { leakiness: 0.5 },
        };
        let out = OutLayer {
            affine: Affine::new(array![[2.0, -1.0]], array![1.0]),
        };
        let loss = Loss::MeanSquareError;
        let network = SimpleNeuralNetwork::from_layers(vec![hidden], out, loss);

        let (pass, mut workspace) = (Pass::new(&network), Workspace::new(&network, n));
        let mut gradients = Gradients::zeros_like(&network);
        pass.forward(x.view(), &mut workspace);
        let (y_hat, dc_dy_hat) = workspace.out.loss_slices(n);
        let targets = y.as_slice().expect("a standard layout is one slice");
        let mean = 1.0 / y.len() as f64; // 1/(n o)
        let c = loss.sum_and_gradient(y_hat, targets, y.ncols(), None, mean, dc_dy_hat);
        pass.backward(x.view(), &mut workspace, &mut gradients);
        // What a backward pass overwrites, and what it leaves out.
        let (mut dc_da1, mut dc_dx) = (Array2::zeros((n, 2)), Array2::zeros(x.dim()));
        pass.input_gradient(1, workspace.g(1, n), dc_da1.view_mut());
        pass.input_gradient(0, workspace.g(0, n), dc_dx.view_mut());

        let [first, last] = &gradients.layers[..] else {
            panic!("the network has two layers");
        };
        let (hidden, out) = (&network.hidden()[0].affine, &network.out().affine);
        Numbers {
            w1: hidden.w.clone(),
            b1: hidden.b.clone(),
            z1: workspace.hidden[0].z(n).to_owned(),
            a1: workspace.hidden[0].a(n).to_owned(),
            w2: out.w.clone(),
            b2: out.b.clone(),
            y_hat: workspace.out.y_hat(n).to_owned(),
            dc_dy_hat: workspace.g(1, n).to_owned(),
            dc_dw2: last.dc_dw.clone(),
            dc_db2: last.dc_db.clone(),
            dc_dz1: workspace.g(0, n).to_owned(),
            dc_dw1: first.dc_dw.clone(),
            dc_db1: first.dc_db.clone(),
            x,
            y,
            c,
            dc_da1,
            dc_dx,
        }
    }
}
