"""One row's way through a model, and what each of its columns adds: ``chainrule explain`` for Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import Array
from .activation_functions import Activation
from .loss_functions import Loss
from .neural_networks import GradientReport, SimpleNeuralNetwork


class EncodedCell(NamedTuple):
    """A cell of a row, and the inputs that were made of it.

    >>> EncodedCell("kind", "flat", {"kind = flat": 1.0, "kind = house": 0.0}).inputs["kind = flat"]
    1.0
    """

    column: str
    value: str | None
    """As a table writes it; None for a gap."""
    inputs: dict[str, float]


@dataclass(frozen=True)
class LayerWalk:
    """What one layer did with the row, in double precision; the gradients are None where the truth is not known.

    Attributes
    ----------
    activation : str or None
        None for the out layer.
    X : (1, i), W : (o, i), b : (o), Z : (1, o), A : (1, o)
        Forward (F1, F2, F3); A of the out layer is its Z, which is Ŷ.
    dC_dA : (1, o), dC_dZ : (1, o), dC_dW : (o, i), dC_db : (o), dC_dX : (1, i)
        Backward (B1, B2, B3, B4). dC_dW has the penalty's λ W in it, where the network was trained with one (L7).

    Examples
    --------
    >>> from chainrule import TabularRegressor
    >>> X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    >>> layer = TabularRegressor(recipe="basic").fit(X, X[:, 0]).explain([0.5, 0.5], y=0.5).layers[0]
    >>> bool(np.allclose(layer.Z, layer.X @ layer.W.T + layer.b)), bool(np.allclose(layer.dC_dW, layer.dC_dZ.T @ layer.X))
    (True, True)
    """

    activation: str | None
    X: Array
    W: Array
    b: Array
    Z: Array
    A: Array
    dC_dA: Array | None = None
    dC_dZ: Array | None = None
    dC_dW: Array | None = None
    dC_db: Array | None = None
    dC_dX: Array | None = None


class Explanation:
    """Why a model predicts what it predicts for one row. Its ``repr`` shows the reasons, ``print`` every equation.

    Attributes
    ----------
    prediction : float
        What the whole model says, in the target's unit.
    actual : float or None
        The truth, where it was given.
    base : float or None
        The mean prediction of the training rows that the model keeps. ``base`` and the contributions add up to ``prediction``.
    contributions, standard_errors : dict of str to float, or None
        What each column adds to ``base`` (Shapley values), the largest first; their errors, because not all orders of the columns were
        tried. None where the model keeps no rows.
    cells : list of EncodedCell
        The row as the model encodes it.
    layers : list of LayerWalk
        The row's way through the network, of several the first, the out layer last.
    X : ndarray (1, i)
    y : float or None
        The truth as the network sees it.
    loss : float or None
        C of the row.

    Examples
    --------
    >>> from chainrule import TabularRegressor
    >>> X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    >>> found = TabularRegressor(recipe="basic").fit(X, 3 * X[:, 0]).explain([0.5, 0.5])
    >>> list(found.contributions), found.prediction.__round__(1), found.loss
    (['x0', 'x1'], 1.5, None)
    """

    def __init__(self, model: _core.Model, row: Any, has_target: bool) -> None:
        cells, target, self.prediction, reasons = _core.explain_row(model, row, has_target)
        self.cells = [EncodedCell(column, value, dict(inputs)) for column, value, inputs in cells]
        self.X: NDArray[np.float64] = np.array([[float(x) for cell in self.cells for x in cell.inputs.values()]])
        self.actual: float | None = None if target is None else target[0]
        self.y: float | None = None if target is None else target[1]
        self.members = model.members
        self.target = model.target
        self.base: float | None = None
        self.contributions: dict[str, float] | None = None
        self.standard_errors: dict[str, float] | None = None
        self._tried = ""
        if reasons is not None:
            self.base, rows, orders, columns = reasons
            columns = sorted(columns, key=lambda column: -abs(column[1]))
            self.contributions = {name: value for name, value, _ in columns}
            self.standard_errors = {name: error for name, _, error in columns}
            self._tried = f"Shapley values over {rows} training rows that the model keeps, {orders} orders of the columns for each"
        core = model.network()
        self.loss_func = Loss(core.loss)
        self._l2_penalty = _core.told(model)[2]
        self._network = _core.Network(
            [w.astype(np.float64) for w in core.weights()], [b.astype(np.float64) for b in core.biases()], core.activations, core.loss
        )
        self.loss: float | None = None
        self.layers = self._walk()

    def gradient_check(self) -> GradientReport:
        """Every derivative of the row's loss beside a finite difference.     (G1)"""
        if self.y is None:
            raise ValueError("without the truth there is no loss: give explain a row with the target, or y")
        network = SimpleNeuralNetwork._of_core(self._network)
        return network.gradient_check(self.X, [self.y], l2_penalty=self._l2_penalty)

    def _walk(self) -> list[LayerWalk]:
        weights, biases = self._network.weights(), self._network.biases()
        activations = [*self._network.activations, None]
        steps: list[tuple[str | None, Array, Array, Array, Array, Array]] = []
        a: Array = self.X
        for w, b, activation in zip(weights, biases, activations, strict=True):
            x, z = a, _core.affine_forward(a, w, b)  # Z = X Wᵀ + 1 bᵀ  (F1, F3)
            a = z if activation is None else Activation(activation).forward(z)  # A = a(Z)  (F2)
            steps.append((activation, x, w, b, z, a))
        if self.y is None:
            return [LayerWalk(*step) for step in steps]
        loss, dc_da = self.loss_func.value_and_gradient(np.array([[self.y]]), a)  # C, ∂C/∂Ŷ  (L0)
        self.loss = loss + 0.5 * self._l2_penalty * sum(float((w**2).sum()) for w in weights)  # (L7)
        layers = []
        for activation, x, w, b, z, a in reversed(steps):
            g = dc_da if activation is None else dc_da * Activation(activation).derivative(z)  # G = ∂C/∂A ⊙ a'(Z)  (B1)
            dc_dw, dc_db, dc_dx = _core.affine_backward(x, w, g)  # (B2, B3, B4)
            layers.append(LayerWalk(activation, x, w, b, z, a, dc_da, g, dc_dw + self._l2_penalty * w, dc_db, dc_dx))
            dc_da = dc_dx
        return layers[::-1]

    # --- as text ----------------------------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return "\n".join([*self._reasons(), self._result()])

    def __str__(self) -> str:
        lines = ["data, as the model encodes them", *_aligned(self._encoded())]
        if self.members > 1:
            lines.insert(0, f"The model is the mean of {self.members} networks; this is the first\n")
        for nth, layer in enumerate(self.layers):
            lines += ["", f"forward, layer {nth}: {'output' if layer.activation is None else 'dense, ' + layer.activation}"]
            lines += ["  F3  Ŷ = X Wᵀ + 1 bᵀ" if layer.activation is None else "  F1  Z = X Wᵀ + 1 bᵀ"]
            lines += _matrices(X=layer.X, W=layer.W, b=layer.b, **({"Ŷ": layer.Z} if layer.activation is None else {"Z": layer.Z}))
            if layer.activation is not None:
                lines += ["  F2  A = a(Z)", *_matrices(A=layer.A)]
        if self.loss is not None:
            penalty = f" + (λ/2) Σ W² (L7), λ = {self._l2_penalty:g}" if self._l2_penalty else ""
            lines += ["", f"loss: {self.loss_func.text}", f"  L0  C = ℓ(ŷ, y){penalty}"]
            lines += [f"      y  {self.y:.6g}", f"      C  {self.loss:.6g}"]
            for nth, layer in reversed(list(enumerate(self.layers))):
                assert layer.dC_dA is not None and layer.dC_dZ is not None and layer.dC_dX is not None
                assert layer.dC_dW is not None and layer.dC_db is not None
                lines += ["", f"backward, layer {nth}: {'output' if layer.activation is None else 'dense, ' + layer.activation}"]
                if layer.activation is None:
                    lines += ["  L0  G = ∂C/∂Ŷ", *_matrices(G=layer.dC_dZ)]
                else:
                    lines += ["  B1  G = ∂C/∂A ⊙ a'(Z)", *_matrices(**{"∂C/∂A": layer.dC_dA, "G": layer.dC_dZ})]
                lines += ["  B2  ∂C/∂W = Gᵀ X", *_matrices(**{"∂C/∂W": layer.dC_dW})]
                lines += ["  B3  ∂C/∂b = Gᵀ 1", *_matrices(**{"∂C/∂b": layer.dC_db})]
                lines += ["  B4  ∂C/∂X = G W", *_matrices(**{"∂C/∂X": layer.dC_dX})]
        return "\n".join([*lines, "", repr(self)])

    def _encoded(self) -> list[list[str]]:
        lines = [["column", "value", "input", "encoded"]]
        for column, value, inputs in self.cells:
            for nth, (name, x) in enumerate(inputs.items()):
                # Of a category's levels those say enough that are not 0.
                if x or nth == 0 or len(inputs) <= 3:
                    first = [column, "(missing)" if value is None else value] if nth == 0 else ["", ""]
                    lines.append([*first, name, f"{x:.5f}"])
        return lines

    def _reasons(self) -> list[str]:
        if self.contributions is None or self.standard_errors is None:
            return ["the model keeps no rows to find reasons on"]
        values = {cell.column: cell.value for cell in self.cells}
        lines = [["mean prediction", "", f"{self.base:.6g}", ""]]
        for column, added in self.contributions.items():
            value = values.get(column)
            lines.append([column, "(missing)" if value is None else value, f"{added:+.6g}", f"± {self.standard_errors[column]:.2g}"])
        lines.append(["prediction", "", f"{self.prediction:.6g}", ""])
        return ["reasons: what each column adds to the mean prediction", f"      {self._tried}", *_aligned(lines)]

    def _result(self) -> str:
        actual = "" if self.actual is None else f", actual {self.actual:g}"
        return f"prediction of {self.target}: {self.prediction:.6g}{actual}"

    def _repr_html_(self) -> str:
        if self.contributions is None:
            return f"<pre>{escape(repr(self))}</pre>"
        most = max((abs(added) for added in self.contributions.values()), default=0.0) or 1.0
        values = {cell.column: cell.value for cell in self.cells}
        rows = [f"<tr><td>mean prediction</td><td></td><td>{self.base:.5g}</td><td></td></tr>"]
        for column, added in self.contributions.items():
            colour = "#3b82c4" if added > 0 else "#c4573b"
            bar = f"<div style='background:{colour};height:.8em;width:{120 * abs(added) / most:.0f}px'></div>"
            value = values.get(column)
            cell = "(missing)" if value is None else escape(value)
            rows.append(f"<tr><td>{escape(column)}</td><td>{cell}</td><td>{added:+.5g}</td><td>{bar}</td></tr>")
        rows.append(f"<tr><td>prediction</td><td></td><td>{self.prediction:.5g}</td><td></td></tr>")
        return f"<table>{''.join(rows)}</table><div>{escape(self._result())}. {escape(self._tried)}.</div>"


def _aligned(lines: list[list[str]]) -> list[str]:
    widths = [max(len(line[j]) for line in lines) for j in range(len(lines[0]))]
    return ["      " + "  ".join(_beside(line, widths)).rstrip() for line in lines]


def _beside(line: list[str], widths: list[int]) -> Iterable[str]:
    """Names to the left, numbers and values to the right."""
    for nth, (text, width) in enumerate(zip(line, widths, strict=True)):
        yield text.ljust(width) if nth in (0,) or (nth == 2 and len(widths) == 4 and not _is_number(text)) else text.rjust(width)


def _is_number(text: str) -> bool:
    return text[:1] in "+-0123456789"


def _matrices(**named: Array) -> list[str]:
    """Each with its shape, large ones with gaps."""
    lines = []
    for name, values in named.items():
        shape = f"({', '.join(map(str, values.shape))})"
        begin = f"      {name:<6} {shape:<10} "
        text = np.array2string(values, precision=5, suppress_small=True, threshold=24, edgeitems=2, prefix=begin, max_line_width=120)
        lines += (begin + text).splitlines()
    return lines
