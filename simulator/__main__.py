"""The command: ``python -m simulator`` serves until it is told to stop."""

from __future__ import annotations

import json
import signal
from datetime import date, datetime
from pathlib import Path
from socket import socket
from typing import Annotated

import typer

from simulator.application import Simulator
from simulator.generated import DEFAULT_DATE, DEFAULT_SEED
from simulator.recorded import RecordingsError
from simulator.server import Config, Running, listen, run
from simulator.sources import UnknownSource

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="What generated seasons are made from.")] = DEFAULT_SEED,
    today: Annotated[
        datetime | None,
        typer.Option(
            "--date",
            formats=["%Y-%m-%d"],
            help=f"Play generated seasons up to this date ({DEFAULT_DATE} unless given).",
        ),
    ] = None,
    recordings: Annotated[
        Path | None, typer.Option(help="Answer from this recordings folder, unpacked or not.")
    ] = None,
    index: Annotated[Path | None, typer.Option(help="The recordings' index, if it is not in their folder.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Of several captures of a URL, the latest up to this date."),
    ] = None,
    matches: Annotated[
        int | None, typer.Option(min=1, help="Give the generated StatsBomb so many matches, for tests of scale.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Answer for this source only. May be repeated.")] = None,
) -> None:
    """Simulate the sources on 127.0.0.1: seasons generated from a seed, or recorded payloads by URL.

    Prints one line of JSON when requests are answered: url, mode, today, and each source's base URL. Stops at
    SIGTERM and SIGINT. Exit 2: the port is taken, or an option does not fit.

    Examples:

      python -m simulator --date 2025-11-01

      python -m simulator --only statsbomb --matches 10000

      python -m simulator --recordings ../recordings --only football_data --as-of 2026-02-24
    """
    if recordings is None and (as_of or index):
        raise _stop("--as-of and --index choose among recordings: name their folder with --recordings")
    if recordings is not None and today:
        raise _stop("--date plays generated seasons; with --recordings say --as-of")
    config = Config(
        seed=seed,
        today=_date(today) or DEFAULT_DATE,
        recordings=recordings,
        index=index,
        as_of=_date(as_of),
        only=tuple(only or ()),
        matches=matches,
    )
    try:
        simulator = Simulator(config.world())
    except (RecordingsError, UnknownSource) as error:
        raise _stop(str(error)) from error
    try:
        listener = listen(port)
    except (OSError, OverflowError) as error:
        raise _stop(f"port {port} cannot be used ({error}): choose another with --port, or 0 for any") from error
    with listener:
        _run_until_signalled(simulator, listener)


def _run_until_signalled(simulator: Simulator, listener: socket) -> None:
    # The server stops in good order at these signals and then raises them again: that must not end us by signal
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    run(simulator, listener, _print_ready)


def _print_ready(running: Running) -> None:
    print(json.dumps(running.state()), flush=True)


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _stop(reason: str) -> typer.Exit:
    typer.echo(f"simulator: {reason}", err=True)
    return typer.Exit(2)


if __name__ == "__main__":
    app()
