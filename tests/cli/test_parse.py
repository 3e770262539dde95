"""``fieldhouse parse``: files from disk to JSON lines, with no network, no database and no settings."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import assert_sentence, call
from tests.processes import FIELDHOUSE

HEADER = "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,B365H,B365D,B365A"
MATCH = "E0,17/08/2024,Arsenal,Chelsea,2,0,H,1.5,4,6.5"
E0 = ("football_data/season", "division=E0", "season=2425")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "E0.csv"
    file.write_text(f"{HEADER}\n{MATCH}\n")
    return file


def lines(ended: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.mark.parametrize(
    "form",
    [
        ("division=E0", "season=2425", "{file}"),
        ("{file}", "season=2425", "division=E0"),
        ("division=E0", "season=2425", "season.csv={file}"),
        ("division=E0", "season=2425", "--json", "{file}"),
    ],
)
def test_one_json_object_a_line(file: Path, form: tuple[str, ...]) -> None:
    found = lines(call("parse", "football_data/season", *(word.format(file=file) for word in form)))
    assert [line["table"] for line in found] == ["match"] + ["match_odds"] * 3
    assert all(set(line) == {"table", "row"} for line in found)
    row = found[0]["row"]
    assert isinstance(row, dict)
    assert (row["match_date"], row["home_team"], row["home_goals"]) == ("2024-08-17", "Arsenal", 2)
    prices = {each["row"]["price"] for each in found[1:]}  # type: ignore[index]
    assert prices == {1.5, 4, 6.5}


def test_a_file_whose_name_has_an_equals_sign(tmp_path: Path, file: Path) -> None:
    odd = file.rename(tmp_path / "a=b.csv")
    assert len(lines(call("parse", *E0, str(odd)))) == 4


def test_it_needs_neither_network_nor_database_nor_settings(tmp_path: Path, file: Path) -> None:
    """Every socket raises, and the environment is empty."""
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\ndef refuse(*_, **__): raise AssertionError('a socket')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
    )
    ended = call("parse", *E0, str(file), env={"PYTHONPATH": str(tmp_path)})
    assert len(lines(ended)) == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "", id="0 bytes"),
        pytest.param(b"<!DOCTYPE html><html><title>Sorry</title></html>", "", id="HTML"),
        pytest.param(b"Div,Date,HomeTeam,FTHG\nE0,17/08/2024,Arsenal,1\n", "AwayTeam", id="a column gone"),
        pytest.param(f"{HEADER}\n".encode(), "", id="a header alone"),
        pytest.param(f"{HEADER}\n{MATCH.replace('E0', 'E1', 1)}\n".encode(), "E1", id="another division"),
        pytest.param(f"{HEADER}\n{MATCH.replace('17/08', '17-08')}\n".encode(), "17-08", id="another date format"),
        pytest.param(b"\x00\x01\x02\xff" * 50, "", id="binary"),
    ],
)
def test_bytes_that_are_not_what_they_should_be(file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    ended = call("parse", *E0, str(file))
    assert_sentence(ended, 3, "football_data/season division=E0 season=2425", str(file), said)
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("football_data/season", "division=E0", "{file}"), "season is missing"),
        (("football_data/season", "division=E0", "season=2425"), "name at least one file of season"),
        (("football_data/season", "division=E0", "season=2425", "/no/E0.csv"), "/no/E0.csv cannot be read"),
        (("football_data/season", "division=E0", "season=2425", "/"), "cannot be read: Is a directory"),
        (("football_data/season", "division=E0", "season=2425", "{file}", "{file}"), "one file of a name"),
        (("football_data/season", "division=XX", "season=2425", "{file}"), "there is no division 'XX'"),
        (("football_data/season", "division=E0", "season=2426", "{file}"), "'2426' is not a season code"),
        (("football_data/season", "division=E0", "season=2425", "league.csv={file}"), "league.csv"),
        (("football_data", "{file}"), "say which dataset type of football_data"),
        (("statsboom/match", "{file}"), "there is no source 'statsboom'"),
    ],
)
def test_wrong_words(file: Path, words: tuple[str, ...], said: str) -> None:
    assert_sentence(call("parse", *(word.format(file=file) for word in words)), 2, said)


def test_a_pipe_that_closes_early_is_no_error(file: Path) -> None:
    matches = "".join(f"E0,17/08/2024,Team {n},Chelsea,2,0,H,1.5,4,6.5\n" for n in range(3000))
    file.write_text(f"{HEADER}\n{matches}")
    command = f"{shlex.join([*FIELDHOUSE, 'parse', *E0, str(file)])} | head -1"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr, ended.stdout.count("\n")) == (0, "", 1)
