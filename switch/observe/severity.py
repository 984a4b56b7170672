"""How bad each event is: what decides whether `log_level` lets it through.

Rule: whoever reports an event names it and no more. What needs a person, or is our own malfunction, is an error; what
the switch gets over by itself is a warning; the rest is information.
"""

from switch.observe.events import Log

ERRORS = frozenset(
    (
        *("alarm", "commit_refused", "engine fault"),
        *(
            "frame failed",
            "handshake failed",
            "request failed",
            "answer failed",
            "question failed",
            "reply failed",
            "order failed",
        ),
    )
)
WARNINGS = frozenset(
    (
        *("link down", "dial failed", "accept failed", "recovery_waits"),
        *("connection refused", "request refused", "pin guessing", "overload"),
        *("cutover refused", "out of balance"),
        *("ledger hangs", "ledger_ended", "ledger_not_started", "ledger_complains"),
        *("worker hangs", "worker_ended", "worker_not_started"),
    )
)


class Reporter:
    """Tells the log of an event, at the level that the event has."""

    __slots__ = ("_log",)

    def __init__(self, log: Log) -> None:
        self._log = log

    def __call__(self, event: str, **fields: object) -> None:
        if event in ERRORS:
            self._log.error(event, **fields)
        elif event in WARNINGS:
            self._log.warning(event, **fields)
        else:
            self._log.info(event, **fields)
