"""What a request is told for which there is no room.

Rule: pure. Nothing was begun, so nothing is half done, and nothing is stored. An inquiry is told 91: it moves nothing,
and a copy of it may be asked anew. What moves money or changes something is told 09, never no: a copy of it may be
under way, or come by another connection or to another worker, and a no that is not stored must not be followed by a
yes. Nor is a reconciliation told no: it is to be asked again. A reversal is let in all the same, since it makes room,
and so is what is refused by itself.
"""

from __future__ import annotations

from switch.services.service import Kind
from switch.services.table import find_service
from switch.wire.codes import ResponseCode
from switch.wire.message import Message
from switch.wire.mti import mti_class

RECONCILIATION = "5"


def turned_away(request: Message) -> ResponseCode | None:
    """None: it is let in."""
    if mti_class(request.mti) == RECONCILIATION:
        return ResponseCode.IN_PROGRESS
    code = request.processing_code
    service = find_service(request.mti, code) if code is not None else None
    if service is None:
        return None
    return ResponseCode.UNAVAILABLE if service.kind is Kind.INQUIRY else ResponseCode.IN_PROGRESS
