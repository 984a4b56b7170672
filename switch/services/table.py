"""Every service of the switch, and how one is found: by the class of the MTI and the first pair of DE 3."""

from __future__ import annotations

from switch.services import (
    activate,
    balance,
    bill,
    loan,
    mini_statement,
    owner,
    pin_change,
    statement,
    transfer,
    withdrawal,
)
from switch.services.service import Service

SERVICES: tuple[Service, ...] = (
    activate.SERVICE,
    balance.SERVICE,
    mini_statement.SERVICE,
    statement.SERVICE,
    owner.SERVICE,
    transfer.OWN,
    transfer.OTHER,
    bill.INQUIRY,
    bill.PAYMENT,
    loan.INQUIRY,
    loan.PAYMENT,
    withdrawal.SERVICE,
    pin_change.SERVICE,
)

BY_NAME = {service.name: service for service in SERVICES}
_by_message = {
    (mti_class, code): service for service in SERVICES for mti_class in service.mti_classes for code in service.codes
}


def find_service(mti_class: str, processing_code: str) -> Service | None:
    """None: unknown, or not by this message type (12)."""
    return _by_message.get((mti_class, processing_code[:2]))
