"""Waits until a switch can reach everybody it asks: the core, and each biller.

Rule: found out as a channel would, by asking; an answer other than 91 means that somebody was there to give it.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import trio

from config.settings import Channel, Settings
from simulators.channels.gateways import Gateway
from simulators.channels.mobile_gateway import settle
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.traffic import reserved
from simulators.demo.children import ChildError
from simulators.keys import KeyCase
from simulators.people.population import BILLERS, Population, customer_number
from switch.wire.codes import ResponseCode

OPEN_WITHIN_S = 30.0
LOOK_AGAIN_S = 0.05


async def wait_until_open(settings: Settings, population: Population, keys: KeyCase) -> None:
    """Ask for a name at the bank and for bills at every biller until each is answered. Moves nothing. Of several
    workers each is asked: every connection that is made while the others last goes to another one."""
    async with AsyncExitStack() as connections:
        for _ in range(settings.switch.workers):
            await connections.enter_async_context(_asked(settings, population, keys))


@asynccontextmanager
async def _asked(settings: Settings, population: Population, keys: KeyCase) -> AsyncIterator[None]:
    """One connection, by which everybody was reached."""
    listener = next(one for one in settings.listeners.values() if one.channel is Channel.MOBILE)
    gateway, person = Gateway(settings, listener, keys), reserved(population)[0]
    async with gateway.connected(1) as channel:

        def ask() -> SubscriberRequest:
            return SubscriberRequest(gateway.terminal(0), channel.stamp(), person.subscriber)

        async def is_closed(biller: str) -> bool:
            number = person.accounts[0].number
            fields = (
                ask().bill_inquiry(biller, customer_number(biller, person.index)) if biller else ask().owner(number)
            )
            answer = await settle(channel, fields)
            return answer is None or answer.response_code == ResponseCode.UNAVAILABLE

        with trio.move_on_after(OPEN_WITHIN_S) as patience:
            for biller in ("", *BILLERS):
                while await is_closed(biller):  # noqa: ASYNC110 - asked again, not only looked at
                    await trio.sleep(LOOK_AGAIN_S)
        if patience.cancelled_caught:
            raise ChildError("the switch can't reach its peers")
        yield
