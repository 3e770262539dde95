"""``fieldhouse rollback``, ``reparse``, ``invalidate`` and ``delete``: a dataset's life after its first revision."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from fieldhouse.catalog import Item
from fieldhouse.cli.arguments import read_selection
from fieldhouse.cli.console import echo_json, say
from fieldhouse.cli.progress import RunProgress
from fieldhouse.cli.running import JsonOption, KeysArgument, StateOption, WhatArgument, run_name
from fieldhouse.config import Settings
from fieldhouse.engine import life
from fieldhouse.engine.archive import archive
from fieldhouse.engine.context import Context
from fieldhouse.engine.life import Again, Holdings
from fieldhouse.engine.load import load
from fieldhouse.engine.report import Report, make_report
from fieldhouse.errors import ConfigurationError, Outcome
from fieldhouse.source import Source

MOST_NAMES = 20
# What the outcomes of a run mean where nothing is fetched
WORDS = {
    "rollback": {Outcome.FETCHED: "now at another revision", Outcome.UNCHANGED: "already there"},
    "reparse": {Outcome.FETCHED: "with rows read anew", Outcome.UNCHANGED: "with the same rows as before"},
}

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="say what would happen, and change nothing")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="do not ask")]
BackToOption = Annotated[
    int | None, typer.Option("--to", metavar="N", min=1, help="this revision, be it older or newer")
]


def rollback(
    what: WhatArgument,
    keys: KeysArgument = None,
    to: BackToOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make the good revision before the current one current again; the warehouse follows.

    It lasts until the provider publishes something else: what was rolled back from is not taken again by itself.

    Examples:

    fieldhouse rollback football_data/season division=E0 season=2526

    fieldhouse rollback football_data/season division=E0 season=2526 --to 5

    fieldhouse rollback football_data/season season=2526 --dry-run
    """
    source, selection = read_selection(what, keys or [])
    with _context(source) as context:
        made = life.rollback(context, run_name("rollback"), selection, to, dry_run=dry_run)
        _carry_out(context, "rollback", made, dry_run=dry_run, as_json=as_json)


def reparse(
    what: WhatArgument,
    keys: KeysArgument = None,
    state: StateOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read bytes that are in the lake again, with today's parser; no provider is asked.

    The newest bytes of a dataset if they are in quarantine, else its current revision. Of a dataset that is
    observed, every observation in quarantine.

    Examples:

    fieldhouse reparse football_data --state quarantined

    fieldhouse reparse football_data/season season=2526
    """
    source, selection = read_selection(what, keys or [], state)
    with _context(source) as context:
        made = life.reparse(context, run_name("reparse"), selection, dry_run=dry_run)
        _carry_out(context, "reparse", made, dry_run=dry_run, as_json=as_json)


def _context(source: Source) -> Context:
    return Context(Settings.from_environment(), source, claim_seconds=0)


def _carry_out(context: Context, command: str, made: Again, *, dry_run: bool, as_json: bool) -> None:
    """Take the lanes of a plan through archive and load, report, and end with the exit code."""
    report = None if dry_run or not made.steps else _work(context, made, quiet=as_json)
    if as_json:
        echo_json({**_again_as_json(made), "dry_run": dry_run, "report": report and report.as_json()})
    else:
        for line in _again_lines(context.source, command, made, report):
            say(line)
    raise typer.Exit(1 if made.claimed_elsewhere or (report and report.failed) else 0)


def _work(context: Context, made: Again, *, quiet: bool) -> Report:
    with RunProgress(len(made.lanes), quiet=quiet) as progress:
        for lane in made.lanes:
            with progress.lane(lane) as bars:

                def archived(item: Item, outcome: Outcome, bars: Any = bars) -> None:
                    bars.scraped(item, None)  # its bytes were there before
                    bars.archived(item, outcome)

                archive(context, lane.plan, lane.lane, archived)
                load(context, lane.plan, lane.lane, bars.loaded)
    return make_report(context, made.plan)


def _again_as_json(made: Again) -> dict[str, Any]:
    return {
        "datasets": [{"dataset": step.dataset, "from": step.old, "to": step.new} for step in made.steps],
        "left_out": made.left_out,
        "claimed_elsewhere": made.claimed_elsewhere,
    }


def _again_lines(source: Source, command: str, made: Again, report: Report | None) -> Iterator[str]:
    if not made.steps:
        yield "nothing to do"
        return
    yield from _some([_step_line(source, step) for step in made.steps])
    yield from _some([f"{source.name}/{name} is left out: {why}" for name, why in made.left_out.items()])
    if made.claimed_elsewhere:
        yield f"{made.claimed_elsewhere:,} datasets are left out: another run works on them"
    if report is None:
        yield f"{len(made.steps):,} datasets; nothing was changed"
        return
    words = {str(outcome): text for outcome, text in WORDS[command].items()}
    counted = [f"{count:,} {words.get(outcome, outcome)}" for outcome, count in report.outcomes.items()]
    yield f"{source.name}: {', '.join(counted)}"
    yield from report.lines()[1:]


def _step_line(source: Source, step: life.Step) -> str:
    change = f"revision {step.new}" if step.old == step.new else f"revision {step.old or '-'} -> {step.new}"
    return f"{source.name}/{step.dataset}: {change}"


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:MOST_NAMES]
    if len(lines) > MOST_NAMES:
        yield f"... and {len(lines) - MOST_NAMES:,} more; --json names them all"


def invalidate(
    what: WhatArgument,
    keys: KeysArgument = None,
    state: StateOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Forget that the provider was asked: the next run asks again, and takes no "not modified" for an answer.

    Revisions and rows stay.

    Example: fieldhouse invalidate football_data/season season=2425
    """
    source, selection = read_selection(what, keys or [], state)
    with _context(source) as context:
        done = life.invalidate(context, selection, dry_run=dry_run)
    if as_json:
        echo_json({**asdict(done), "dry_run": dry_run})
    else:
        for line in _some([f"{source.name}/{name}" for name in done.datasets]):
            say(line)
        ends = "nothing was changed" if dry_run else "the next run whose scope has them asks for them again"
        say(f"{len(done.datasets):,} datasets; {ends}" if done.datasets else "nothing to do")
        if done.claimed_elsewhere:
            say(f"{done.claimed_elsewhere:,} datasets are left out: another run works on them")
    raise typer.Exit(1 if done.claimed_elsewhere else 0)


def delete(
    what: WhatArgument,
    keys: KeysArgument = None,
    state: StateOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Remove datasets with all their revisions, files and rows. Asks first.

    A later run whose scope has them fetches them again.

    Example: fieldhouse delete football_data/season season=9394 --dry-run
    """
    source, selection = read_selection(what, keys or [], state)
    if not (yes or dry_run or sys.stdin.isatty()):
        raise ConfigurationError("delete asks first, and nobody is here to answer: look with --dry-run, then say --yes")
    with _context(source) as context:
        meant = life.select(context, selection)
        held = life.holdings(context, meant)
        if not as_json:
            for line in [*_some([f"{source.name}/{row.name}" for row in meant]), _held(held)]:
                say(line)
        if dry_run or not meant:
            if as_json:
                echo_json({"datasets": [row.name for row in meant], "held": asdict(held), "dry_run": dry_run})
            else:
                say("nothing was changed" if meant else "nothing to do")
            return
        if not yes and not typer.confirm("Delete them for good?", err=True):
            say("nothing was changed")
            raise typer.Exit(1)
        with _bar(len(meant), quiet=as_json) as advance:
            report, elsewhere = life.delete(context, run_name("delete"), meant, advance)
    if as_json:
        names = [row.name for row in meant]
        tables = {name: counts.deleted for name, counts in report.tables.items()}
        echo_json({"datasets": names, "held": asdict(held), "deleted_rows": tables, "claimed_elsewhere": elsewhere})
    else:
        for line in [f"{source.name}: {len(meant) - elsewhere:,} datasets deleted", *report.lines()[1:]]:
            say(line)
        if elsewhere:
            say(f"{elsewhere:,} datasets are left: another run works on them")
        say("a run whose scope has them fetches them again")
    raise typer.Exit(1 if elsewhere else 0)


def _held(held: Holdings) -> str:
    return (
        f"{held.datasets:,} datasets with {held.revisions:,} revisions, {held.objects:,} objects "
        f"({held.bytes:,} bytes) in the lake and {held.rows:,} current rows"
    )


@contextmanager
def _bar(total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True, quiet=quiet)
    with Progress(console=console, disable=quiet or not console.is_terminal) as progress:
        bar = progress.add_task("deleted", total=total)
        yield lambda count: progress.advance(bar, count)
