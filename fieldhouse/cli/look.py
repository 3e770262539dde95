"""``fieldhouse list``, ``history`` and ``status``: what the lake and the warehouse hold."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from fieldhouse import sources
from fieldhouse.cli.arguments import dataset_type_of, identifier_of, split_pairs
from fieldhouse.cli.running import JsonOption, SourceArgument
from fieldhouse.config import Settings
from fieldhouse.engine.context import Context
from fieldhouse.engine.status import DatasetRow, RevisionRow, datasets, revisions, source_status
from fieldhouse.errors import ConfigurationError

SelectArgument = Annotated[list[str] | None, typer.Argument(metavar="[DATASET_TYPE [key=value ...]]")]


def list_datasets(
    source_name: SourceArgument,
    select: SelectArgument = None,
    as_json: JsonOption = False,
) -> None:
    """List the datasets that the catalog knows, with state and current revision.

    Example: fieldhouse list football_data season division=E0
    """
    source = sources.get(source_name)
    dataset_type = source.dataset_type(select[0]) if select else None
    keys = identifier_of(dataset_type, split_pairs(select[1:]), whole=False) if select and dataset_type else {}
    with Context(Settings.from_environment(), source) as context:
        rows = datasets(context, dataset_type.name if dataset_type else None, keys)
    if as_json:
        _echo([row.as_json() for row in rows])
        return
    table = Table("dataset type", "dataset", "state", "revision", "files", "bytes", "last look")
    for row in rows:
        table.add_row(*_dataset_cells(row))
    Console().print(table)


def _dataset_cells(row: DatasetRow) -> list[str]:
    looked = f"{row.checked_at:%Y-%m-%d %H:%M}" if row.checked_at else "never"
    return [
        row.dataset_type,
        row.identifier,
        row.state,
        str(row.revision or "-"),
        str(row.files),
        f"{row.bytes:,}",
        looked,
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
        _echo([row.as_json() for row in rows])
        return
    table = Table("revision", "state", "created (UTC)", "changed files", "rows", "activations")
    for row in rows:
        table.add_row(*_revision_cells(row))
    Console().print(table)


def _revision_cells(row: RevisionRow) -> list[str]:
    state = "current" if row.current else row.state
    return [
        str(row.revision),
        f"{state}: {row.reason}" if row.reason else state,
        f"{row.created_at:%Y-%m-%d %H:%M:%S}",
        "\n".join(f"{file['name']} {file['bytes']:,} B {file['sha256'][:12]}" for file in row.changed_files),
        "\n".join(f"{name} {count:,}" for name, count in row.rows.items()),
        ", ".join(f"{a['activation']} ({a['reason']})" for a in row.activations),
    ]


def status(
    as_json: JsonOption = False,
) -> None:
    """Show each source's datasets by state, its last run, its tables, and which hosts are left alone."""
    settings = Settings.from_environment()
    rows = []
    for name in sources.NAMES:
        with Context(settings, sources.get(name)) as context:
            rows.append(source_status(context))
    if as_json:
        _echo(rows)
        return
    console = Console()
    for row in rows:
        console.print(f"[bold]{row['source']}[/bold]  lake {settings.lake}")
        for key in ("datasets", "tables", "last_run", "stopped_hosts", "marts_dirty"):
            console.print(f"  {key.replace('_', ' ')}: {_flat(row[key])}", highlight=False)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flat(each)}" for key, each in value.items()) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, []) else f"{value:,}" if isinstance(value, int) else str(value)


def _echo(value: Any) -> None:
    typer.echo(json.dumps(value, default=str))
