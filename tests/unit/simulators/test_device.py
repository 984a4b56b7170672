"""The simulated machine: what it tells of itself, and which machines of the register work."""

from config.fleet_sections import Condition, Line
from config.settings import Channel, demo_path, load
from simulators.channels.device import FULL, JAM, Device, draw_device
from simulators.fleet.drawing import draw_fleet
from simulators.fleet.morning import PLACES, morning_of
from switch.fleet.report import DeviceState, report_of

NOTES = (5_000, 10_000, 20_000, 50_000)


def test_a_cassette_that_runs_out_is_told_and_filled() -> None:
    device = Device("760", {50_000: 1, 10_000: 9})
    assert not device.pay(20_000)
    assert device.pay(60_000)
    assert [(one.notes, one.state) for one in report_of(device.told()).cassettes] == [(0, "EMPTY"), (6, "LOW")]
    device.fill()
    assert {one.notes for one in report_of(device.told()).cassettes} == {FULL}


def test_a_jam_is_told_until_it_is_cleared() -> None:
    device = draw_device(1, "ATM00001", "760", NOTES)
    assert not device.clear()
    device.jam()
    assert ("22", JAM) in device.told()
    assert device.clear()
    assert report_of(device.told()).faults == ()


def test_only_sound_machines_serve_and_only_broken_ones_with_a_line_tell_their_troubles() -> None:
    listener = next(one for one in load(demo_path()).listeners.values() if one.channel is Channel.ATM)
    fleet = draw_fleet()
    morning = morning_of(fleet, listener, "760", 1)
    assert morning == morning_of(fleet, listener, "760", 1)
    assert {fleet.atms[f"ATM{number:05d}"].condition for number in morning.working} == {Condition.SOUND}
    for number, told in morning.reports.items():
        atm = fleet.atms[f"ATM{number:05d}"]
        assert (atm.condition, atm.line is Line.NONE) == (Condition.REPAIRABLE, False)
        assert report_of(told[-1]).state is DeviceState.OUT_OF_SERVICE
    assert morning_of(None, listener, "760", 1).working == tuple(range(1, PLACES + 1))
