"""Which peers a request is for: the first route that matches, and the biller's own for its leg."""

from __future__ import annotations

from switch.engine.ports import Peer, Tools
from switch.flow.refusal import Refusal
from switch.flow.route import find_route
from switch.services.request import Request
from switch.services.service import Leg, Service

NO_ROUTE = Refusal("92")
PEER_DOWN = Refusal("91")


def core_for(service: Service, request: Request, tools: Tools) -> Peer | Refusal:
    message = request.message
    name = find_route(
        tools.bank.routes,
        service=service.name,
        biller=request.biller,
        account=message.account_from or message.account_to or "",
        card=message.pan or "",
    )
    return tools.peers[name] if name is not None else NO_ROUTE


def biller_for(request: Request, tools: Tools) -> Peer | Refusal:
    facts = tools.bank.billers.get(request.biller)
    return tools.peers[facts.peer] if facts is not None else NO_ROUTE


def peer_asked(service: Service, request: Request, tools: Tools) -> Peer | Refusal:
    """Of an inquiry, which asks one."""
    return core_for(service, request, tools) if Leg.CORE in service.legs else biller_for(request, tools)
