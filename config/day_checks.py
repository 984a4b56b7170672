"""What must hold of the bank's days: somebody opens them, and whoever is heard about it can be believed."""

from collections.abc import Iterator
from datetime import date

from config.choices import Weekday
from config.errors import did_you_mean, one_of, shown
from config.sections import ListenerSettings, PeerSettings, Settings

Fault = tuple[str, str]
OWN = "switch"


def days_are_sound(settings: Settings) -> Iterator[Fault]:
    days = settings.days
    if set(days.closed_weekdays) == set(Weekday):
        yield "days.closed_weekdays", "all seven: allowed: those on which the bank opens no day"
    for index, holiday in enumerate(days.holidays):
        if not _is_date(holiday):
            yield f"days.holidays[{index}]", f"{shown(holiday)}: allowed: a date in quotation marks as YYYY-MM-DD"
    if days.owner != OWN:
        yield from _owner_is_sound(settings)


def _owner_is_sound(settings: Settings) -> Iterator[Fault]:
    """An 0800 has no MAC where the endpoint does not say so, and a day that was opened can't be taken back."""
    owner = settings.days.owner
    endpoints: dict[str, ListenerSettings | PeerSettings] = {
        **{f"peers.{name}": peer for name, peer in settings.peers.items()},
        **{f"listeners.{name}": listener for name, listener in settings.listeners.items()},
    }
    endpoint = endpoints.get(owner)
    if endpoint is None:
        known = (OWN, *endpoints)
        yield "days.owner", f"{shown(owner)}: allowed: {one_of(known)}{did_you_mean(owner, known)}"
    elif endpoint.mac is not None and not endpoint.mac_network and endpoint.tls is None:
        yield (
            "days.owner",
            f"{shown(owner)}: allowed: an endpoint with mac_network = true or with tls, since its 0800 opens days",
        )
    if settings.days.cutover_at is not None:
        yield "days.cutover_at", f'{shown(settings.days.cutover_at)}: allowed: with owner = "{OWN}" only'


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
