"""From a run to its dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from fieldhouse import clock
from fieldhouse.errors import ConfigurationError
from plugins.window import window_of

NOW = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "real_now", lambda: NOW)
    monkeypatch.delenv(clock.SHIFT_VARIABLE, raising=False)


def a_run(run_type: str, logical_date: datetime | None, run_after: datetime = NOW) -> Any:
    return SimpleNamespace(run_type=run_type, logical_date=logical_date, run_after=run_after)


@pytest.mark.parametrize(
    ("run", "params", "start", "end", "present"),
    [
        pytest.param(a_run("manual", None), {}, "2026-03-04", "2026-03-04", True, id="manual without logical date"),
        pytest.param(a_run("manual", NOW), {}, "2026-03-04", "2026-03-04", True, id="manual now"),
        pytest.param(
            a_run("manual", datetime(2025, 11, 19, tzinfo=UTC)), {}, "2025-11-19", "2025-11-19", False, id="test D"
        ),
        pytest.param(
            a_run("scheduled", datetime(2026, 3, 1, 6, tzinfo=UTC)),
            {},
            "2026-03-01",
            "2026-03-01",
            True,
            id="cron",
        ),
        pytest.param(
            a_run("backfill", datetime(2026, 3, 4, 6, tzinfo=UTC)), {}, "2026-03-04", "2026-03-04", False, id="past"
        ),
        pytest.param(
            a_run("manual", None), {"from_date": "2024-08-01"}, "2024-08-01", "2024-08-01", False, id="from alone"
        ),
        pytest.param(
            a_run("manual", None),
            {"from_date": "2026-03-01", "to_date": "2026-03-08"},
            "2026-03-01",
            "2026-03-08",
            True,
            id="params over all",
        ),
        pytest.param(
            a_run("manual", None), {"to_date": "2024-08-01"}, "2024-08-01", "2024-08-01", False, id="to alone"
        ),
    ],
)
def test_window(run: Any, params: dict[str, str], start: str, end: str, present: bool) -> None:
    found = window_of(run, params)
    assert (found.window.start, found.window.end) == (date.fromisoformat(start), date.fromisoformat(end))
    assert found.present is present


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        pytest.param(a_run("manual", None), "2025-11-04", id="the present moves with the program's clock"),
        pytest.param(a_run("scheduled", NOW - timedelta(days=3)), "2025-11-01", id="so do scheduled runs"),
        pytest.param(a_run("backfill", datetime(2024, 9, 1, tzinfo=UTC)), "2024-09-01", id="history does not"),
    ],
)
def test_window_under_a_shifted_clock(run: Any, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.SHIFT_VARIABLE, str(-120 * 86400))
    assert window_of(run, {}).window.start == date.fromisoformat(expected)


@pytest.mark.parametrize("params", [{"from_date": "yesterday"}, {"from_date": "2026-03-02", "to_date": "2026-03-01"}])
def test_wrong_dates_are_refused(params: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        window_of(a_run("manual", None), params)
