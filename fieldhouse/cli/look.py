"""``fieldhouse list``, ``history`` and ``status``: what the lake and the warehouse hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from fieldhouse import sources
from fieldhouse.cli.arguments import dataset_type_of, identifier_of, read_selection, split_pairs
from fieldhouse.cli.console import echo_json, moment, say, show_table
from fieldhouse.cli.running import JsonOption, KeysArgument, StateOption, WhatArgument
from fieldhouse.config import Settings
from fieldhouse.engine.context import Context
from fieldhouse.engine.status import DatasetRow, RevisionRow, datasets, revisions, source_status
from fieldhouse.errors import ConfigurationError


def list_datasets(
    what: WhatArgument,
    keys: KeysArgument = None,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the datasets that the catalog knows, with state and current revision.

    Example: fieldhouse list football_data/season division=E0 --state quarantined
    """
    source, selection = read_selection(what, keys or [], state)
    with Context(Settings.from_environment(), source) as context:
        rows = datasets(context, selection)
    if as_json:
        echo_json([row.as_json() for row in rows])
        return
    headings = ["dataset type", "dataset", "state", "revision", "files", "bytes", "last look"]
    show_table(None, headings, map(_dataset_cells, rows))
    say(f"{len(rows):,} datasets")


def _dataset_cells(row: DatasetRow) -> list[str]:
    return [
        row.dataset_type,
        row.identifier,
        row.state,
        str(row.revision or "-"),
        str(row.files),
        f"{row.bytes:,}",
        moment(row.checked_at, "never"),
    ]


def history(
    what: Annotated[str, typer.Argument(metavar="SOURCE/DATASET_TYPE", help="such as football_data/season")],
    words: Annotated[list[str] | None, typer.Argument(metavar="key=value ...")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show every revision of a dataset, newest first, and which one is current.

    Example: fieldhouse history football_data/season division=E0 season=2526
    """
    source, dataset_type = dataset_type_of(what)
    keys = identifier_of(dataset_type, split_pairs(words or []), whole=True)
    with Context(Settings.from_environment(), source) as context:
        rows = revisions(context, dataset_type.name, keys)
    if not rows:
        raise ConfigurationError(f"the catalog knows no revision of {what} {' '.join(words or [])}".rstrip())
    if as_json:
        echo_json([row.as_json() for row in rows])
        return
    headings = ["revision", "state", "created", "changed files", "rows", "activations"]
    current = next((row.revision for row in rows if row.current), 0)
    cells = [_revision_cells(row, current) for row in rows]
    show_table(f"{what} {' '.join(words or [])}".rstrip(), headings, cells)
    # below the table: a reason is as long as it needs to be
    for row in rows:
        if row.reason:
            say(f"revision {row.revision} is in quarantine: {row.reason}")


def _revision_cells(row: RevisionRow, current: int) -> list[str]:
    abandoned = row.state == "good" and row.revision > current
    return [
        str(row.revision),
        "current" if row.current else "rolled back" if abandoned else row.state,
        moment(row.created_at, ""),
        "\n".join(f"{file['name']} {file['bytes']:,} B {file['sha256'][:12]}" for file in row.changed_files),
        "\n".join(f"{name} {count:,}" for name, count in row.rows.items()),
        ", ".join(f"{a['activation']} ({a['reason']})" for a in row.activations),
    ]


def status(
    as_json: JsonOption = False,
) -> None:
    """Show each source's datasets by state, its last run, its tables, and which hosts are left alone.

    Example: fieldhouse status
    """
    settings = Settings.from_environment()
    found = []
    for name in sources.names():
        with Context(settings, sources.get(name)) as context:
            found.append(source_status(context))
            place = context.warehouse.place
    if as_json:
        echo_json(found)
        return
    for state in found:
        show_table(f"{state['source']}  (lake {settings.lake}, warehouse {place})", ["", ""], _status_cells(state))


def _status_cells(state: Mapping[str, Any]) -> list[list[str]]:
    last = state["last_run"] or {}
    lines = {
        "datasets": _counted(state["datasets"]) or "none yet",
        "rows": _counted(state["tables"]),
        "last run": f"{last['run']}, {_ended(last)}" if last else "none yet",
        "it found": _counted(last.get("outcomes", {})),
        "it changed": _counted(last.get("changes", {})),
        "marts": "older than the tables" if state["marts_dirty"] else "as new as the tables",
        "last dbt run": _dbt_run(state["last_dbt_run"]),
        "left alone": "\n".join(state["stopped_hosts"]),
    }
    return [[name, text] for name, text in lines.items() if text]


def _dbt_run(run: Mapping[str, Any] | None) -> str:
    if run is None:
        return ""
    failed = "".join(f"; {failure['node']} failed" for failure in run["failures"])
    return f"{moment(run['finished_at'], '')}: {run['models']} models built, {run['tests']} tests passed{failed}"


def _ended(last: Mapping[str, Any]) -> str:
    return f"ended {moment(last['finished_at'], '')}" if last["finished_at"] else "not finished"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
