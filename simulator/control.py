"""What controls the simulator, under ``/_simulator``: date, faults, what sources are told, log of requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.faults import Fault, FaultError, Faults, parse_fault
from simulator.request_log import RequestLog
from simulator.world import Untold, World, tell

CONTROL = "/_simulator"


class Controlled(Protocol):
    """What is controlled."""

    world: World
    faults: Faults
    log: RequestLog

    def state(self, url: str) -> dict[str, Any]:
        """Return what is simulated, as JSON values."""


class BadRequest(ValueError):
    """A control request that makes no sense; the text says why."""


def control_application(simulator: Controlled) -> Starlette:
    """Return the application behind ``/_simulator``."""
    endpoints = _Endpoints(simulator)
    return Starlette(
        routes=[
            Route(f"{CONTROL}/health", endpoints.health),
            Route(f"{CONTROL}/state", endpoints.state),
            Route(f"{CONTROL}/date", endpoints.set_date, methods=["POST"]),
            Route(f"{CONTROL}/faults", endpoints.list_faults),
            Route(f"{CONTROL}/faults", endpoints.add_fault, methods=["POST"]),
            Route(f"{CONTROL}/faults", endpoints.remove_faults, methods=["DELETE"]),
            Route(f"{CONTROL}/faults/{{number:int}}", endpoints.remove_faults, methods=["DELETE"]),
            Route(f"{CONTROL}/sources/{{source}}", endpoints.tell, methods=["POST"]),
            Route(f"{CONTROL}/requests", endpoints.requests),
            Route(f"{CONTROL}/requests", endpoints.forget_requests, methods=["DELETE"]),
        ],
        exception_handlers={BadRequest: _bad_request},
    )


class _Endpoints:
    def __init__(self, simulator: Controlled) -> None:
        self._simulator = simulator

    async def health(self, _: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def state(self, request: Request) -> JSONResponse:
        state = self._simulator.state(str(request.base_url).rstrip("/"))
        described = await asyncio.to_thread(self._simulator.world.describe)
        return JSONResponse({**state, **described, "faults": self._simulator.faults.list()})

    async def set_date(self, request: Request) -> JSONResponse:
        try:
            today = date.fromisoformat(str((await _json(request)).get("date")))
        except ValueError as error:
            raise BadRequest('send {"date": "YYYY-MM-DD"}') from error
        self._simulator.world.set_date(today)
        return JSONResponse({"today": today.isoformat()})

    async def list_faults(self, _: Request) -> JSONResponse:
        return JSONResponse(self._simulator.faults.list())

    async def add_fault(self, request: Request) -> JSONResponse:
        number = self._simulator.faults.add(_fault(await _json(request)))
        return JSONResponse({"id": number}, status_code=201)

    async def remove_faults(self, request: Request) -> JSONResponse:
        return JSONResponse({"removed": self._simulator.faults.remove(request.path_params.get("number"))})

    async def tell(self, request: Request) -> JSONResponse:
        words = await _json(request)
        try:
            for word, texts in words.items():
                if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                    raise Untold('send {"word": ["text", ...]}')
                tell(self._simulator.world, request.path_params["source"], word, texts)
        except Untold as error:
            raise BadRequest(str(error)) from error
        return JSONResponse(words)

    async def requests(self, _: Request) -> JSONResponse:
        return JSONResponse(self._simulator.log.as_json())

    async def forget_requests(self, _: Request) -> JSONResponse:
        self._simulator.log.clear()
        return JSONResponse(self._simulator.log.counts())


async def _bad_request(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=400)


def _fault(values: Mapping[str, Any]) -> Fault:
    try:
        return parse_fault(values)
    except (FaultError, TypeError) as error:
        raise BadRequest(str(error)) from error


async def _json(request: Request) -> dict[str, Any]:
    try:
        values = json.loads(await request.body())
    except ValueError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(values, dict):
        raise BadRequest("the body is not a JSON object")
    return values
