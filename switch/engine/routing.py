"""Which peers a request is for: the first route that matches, and the biller's own for its leg."""

from __future__ import annotations

from switch.engine.ports import Peer, Tools
from switch.flow.refusal import Refusal
from switch.flow.route import find_route
from switch.services.request import Request
from switch.services.service import Leg, Service

NO_ROUTE = Refusal("92")
NOT_OPEN = Refusal("40")
PEER_DOWN = Refusal("91")


def core_for(service: Service, request: Request, tools: Tools) -> Peer | Refusal:
    fields = request.message.fields
    name = find_route(
        tools.bank.routes,
        service.name,
        request.biller,
        fields.get("102") or fields.get("103") or "",
        fields.get("2", ""),
    )
    return _if_open(tools, name)


def biller_for(request: Request, tools: Tools) -> Peer | Refusal:
    facts = tools.bank.billers.get(request.biller)
    return _if_open(tools, facts.peer if facts is not None else None)


def peer_asked(service: Service, request: Request, tools: Tools) -> Peer | Refusal:
    """Of an inquiry, which asks one."""
    return core_for(service, request, tools) if Leg.CORE in service.legs else biller_for(request, tools)


def _if_open(tools: Tools, name: str | None) -> Peer | Refusal:
    if name is None:
        return NO_ROUTE
    peer = tools.peers[name]
    return peer if peer.open else NOT_OPEN
