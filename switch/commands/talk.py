"""Questions and answers on one connection, shown to a person while they are exchanged."""

from __future__ import annotations

import time

import click
import msgspec

from switch.commands.conversation import Conversation, NoAnswer
from switch.commands.explaining import explain
from switch.commands.reading import read
from switch.commands.showing import as_object, show, show_object
from switch.wire.codes import ResponseCode, words
from switch.wire.envelope import Envelope
from switch.wire.message import Message


class Asked(msgspec.Struct, frozen=True):
    """A message to send, and its bytes."""

    fields: dict[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Asked {self.fields['t']}>"


class Talk:
    """What is said on one connection, shown while it is said. Its methods tell whether the answer was 00."""

    def __init__(self, conversation: Conversation, envelope: Envelope, timeout_s: float, as_json: bool) -> None:
        self._conversation = conversation
        self._dialect = envelope.dialect
        self._timeout_s = timeout_s
        self._as_json = as_json

    def sign_on(self, asked: Asked) -> bool:
        """Worth showing only if it is refused."""
        try:
            body, answer = self._conversation.ask(asked.body, asked.fields, self._timeout_s)
        except NoAnswer as error:
            return self._unanswered("sign-on", error)
        if answer.response_code == ResponseCode.APPROVED:
            return True
        self._show("sign-on", asked.body)
        return self._answered("answer to the sign-on", body, answer)

    def exchange(self, asked: Asked) -> bool:
        self._show("request", asked.body)
        started = time.monotonic()
        try:
            body, answer = self._conversation.ask(asked.body, asked.fields, self._timeout_s)
        except NoAnswer as error:
            return self._unanswered("request", error)
        return self._answered(f"answer after {(time.monotonic() - started) * 1000:.0f} ms", body, answer)

    def _answered(self, title: str, body: bytes, answer: Message) -> bool:
        self._show(title, body)
        code = answer.response_code
        if not self._as_json:
            click.echo(f"{code or 'no response code'} {_words(code)}".rstrip())
        return code == ResponseCode.APPROVED

    def _unanswered(self, what: str, error: NoAnswer) -> bool:
        if error.body is not None:
            self._show("not believed", error.body)
        tell(f"{what}: {error}")
        return False

    def _show(self, title: str, body: bytes) -> None:
        explained = explain(read(body, self._dialect), self._dialect)
        if self._as_json:
            show_object({"what": title, "dialect": self._dialect.name, **as_object(explained)})
        else:
            show(f"{title}: {len(body)} bytes, {self._dialect.name}", explained)


def _words(code: str | None) -> str:
    try:
        return words(ResponseCode(code or ""), "en")
    except ValueError:
        return ""


def tell(what: str) -> None:
    """A word beside the messages: on the standard error, so that a program can read the rest."""
    click.echo(what, err=True)
