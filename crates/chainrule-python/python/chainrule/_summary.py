"""How good a ``TabularRegressor`` is, and how a notebook shows it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from . import _core


@dataclass(frozen=True)
class UnseenError:
    """How far predictions are from the truth, on rows that the predicting networks had not seen.

    Attributes
    ----------
    rmse, mae : float
        Root mean square and mean absolute error, in the target's unit.
    r2 : float or None
        Share of the variance explained.
    rows : int
        How many rows were judged.
    folds : int
        Into how many parts the rows were cut; 0 where some were kept for validation.
    spread : float or None
        Standard deviation of the folds' RMSE.
    mean, ridge : float or None
        RMSE of always predicting the mean, and of ridge regression, on the same rows. A model file does not keep them.

    Examples
    --------
    >>> UnseenError(rmse=2.5, mae=2.0, r2=0.9, rows=100, folds=4, spread=0.2, mean=8.0, ridge=3.0)
    RMSE 2.5 ± 0.2 out of 4 folds (100 rows; mean alone 8, ridge 3)
    """

    rmse: float
    mae: float
    r2: float | None
    rows: int
    folds: int
    spread: float | None
    mean: float | None
    ridge: float | None

    def __float__(self) -> float:
        return self.rmse

    def __repr__(self) -> str:
        spread = "" if self.spread is None else f" ± {self.spread:.2g}"
        judged = f"out of {self.folds} folds" if self.folds else "on rows kept for validation"
        others = [f"{name} {value:.5g}" for name, value in (("mean alone", self.mean), ("ridge", self.ridge)) if value is not None]
        beside = f"; {', '.join(others)}" if others else ""
        return f"RMSE {self.rmse:.5g}{spread} {judged} ({self.rows} rows{beside})"


def unseen_of(model: _core.Model, mean: float | None, ridge: float | None) -> UnseenError | None:
    found = _core.unseen_errors(model)
    if found is None:
        return None
    (rows, rmse, mae, r2), folds, spread = found
    return UnseenError(rmse, mae, r2, rows, folds, spread, mean, ridge)


def histories_of(networks: Any) -> list[dict[str, Any]]:
    """From records of epochs to one list for each name."""
    fields = ("epoch", "training_loss", "validation_loss", "learning_rate")
    return [
        {"bag": bag, "weight": weight, **{name: [record[field] for record in records] for field, name in enumerate(fields)}}
        for bag, weight, records in networks
    ]


_STYLE = "border:1px solid rgba(128,128,128,.4);border-radius:6px;padding:.6em 1em;display:inline-block;color:inherit"


def html_of(model: Any) -> str:
    """A summary in the colours of the page that it stands on, light or dark."""
    error, core = model.error_, model._fitted()
    lines = []
    if error is not None:
        spread = "" if error.spread is None else f" ± {error.spread:.2g}"
        named = [("this model", f"{error.rmse:.5g}{spread}")]
        named += [(name, f"{value:.5g}") for name, value in (("ridge regression", error.ridge), ("mean alone", error.mean)) if value]
        body = "".join(f"<tr><td style='text-align:left'>{name}</td><td>{value}</td></tr>" for name, value in named)
        judged = f"{error.rows} rows, each by networks that had not seen it" if error.folds else f"{error.rows} rows kept for validation"
        lines.append(f"<table><tr><th style='text-align:left'>RMSE</th><th></th></tr>{body}</table><div>{judged}</div>")
    interval = _core.interval_in_words(core, float(model.interval))
    if interval is not None:
        lines.append(f"<div>{escape(interval)}</div>")
    networks = "1 network" if core.members == 1 else f"{core.members} networks"
    columns = core.columns
    named_columns = escape(", ".join(columns[:8])) + (", …" if len(columns) > 8 else "")
    lines.append(f"<div>{networks} over {len(columns)} columns: {named_columns}</div>")
    if model.warnings_:
        items = "".join(f"<li>{escape(warning)}</li>" for warning in model.warnings_)
        lines.append(f"<details><summary>{len(model.warnings_)} warnings</summary><ul>{items}</ul></details>")
    return f"<div style='{_STYLE}'><strong>{escape(repr(model))}</strong> predicts <em>{escape(model.target_)}</em>{''.join(lines)}</div>"
