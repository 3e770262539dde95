"""Faults on demand: what a host, or the way to it, does to a request whose URL fits a pattern."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from simulator.answer import Answer

BLOCK_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><title>Just a moment...</title><meta name="robots" content="noindex,nofollow"></head>
<body><h1>Checking your browser before accessing this site</h1>
<p>Enable JavaScript and cookies to continue. This request was blocked as automated traffic.</p></body></html>
"""
# Titled as Sports Reference titles its own, which crawlers have saved as data
RATE_LIMITED_PAGE = b"""<!DOCTYPE html>
<html data-version="klecko-" lang="en"><head><meta charset="utf-8">
<title>Rate Limited Request (429 error) | Sports-Reference.com</title></head>
<body class="sr"><div id="content" role="main"><h1>Rate Limited Request (429 error)</h1>
<p>Too many requests came from your address within a minute, so it has to wait.</p></div></body></html>
"""
# The pages that a fault can name
PAGES = {"just_a_moment": BLOCK_PAGE, "rate_limited": RATE_LIMITED_PAGE}

# What each kind does, as it is told to whoever names another
KINDS = {
    "status": "answers with `status` and `page` or `body`, and with Retry-After if `retry_after` is set",
    "delay": "answers after `seconds`",
    "hang": "takes the request and never answers",
    "reset": "resets the connection after `after_bytes` of the body, before anything for 0",
    "truncate": "announces the right length and closes after `after_bytes` of the body, the first half unless set",
    "short": "announces no length and ends after `after_bytes` of the body, the first half unless set",
    "half": "answers well-formed with the first `after_bytes` of the content, the first half unless set",
    "empty": "answers 200 with no content",
    "block_page": "answers 200 with a block page in HTML: `page`, `just_a_moment` unless set, or `body`",
    "columns": "renames ({old: new}), drops ([name]) or adds ({name: value}) columns of a CSV, or of a page's tables,"
    " whose columns are named by data-stat",
    "replace": "replaces ({old: new}) texts in the body",
    "content_type": "answers with another `content_type`",
    "redirect": "answers with `status` 302, or another one, to `location`",
}


class FaultError(ValueError):
    """A fault cannot be made as asked. The text says what is valid."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    :param pattern: what ``host/path`` or ``host/path?query`` must fit: a glob whose ``*`` also spans slashes, or
        a regular expression to be found in it, after ``re:``.
    :param kind: a key of ``KINDS``.
    :param count: how many requests it happens to; None for all.
    :param skip: how many fitting requests are let pass before.
    :param seconds: how long the answer waits, whatever the kind.
    :param page: a key of ``PAGES``: what is answered instead of ``body``.
    :param chunked: the body comes in chunks instead of with a length (``truncate``: the last chunk is missing)
        or up to the connection's end (``short``: all chunks are there, nothing tells that something is missing).
    """

    pattern: str
    kind: str
    count: int | None = None
    skip: int = 0
    seconds: float = 0.0
    status: int | None = None
    body: str | None = None
    page: str | None = None
    retry_after: int | str | None = None
    after_bytes: int | None = None
    chunked: bool = False
    content_type: str | None = None
    location: str | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    add: Mapping[str, str] = field(default_factory=dict)
    replace: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            valid = "; ".join(f"{kind}: {does}" for kind, does in KINDS.items())
            raise FaultError(f"there is no fault {self.kind!r}; there are: {valid}")
        if self.kind == "redirect" and not self.location:
            raise FaultError("a redirect needs a location")
        if self.page is not None and self.page not in PAGES:
            raise FaultError(f"there is no page {self.page!r}; there are: {', '.join(PAGES)}")
        if self.pattern.startswith("re:"):
            _compiled(self.pattern)

    def fits(self, host: str, path: str, query: str) -> bool:
        """Whether a request is meant."""
        urls = (f"{host}{path}", f"{host}{path}?{query}") if query else (f"{host}{path}",)
        if self.pattern.startswith("re:"):
            expression = _compiled(self.pattern)
            return any(expression.search(url) for url in urls)
        return any(fnmatchcase(url, self.pattern) for url in urls)

    @property
    def breaks_transfer(self) -> bool:
        """Whether the way is at fault: then conditions of the request play no part, the content is sent."""
        return self.kind in {"hang", "reset", "truncate", "short"}

    @property
    def makes_page(self) -> bool:
        """Whether it answers by itself, so that the page need not exist."""
        return self.kind in {"status", "delay", "hang", "redirect", "block_page"} or (
            self.kind == "reset" and not self.after_bytes
        )

    def first_bytes(self, body: bytes) -> int:
        """Return how many bytes of a body get through."""
        return len(body) // 2 if self.after_bytes is None else min(self.after_bytes, len(body))


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern.removeprefix("re:"))
    except re.error as error:
        raise FaultError(f"{pattern!r} is not a regular expression: {error}") from error


def parse_fault(values: Mapping[str, Any]) -> Fault:
    """Read a fault from JSON values.

    :raises FaultError: a name is unknown, or a needed one is missing.
    """
    known = {f.name for f in fields(Fault)}
    if unknown := sorted(set(values) - known):
        raise FaultError(f"a fault has no {', '.join(unknown)}; it has: {', '.join(sorted(known))}")
    if missing := sorted({"pattern", "kind"} - set(values)):
        raise FaultError(f"a fault needs {' and '.join(missing)}")
    return Fault(**{**values, "drop": tuple(values.get("drop", ()))})


@dataclass
class _Planned:
    fault: Fault
    number: int
    seen: int = 0

    @property
    def hits(self) -> int:
        return max(0, self.seen - self.fault.skip)

    @property
    def spent(self) -> bool:
        return self.fault.count is not None and self.hits >= self.fault.count


class Faults:
    """The faults that are planned, oldest first; the first that fits a request is the one that happens to it."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._numbers = 0
        self._lock = Lock()

    def add(self, fault: Fault) -> int:
        """Plan a fault and return its number."""
        with self._lock:
            self._numbers += 1
            self._planned.append(_Planned(fault, self._numbers))
            return self._numbers

    def remove(self, number: int | None = None) -> int:
        """Forget one fault, or all, and return how many were forgotten."""
        with self._lock:
            kept = [p for p in self._planned if number is not None and p.number != number]
            removed = len(self._planned) - len(kept)
            self._planned = kept
            return removed

    def take(self, host: str, path: str, query: str, *, page_exists: bool) -> Fault | None:
        """Return the fault that happens to this request, and count it."""
        with self._lock:
            for planned in self._planned:
                fault = planned.fault
                if planned.spent or not fault.fits(host, path, query):
                    continue
                if page_exists or fault.makes_page:
                    planned.seen += 1
                    if planned.hits:
                        return fault
        return None

    def list(self) -> list[dict[str, Any]]:
        """Return the planned faults with their numbers and how often each has happened, as JSON values."""
        with self._lock:
            return [{"id": p.number, "hits": p.hits, **_set_values(p.fault)} for p in self._planned]


def _set_values(fault: Fault) -> dict[str, Any]:
    return {name: value for name, value in asdict(fault).items() if value not in (None, 0, {}, ())}


# --- faults of the content --------------------------------------------------------------------------------


def apply(fault: Fault, answer: Answer, now: datetime) -> Answer:
    """Return what the host answers with this fault. Faults of the transfer leave the answer as it is."""
    changed = _CHANGES.get(fault.kind)
    return changed(fault, answer, now) if changed else answer


def _status(fault: Fault, _: Answer, __: datetime) -> Answer:
    headers = () if fault.retry_after is None else (("retry-after", str(fault.retry_after)),)
    status = fault.status or 500
    body = _page(fault)
    if body is None:
        body = f"<html><body><h1>{status}</h1></body></html>".encode()
    return Answer(body, fault.content_type or "text/html; charset=UTF-8", status=status, headers=headers)


def _redirect(fault: Fault, _: Answer, __: datetime) -> Answer:
    location = (("location", fault.location or ""),)
    return Answer(b"", "text/html; charset=UTF-8", status=fault.status or 302, headers=location)


def _block_page(fault: Fault, _: Answer, __: datetime) -> Answer:
    body = _page(fault)
    return Answer(BLOCK_PAGE if body is None else body, "text/html; charset=UTF-8")


def _page(fault: Fault) -> bytes | None:
    if fault.body is not None:
        return fault.body.encode()
    return PAGES[fault.page] if fault.page else None


def _half(fault: Fault, answer: Answer, now: datetime) -> Answer:
    return answer.with_body(answer.body[: fault.first_bytes(answer.body)], now)


def _empty(_: Fault, answer: Answer, now: datetime) -> Answer:
    return answer.with_body(b"", now)


def _columns(fault: Fault, answer: Answer, now: datetime) -> Answer:
    change = change_cells if answer.content_type.startswith("text/html") else change_columns
    return answer.with_body(change(answer.body, fault), now)


def _replace(fault: Fault, answer: Answer, now: datetime) -> Answer:
    return answer.with_body(_replaced(answer.body, fault.replace), now)


def _content_type(fault: Fault, answer: Answer, _: datetime) -> Answer:
    # Not conditional: 304 would hide it
    return replace(answer, content_type=fault.content_type or "text/html; charset=UTF-8", conditional=False)


_CHANGES: dict[str, Callable[[Fault, Answer, datetime], Answer]] = {
    "status": _status,
    "redirect": _redirect,
    "block_page": _block_page,
    "half": _half,
    "empty": _empty,
    "columns": _columns,
    "replace": _replace,
    "content_type": _content_type,
}


def _replaced(body: bytes, texts: Mapping[str, str]) -> bytes:
    for old, new in texts.items():
        body = body.replace(old.encode(), new.encode())
    return body


def change_columns(body: bytes, fault: Fault) -> bytes:
    """Rename, drop and add columns of a CSV; byte order mark, line ends and encoding stay as they are."""
    mark = b"\xef\xbb\xbf" if body.startswith(b"\xef\xbb\xbf") else b""
    # Latin-1 gives every byte a character and back, whatever the encoding really is
    lines = list(csv.reader(io.StringIO(body[len(mark) :].decode("latin-1"), newline="")))
    if not lines:
        return body
    header = lines[0]
    dropped = {place for place, name in enumerate(header) if name in fault.drop}
    rows = [[fault.rename.get(name, name) for name in header], *lines[1:]]
    kept = [[cell for place, cell in enumerate(row) if place not in dropped] for row in rows]
    widened = [_widened(row, len(kept[0]), fault.add, header=number == 0) for number, row in enumerate(kept)]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n" if b"\r\n" in body else "\n").writerows(widened)
    return mark + text.getvalue().encode("latin-1")


def _widened(row: list[str], width: int, columns: Mapping[str, str], *, header: bool) -> list[str]:
    # A short row is filled up, so that the new cells stand under the new names
    filled = row[:width] + [""] * (width - len(row))
    return [*filled, *(columns if header else columns.values()), *row[width:]] if columns else row


def change_cells(body: bytes, fault: Fault) -> bytes:
    """Rename, drop and add the cells of a page's tables by their data-stat, in comments too."""
    for name in fault.drop:
        body = re.sub(_CELL % re.escape(name).encode(), b"", body)
    for old, new in fault.rename.items():
        body = body.replace(_stat(old), _stat(new))
    cells = b"".join(b"<td %s>%s</td>" % (_stat(name), value.encode()) for name, value in fault.add.items())
    return _LAST_CELL.sub(lambda match: match[0] + cells, body) if cells else body


# A cell with its content; a tip in its tag may hold markup, in quotes
_CELL = rb"""(?s)<t([hd])\b(?:[^>"']|"[^"]*"|'[^']*')*?\sdata-stat="%s"(?:[^>"']|"[^"]*"|'[^']*')*>.*?</t\1>"""
_LAST_CELL = re.compile(rb"</td>(?=\s*</tr>)")


def _stat(name: str) -> bytes:
    return f'data-stat="{name}"'.encode()
