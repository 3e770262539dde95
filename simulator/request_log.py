"""What was asked: every request with its answer's status and length, and counts of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

# Requests that are kept with all their details; counts go on beyond
KEPT = 100_000


@dataclass(frozen=True)
class Request:
    """One request to a simulated host.

    :param time: when it came, of the machine's clock, ISO 8601.
    :param status: of the answer; None if none was sent.
    :param bytes: of the body that were sent.
    :param conditional: the conditional headers that it had, in lower case.
    :param fault: the kind of the fault that happened to it.
    """

    time: str
    method: str
    host: str
    path: str
    query: str
    status: int | None
    bytes: int
    conditional: Mapping[str, str]
    user_agent: str
    fault: str | None = None

    @property
    def url(self) -> str:
        """The original URL."""
        return f"https://{self.host}{self.path}" + (f"?{self.query}" if self.query else "")


class RequestLog:
    """The requests since the start or the last reset. Written by the server, read from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._requests: deque[Request] = deque(maxlen=KEPT)
            self._by_status: Counter[str] = Counter()
            self._by_path: Counter[str] = Counter()

    def add(self, request: Request) -> None:
        """Note a request. Called before its answer is sent, so that whoever has the answer finds it here."""
        with self._lock:
            self._requests.append(request)
            self._by_status[str(request.status)] += 1
            self._by_path[request.host + request.path] += 1

    def requests(self) -> list[Request]:
        """Return the requests, oldest first."""
        with self._lock:
            return list(self._requests)

    def counts(self) -> dict[str, Any]:
        """Return how many requests there were, in all, by status and by host and path."""
        with self._lock:
            return {
                "total": self._by_status.total(),
                "by_status": dict(self._by_status),
                "by_path": dict(self._by_path),
            }

    def as_json(self) -> dict[str, Any]:
        """Return counts and requests as JSON values."""
        return self.counts() | {"requests": [asdict(request) for request in self.requests()]}
