"""``fieldhouse run``, ``plan`` and ``migrate``: what a Dag does, in one process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Annotated, Any
from uuid import uuid4

import typer

from fieldhouse import clock, sources
from fieldhouse.catalog import Lane, PlanCounts
from fieldhouse.cli.arguments import read_date, read_fetch_policies, read_flags, read_params, read_wanted
from fieldhouse.cli.console import echo_json, say, show_table
from fieldhouse.cli.progress import LaneProgress, RunProgress
from fieldhouse.config import Settings
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Plan, Request, discover, discover_files, preview
from fieldhouse.engine.load import load
from fieldhouse.engine.progress import Work
from fieldhouse.engine.report import Report, make_report
from fieldhouse.engine.scrape import scrape
from fieldhouse.engine.status import Selection
from fieldhouse.migrate import migrate
from fieldhouse.source import Source, Window

WhatArgument = Annotated[
    str, typer.Argument(metavar="SOURCE[/DATASET_TYPE]", help="such as football_data, or football_data/season")
]
KeysArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[key=value ...]", help="only the dataset, or the datasets, with these keys"),
]
WantedArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[key=value ...]", help="only datasets with these keys; a value may be a,b or 1..50 or *"),
]
StateOption = Annotated[
    str | None,
    typer.Option(
        "--state", help="only datasets that are scheduled, partial, complete, missing, quarantined or withdrawn"
    ),
]
ParamOption = Annotated[
    list[str] | None, typer.Option("--param", "-p", metavar="name=value", help="as in the trigger form")
]
FromOption = Annotated[str | None, typer.Option("--from", metavar="DATE", help="first date of the window (today)")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="last date of the window")]
ForceOption = Annotated[bool, typer.Option("--force", help="look at everything again, accept lost rows")]
FlagOption = Annotated[
    list[str] | None, typer.Option("--flag", metavar="name=on|off|auto", help="as Variable flag__<name>")
]
FetchPolicyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fetch-policy",
        metavar="DATASET_TYPE=NAME",
        help="what is asked for again: ladder, once, always, or one that a package registers",
    ),
]
FileOption = Annotated[
    list[str] | None,
    typer.Option("--file", metavar="[name=]FILE", help="ingest this file as the dataset, instead of asking the source"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object instead of text")]


def run(
    what: WhatArgument,
    keys: WantedArgument = None,
    param: ParamOption = None,
    from_date: FromOption = None,
    to_date: ToOption = None,
    force: ForceOption = False,
    flag: FlagOption = None,
    fetch_policy: FetchPolicyOption = None,
    file: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Discover, scrape, archive and load a source in one process: what its Dag does.

    Examples:

    fieldhouse run football_data

    fieldhouse run football_data -p seasons=2015-2025 -p divisions=E0,E1

    fieldhouse run statsbomb/match competition_id=11 season_id=42,90

    fieldhouse run statsbomb -p "selectors=competition_id=43;season_id=100.." -p with_360=true --fetch-policy match=once

    fieldhouse run football_data/season division=E0 season=2425 --file E0.csv
    """
    source, selection = read_wanted(what, keys or [])
    request = _request(source, selection, param, from_date, to_date, force, flag, fetch_policy)
    with Context(Settings.from_environment(), source, claim_seconds=0) as context:
        name = run_name("cli")
        made = discover_files(context, name, request, file) if file else discover(context, name, request)
        report = work(context, made, quiet=as_json)
    _print_report(report, made.counts, as_json=as_json)
    raise typer.Exit(1 if report.failed else 0)


def plan(
    what: WhatArgument,
    keys: WantedArgument = None,
    param: ParamOption = None,
    from_date: FromOption = None,
    to_date: ToOption = None,
    force: ForceOption = False,
    flag: FlagOption = None,
    fetch_policy: FetchPolicyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what a run would fetch, and why. Nothing is fetched or written.

    Example: fieldhouse plan football_data -p seasons=all
    """
    source, selection = read_wanted(what, keys or [])
    request = _request(source, selection, param, from_date, to_date, force, flag, fetch_policy)
    with Context(Settings.from_environment(), source) as context:
        items, counts, notes = preview(context, request)
        asked = Work(counts.requests, context.pace)
    if as_json:
        rows = [
            {
                "dataset_type": item.dataset_type,
                "identifier": item.identifier,
                "reason": item.reason,
                "urls": [file["url"] for file in item.files],
            }
            for item in items
        ]
        claimed = counts.claimed_elsewhere
        effort = {"requests": asked.requests, "seconds": asked.time.total_seconds()}
        echo_json({"planned": rows, "fresh": counts.fresh, "claimed_elsewhere": claimed, "left_out": notes, **effort})
        return
    if items:
        cells = [[i.dataset_type, i.identifier, i.reason, "\n".join(f["url"] for f in i.files)] for i in items]
        show_table(source.name, ["dataset type", "dataset", "why", "files"], cells)
    say(f"{len(items):,} to look at, {counts.fresh:,} fresh, {counts.claimed_elsewhere:,} in another run's hands")
    if asked.requests:
        say(str(asked))
    for note in notes:
        say(f"{note['dataset_type']}: {note['outcome']} ({note['reason']})")


def migrate_databases(
    as_json: JsonOption = False,
) -> None:
    """Bring the tables of catalog and warehouse up to date. Safe to repeat, and to run twice at once.

    Example: fieldhouse migrate
    """
    applied = migrate(Settings.from_environment(), sources.names())
    if as_json:
        echo_json([{"file": a.file, "database": a.database} for a in applied])
        return
    for each in applied:
        say(f"{each.database}: {each.file}")
    say(f"{len(applied)} files applied" if applied else "nothing to do")


def _request(
    source: Source,
    selection: Selection,
    param: list[str] | None,
    from_date: str | None,
    to_date: str | None,
    force: bool,
    flag: list[str] | None,
    fetch_policy: list[str] | None,
) -> Request:
    params = read_params(source, param or [])
    if force:
        params["force"] = True
    if selection.dataset_type:
        params["dataset_types"] = [selection.dataset_type]
    return Request(
        window=_window(from_date, to_date, params),
        params=params,
        flags=read_flags(flag or []),
        select=selection.keys,
        fetch_policies=read_fetch_policies(source, fetch_policy or []),
    )


def _window(from_date: str | None, to_date: str | None, params: Mapping[str, Any]) -> Window:
    start = read_date(from_date or params.get("from_date"), "--from")
    end = read_date(to_date or params.get("to_date"), "--to")
    first = start or end or clock.today()
    return Window(first, end or first)


def run_name(kind: str) -> str:
    """Return a name for a run that has none of its own."""
    return f"{kind}/{clock.now():%Y-%m-%dT%H:%M:%S}-{uuid4().hex[:6]}"


def work(context: Context, made: Plan, *, quiet: bool = False) -> Report:
    """Take a plan's lanes through scrape, archive and load, and report.

    While one lane is loaded, which is the database's work, the next one is scraped and archived.
    """
    loads: list[Future[None]] = []
    loader = ThreadPoolExecutor(1, thread_name_prefix="load")
    with RunProgress(len(made.lanes), Work(made.counts.requests, context.pace), quiet=quiet) as progress:
        try:
            for lane in made.lanes:
                with ExitStack() as stack:
                    shown = stack.enter_context(progress.lane(lane))
                    _scrape_patiently(context, lane, shown)
                    archive(context, lane.plan, lane.lane, shown.archived)
                    if loads:
                        loads[-1].result()  # no further ahead than one lane
                    loads.append(loader.submit(_load_lane, context, lane, shown, stack.pop_all()))
            for each in loads:
                each.result()
        finally:
            # whoever stops us does not wait for what hangs
            loader.shutdown(wait=False, cancel_futures=True)
    return make_report(context, made.plan)


def _load_lane(context: Context, lane: Lane, shown: LaneProgress, until_done: ExitStack) -> None:
    with until_done, context.another() as own:
        load(own, lane.plan, lane.lane, shown.loaded)


def _scrape_patiently(context: Context, lane: Lane, progress: LaneProgress) -> None:
    wait = scrape(context, lane.plan, lane.lane, progress.scraped).wait()
    if wait is not None:
        time.sleep(wait)
        scrape(context, lane.plan, lane.lane, progress.scraped)


def _print_report(report: Report, counts: PlanCounts, *, as_json: bool) -> None:
    if as_json:
        more = {"claimed_elsewhere": counts.claimed_elsewhere, "withdrawn": counts.withdrawn}
        echo_json({**report.as_json(), **more})
        return
    for line in report.lines():
        say(line)
    if counts.claimed_elsewhere:
        say(f"  {counts.claimed_elsewhere:,} datasets are in another run's hands")
    if counts.withdrawn:
        say(f"  {counts.withdrawn:,} datasets are no longer listed by the provider; what we have of them stays")
