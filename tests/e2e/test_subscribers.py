"""An operator blocks a customer by command while a gateway serves: the next request hears 62, and none does any more
once the block is taken back. The same with several workers, whichever of them the request reaches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import trio
from click.testing import CliRunner

from config.settings import Channel, demo_path
from simulators.channels.channel import Channel as Connected
from simulators.channels.gateways import Gateway
from simulators.channels.mobile_gateway import settle
from simulators.channels.pinpad import PinPad
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.traffic import reserved
from simulators.demo.installation import Installation, barada, installed
from simulators.options import people_today
from simulators.people.population import Customer
from switch.cli import main

PEOPLE = ("--seed", "7", "--customers", "20")
CONNECTIONS = 4
WITHIN_S = 60.0


class Branch:
    """A customer at a gateway, and an operator at the command line."""

    def __init__(self, there: Installation, gateway: Gateway, channel: Connected, person: Customer) -> None:
        self._there = there
        self._gateway = gateway
        self._channel = channel
        self.person = person

    def request(self) -> SubscriberRequest:
        return SubscriberRequest(self._gateway.terminal(1), self._channel.stamp(), self.person.subscriber)

    async def ask(self, fields: dict[str, str]) -> str | None:
        answer = await settle(self._channel, fields)
        return answer.response_code if answer is not None else None

    async def transfer(self, amount_minor: int = 100) -> str | None:
        first, second = self.person.accounts[:2]
        return await self.ask(self.request().transfer(first, second.number, amount_minor, own=True))

    async def everywhere(self) -> set[str | None]:
        """Over each connection in its turn, so at every worker."""
        answers = [await self.transfer() for _ in range(CONNECTIONS)]
        answers += [await self.ask(self.request().balance(self.person.accounts[0])) for _ in range(CONNECTIONS)]
        return set(answers)

    async def say(self, *arguments: str) -> dict[str, Any]:
        command = barada("subscribers", *arguments, "--json", overrides=self._there.overrides)[2:]
        result = await trio.to_thread.run_sync(lambda: CliRunner().invoke(main, command))
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    async def order(self, *arguments: str) -> str:
        given = await self.say(*arguments, "--who", "lina", "--why", "asked at the branch", "--yes")
        return str(given["words"])


@pytest.mark.parametrize("workers", [1, 2])
async def test_who_is_blocked_by_command_hears_62_at_once_and_once_unblocked_is_served(
    tmp_path: Path, workers: int
) -> None:
    with trio.fail_after(WITHIN_S):
        async with installed(demo_path(), tmp_path, PEOPLE, plain=True, workers=workers) as there:
            listener = next(one for one in there.settings.listeners.values() if one.channel is Channel.MOBILE)
            people = people_today(there.settings, there.keys(), 7, 20)
            person = next(one for one in reserved(people) if one.activated and len(one.accounts) > 1)
            new = next(one for one in people.customers if not one.activated)
            gateway = Gateway(there.settings, listener, there.keys())
            async with gateway.connected(CONNECTIONS) as channel:
                branch = Branch(there, gateway, channel, person)
                while await branch.transfer() != "00":  # noqa: ASYNC110 - until the switch has found its core
                    await trio.sleep(0.05)

                assert await branch.order("block", person.subscriber) == "blocked now"
                assert await branch.everywhere() == {"62"}
                assert (await branch.say("show", person.subscriber))["blocked"]
                assert await branch.order("unblock", person.subscriber) == "not blocked now"
                assert await branch.everywhere() == {"00"}

                await branch.order("ceiling", person.subscriber, "transfer-own", "--amount-max", "150")
                assert [await branch.transfer(amount) for amount in (150, 151, 150, 151)] == ["00", "61", "00", "61"]

                await activated(Branch(there, gateway, channel, new), gateway.pinpad)
                found = await branch.say("show", new.subscriber, "--full")
                assert [one["account"] for one in found["activations"]] == [new.accounts[0].number]
            log = (tmp_path / "switch.log").read_text()
    assert person.subscriber not in log
    assert '"action": "block"' in log


async def activated(branch: Branch, pinpad: PinPad) -> None:
    person = branch.person
    block = pinpad.code_block(person.activation_code)
    assert await branch.ask(branch.request().activation(person.accounts[0], block)) == "00"
