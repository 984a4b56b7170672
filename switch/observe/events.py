"""The log: one JSON object a line, of named events with allowed fields.

Rule: an event is a fixed word or two, everything else a field from `fields.ALLOWED`. Of an exception only its
class and where it was raised are logged: its text may hold anything. A log that can't be written loses lines
and counts them; it never stops a payment.
"""

import sys
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Protocol, TextIO, cast

import structlog

from switch.observe.fields import allowed

FRAMES_MAX = 5
GROUP_MAX = 5

Event = MutableMapping[str, Any]


class Log(Protocol):
    """What the rest of the switch knows of the log."""

    def debug(self, event: str, **fields: object) -> None: ...
    def info(self, event: str, **fields: object) -> None: ...
    def warning(self, event: str, **fields: object) -> None: ...
    def error(self, event: str, **fields: object) -> None: ...
    def exception(self, event: str, **fields: object) -> None:
        """An error with the exception that is being handled, or with `exc_info=exception`."""


def open_log(level: str, file: TextIO, wall: Callable[[], float], **always: object) -> Log:
    """A log of this level ("info") and above to a file; `wall` gives the time, in seconds since the epoch. Every line
    says `always` too."""

    def timed(_: object, __: str, event: Event) -> Event:
        event["time"] = datetime.fromtimestamp(wall(), UTC).isoformat(timespec="milliseconds")
        return event

    logger = structlog.wrap_logger(
        Sink(file),
        processors=[
            structlog.processors.add_log_level,
            timed,
            describe_exception,
            keep_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    return cast("Log", logger.bind(**always))


class Sink:
    """Writes whole lines; `lost` counts those that could not be written."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.lost = 0

    def write(self, line: str) -> None:
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except (OSError, ValueError):  # a full disk, a broken pipe, a closed file
            self.lost += 1

    debug = info = warning = error = critical = write


def describe_exception(_: object, __: str, event: Event) -> Event:
    """Replaces an exception by its class and the places that it came through."""
    given = event.pop("exc_info", None)
    fault = given if isinstance(given, BaseException) else sys.exception() if given else None
    if fault is not None:
        event["error"], event["at"] = class_of(fault), places_of(fault)
    return event


def class_of(fault: BaseException) -> str:
    """The exception's class; of a group also the classes in it."""
    name = type(fault).__name__
    if isinstance(fault, BaseExceptionGroup):
        return f"{name}({', '.join(class_of(one) for one in fault.exceptions[:GROUP_MAX])})"
    return name


def places_of(fault: BaseException) -> str:
    """Where it was raised, then who called that: `link.py:120 run < app.py:30 main`."""
    frames = traceback.extract_tb(fault.__traceback__)[::-1][:FRAMES_MAX]
    return " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)


def keep_allowed(_: object, __: str, event: Event) -> Event:
    """Only allowed fields, in a fixed order: when, how bad, what, then the rest as it was given."""
    first = ("time", "level", "event")
    names = [*first, *(name for name in event if name not in first)]
    return {name: allowed(name, event[name]) for name in names if name in event}
