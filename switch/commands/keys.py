"""`barada keys`: the keys of an installation, for its security officer and the custodians.

Rule: what may be asked while the switch serves goes to the switch (`change`) or only reads (`list`, `export`); what
changes the store waits until the switch is down.
"""

from __future__ import annotations

from collections.abc import Iterator

import click
from msgspec.structs import replace as replaced

from config.choices import KeyUse
from config.errors import did_you_mean, one_of
from config.sections import Settings
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.key_desk import KeyDesk, must_be_free, replace_option
from switch.commands.key_import import import_key
from switch.commands.key_master import master
from switch.commands.orders import ask_switch, attributed, readable, tell_verdict
from switch.commands.showing import show_object
from switch.commands.tables import show_rows
from switch.security.keys.store import MemoryKeyStore, StoredKey
from switch.security.opening import token_in


@click.group()
def keys() -> None:
    """Keys: make them, bring them in, send them, change them. None is ever shown, or taken from a command line."""


keys.add_command(master)
keys.add_command(import_key)


@keys.command("list")
@config_options
@json_option
def list_(path: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """What each key is for, its check value, and whether another one is about to follow. Needs no master key."""
    desk = KeyDesk(given_settings(path, overrides))
    found = list(_told(desk.settings, desk.there()))
    if as_json:
        show_object({"keys": found})
    else:
        columns = ("name", "use", "algorithm", "check value", "next", "")
        show_rows("Keys", columns, (tuple(str(cell or "") for cell in one.values()) for one in found))


@keys.command()
@config_options
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--missing", is_flag=True, help="Every key that the store does not have yet.")
@replace_option
def generate(path: str, overrides: tuple[str, ...], names: tuple[str, ...], missing: bool, replace: bool) -> None:
    """Make new keys and put them into the store, which is made if it is not there yet."""
    desk = KeyDesk(given_settings(path, overrides))
    if bool(names) == missing:
        raise click.UsageError("name the keys, or give --missing")
    wanted = [desk.key(name) for name in names] or [
        key for name, key in desk.settings.keys.items() if name not in desk.there()
    ]
    for key in wanted:
        desk.must_work_here(key)
        desk.must_leave_the_ledger_its_key(key)
    soft = desk.soft()
    with desk.store() as store:
        for key in wanted:
            must_be_free(store, key, replace=replace)
        for key in wanted:
            desk.put(store, soft.made(key))


@keys.command()
@config_options
@click.argument("name")
@click.option("--kek", required=True, metavar="NAME", help="The key-encryption key of the other side.")
def export(path: str, overrides: tuple[str, ...], name: str, kek: str) -> None:
    """Print a key as a TR-31 block for the other side, and on the standard error its check value."""
    desk = KeyDesk(given_settings(path, overrides))
    key, under = desk.key(name), desk.key(kek, KeyUse.KEK)
    desk.must_work_here(key)
    store = MemoryKeyStore(desk.there())
    token = token_in(store, key)
    click.echo(desk.soft().exported(token, token_in(store, under)))
    click.echo(f"{name}: check value {token.kcv}", err=True)


@keys.command("remove-staged")
@config_options
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def remove_staged(path: str, overrides: tuple[str, ...], name: str, yes: bool) -> None:
    """Forget a new key that the other side has not answered, and will not."""
    desk = KeyDesk(given_settings(path, overrides))
    desk.key(name)
    with desk.store() as store:
        found = store.get(name)
        if found is None or found.next is None:
            raise click.ClickException(f"keys.{name}: nothing is staged")
        if not yes:
            click.confirm(f"Forget {found.next.kcv}? If the other side has it, its messages are refused", abort=True)
        store.put(name, replaced(found, next=None))
    click.echo(f"{name}: check value {found.kcv}, nothing staged")


@keys.command()
@config_options
@click.argument("endpoint")
@attributed
@json_option
def change(path: str, overrides: tuple[str, ...], endpoint: str, who: str, why: str, yes: bool, as_json: bool) -> None:
    """Have the running switch bring new keys to a listener's channel, or to a peer (0800/161).

    ENDPOINT is its name, or listeners.NAME or peers.NAME. What becomes of it: `barada keys list`, and the switch's log.
    """
    settings = given_settings(path, overrides)
    place = _place(settings, endpoint)
    order = readable("keys", who, why, endpoint=place)
    if not yes:
        click.confirm(f"Bring new keys to {place}?", abort=True, err=True)
    verdict = ask_switch(settings.switch.admin_socket, order)
    tell_verdict(verdict, place, as_json=as_json, endpoint=place)


def _told(settings: Settings, there: dict[str, StoredKey]) -> Iterator[dict[str, str | None]]:
    for name, key in settings.keys.items():
        found = there.get(name)
        yield {
            "name": name,
            "use": key.use.value,
            "algorithm": key.algorithm.value,
            "check_value": found.kcv if found is not None else None,
            "next": found.next.kcv if found is not None and found.next is not None else None,
            "note": None if found is not None else "not in the store",
        }
    for name in sorted(set(there) - set(settings.keys)):
        no_one = {"name": name, "use": None, "algorithm": None}
        yield {**no_one, "check_value": there[name].kcv, "next": None, "note": "not in the configuration"}


def _place(settings: Settings, endpoint: str) -> str:
    """Where an endpoint stands in the configuration."""
    places = [f"listeners.{name}" for name in settings.listeners] + [f"peers.{name}" for name in settings.peers]
    found = [place for place in places if endpoint in (place, place.partition(".")[2])]
    if len(found) > 1:
        raise click.UsageError(f"{endpoint}: more than one: allowed: {one_of(found)}")
    if not found:
        known = [place.partition(".")[2] for place in places]
        raise click.UsageError(f"{endpoint}: allowed: {one_of(known)}{did_you_mean(endpoint, known)}")
    return found[0]
