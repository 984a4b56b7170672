"""A channel's connections in a run: the simulators' own, but that answers are matched without DE 7.

Rule: some gateways stamp DE 7 anew on a repeat, and its answer echoes what it carries; STAN and terminal stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from simulators.channels.channel import Channel
from simulators.channels.questions import Question, awaited_key
from switch.wire.message import Message

Hear = Callable[[Message], None]


class WorldChannel(Channel):
    """`hear` is told of every answer, asked for or not."""

    def __init__(self, *arguments: Any, hear: Hear, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._hear = hear

    @contextmanager
    def question(self, fields: Mapping[str, str]) -> Iterator[Question]:
        mti, stan, _, terminal = awaited_key(fields)
        key = mti, stan, "", terminal
        self._open[key] = question = Question(self)
        try:
            yield question
        finally:
            del self._open[key]

    def on_answer(self, message: Message) -> None:
        self._hear(message)
        question = self._open.get((message.mti, message.stan or "", "", message.terminal or ""))
        if question is None:
            self.counts["unmatched"] += 1
        else:
            question.tell(message)
