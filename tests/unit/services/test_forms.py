"""Forms: what is readable, beyond what each service's own tests try."""

from __future__ import annotations

import re

import pytest

from switch.services.forms import FORMS, JUDGED_IF_THERE, TAG_FORMS
from switch.services.shape import REVERSAL
from switch.wire.message import Message
from switch.wire.names import FIELD_NAMES, TAG_NAMES
from switch.wire.original import LAYOUTS, build, original_of

REQUEST = {
    "t": "0200",
    "3": "500000",
    "4": "000000012500",
    "7": "1122091530",
    "11": "000042",
    "12": "121530",
    "13": "1122",
    "22": "012",
    "25": "00",
    "32": "000123",
    "37": "632612ABC042",
    "41": "GW000001",
    "42": "BANK ONE       ",
    "49": "760",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_reversal_can_be_read_in_every_layout_of_its_original(layout: str) -> None:
    """Layouts other than the standard's hold letters and spaces."""
    original = build(original_of(Message(REQUEST)), layout)
    assert REVERSAL.fault({**REQUEST, "t": "0420", "11": "000043", "90": original}, ()) is None
    assert REVERSAL.fault({**REQUEST, "t": "0420", "11": "000043", "90": original[:-1]}, ()) is not None


def test_every_form_is_of_something_that_has_a_name_and_is_said_in_words() -> None:
    assert set(FORMS) <= set(FIELD_NAMES)
    assert set(TAG_FORMS) <= set(TAG_NAMES)
    assert set(JUDGED_IF_THERE) <= set(FORMS)
    for form in (*FORMS.values(), *TAG_FORMS.values()):
        assert form.words
        assert re.compile(form.pattern).fullmatch("\x1f") is None, "the shapes join elements by this character"
