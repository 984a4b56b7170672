"""A bounded memory of compiled functions, one for each shape of message in use.

Rule: a stranger who sends a new shape with every message must gain nothing by it. A shape is compiled only when it
has been met several times, so that compiling costs no more than the slow way did; and shapes in use outlive any
number of passing ones, because only what was not met for a whole generation is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from switch.wire.layout import Unsupported

Shape = TypeVar("Shape")
Made = TypeVar("Made")

SHAPES_MAX = 512
"""The size of a generation; two are kept."""

MEETINGS = 8
"""Compiling takes about as long as this many messages through pyiso8583."""


class Shapes(Generic[Shape, Made]):
    """`compiled` is the young generation, for the caller to look in first; `find` is for what is not there."""

    __slots__ = ("_compile", "_meetings", "_met", "_older", "_shapes_max", "_unsupported", "compiled")

    def __init__(
        self,
        compile_shape: Callable[[Shape], Made],
        unsupported: Made,
        *,
        shapes_max: int = SHAPES_MAX,
        meetings: int = MEETINGS,
    ) -> None:
        self.compiled: dict[Shape, Made] = {}
        self._older: dict[Shape, Made] = {}
        self._met: dict[Shape, int] = {}
        self._compile = compile_shape
        self._unsupported = unsupported
        self._shapes_max = shapes_max
        self._meetings = meetings

    def find(self, shape: Shape) -> Made:
        """The shape's function, made now if it was met often enough; `unsupported` until then, or for ever."""
        known = self.compiled.get(shape) or self._older.get(shape)
        if known is not None:
            return self._keep(shape, known)
        met = self._met.get(shape, 0) + 1
        if met < self._meetings:
            self._remember(shape, met)
            return self._unsupported
        self._met.pop(shape, None)
        return self._keep(shape, self._make(shape))

    def __len__(self) -> int:
        return len(self.compiled) + len(self._older)

    def _make(self, shape: Shape) -> Made:
        try:
            return self._compile(shape)
        except Unsupported:
            return self._unsupported

    def _keep(self, shape: Shape, made: Made) -> Made:
        if shape not in self.compiled and len(self.compiled) >= self._shapes_max:
            self._older, self.compiled = self.compiled, {}
        self.compiled[shape] = made
        return made

    def _remember(self, shape: Shape, met: int) -> None:
        if len(self._met) >= 2 * self._shapes_max and shape not in self._met:
            self._met.clear()
        self._met[shape] = met
