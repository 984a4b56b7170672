"""The memory of compiled shapes is bounded, and keeps what is in use."""

from __future__ import annotations

from switch.wire.layout import Unsupported
from switch.wire.shapes import Shapes


class Workshop:
    """Compiles a number into itself, and notes that it did; odd negative numbers it cannot."""

    def __init__(self) -> None:
        self.made: list[int] = []

    def compile(self, shape: int) -> str:
        self.made.append(shape)
        if shape < 0:
            raise Unsupported(str(shape))
        return f"made {shape}"


def shapes_of(workshop: Workshop, meetings: int = 1, shapes_max: int = 4) -> Shapes[int, str]:
    return Shapes(workshop.compile, "unsupported", meetings=meetings, shapes_max=shapes_max)


def test_a_shape_is_made_at_its_last_meeting_and_never_again() -> None:
    workshop = Workshop()
    shapes = shapes_of(workshop, meetings=3)
    assert [shapes.find(7) for _ in range(5)] == ["unsupported"] * 2 + ["made 7"] * 3
    assert workshop.made == [7]


def test_no_more_than_two_generations_are_kept() -> None:
    shapes = shapes_of(Workshop())
    for shape in range(100):
        shapes.find(shape)
    assert len(shapes) <= 8


def test_a_shape_in_use_outlives_passing_ones() -> None:
    workshop = Workshop()
    shapes = shapes_of(workshop)
    for passing in range(1000, 1100):
        if 7 not in shapes.compiled:
            shapes.find(7)
        shapes.find(passing)
    assert workshop.made.count(7) == 1


def test_a_shape_that_cannot_be_made_is_tried_once() -> None:
    workshop = Workshop()
    shapes = shapes_of(workshop)
    assert [shapes.find(-1) for _ in range(3)] == ["unsupported"] * 3
    assert workshop.made == [-1]


def test_what_is_met_too_seldom_is_forgotten_rather_than_counted_for_ever() -> None:
    workshop = Workshop()
    shapes = shapes_of(workshop, meetings=2)
    for shape in range(10_000):
        shapes.find(shape)
    assert workshop.made == []
    assert len(shapes._met) <= 8
