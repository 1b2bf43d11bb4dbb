"""From JSON to frozen dataclasses, by their own annotations; what does not fit is named with its place."""

from __future__ import annotations

import math
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

# Beyond this a sum of seconds, grams or prices could leave the solver's 64 bits.
LARGEST = 10**9
Kind = TypeVar("Kind")


class BadProblem(ValueError):
    """A problem or plan that cannot be read or contradicts itself; the message names what and where."""


def read(kind: type[Kind], value: Any, where: str) -> Kind:
    """Return ``value`` as the dataclass ``kind``.

    Raises BadProblem for unknown, missing or ill-typed fields.
    """
    if not isinstance(value, dict):
        raise BadProblem(f"{where} must be an object")
    # is_dataclass narrows for the type checker; every caller passes one.
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    known = {f.name: f for f in fields(kind)}
    for name in value:
        if name not in known:
            raise BadProblem(f"{where}: unknown field {name!r}")
    for name, spec in known.items():
        if name not in value and spec.default is MISSING and spec.default_factory is MISSING:
            raise BadProblem(f"{where}: {name} is missing")
    return kind(**{name: _value(hints[name], item, f"{where}.{name}") for name, item in value.items()})


def plain(value: Any) -> Any:
    """Return what ``asdict`` made of a dataclass as JSON-able values.

    Lists for tuples, sorted lists for sets.
    """
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, (tuple, list)):
        return [plain(inner) for inner in value]
    return value


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return None if value is None else _value(next(a for a in inner if a is not NoneType), value, where)
    if origin is Literal:
        if value not in inner:
            raise BadProblem(f"{where} must be one of {', '.join(inner)}")
        return value
    if origin is frozenset:
        return frozenset(_value(inner[0], item, where) for item in _list(value, where))
    if origin is tuple:
        return _tuple(inner, _list(value, where), where)
    if origin is dict:
        if not isinstance(value, dict):
            raise BadProblem(f"{where} must be an object")
        return value
    if is_dataclass(hint):
        return read(hint, value, where)  # type: ignore[arg-type]  # is_dataclass says so
    return _plain(hint, value, where)


def _tuple(inner: tuple[Any, ...], items: list[Any], where: str) -> tuple[Any, ...]:
    if inner[-1] is Ellipsis:
        return tuple(_value(inner[0], item, f"{where}[{n}]") for n, item in enumerate(items))
    if len(items) != len(inner):
        raise BadProblem(f"{where} must have {len(inner)} values")
    return tuple(_value(hint, item, where) for hint, item in zip(inner, items, strict=True))


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadProblem(f"{where} must be a list")
    return value


def _plain(hint: Any, value: Any, where: str) -> Any:
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    accepted = (int, float) if hint is float else (hint,)
    if type(value) not in accepted:
        raise BadProblem(f"{where} must be {names[hint]}")
    if hint in (int, float) and not (math.isfinite(value) and abs(value) <= LARGEST):
        raise BadProblem(f"{where} is out of range: {value}")
    return value
