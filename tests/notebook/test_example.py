"""The example runs from its first cell to its last, on the sample season."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from simulator.server import serve
from tests.conftest import ROOT
from tests.engine.toy import shift_clock
from tests.notebook.conftest import noon
from tests.notebook.test_statsbomb import ARCHIVED


def test_the_example(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve() as server:
        shift_clock(monkeypatch, noon(server.simulator.world.today))
        monkeypatch.setenv("FIELDHOUSE_STATSBOMB_URL", server.base(ARCHIVED))
        monkeypatch.setenv("FIELDHOUSE_STATSBOMB_REQUESTS_PER_SECOND", "1000")
        monkeypatch.setenv("FIELDHOUSE_LAKE", (tmp_path / "lake").as_uri())
        monkeypatch.setenv("FIELDHOUSE_WAREHOUSE", database)
        runpy.run_path(str(ROOT / "examples" / "notebook.py"))
    said = capsys.readouterr().out
    assert "no datasets yet" in said
    assert said.count("expected goals") >= 12
    assert "kloppy reads" in said
    assert "revision 1, 2026-02-21" in said
