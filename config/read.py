"""Reads one table into its struct, key by key, so that every error names its place and what is allowed.

Rule: nothing here knows any particular key; what a key is stands in `config.sections`.
"""

import math
import types
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import inspect

from config.errors import HIDDEN, ConfigError, did_you_mean, one_of, shown

T = TypeVar("T", bound=msgspec.Struct)
# Makes the error about a key: (key, what is wrong with it).
Fault = Callable[[str, str], ConfigError]


def read_table(place: str, table: object, kind: type[T], fault: Fault, name: str | None = None) -> T:
    """One table as a struct. `name` is the table's own name, for structs that carry it."""
    fields = {field.name: field for field in msgspec.structs.fields(kind) if field.name != "name"}
    given = table_of(place, table, fault)
    for key in given:
        if key not in fields:
            raise unknown_key(place, key, fields, fault)
    values: dict[str, Any] = {} if name is None else {"name": name}
    for key, field in fields.items():
        if key in given:
            values[key] = read_value(f"{place}.{key}", given[key], field.type, fault)
        elif field.required:
            raise fault(f"{place}.{key}", f"missing: allowed: {allowed(field.type)}")
    return kind(**values)


def table_of(place: str, value: object, fault: Fault) -> dict[str, Any]:
    """The value, which must be a table."""
    if not isinstance(value, dict):
        raise fault(place, f"{shown(value)}: allowed: a table")
    return value


def tables_of(place: str, value: object, fault: Fault) -> list[Any]:
    """The value, which must be a list of tables."""
    if not isinstance(value, list):
        raise fault(place, f"{shown(value)}: allowed: tables in a list, [[{place}]]")
    return value


def unknown_key(place: str, key: str, known: Any, fault: Fault) -> ConfigError:
    """The error about a key that nobody reads, most often a misspelt one."""
    word = key if shown(key) == repr(key) else shown(key)
    where = f"{place}.{word}" if place else word
    return fault(where, f"unknown: allowed: {one_of(known)}{did_you_mean(key, known)}")


def read_value(key: str, value: object, annotation: Any, fault: Fault) -> Any:
    """One value in its type, or the error that says what the type allows."""
    bare = peel(annotation)
    if get_origin(bare) is tuple and isinstance(value, list):
        item = get_args(bare)[0]
        return tuple(read_value(f"{key}[{index}]", one, item, fault) for index, one in enumerate(value))
    if isinstance(value, float) and not math.isfinite(value):
        raise fault(key, f"{value}: allowed: {allowed(annotation)}")
    try:
        return msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        hint = did_you_mean(value, choices(bare)) if isinstance(value, str) else ""
        visible = HIDDEN if extra(inspect.type_info(annotation), "secret") else shown(value)
        raise fault(key, f"{visible}: allowed: {allowed(annotation)}{hint}") from None


def allowed(annotation: Any) -> str:
    """What a type allows, in words: the words its annotation brings, else the choices or the bounds."""
    bare, info = peel(annotation), inspect.type_info(annotation)
    words = extra(info, "allowed")
    if words:
        return str(words)
    if get_origin(bare) is tuple:
        return f"a list, each {allowed(get_args(bare)[0])}"
    if choices(bare):
        return one_of(choices(bare))
    return {bool: "true or false", str: "a text", int: "a whole number", float: "a number"}[bare] + bounds(info)


def extra(info: inspect.Type, name: str) -> Any:
    """What an annotation brings along under a name, if anything."""
    if isinstance(info, inspect.Metadata):
        return (info.extra or {}).get(name) or extra(info.type, name)
    if isinstance(info, inspect.UnionType):
        return next((found for one in info.types if (found := extra(one, name))), None)
    return None


def bounds(info: inspect.Type) -> str:
    """The bounds of a number, such as ` from 0 to 65535`."""
    if isinstance(info, inspect.Metadata):
        return bounds(info.type)
    if isinstance(info, inspect.UnionType):
        return "".join(map(bounds, info.types))
    if not isinstance(info, inspect.IntType | inspect.FloatType):
        return ""
    low = f" from {info.ge}" if info.ge is not None else "" if info.gt is None else f" above {info.gt} and up"
    return low + ("" if info.le is None else f" to {info.le}")


def choices(bare: Any) -> list[str]:
    """The words of an enumeration; none for any other type."""
    return [member.value for member in bare] if isinstance(bare, type) and issubclass(bare, StrEnum) else []


def peel(annotation: Any) -> Any:
    """The type without its annotations and without `| None`."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (types.UnionType, Union):
            annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
        else:
            return annotation
