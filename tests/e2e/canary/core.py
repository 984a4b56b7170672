"""`barada simulator core`, with one customer more: the same command, the same process otherwise."""

from __future__ import annotations

import sys

from config.hardening.process import harden
from config.settings import Settings
from simulators import options
from simulators.commands import simulator
from simulators.keys import KeyCase
from simulators.people.population import Population
from tests.e2e.canary.person import joined, person

plain = options.people_today


def with_one_more(settings: Settings, keys: KeyCase, seed: int, customers: int) -> Population:
    return joined(plain(settings, keys, seed, customers), person(settings, keys))


if __name__ == "__main__":
    harden()
    options.people_today = with_one_more
    simulator(["core", *sys.argv[1:]])
