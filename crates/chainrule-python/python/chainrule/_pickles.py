"""Pickles under a checksum: a changed byte is an error when they are read, never another prediction."""

from __future__ import annotations

import pickle
import zlib
from typing import Any


def sealed(state: dict[str, Any]) -> dict[str, Any]:
    """An object's state as one string of bytes and its CRC-32."""
    content = pickle.dumps(state, pickle.HIGHEST_PROTOCOL)
    return {"content": content, "crc32": zlib.crc32(content)}


def opened(seal: dict[str, Any]) -> dict[str, Any]:
    """The state that ``sealed`` was given; a ValueError if it was changed since."""
    content = seal.get("content")
    if set(seal) != {"content", "crc32"} or not isinstance(content, bytes) or zlib.crc32(content) != seal["crc32"]:
        raise ValueError("the pickle is damaged (its content does not match its checksum): restore it from a copy, or train again")
    state = pickle.loads(content)
    assert isinstance(state, dict)
    return state


class Sealed:
    """What pickle, joblib and copy take of an object is its ``__dict__``, sealed."""

    def __getstate__(self) -> dict[str, Any]:
        return sealed(self.__dict__)

    def __setstate__(self, seal: dict[str, Any]) -> None:
        self.__dict__.update(opened(seal))
