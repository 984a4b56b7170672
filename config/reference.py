"""The configuration reference, made from the structs themselves: every key, its type, default and meaning.

Rule: nothing about a key is written here; what is said stands in `config.sections`.
"""

import inspect
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec

from config.read import allowed
from config.settings import LISTED, NAMED, SINGLE

_HEADS = (
    *((f"[{place}]", kind) for place, kind in SINGLE.items()),
    *((f"[{place}.NAME]", kind) for place, kind in NAMED.items()),
    *((f"[[{place}]]", kind) for place, kind in LISTED.items()),
)


def reference() -> str:
    """The whole reference in Markdown, one table per section of the file."""
    return "\n".join(line for head, kind in _HEADS for line in section(head, kind))


def section(head: str, kind: type[msgspec.Struct]) -> Iterator[str]:
    """One section: what it is, then a row per key."""
    yield from (f"## `{head}`", "", inspect.cleandoc(kind.__doc__ or ""), "")
    yield from ("| key | allowed | default | meaning |", "|---|---|---|---|")
    for field in msgspec.structs.fields(kind):
        if field.name != "name":
            cells = (f"`{field.name}`", allowed(field.type), default(field), meaning(field.type))
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def default(field: msgspec.structs.FieldInfo) -> str:
    """The default as it would be written in the file."""
    if field.required:
        return "required"
    return "absent" if field.default is None else f"`{toml(field.default)}`"


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, StrEnum | str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    return str(value)


def meaning(annotation: Any) -> str:
    """What a key's annotation says it means."""
    info = msgspec.inspect.type_info(annotation)
    assert isinstance(info, msgspec.inspect.Metadata), "every key has a meaning"
    return str((info.extra_json_schema or {})["description"])
