"""The benchmarks' own parts. No time is asserted anywhere: figures are printed by `make bench`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import record
from benchmarks.__main__ import app
from benchmarks.dag_files import bare
from benchmarks.figures import Claim, Figures, median_ratio, spread
from benchmarks.process import ROOT, Failed, measure
from benchmarks.wide import KEY, read_wide
from fieldhouse.sources.football_data import SOURCE

FIGURES = Figures("a title", ("way", "s"), [("ours", "1"), ("theirs", "4")], "what was given", [Claim("ratio", 3, 4)])


@pytest.mark.parametrize(("value", "at_least", "holds"), [(4, True, True), (3.9, True, False), (3.9, False, True)])
def test_a_claim_holds_on_its_side_of_the_bound(value: float, at_least: bool, holds: bool) -> None:
    claim = Claim("ratio", value, 4, at_least)
    assert claim.holds is holds
    assert ("MISSED" in claim.sentence()) is not holds


def test_ratios_are_taken_pair_by_pair() -> None:
    assert median_ratio([10, 40, 3], [5, 10, 1]) == 3
    assert spread([3.0, 1.0, 2.0]) == "2 (1 to 3)"


def test_a_process_is_measured_by_its_own_memory() -> None:
    small = measure([sys.executable, "-c", "print('hello')"])
    large = measure([sys.executable, "-c", "x = bytearray(200 * 2**20)"])
    assert small.output == "hello\n"
    assert small.peak_mb < 100
    assert 200 < large.peak_mb < 300


def test_a_process_that_fails_says_its_last_words() -> None:
    with pytest.raises(Failed, match="ended with 3: no such luck"):
        measure([sys.executable, "-c", "import sys; print('no such luck'); sys.exit(3)"])


def test_figures_are_kept_between_the_markers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(record, "README", tmp_path / "README.md")
    record.README.write_text(f"before\n{record.BEGIN}\nold\n{record.END}\nafter\n")
    record.keep("parser", [FIGURES])
    text = record.README.read_text()
    assert text.startswith("before\n")
    assert text.endswith(f"{record.END}\nafter\n")
    assert "old" not in text
    assert "| theirs | 4 |" in text
    assert "- ratio: 3, at least 4 (MISSED)" in text
    kept = json.loads((tmp_path / "results" / "parser.json").read_text())
    assert kept["command"] == "python -m benchmarks parser"
    assert kept["date"]


def test_an_unknown_benchmark_is_refused_with_the_names_that_there_are() -> None:
    result = CliRunner().invoke(app, ["nothing"])
    assert result.exit_code == 2
    assert "load_rate" in result.output


def test_the_bare_counterpart_of_a_dag_file_keeps_its_wiring_and_nothing_of_ours() -> None:
    text = (ROOT / "dags" / "ingest_football_data.py").read_text()
    found = bare(text, SOURCE)
    compile(found, "bare.py", "exec")
    assert "plugins" not in found.partition('"""\n')[2]
    assert "from fieldhouse" not in found
    assert "ingest.expand(lane=discover.output) >> publish >> [trigger_dbt, verdict, look_again]" in found
    with pytest.raises(Failed, match="no bare magic"):
        bare("from plugins.window import magic", SOURCE)


def test_the_wide_reader_takes_ragged_rows_and_cells_that_are_no_numbers(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(
        b"\xef\xbb\xbfDiv,Date,HomeTeam,AwayTeam,FTHG,B365H,\r\n"
        b"E0,16/08/2024,Man United,Fulham,1,1.6,,,\r\n"
        b"E0,17/08/2024,Ipswich,Liverpool,0\r\n"
        b"E0,17/08/2024,Ipswich,Liverpool,0,#REF!\r\n"
        b",,,,,,\r\n"
    )
    table = read_wide(file, {"division": "E0", "season": "2425"})
    assert table.column_names == ["Div", "Date", "HomeTeam", "AwayTeam", "FTHG", "B365H", *KEY[:2]]
    assert table["B365H"].to_pylist() == [1.6, None]
    assert table["season"].to_pylist() == ["2425", "2425"]
