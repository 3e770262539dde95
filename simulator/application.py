"""The ASGI application: simulated hosts under their names, and what controls them under ``/_simulator``."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simulator.answer import Answer, http_date, not_modified
from simulator.control import CONTROL, control_application
from simulator.faults import Fault, Faults, apply
from simulator.request_log import Request, RequestLog
from simulator.world import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# The key of the scope under which the connection's transport is found: only with it can a transfer be broken
TRANSPORT = "simulator.transport"
CONDITIONS = ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range")
NOT_FOUND = b"""<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head><title>404 Not Found</title></head>
<body><h1>Not Found</h1><p>The requested URL was not found on this server.</p></body></html>
"""


@dataclass(frozen=True)
class Asked:
    """A request to a simulated host, taken apart."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]


class Simulator:
    """A world behind HTTP, with faults and a log.

    :param world: what answers.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.log = RequestLog()
        self._control = control_application(self)
        self._closing: asyncio.Event | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if scope["path"] == CONTROL or scope["path"].startswith(f"{CONTROL}/"):
            await self._control(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    def close(self) -> None:
        """Let go of the requests that hang or wait, because the server stops."""
        if self._closing:
            self._closing.set()

    @property
    def now(self) -> datetime:
        """The simulated moment: the world's date at the machine's time of day."""
        return datetime.combine(self.world.today, datetime.now(tz=UTC).timetz())

    def state(self, url: str) -> dict[str, Any]:
        """Return what is simulated, as JSON values. ``url``: where this server is reached."""
        return {
            "url": url,
            "mode": self.world.mode,
            "today": self.world.today.isoformat(),
            "sources": {name: f"{url}/{base}" for name, base in self.world.bases.items()},
        }

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope)
        # In a thread, because recordings may have to be unpacked first
        found = await asyncio.to_thread(self.world.answer, asked.host, asked.path, asked.query)
        fault = self.faults.take(asked.host, asked.path, asked.query, page_exists=_exists(found))
        answer = found or Answer(NOT_FOUND, "text/html; charset=iso-8859-1", status=404)
        if fault:
            await self._wait(fault.seconds)
            answer = apply(fault, answer, self.now)
        if fault and fault.breaks_transfer:
            await self._break(_Transfer(scope, receive, send), asked, answer, fault)
        else:
            await self._send(send, asked, answer, fault)

    async def _send(self, send: Send, asked: Asked, answer: Answer, fault: Fault | None) -> None:
        unchanged = asked.method in {"GET", "HEAD"} and not_modified(answer, asked.headers)
        status = 304 if unchanged else answer.status
        body = b"" if unchanged or asked.method == "HEAD" else answer.body
        self._note(asked, status, len(body), fault)
        await send(self._start(answer, status, None if unchanged else len(answer.body)))
        await send({"type": "http.response.body", "body": body})

    def _start(self, answer: Answer, status: int, length: int | None) -> Message:
        headers = [*answer.all_headers(), ("date", http_date(self.now)), ("server", "fieldhouse-simulator")]
        if length is not None:
            headers.append(("content-length", str(length)))
        if status == 304:
            headers = [(name, value) for name, value in headers if name != "content-type"]
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return {"type": "http.response.start", "status": status, "headers": encoded}

    def _note(self, asked: Asked, status: int | None, sent: int, fault: Fault | None) -> None:
        self.log.add(
            Request(
                time=datetime.now(tz=UTC).isoformat(),
                method=asked.method,
                host=asked.host,
                path=asked.path,
                query=asked.query,
                status=status,
                bytes=sent,
                conditional={name: asked.headers[name] for name in CONDITIONS if name in asked.headers},
                user_agent=asked.headers.get("user-agent", ""),
                fault=fault.kind if fault else None,
            )
        )

    # --- broken transfers -------------------------------------------------------------------------------------

    async def _break(self, transfer: _Transfer, asked: Asked, answer: Answer, fault: Fault) -> None:
        sent = 0 if fault.kind == "hang" else fault.first_bytes(answer.body)
        silent = fault.kind == "hang" or (fault.kind == "reset" and not fault.after_bytes)
        self._note(asked, None if silent else answer.status, 0 if silent else sent, fault)
        if fault.kind == "hang":
            await self._until_closed(transfer.disconnected())
            await transfer.reset()
        elif silent:
            await transfer.reset()
        elif fault.kind == "short" and fault.chunked:
            await transfer.whole(self._start(answer, answer.status, None), answer.body[:sent])
        elif fault.kind == "short":
            await transfer.to_the_end(self._start(answer, answer.status, None), answer.body[:sent])
        else:
            length = None if fault.chunked else len(answer.body)
            await transfer.partly(self._start(answer, answer.status, length), answer.body[:sent])
            await (transfer.reset() if fault.kind == "reset" else transfer.end())

    async def _wait(self, seconds: float) -> None:
        if seconds:
            await self._until_closed(asyncio.sleep(seconds))

    async def _until_closed(self, waiting: Awaitable[None]) -> None:
        self._closing = self._closing or asyncio.Event()
        both = [asyncio.ensure_future(waiting), asyncio.ensure_future(self._closing.wait())]
        _, pending = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()


class _Transfer:
    """One answer on its connection, to be broken off in the ways in which networks do it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._transport: asyncio.Transport = scope[TRANSPORT]
        self._receive = receive
        self._send = send

    async def partly(self, start: Message, body: bytes) -> None:
        """Send the head and the first part of an announced body, and wait until it has left."""
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        while self._transport.get_write_buffer_size() and not self._transport.is_closing():
            await asyncio.sleep(0.001)

    async def whole(self, start: Message, body: bytes) -> None:
        """Send head and body in good order, in chunks where the head has no length."""
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    async def to_the_end(self, start: Message, body: bytes) -> None:
        """Send head and body, and let the connection's end be the body's, as HTTP/1.0 servers do."""
        head = b"".join(name + b": " + value + b"\r\n" for name, value in start["headers"])
        self._transport.write(b"HTTP/1.1 %d \r\n%sconnection: close\r\n\r\n%s" % (start["status"], head, body))
        await self.end()

    async def end(self) -> None:
        """Close the connection in good order."""
        self._transport.close()
        await self.disconnected()

    async def reset(self) -> None:
        """Close the connection with a TCP RST."""
        connection = self._transport.get_extra_info("socket")
        # The socket of a client that is gone is closed
        if connection and connection.fileno() >= 0:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
        await self.disconnected()

    async def disconnected(self) -> None:
        """Wait until the connection is gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _exists(answer: Answer | None) -> bool:
    return answer is not None and answer.status != 404


def _asked(scope: Scope) -> Asked:
    host, slash, path = scope["path"].removeprefix("/").partition("/")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Asked(scope["method"], host, slash + path or "/", scope["query_string"].decode("latin-1"), headers)
