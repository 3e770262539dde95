from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fieldhouse import sources
from fieldhouse.errors import ConfigurationError
from local.options import SAMPLE_DATE, Options, dag_sources

KNOWN = ["football_data", "statsbomb"]


def test_nothing_said_is_sample_data_of_a_fixed_day() -> None:
    options = Options.read({"ONCE": "", "SOURCES": "", "ONLY": "", "UNRELATED": "x"}, KNOWN)
    assert options == Options(only=[])
    assert options.simulator() == ["--date", SAMPLE_DATE.isoformat()]


def test_everything_said() -> None:
    env = {"ONCE": "1", "ONLY": "statsbomb, football_data", "SEED": "7", "DATE": "2025-11-01", "CONF": '{"a": 1}'}
    options = Options.read(env, KNOWN)
    assert options.once
    assert options.only == ["statsbomb", "football_data"]
    assert options.conf == {"a": 1}
    assert options.simulator() == ["--date", "2025-11-01", "--seed", "7"]


def test_recorded(tmp_path: Path) -> None:
    env = {"SOURCES": "recorded", "RECORDINGS": str(tmp_path), "AS_OF": "2026-02-24", "ONLY": "statsbomb"}
    options = Options.read(env, KNOWN)
    assert options.as_of == date(2026, 2, 24)
    assert options.simulator() == ["--recordings", str(tmp_path), "--as-of", "2026-02-24", "--only", "statsbomb"]


def test_live_has_no_simulator() -> None:
    assert Options.read({"SOURCES": "live"}, KNOWN).simulator() == []


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"SOURCES": "real"}, "one of: sample, recorded, live"),
        ({"SOURCES": "recorded"}, "needs RECORDINGS"),
        ({"SOURCES": "recorded", "RECORDINGS": "/absent"}, "no such folder"),
        ({"ONLY": "football"}, "the sources are: football_data, statsbomb"),
        ({"ONCE": "maybe"}, "it is 1 or 0"),
        ({"DATE": "tomorrow"}, "it is a date such as"),
        ({"AS_OF": "2026-13-01"}, "it is a date such as"),
        ({"SEED": "x"}, "whole number"),
        ({"CONF": "[1]"}, "JSON object"),
        ({"CONF": "{"}, "JSON object"),
    ],
)
def test_a_wrong_value_is_one_sentence_with_the_valid_ones(env: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Options.read(env, KNOWN)


def test_every_source_has_a_dag() -> None:
    assert set(dag_sources()) == set(sources.NAMES)
