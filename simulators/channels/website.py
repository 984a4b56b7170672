"""The bank's website: what the mobile gateway asks for, from a browser session instead of a telephone.

Rule: requests (`subscriber_requests`) and sessions (`mobile_gateway`) are the gateway's. The website has a listener
and terminals of its own, and says in DE 22 and 25 how the customer was there.
"""

from config.settings import ListenerSettings
from simulators.channels.mobile_gateway import Session
from simulators.channels.terminal import Terminal, terminal_of

__all__ = ["Session", "terminal"]

ENTRY_MODE = "812"  # DE 22: electronic commerce, no PIN entry
CONDITION = "59"  # DE 25: electronic commerce


def terminal(listener: ListenerSettings, number: int, currency: str) -> Terminal:
    """The website's terminal `number` at this listener."""
    return terminal_of(listener, number, currency, ENTRY_MODE, CONDITION)
