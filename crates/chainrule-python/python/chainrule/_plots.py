"""Figures of a fitted ``TabularRegressor`` as Matplotlib axes; nothing else of the package imports Matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import names_of
from ._summary import histories_of

if TYPE_CHECKING:
    from .tabular import TabularRegressor

_MOST_ROWS = 200
"""Rows that a figure of intervals shows."""


def axes(ax: Any) -> Any:
    """The axes that were given, or new ones."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError('a plot needs Matplotlib, an extra of the package: pip install "chainrule[plot]"', name=error.name) from error
    return pyplot.subplots()[1]


def learning_curves(model: TabularRegressor, ax: Any) -> Any:
    """The loss after each epoch: on unseen rows where some were kept, else on those of the training."""
    ax, named = axes(ax), set()
    # A model may hold only networks that learnt from all rows; the training knows those, too, that did without some.
    trained = model.__dict__.get("_trained")
    networks = model.history_ if trained is None else histories_of(trained.courses())
    unseen = any(loss is not None for network in networks for loss in network["validation_loss"])
    which = "validation_loss" if unseen else "training_loss"
    for network in networks:
        losses = [np.nan if loss is None else loss for loss in network[which]]
        if not np.isfinite(losses).any():
            continue  # a network that has seen all rows
        label = None if network["bag"] in named else f"bag {network['bag']}, weight {network['weight']:.2g}"
        named.add(network["bag"])
        ax.plot(network["epoch"], losses, color=f"C{network['bag'] % 10}", alpha=0.7, linewidth=1, label=label)
    ax.set(xlabel="epoch", ylabel="loss on unseen rows" if unseen else "loss on the training rows", yscale="log")
    if len(named) > 1:
        ax.legend()
    return ax


def predictions(model: TabularRegressor, X: Any, y: Any, ax: Any) -> Any:
    """What was measured against what is predicted."""
    if X is None:
        _, actual, predicted = model._training().unseen_rows()
        title = f"{len(actual)} rows that the networks had not seen"
        if not len(actual):
            raise ValueError("no rows were kept that the networks had not seen: give plot_predictions(X, y)")
    else:
        predicted, actual = model.predict(X), truth(model, X, y)
        title = f"{len(actual)} rows"
    ax = axes(ax)
    ax.scatter(predicted, actual, s=10, alpha=0.5)
    ends = [np.nanmin([predicted, actual]), np.nanmax([predicted, actual])]
    ax.plot(ends, ends, color="gray", linewidth=1)
    error = np.sqrt(np.nanmean((actual - predicted) ** 2))
    ax.set(xlabel=f"predicted {model.target_}", ylabel=f"actual {model.target_}", title=f"{title}, RMSE {error:.4g}")
    return ax


def intervals(model: TabularRegressor, X: Any, y: Any, level: float | None, ax: Any) -> Any:
    """The bounds of rows in the order of their predictions, and the truth where it is known."""
    level = model.interval if level is None else level
    predicted, (lower, upper) = model.predict(X), model.predict_interval(X, level)
    has_truth = y is not None or model.target_ in (names_of(X) or ())
    actual = truth(model, X, y) if has_truth else None
    order = np.argsort(predicted)
    shown = order[np.unique(np.linspace(0, len(order) - 1, min(_MOST_ROWS, len(order))).astype(int))]
    ax, places = axes(ax), np.arange(len(shown))
    ax.fill_between(places, lower[shown], upper[shown], alpha=0.3, label=f"{level:.0%} intervals")
    ax.plot(places, predicted[shown], linewidth=1, label="predicted")
    title = f"{len(shown)} of {len(order)} rows"
    if actual is not None:
        inside = np.mean((lower <= actual) & (actual <= upper))
        ax.scatter(places, actual[shown], s=8, color="black", label="actual")
        title += f"; {inside:.1%} of {len(order)} lie between the bounds"
    ax.set(xlabel="rows, by what is predicted", ylabel=model.target_, title=title)
    ax.legend()
    return ax


def partial_dependence(model: TabularRegressor, column: str, ax: Any) -> Any:
    """The mean prediction over the values of one column; the band holds eight of ten rows' own curves."""
    found = _core.dependence(model._fitted(), column)
    if found is None:
        raise ValueError("the model keeps no rows to find this on: its table had very many columns, or an older version trained it")
    texts, at, (mean, lower, upper) = found
    there = np.array([place is not None for place in at])
    ax = axes(ax)
    if there.any():
        places: NDArray[Any] = np.array([np.nan if place is None else place for place in at])
        if dict(zip(model._fitted().columns, model._fitted().kinds, strict=True))[column] == "time":
            places = np.array([np.datetime64(0 if place is None else int(place), "s") for place in at])
        ax.fill_between(places[there], lower[there], upper[there], alpha=0.25)
        ax.plot(places[there], mean[there], marker=".")
        for value in mean[~there]:
            ax.axhline(value, linestyle=":", color="gray", label="(missing)")
            ax.legend()
    else:
        names = ["(missing)" if text is None else text for text in texts]
        ax.errorbar(names, mean, yerr=[np.maximum(mean - lower, 0), np.maximum(upper - mean, 0)], fmt="o", capsize=3)
        ax.tick_params(axis="x", labelrotation=45 if len(names) > 6 else 0)
    ax.set(xlabel=column, ylabel=f"mean prediction of {model.target_}")
    return ax


def truth(model: TabularRegressor, X: Any, y: Any) -> NDArray[np.float64]:
    """The measured target: given, or a column of X."""
    if y is None or isinstance(y, str):
        name = model.target_ if y is None else y
        if name not in (names_of(X) or ()):
            raise ValueError(f'the truth is needed: give y, or X with the column "{name}"')
        y = X[name]
    values = np.asarray(y, np.float64).reshape(-1)
    rows = X.num_rows if hasattr(X, "num_rows") else len(X)
    if len(values) != rows:
        raise ValueError(f"X has {rows} rows and y has {len(values)}: inconsistent numbers of samples")
    return values
