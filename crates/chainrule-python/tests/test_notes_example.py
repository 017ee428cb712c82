"""The classes and calls of the notes' example, with their shapes, in float64, and with gradients that are true."""

import numpy as np
import pytest
from chainrule.activation_functions import Activation, LeakyReLU, ReLU
from chainrule.loss_functions import mean_square_error
from chainrule.neural_networks import DenseLayer, OutLayer, SimpleNeuralNetwork

ACTIVATIONS = ["relu", "leaky_relu", "identity", "tanh", "sigmoid", "gelu", "silu", "mish", "softplus"]


def quotient(function, array, h=1e-6):
    """Central differences of a function that reads ``array``."""
    result = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + h
        above = function()
        array[index] = kept - h
        result[index] = (above - function()) / (2 * h)
        array[index] = kept
    return result


def test_the_loss_and_its_derivatives_have_the_notes_shapes_and_are_true():
    random = np.random.default_rng(0)
    X, w, b, y = random.normal(size=(7, 3)), random.normal(size=3), np.array([0.3]), random.normal(size=7)
    loss = mean_square_error()

    def cost():
        return loss.compute(y, X @ w + b)

    assert cost() == pytest.approx(np.mean((X @ w + b - y) ** 2), rel=1e-14)
    for derivative, array in ((loss.dC_dX, X), (loss.dC_dw, w), (loss.dC_db, b)):
        found = derivative(X, w, b, y)
        assert found.shape == array.shape
        np.testing.assert_allclose(found, quotient(cost, array), atol=1e-8)
    assert np.ndim(loss.dC_db(X, w, 0.3, y)) == 0


def test_relu_and_leaky_relu_are_those_of_the_mathematics():
    z = np.array([-2.0, 0.0, 3.0])
    assert ReLU().forward(z).tolist() == [0, 0, 3]
    assert ReLU().derivative(z).tolist() == [0, 0, 1]
    assert LeakyReLU(0.1).forward(z).tolist() == [-0.2, 0, 3]
    assert LeakyReLU(0.1).derivative(z).tolist() == [0.1, 0.1, 1]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_has_its_derivative_in_every_shape(name):
    a = Activation(name)
    z = np.linspace(-3, 3, 24).reshape(2, 3, 4) + 0.01
    np.testing.assert_allclose(a.derivative(z), (a.forward(z + 1e-6) - a.forward(z - 1e-6)) / 2e-6, atol=1e-8)
    assert a.forward(z.astype(np.float32)).dtype == np.float32
    assert np.ndim(a.forward(0.5)) == 0


def notes_network(seed=0):
    network = SimpleNeuralNetwork(10, mean_square_error(), seed=seed)
    for neurons in (16, 16, 8):
        network.add_layer(neurons, LeakyReLU(0.01), type="dense")
    network.add_layer(1, None, type="output")
    return network


def test_layers_have_the_notes_attributes_and_shapes():
    network = notes_network()
    X = np.random.default_rng(1).normal(size=(5, 10))
    assert network.forward_pass(X).shape == (5,)
    assert [layer.W.shape for layer in network.nn_array] == [(16, 10), (16, 16), (8, 16), (8,)]
    assert [layer.b.shape for layer in network.nn_array] == [(16,), (16,), (8,), (1,)]
    assert isinstance(network.nn_array[0], DenseLayer)
    assert isinstance(network.nn_array[-1], OutLayer)
    assert network.nn_array[0].raw_output.shape == (5, 16)
    assert network.nn_array[0].activation_output.shape == (5, 16)
    assert network.nn_array[-1].raw_output.shape == (5,)
    assert all(layer.W.dtype == np.float64 for layer in network.nn_array)


def test_a_backward_pass_moves_every_parameter_by_the_true_gradient():
    network = notes_network()
    random = np.random.default_rng(2)
    X, y = random.normal(size=(6, 10)), random.normal(size=6)

    def cost():
        return mean_square_error().compute(y, network.forward_pass(X))

    expected = [(quotient(cost, layer.W), quotient(cost, layer.b)) for layer in network.nn_array]
    before = [(layer.W.copy(), layer.b.copy()) for layer in network.nn_array]
    network.forward_pass(X)
    network.backward_pass(y, learning_rate=0.1)
    for layer, (w, b), (dc_dw, dc_db) in zip(network.nn_array, before, expected, strict=True):
        np.testing.assert_allclose((w - layer.W) / 0.1, dc_dw, atol=1e-7)
        np.testing.assert_allclose((b - layer.b) / 0.1, dc_db, atol=1e-7)


def test_a_layer_gives_back_the_gradient_of_its_input():
    random = np.random.default_rng(3)
    layer = DenseLayer(3, 4, "tanh", seed=0)
    X, error = random.normal(size=(5, 3)), random.normal(size=(5, 4))
    expected = quotient(lambda: float((layer.batch_input(X) * error).sum()), X)
    layer.batch_input(X)
    np.testing.assert_allclose(layer.backward(error, learning_rate=0.1), expected, atol=1e-8)


def test_steps_are_those_of_the_training_core():
    random = np.random.default_rng(4)
    X, y = random.normal(size=(50, 10)), random.normal(size=50)
    by_hand, by_core = notes_network(), notes_network()
    for _ in range(3):
        by_hand.forward_pass(X)
        by_hand.backward_pass(y, learning_rate=0.05)
    by_core.fit(X, y, epochs=3, batch_size=None, optimizer="gradient_descent", learning_rate=0.05)
    for one, other in zip(by_hand.nn_array, by_core.nn_array, strict=True):
        np.testing.assert_allclose(one.W, other.W, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(one.b, other.b, rtol=1e-12, atol=1e-14)


class Square:
    """An activation function of one's own."""

    def forward(self, z):
        return z * z

    def derivative(self, z):
        return 2 * z


def test_a_python_object_serves_as_activation():
    random = np.random.default_rng(5)
    network = SimpleNeuralNetwork(2, mean_square_error(), seed=0)
    network.add_layer(4, Square())
    network.add_layer(1, type="output")
    X = random.normal(size=(40, 2))
    y = X[:, 0] * X[:, 1]
    dense, out = network.nn_array
    np.testing.assert_allclose(network.forward_pass(X), (X @ dense.W.T + dense.b) ** 2 @ out.W + out.b, rtol=1e-13)

    def cost():
        return mean_square_error().compute(y, network.forward_pass(X))

    before, expected = dense.W.copy(), quotient(cost, dense.W)
    network.forward_pass(X)
    network.backward_pass(y, learning_rate=1e-3)
    np.testing.assert_allclose((before - dense.W) / 1e-3, expected, atol=1e-7)
    for _ in range(2000):
        network.forward_pass(X)
        network.backward_pass(y, learning_rate=0.02)
    assert cost() < 0.01
    assert network.predict(X).shape == (40,)
    with pytest.raises(TypeError, match="fit runs in the core"):
        network.fit(X, y)


def test_a_subclass_with_its_own_forward_is_not_taken_for_the_cores_function():
    class Doubled(ReLU):
        def forward(self, z):
            return 2 * super().forward(z)

    network = SimpleNeuralNetwork(1)
    network.add_layer(1, Doubled())
    network.add_layer(1, type="output")
    for layer in network.nn_array:
        layer.W, layer.b = np.ones_like(layer.W), [0.0]
    assert network.predict([[3.0]]).tolist() == [6.0]


def test_parameters_are_arrays_to_read_assign_and_change_in_place():
    network = notes_network()
    layer = network.nn_array[0]
    layer.W = np.ones((16, 10), order="F")
    layer.b = list(range(16))
    X = np.ones((1, 10))
    network.forward_pass(X)
    assert layer.raw_output[0].tolist() == [10.0 + k for k in range(16)]
    layer.W[3] = 0
    network.forward_pass(X)
    assert layer.raw_output[0, 3] == 3
    np.testing.assert_allclose(network.predict(X), network.forward_pass(X), rtol=1e-12)
    with pytest.raises(ValueError, match=r"W has the shape \(16, 10\), it cannot become \(10, 16\)"):
        layer.W = np.ones((10, 16))


def test_describe_network_prints_every_layer(capsys):
    notes_network().describe_network()
    shown = capsys.readouterr().out
    assert "leaky_relu(0.01)" in shown and "(16, 10)" in shown and "593 parameters in float64" in shown


def test_several_outputs():
    network = SimpleNeuralNetwork(3, "huber(0.5)", seed=0)
    network.add_layer(4, "gelu")
    network.add_layer(2, type="output")
    random = np.random.default_rng(6)
    X, y = random.normal(size=(9, 3)), random.normal(size=(9, 2))
    assert network.forward_pass(X).shape == (9, 2)
    assert network.nn_array[-1].W.shape == (2, 4)
    assert network.gradient_check(X, y).max_relative_error < 1e-7
    network.backward_pass(y, 0.1)
    assert network.fit(X, y, epochs=2).predict(X).shape == (9, 2)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda n: n.add_layer(1, type="output"), ValueError, "has its out layer"),
        (lambda n: n.forward_pass(np.ones((3, 4))), ValueError, r"X \(3, 4\) has to have the shape \(n, 10\)"),
        (lambda n: n.forward_pass(np.ones(10)), ValueError, r"X \(10,\)"),
        (lambda n: n.forward_pass([["a"] * 10]), TypeError, "X has to hold real numbers"),
        (lambda n: n.backward_pass([1.0], 0.1), ValueError, "there is no batch to go back with"),
        (lambda n: n.nn_array[0].backward(np.ones((1, 16)), 0.1), ValueError, "there is no batch"),
        (lambda n: SimpleNeuralNetwork(0), ValueError, "input_size is 0"),
        (lambda n: SimpleNeuralNetwork(1, "cross_entropy"), ValueError, "choose one of mean_square_error"),
        (lambda n: SimpleNeuralNetwork(1, object()), TypeError, "a loss is a text"),
        (lambda n: SimpleNeuralNetwork(1, dtype=int), ValueError, "the precision is int64"),
        (lambda n: SimpleNeuralNetwork(1).forward_pass([[1.0]]), ValueError, "has no out layer"),
        (lambda n: SimpleNeuralNetwork(1).add_layer(2), TypeError, "needs an activation function"),
        (lambda n: SimpleNeuralNetwork(1).add_layer(2, "rele"), ValueError, "choose one of relu"),
        (lambda n: SimpleNeuralNetwork(1).add_layer(2, 3), TypeError, "an activation function is"),
        (lambda n: SimpleNeuralNetwork(1).add_layer(2, ReLU), TypeError, "an activation function is"),
        (lambda n: SimpleNeuralNetwork(1).add_layer(0, "relu"), ValueError, "num_neurons is 0"),
        (lambda n: SimpleNeuralNetwork(1).add_layer(1, "relu", type="conv"), ValueError, "choose 'dense' or"),
        (lambda n: mean_square_error().compute([1.0, 2.0], [1.0]), ValueError, "have to have the same shape"),
        (lambda n: mean_square_error().compute([], []), ValueError, "the mean over no rows"),
        (lambda n: mean_square_error().dC_dw([[1.0, 2.0]], [1.0], 0.0, [1.0]), ValueError, "do not fit together"),
    ],
)
def test_what_is_wrong_is_said(call, kind, message):
    with pytest.raises(kind, match=message):
        call(notes_network())
