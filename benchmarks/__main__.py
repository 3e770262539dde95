"""The command: ``python -m benchmarks [NAME ...] [--write]``."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import (
    basketball_pages,
    dag_files,
    dlt_events,
    dlt_peer,
    football_data,
    load_rate,
    marts,
    memory,
    parser,
    planning,
    record,
    statsbomb,
    statsbomb_airflow,
    statsbomb_scale,
)
from benchmarks.figures import Figures
from benchmarks.place import Place, place

IN_A_PLACE: dict[str, Callable[[Place], list[Figures]]] = {
    "football_data": football_data.bench,
    "marts": marts.bench,
    "load_rate": load_rate.bench,
    "dlt": dlt_peer.bench,
    "memory": memory.bench,
    "statsbomb": statsbomb.bench,
    "statsbomb_airflow": statsbomb_airflow.bench,
    "statsbomb_scale": statsbomb_scale.bench,
    "dlt_events": dlt_events.bench,
    "planning": planning.bench,
}
ALONE: dict[str, Callable[[], list[Figures]]] = {
    "dag_files": dag_files.bench,
    "basketball_pages": basketball_pages.bench,
    "parser": parser.bench,
}
NAMES = (*IN_A_PLACE, *ALONE)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME ...]", help=f"of {', '.join(NAMES)}")] = None,
    write: Annotated[bool, typer.Option("--write", help="keep the figures in benchmarks/README.md")] = False,
) -> None:
    """Measure, and print figures. Exit 1: a claim is missed; 2: there is no such benchmark.

    Example: python -m benchmarks football_data load_rate --write
    """
    unknown = sorted(set(names or ()) - set(NAMES))
    if unknown:
        typer.echo(f"benchmarks: there is no {', '.join(unknown)}; there are: {', '.join(NAMES)}", err=True)
        raise typer.Exit(2)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers stop and folders go
    console = Console()
    missed = 0
    for name in names or NAMES:
        started = time.perf_counter()
        found = _run(name)
        console.rule(f"python -m benchmarks {name} ({time.perf_counter() - started:.0f} s)")
        for figures in found:
            figures.show(console)
            missed += sum(not claim.holds for claim in figures.claims)
        if write:
            record.keep(name, found)
    raise typer.Exit(1 if missed else 0)


def _run(name: str) -> list[Figures]:
    if name in ALONE:
        return ALONE[name]()
    with place() as scratch:
        return IN_A_PLACE[name](scratch)


if __name__ == "__main__":
    app()
