"""Every service of the switch, and how one is found: by the class of the MTI and the first pair of DE 3."""

from __future__ import annotations

from switch.services import (
    activate,
    atm_status,
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
from switch.services.service import Kind, Service

REQUEST, ADVICE = "0", "2"

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
    atm_status.SERVICE,
)

COUNTED_AS = {code: service.counted_as for service in SERVICES if service.counted_as for code in service.codes}
"""By the first pair of DE 3: what reconciliation counts (0500), and as what."""

BY_NAME = {service.name: service for service in SERVICES}
_by_message = {
    (mti_class, code): service for service in SERVICES for mti_class in service.mti_classes for code in service.codes
}


def service_of(of_class: str, processing_code: str) -> Service | None:
    """The service that messages of this class are about, requests and answers alike."""
    return _by_message.get((of_class, processing_code[:2]))


def find_service(mti: str, processing_code: str) -> Service | None:
    """None: unknown, or not by this message type (12): a service is asked for by a request, a report an advice."""
    service = service_of(mti[1], processing_code)
    if service is None or mti[2] != (ADVICE if service.kind is Kind.REPORT else REQUEST):
        return None
    return service
