"""``fieldhouse verify``, ``gc`` and ``doctor``: whether all is as it should be, and mending what is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fieldhouse import sources
from fieldhouse.catalog import Catalog
from fieldhouse.cli.arguments import read_selection
from fieldhouse.cli.console import echo_json, say
from fieldhouse.cli.running import JsonOption, KeysArgument
from fieldhouse.config import Settings
from fieldhouse.engine import doctor
from fieldhouse.engine.context import Context
from fieldhouse.engine.gc import KEEP_EVENTS, Collected, gc
from fieldhouse.engine.repair import Repaired, repair
from fieldhouse.engine.status import Selection
from fieldhouse.engine.verify import Audited, verify
from fieldhouse.lake import LakeStore

FINDINGS_REMAIN = 3
MOST_LINES = 50

AllArgument = Annotated[
    str | None,
    typer.Argument(metavar="[SOURCE[/DATASET_TYPE]]", help="such as football_data/season; default: everything"),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="say what would be done, and do nothing")]


def verify_lake(
    what: AllArgument = None,
    keys: KeysArgument = None,
    mend: Annotated[bool, typer.Option("--repair", help="mend what can be mended")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="existence and sizes alone, without reading")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Audit lake, catalog and warehouse against each other; mend what differs.

    Examples:

    fieldhouse verify

    fieldhouse verify football_data/season division=E0 --repair

    Exit code 3 when something is wrong and stays so.
    """
    settings = Settings.from_environment()
    verified = [
        _verify_source(settings, name, selection, quick=quick, mend=mend and not dry_run, quiet=as_json)
        for name, selection in _selected(what, keys or [])
    ]
    if as_json:
        echo_json([_as_json(audited, repaired) for audited, repaired in verified])
    else:
        for audited, repaired in verified:
            _print_audit(audited, repaired)
    if any(_left(audited, repaired) for audited, repaired in verified):
        raise typer.Exit(FINDINGS_REMAIN)


def _selected(what: str | None, keys: Sequence[str]) -> list[tuple[str, Selection]]:
    if what is None:
        return [(name, Selection()) for name in sources.names()]
    source, selection = read_selection(what, keys)
    return [(source.name, selection)]


def _verify_source(
    settings: Settings, name: str, selection: Selection, *, quick: bool, mend: bool, quiet: bool
) -> tuple[Audited, list[Repaired] | None]:
    with Context(settings, sources.get(name), claim_seconds=0) as context:
        with _bar(f"{name}: read", quiet=quiet) as move:
            audited = verify(context, selection, quick=quick, progress=move)
        if not mend:
            return audited, None
        with _bar(f"{name}: repair", quiet=quiet) as move:
            return audited, repair(context, audited, progress=move)


@contextmanager
def _bar(title: str, *, quiet: bool) -> Iterator[Any]:
    """Show a bar on stderr, where that is a terminal; yields a function of (done, total)."""
    console = Console(stderr=True, quiet=quiet, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bars:
        bar = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


def _left(audited: Audited, repaired: Sequence[Repaired] | None) -> int:
    """Return how many findings stay."""
    return len(audited.findings) if repaired is None else sum(not result.is_mended for result in repaired)


def _as_json(audited: Audited, repaired: Sequence[Repaired] | None) -> dict[str, Any]:
    return {
        "source": audited.source,
        "objects": audited.objects,
        "read": audited.read,
        "findings": [finding.as_json() for finding in audited.findings],
        "notes": [note.as_json() for note in audited.notes],
        "repaired": None if repaired is None else [result.as_json() for result in repaired],
        "left": _left(audited, repaired),
    }


def _print_audit(audited: Audited, repaired: Sequence[Repaired] | None) -> None:
    looked = f"{audited.objects:,} objects, {audited.read:,} of them read"
    say(f"{audited.source}: {looked}; {len(audited.findings):,} wrong, {_left(audited, repaired):,} left so")
    if repaired is None:
        _print_some([f"{f.kind} {f.dataset} {f.what}: {f.found}. Repair: {f.repair}" for f in audited.findings])
    else:
        lines = [(r.finding, "mended" if r.is_mended else "LEFT", r.did) for r in repaired]
        _print_some([f"{state} {f.kind} {f.dataset} {f.what}: {f.found}. Done: {did}" for f, state, did in lines])
    _print_some([f"note: {n.kind} {n.dataset} {n.what}: {n.found}. {n.repair}" for n in audited.notes])


def _print_some(lines: Sequence[str]) -> None:
    for line in lines[:MOST_LINES]:
        say("  " + " ".join(line.split()))
    if len(lines) > MOST_LINES:
        say(f"  ... and {len(lines) - MOST_LINES:,} more; --json has them all")


def collect_garbage(
    older_than: Annotated[
        float, typer.Option("--older-than", metavar="HOURS", help="leave what is younger", min=0)
    ] = 24,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Remove from the lake what nothing names: leftovers of killed runs, and what repairs set aside a month ago.

    Example: fieldhouse gc --dry-run

    A source is passed over while a run of it lives.
    """
    settings = Settings.from_environment()
    catalog = Catalog(settings.catalog, claim_seconds=0)
    try:
        lake = LakeStore(settings.lake, settings.lake_options)
        with _bar("gc", quiet=as_json) as move:
            result = gc(catalog, lake, older_than=timedelta(hours=older_than), dry_run=dry_run, progress=move)
    finally:
        catalog.close()
    if as_json:
        echo_json({**result.as_json(), "dry_run": dry_run})
    else:
        _print_collected(result, "would remove" if dry_run else "removed")


def _print_collected(result: Collected, did: str) -> None:
    counts = ", ".join(f"{len(paths):,} {kind}" for kind, paths in result.removed.items() if paths)
    say(f"{did} {counts or 'nothing'} ({result.bytes:,} bytes)")
    _print_some([path for paths in result.removed.values() for path in paths])
    if result.plans or result.staged:
        say(f"dead plans: {result.plans:,}; scraped files that nobody goes on with: {result.staged:,}")
    if result.events:
        say(f"events of more than {KEEP_EVENTS.days} days ago, read by all readers: {result.events:,}")
    for line in result.left:
        say(f"left {line}")


def examine(
    network: Annotated[bool, typer.Option("--network", help="ask each source's host for one page")] = False,
    airflow: Annotated[bool, typer.Option(help="also look at the Airflow that is installed here")] = True,
    as_json: JsonOption = False,
) -> None:
    """Try every connection, right, flag and pool, and say how to mend what is wrong.

    Example: fieldhouse doctor --network

    Exit code 1 when something fails.
    """
    own = doctor.speaks_of_settings()
    looks = airflow and doctor.why_no_airflow() is None
    # with neither there is nothing to look at, and that is what is wrong
    checks = list(doctor.examine(Settings.from_environment, network=network)) if own or not looks else []
    if airflow:
        # where the environment names no lake, Airflow's Connections do
        checks += doctor.examine_airflow(deep=not own, network=network)
    if as_json:
        echo_json([check.as_json() for check in checks])
    else:
        for check in checks:
            say(f"{check.state.upper() if check.state == 'fail' else check.state:<4}  {check.line}")
    raise typer.Exit(1 if any(check.state == "fail" for check in checks) else 0)
