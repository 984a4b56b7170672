"""What every listener and link is given by the run that it is part of."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from switch.flow.clock import Clock
from switch.flow.share import ALONE, Share
from switch.flow.telling import Counters, Report
from switch.net.network import Network
from switch.net.transport import Flusher
from switch.wire.codes import ResponseCode
from switch.wire.message import Message

Answer = Callable[[ResponseCode, str], None]  # the code, and the place of a fault in the message
Cutover = Callable[[str, Message, Answer], None]  # the endpoint by its place in the configuration, and its 0800/201


def nobodys_cutover(endpoint: str, request: Message, answer: Answer) -> None:
    answer(ResponseCode.INVALID_TRANSACTION, "")


def no_business_date() -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Edge:
    """`business_date` gives field 15 (MMDD) of the answers that a listener or a link makes itself; `share` says which
    trace numbers are ours; `cutover` is told that the other side opens a business day."""

    network: Network
    flusher: Flusher
    clock: Clock
    counters: Counters
    report: Report
    rng: random.Random
    business_date: Callable[[], str | None] = no_business_date
    share: Share = ALONE
    cutover: Cutover = nobodys_cutover

    def fault(self, event: str, error: Exception, **fields: object) -> None:
        """Our own bug, met while serving one message. Its text may quote the message, so only its kind and its
        place are told."""
        self.counters.add("edge_faults", event)
        self.report(event, error=type(error).__name__, place=place_of(error), **fields)


def place_of(error: BaseException) -> str:
    """Where an exception was raised, as "file.py:line"."""
    trace = error.__traceback__
    if trace is None:
        return "?"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
