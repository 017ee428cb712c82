"""What a table holds before anything is trained: ``chainrule inspect`` for Python."""

from __future__ import annotations

import json
import os
from html import escape
from typing import Any

from . import _core
from ._frames import is_path, table_of


class Inspection:
    """What a table holds, and what looks suspicious in it.

    Attributes
    ----------
    rows : int
    columns : list of dict
        Of each column its ``name``, ``kind``, ``missing`` and ``distinct`` values, and what it ``becomes``.
    suspicions : list of dict
        What to look at: ``about``, the ``column`` where it is about one, and a ``message``.
    notes : list of str
        What was passed over or decided when the table was read.

    Examples
    --------
    >>> found = inspect([{"area": area, "town": "Aachen"} for area in (52.0, 80.5, 75.0)])
    >>> found.columns[0]["name"], found.columns[0]["kind"], found.suspicions[0]["column"]
    ('area', 'number', 'town')
    """

    def __init__(self, text: str, found: dict[str, Any]) -> None:
        self._text = text
        self.rows: int = found["rows"]
        self.columns: list[dict[str, Any]] = found["columns"]
        self.suspicions: list[dict[str, Any]] = found["suspicions"]
        self.notes: list[str] = found["findings"]["notes"]

    def __repr__(self) -> str:
        return self._text.rstrip()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self._text.rstrip())}</pre>"


def inspect(table: Any, target: str | None = None) -> Inspection:
    """Looks at a table before anything is trained, as ``chainrule inspect`` does.

    Parameters
    ----------
    table : DataFrame, Arrow table, array, list of rows, or path
    target : str, optional
        The column that is to be predicted: then also what gives it away is looked for.

    Examples
    --------
    >>> found = inspect([{"area": 52.0, "kind": "flat"}, {"area": 80.5, "kind": "house"}, {"area": 75.0, "kind": "flat"}])
    >>> found.rows, [column["kind"] for column in found.columns]
    (3, ['number', 'boolean'])
    """
    if is_path(table):
        text, found = _core.inspect_table(os.fspath(table), target, [])
    else:
        rows = table_of(table, "the table")
        text, found = _core.inspect_table(rows.core({}), target, rows.categorical)
    return Inspection(text, json.loads(found))
