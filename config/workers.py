"""What several workers may not share, and what each of them gets of what is counted for all.

Rule: whatever lives in one process's memory is either nobody's (refused here), or divided so that all of them together
keep to what the file says. With one worker nothing is refused and nothing is divided.
"""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from config.choices import KeyUse, LedgerMode
from config.errors import shown
from config.key_checks import endpoints
from config.sections import Settings

Fault = tuple[str, str]

TRIES_OF_EACH = 3
"""Wrong PINs that a worker must be able to let pass: whoever mistypes twice is nobody who guesses."""


def ledger_is_a_process(settings: Settings) -> Iterator[Fault]:
    if settings.ledger.mode is LedgerMode.INLINE:
        yield "ledger.mode", f'"inline": {_beside(settings)} "process", which all of them speak to'


def keys_stay(settings: Settings) -> Iterator[Fault]:
    """A key that changes on one worker's connection would lock out the others'; a serial number that one has seen would
    be taken again by another."""
    for place, endpoint in endpoints(settings):
        if endpoint.kek is not None:
            yield f"{place}.kek", f"{shown(endpoint.kek)}: {_beside(settings)} no kek; keys change with one worker only"
    for name, key in settings.keys.items():
        if key.use is KeyUse.DUKPT:
            yield f"keys.{name}.use", f"{shown(key.use.value)}: {_beside(settings)} any but dukpt"


def guesses_can_be_divided(settings: Settings) -> Iterator[Fault]:
    tries, least = settings.security.wrong_pins_max, TRIES_OF_EACH * settings.switch.workers
    if tries < least:
        yield "security.wrong_pins_max", f"{tries}: {_beside(settings)} {least} and more, {TRIES_OF_EACH} for each"


def each_gets_some(settings: Settings) -> Iterator[Fault]:
    """Of what is divided by number: one for each, or all together would have more than the file says."""
    divided = {"switch.in_progress_max": settings.switch.in_progress_max}
    divided |= {f"peers.{name}.requests_open_max": peer.requests_open_max for name, peer in settings.peers.items()}
    workers = settings.switch.workers
    for place, number in divided.items():
        if number < workers:
            yield place, f"{number}: {_beside(settings)} {workers} and more, one for each"


def _beside(settings: Settings) -> str:
    return f"allowed beside switch.workers = {settings.switch.workers}:"


CHECKS_OF_SEVERAL: tuple[Callable[[Settings], Iterator[Fault]], ...] = (
    ledger_is_a_process,
    keys_stay,
    guesses_can_be_divided,
    each_gets_some,
)


def workers_are_sound(settings: Settings) -> Iterator[Fault]:
    if settings.switch.workers > 1:
        for check in CHECKS_OF_SEVERAL:
            yield from check(settings)


def part_of_one(settings: Settings) -> Settings:
    """The settings as one of the workers has them. Of wrong PINs each lets a part pass and forgets them as much more
    slowly, so that no more are let through by all of them than the file says; of the requests that may be in progress,
    and of the questions that may be open at a peer, each has its part."""
    workers, security = settings.switch.workers, settings.security
    switch = settings.switch
    return replace(
        settings,
        switch=replace(switch, in_progress_max=switch.in_progress_max // workers),
        security=replace(
            security,
            wrong_pins_max=security.wrong_pins_max // workers,
            wrong_pins_pause_s=security.wrong_pins_pause_s * workers,
        ),
        peers={
            name: replace(peer, requests_open_max=peer.requests_open_max // workers)
            for name, peer in settings.peers.items()
        },
    )
