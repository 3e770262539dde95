"""``fieldhouse events``: what happened to datasets, for programs and people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from fieldhouse.catalog import Catalog
from fieldhouse.cli.console import echo_json, moment, say, show_table
from fieldhouse.cli.running import JsonOption
from fieldhouse.config import Settings
from fieldhouse.errors import ConfigurationError
from fieldhouse.events import (
    Delivered,
    DeliveryStopped,
    Event,
    Handler,
    ReaderBusy,
    Webhook,
    deliver,
    follow,
    forget_reader,
    known_reader,
    retry_dead_letters,
)

SECRET_VARIABLE = "FIELDHOUSE_WEBHOOK_SECRET"  # noqa: S105 - a name

ReaderOption = Annotated[
    str | None, typer.Option("--reader", metavar="NAME", help="who reads: each name has a cursor of its own")
]
WebhookOption = Annotated[
    str | None,
    typer.Option("--webhook", metavar="URL", help=f"post each event there; signed where {SECRET_VARIABLE} is set"),
]
FollowOption = Annotated[bool, typer.Option("--follow", help="wait for more, until Ctrl-C")]
FromNowOption = Annotated[bool, typer.Option("--from-now", help="a reader that is new leaves out what was before")]
LimitOption = Annotated[int | None, typer.Option("--limit", metavar="N", help="so many events at most", min=1)]
DeadLettersOption = Annotated[bool, typer.Option("--dead-letters", help="show the events that could not be delivered")]
RetryOption = Annotated[bool, typer.Option("--retry", help="deliver the dead letters again")]
ForgetOption = Annotated[bool, typer.Option("--forget", help="forget the reader, its cursor and its dead letters")]


def events(
    reader: ReaderOption = None,
    follow_on: FollowOption = False,
    webhook: WebhookOption = None,
    from_now: FromNowOption = False,
    limit: LimitOption = None,
    dead_letters: DeadLettersOption = False,
    retry: RetryOption = False,
    forget: ForgetOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print every event that a reader has not read as a line of JSON, or post it; without a reader, show the readers.

    Examples:

    fieldhouse events --reader me --follow | jq -r .identifier

    fieldhouse events --reader shop --webhook https://example.org/hook --follow

    fieldhouse events --reader shop --dead-letters

    fieldhouse events --reader shop --webhook https://example.org/hook --retry

    A new reader starts at the first event. An event is delivered at least once; three failures make it a dead letter.

    Exit code 1 when an event could not be delivered, or another process reads under this name.
    """
    chosen = {"--follow": follow_on, "--retry": retry, "--dead-letters": dead_letters, "--forget": forget}
    given = {**chosen, "--webhook": webhook, "--from-now": from_now, "--limit": limit}
    _refuse_mixtures(reader, [name for name in chosen if chosen[name]], [name for name in given if given[name]])
    dsn = Settings.from_environment().catalog
    try:
        if reader is None:
            _show_readers(dsn, as_json=as_json)
        elif dead_letters:
            _show_dead_letters(dsn, reader, as_json=as_json)
        elif forget:
            with _catalog(dsn) as catalog:
                forget_reader(catalog, reader)
        else:
            _deliver(dsn, reader, webhook, follow_on, retry, from_now, limit, as_json)
    except ReaderBusy as busy:
        typer.echo(f"fieldhouse: {busy}", err=True)
        raise typer.Exit(1) from None


def _refuse_mixtures(reader: str | None, chosen: list[str], given: list[str]) -> None:
    if reader is None and given:
        raise ConfigurationError(f"{given[0]} needs --reader NAME; `fieldhouse events` lists the readers")
    if "--follow" in given and "--limit" in given:
        chosen = ["--follow", "--limit"]
    if len(chosen) > 1:
        raise ConfigurationError(f"{' and '.join(chosen)} do not go together: choose one")


@contextmanager
def _catalog(dsn: str) -> Iterator[Catalog]:
    catalog = Catalog(dsn, claim_seconds=0)
    try:
        yield catalog
    finally:
        catalog.close()


def _show_readers(dsn: str, *, as_json: bool) -> None:
    with _catalog(dsn) as catalog:
        readers = [row._asdict() for row in catalog.event_readers()]
    if as_json:
        echo_json(readers)
        return
    headings = ["reader", "read up to", "still to read", "dead letters", "moved"]
    show_table(None, headings, [_reader_cells(each) for each in readers])
    say(f"{len(readers):,} readers")


def _reader_cells(row: dict[str, Any]) -> list[str]:
    counts = [f"{row[name]:,}" for name in ("cursor", "pending", "dead_letters")]
    return [row["name"], *counts, moment(row["moved_at"], "never")]


def _show_dead_letters(dsn: str, reader: str, *, as_json: bool) -> None:
    with _catalog(dsn) as catalog:
        known_reader(catalog, reader)
        letters = list(catalog.dead_letters(reader))
    if as_json:
        echo_json([letter.as_json() for letter in letters])
        return
    for letter in letters:
        event = letter.event
        what = "/".join(filter(None, [event.source, event.dataset_type, event.identifier]))
        say(f"{event.event_id} {event.kind} {what}: {letter.attempts} attempts, {moment(letter.failed_at, '')}")
        say(f"  {' '.join(letter.error.split())}")
    say(f"{len(letters):,} dead letters of {reader}")


def _deliver(
    dsn: str,
    reader: str,
    url: str | None,
    follow_on: bool,
    retry: bool,
    from_now: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    with _handler(url) as handler:
        if follow_on:
            done = follow(dsn, reader, handler, from_now=from_now, say=lambda text: typer.echo(text, err=True))
        else:
            with _catalog(dsn) as catalog:
                if retry:
                    done = retry_dead_letters(catalog, reader, handler, limit=limit)
                else:
                    done = deliver(catalog, reader, handler, limit=limit, from_now=from_now)
    _report(done, reader, posted=url is not None, as_json=as_json)


@contextmanager
def _handler(url: str | None) -> Iterator[Handler]:
    if url is None:
        yield print_event
        return
    webhook = Webhook(url, secret=os.environ.get(SECRET_VARIABLE) or None)
    try:
        yield webhook
    finally:
        webhook.close()


def print_event(event: Event) -> None:
    """Print an event as a line of JSON. :raises DeliveryStopped: nobody reads it."""
    try:
        sys.stdout.write(json.dumps(event.as_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # what is left in the buffer would fail once more when the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise DeliveryStopped("") from None


def _report(done: Delivered, reader: str, *, posted: bool, as_json: bool) -> None:
    if posted and as_json:
        echo_json({"delivered": done.delivered, "dead_letters": done.failed, "stopped": done.stopped})
    elif posted:
        say(f"delivered {done.delivered:,} events")
    if done.failed:
        typer.echo(
            f"fieldhouse: {done.failed:,} events could not be delivered: `fieldhouse events --reader {reader} "
            "--dead-letters` says why, and --retry delivers them again",
            err=True,
        )
    if done.stopped:
        typer.echo(f"fieldhouse: {done.stopped}", err=True)
    if done.failed or done.stopped:
        raise typer.Exit(1)
