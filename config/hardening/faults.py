"""What is said of an exception that nobody foresaw: its class, and the places that it came through.

Rule: never its words, nor a value beside it, for either may be a card number, a PIN or a key. Python, its threads and
its libraries tell of exceptions in ways of their own; `tell_only_places` takes over each of them.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from pathlib import PurePath
from types import TracebackType
from typing import TextIO

UNSAID = "What it said is not shown: it may hold a secret. Please report these lines."


def report(error: BaseException) -> str:
    """Class and places, of the error and of what it came from."""
    lines = [f"BUG in barada: {_class_of(type(error))}"]
    lines += [f"  at {place}" for place in _places(error)]
    cause = error.__cause__ or error.__context__
    if cause is not None:
        lines += [f"  after {_class_of(type(cause))}", *(f"    at {place}" for place in _places(cause))]
    return "\n".join([*lines, UNSAID])


def leaves(error: BaseException) -> Iterator[BaseException]:
    """What a nursery's group holds; an error that is no group is its own leaf."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from leaves(one)
    else:
        yield error


def tell_only_places() -> None:
    """For this process, from now on."""
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda told: _tell(told.exc_type, told.exc_value)
    threading.excepthook = lambda told: _tell(told.exc_type, told.exc_value)
    warnings.showwarning = _warned
    logging.basicConfig(handlers=[_PlacesOnly()])
    if sys.stderr is not None:
        faulthandler.enable()  # the interpreter's own crash: it names files, lines and functions, and no value


class _PlacesOnly(logging.Handler):
    """What libraries log: who says it and where. The words may quote what the library was given."""

    def emit(self, record: logging.LogRecord) -> None:
        _say(f"{record.levelname} of {record.name} at {record.module}:{record.lineno}")
        if record.exc_info is not None and record.exc_info[1] is not None:
            _tell(record.exc_info[0], record.exc_info[1])


def _uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _tell(kind, error)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """As Python's own, without the message and the line."""
    _say(f"{category.__name__} at {PurePath(filename).name}:{lineno}")


def _tell(kind: type[BaseException] | None, error: BaseException | None) -> None:
    if error is None:
        _say(f"BUG in barada: {_class_of(kind) if kind is not None else 'unknown'}")
        return
    for one in leaves(error):
        _say(report(one))


def _say(words: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):  # nobody listens on the standard error
        sys.stderr.write(words + "\n")
        sys.stderr.flush()


def _class_of(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _places(error: BaseException) -> list[str]:
    return [
        f"{frame.f_globals.get('__name__', '?')}:{number} in {frame.f_code.co_name}"
        for frame, number in traceback.walk_tb(error.__traceback__)
    ]
