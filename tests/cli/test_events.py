"""``fieldhouse events`` as a person, a pipe and a service call it."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest

from fieldhouse.config import Settings
from tests.cli.conftest import assert_sentence, call
from tests.processes import FIELDHOUSE, settings_environment

MAKE = "insert into lake.dataset (source, dataset_type, identifier, keys) values ('paper', 'plain', %s, '{}')"
NOWHERE = ("--webhook", "http://127.0.0.1:9/hook")


@pytest.fixture
def environment(settings: Settings) -> Mapping[str, str]:
    """Return the environment of a catalog with three events."""
    make(settings, 0, 1, 2)
    return settings_environment(settings, "paper")


def make(settings: Settings, *numbers: int) -> None:
    with psycopg.connect(settings.catalog, autocommit=True) as connection:
        for number in numbers:
            connection.execute(MAKE, (f"n={number}",))


def events(environment: Mapping[str, str], *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    ended = call("events", *words, env=environment)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_each_event_is_printed_once_a_reader(environment: Mapping[str, str]) -> None:
    printed = lines(events(environment, "--reader", "me", "--limit", "2").stdout)
    assert [(event["kind"], event["keys"]) for event in printed] == [
        ("dataset_created", {"n": "0"}),
        ("dataset_created", {"n": "1"}),
    ]
    assert [event["identifier"] for event in lines(events(environment, "--reader", "me").stdout)] == ["n=2"]
    assert events(environment, "--reader", "me").stdout == ""
    assert events(environment, "--reader", "new", "--from-now").stdout == ""
    (me, new) = json.loads(events(environment, "--json").stdout)
    assert (me["name"], me["pending"], new["name"], new["dead_letters"]) == ("me", 0, "new", 0)
    assert "2 readers" in events(environment).stdout


def test_dead_letters(environment: Mapping[str, str]) -> None:
    ended = events(environment, "--reader", "shop", *NOWHERE, "--limit", "1", code=1)
    assert ended.stdout == "delivered 0 events\n"
    assert "1 events could not be delivered: `fieldhouse events --reader shop --dead-letters` says why" in ended.stderr
    shown = events(environment, "--reader", "shop", "--dead-letters").stdout
    assert "dataset_created paper/plain/n=0: 3 attempts" in shown
    assert "webhook 127.0.0.1: ConnectError" in shown
    (letter,) = json.loads(events(environment, "--reader", "shop", "--dead-letters", "--json").stdout)
    assert (letter["identifier"], letter["attempts"]) == ("n=0", 3)
    assert [event["identifier"] for event in lines(events(environment, "--reader", "shop", "--retry").stdout)] == [
        "n=0"
    ]
    assert events(environment, "--reader", "shop", "--dead-letters").stdout == "0 dead letters of shop\n"
    events(environment, "--reader", "shop", "--forget")
    assert json.loads(events(environment, "--json").stdout) == []


@pytest.mark.parametrize(
    ("stop", "code"),
    [pytest.param(signal.SIGKILL, -signal.SIGKILL, id="kill"), pytest.param(signal.SIGINT, 130, id="Ctrl-C")],
)
def test_whoever_is_ended_in_the_midst_goes_on_from_there(
    environment: Mapping[str, str], settings: Settings, stop: signal.Signals, code: int
) -> None:
    make(settings, *range(3, 1500))
    command = [*FIELDHOUSE, "events", "--reader", "me", "--follow"]
    with subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(stop)
        before = [event["identifier"] for event in lines(first + process.stdout.read())]
        said = process.stderr.read()
    assert (process.returncode, "Traceback" in said) == (code, False)
    after = [event["identifier"] for event in lines(events(environment, "--reader", "me").stdout)]
    # at most the one that it had in hand comes twice
    overlap = before[-1:] if after[:1] == before[-1:] else []
    assert [*before, *after[len(overlap) :]] == [f"n={number}" for number in range(1500)]


def test_a_reader_of_a_pipe_that_ends_early_keeps_the_rest(environment: Mapping[str, str], settings: Settings) -> None:
    make(settings, *range(3, 3000))
    command = [*FIELDHOUSE, "events", "--reader", "me"]
    with subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
    (me,) = json.loads(events(environment, "--json").stdout)
    assert (me["dead_letters"], me["pending"] > 0) == (0, True)


def test_one_process_a_reader(environment: Mapping[str, str]) -> None:
    command = [*FIELDHOUSE, "events", "--reader", "me", "--follow"]
    with subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            ended = events(environment, "--reader", "me", code=1)
        finally:
            process.kill()
    assert ended.stderr == "fieldhouse: another process reads the events as 'me': end it, or choose another name\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--follow"], "--follow needs --reader NAME"),
        (["--webhook", "https://example.org"], "--webhook needs --reader NAME"),
        (["--reader", "a b"], "'a b' cannot name a reader of events"),
        (["--reader", "x", "--dead-letters"], "there is no reader of events 'x'; there is none"),
        (["--reader", "x", "--retry", "--forget"], "--retry and --forget do not go together"),
        (["--reader", "x", "--follow", "--limit", "3"], "--follow and --limit do not go together"),
        (["--reader", "x", "--webhook", "example.org"], "a webhook needs an address such as https://example.org/hook"),
    ],
)
def test_words_that_are_refused(settings: Settings, words: list[str], said: str) -> None:
    assert_sentence(call("events", *words, env=settings_environment(settings, "paper")), 2, said)
