"""The whole pass in NumPy, as ``docs/backpropagation.md`` shows it, beside the package's gradients."""

import re
from pathlib import Path

import numpy as np
import pytest
from chainrule.activation_functions import LeakyReLU
from chainrule.neural_networks import SimpleNeuralNetwork

PAGE = Path(__file__).resolve().parents[3] / "docs" / "backpropagation.md"


def lines_of_the_page():
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return block


def test_the_whole_pass_has_fifteen_lines():
    lines = [line.strip() for line in lines_of_the_page().splitlines()]
    assert sum(not line.startswith(("import", '"""')) for line in lines if line) == 15


@pytest.mark.parametrize("widths", [(), (4,), (5, 4, 3)])
@pytest.mark.parametrize("outputs", [1, 2])
def test_the_whole_pass_gives_the_packages_gradients(widths, outputs):
    page = {}
    exec(compile(lines_of_the_page(), str(PAGE), "exec"), page)
    network = SimpleNeuralNetwork(3, "mean_square_error", init="notes", seed=0)
    for width in widths:
        network.add_layer(width, LeakyReLU(0.01))
    network.add_layer(outputs, type="output")
    random = np.random.default_rng(1)
    X, Y = random.normal(size=(7, 3)), random.normal(size=(7, outputs))
    layers = [(np.atleast_2d(layer.W), layer.b) for layer in network.nn_array]
    _, dc_dw, dc_db = network.loss_and_gradients(X, Y)
    found = page["gradients"](X, Y, layers)
    assert len(found) == len(dc_dw) == len(widths) + 1
    for (w, b), expected_w, expected_b in zip(found, dc_dw, dc_db, strict=True):
        np.testing.assert_allclose(w, expected_w, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(b, expected_b, rtol=1e-12, atol=1e-14)
