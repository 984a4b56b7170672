"""Which of several workers this one is, and what of the work that they share is its own.

Rule: pure. A payment's id says who began it: that one takes it up again after a restart, and no other. The number is
taken modulo how many there are now, so that more or fewer of them leave no payment without an owner.
"""

from __future__ import annotations

import msgspec

WORKERS_MAX = 16
"""Four bits of a payment's id name who began it."""


class Share(msgspec.Struct, frozen=True):
    """`worker` of `workers`, counted from 0."""

    worker: int
    workers: int

    def mark(self, bits: int) -> int:
        """Drawn bits as the low half of a payment's id: this worker in the higher half of the last byte, zero in the
        lower, which numbers the payment's transfers."""
        return bits & ~0xFF | self.worker << 4

    def owns(self, payment_id: bytes) -> bool:
        return self.owner(payment_id) == self.worker

    def owner(self, payment_id: bytes) -> int:
        """The number of the worker whose payment it is."""
        return (payment_id[-1] >> 4) % self.workers


ALONE = Share(0, 1)
