"""DE 48 for every value and every ruin."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.wire import tlv
from switch.wire.dialect import dialect_named
from switch.wire.specs import DIALECTS

tags = st.integers(0, 99).map(lambda number: f"{number:02d}")
values = st.binary(max_size=60).map(lambda value: value.decode("latin-1"))
many_pairs = st.lists(st.tuples(tags, values)).map(tuple)


@given(many_pairs)
def test_what_is_built_is_parsed_again(pairs: tlv.Pairs) -> None:
    assert tlv.parse(tlv.build(pairs)) == pairs


@given(many_pairs, st.data())
def test_a_field_cut_anywhere_but_between_pairs_is_refused_at_a_place(pairs: tlv.Pairs, data: st.DataObject) -> None:
    whole = tlv.build(pairs)
    at = data.draw(st.integers(0, len(whole)))
    between = {tlv.size(pairs[:count]): pairs[:count] for count in range(len(pairs) + 1)}
    if at in between:
        assert tlv.parse(whole[:at]) == between[at]
        return
    with pytest.raises(tlv.TlvError) as caught:
        tlv.parse(whole[:at])
    assert caught.value.place == "48" or caught.value.place[3:] in dict(pairs)


@given(values)
def test_any_bytes_are_parsed_whole_or_refused(private: str) -> None:
    with suppress(tlv.TlvError):
        assert tlv.build(tlv.parse(private)) == private


@given(st.sampled_from(DIALECTS), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_text_in_a_tag_survives_every_dialect(name: str, text: str) -> None:
    dialect = dialect_named(name)
    private = tlv.build([("06", dialect.text_out(text))])
    message = dialect.decode(dialect.encode({"t": "0210", "48": private}))
    assert dialect.text_in(message.tag("06") or "") == text
