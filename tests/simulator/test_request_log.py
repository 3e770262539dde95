"""The log of requests counts what was asked."""

from __future__ import annotations

from simulator.request_log import Request, RequestLog


def test_counts() -> None:
    log = RequestLog()
    for path, status in (("/a", 200), ("/a", 304), ("/b", None)):
        log.add(Request("2026-01-01T00:00:00+00:00", "GET", "host", path, "", status, 0, {}, "me"))
    assert log.counts() == {
        "total": 3,
        "by_status": {"200": 1, "304": 1, "None": 1},
        "by_path": {"host/a": 2, "host/b": 1},
    }
    log.clear()
    assert log.counts()["total"] == 0
    assert log.requests() == []
