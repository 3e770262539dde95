"""Status: what the catalog and the warehouse hold of a source, and how its last run ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fieldhouse.errors import ConfigurationError
from fieldhouse.marts import newest_run
from fieldhouse.source import format_identifier, parse_identifier
from fieldhouse.statements import query

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

STATES = ("scheduled", "partial", "complete", "missing", "quarantined", "withdrawn")


def refuse_unknown_state(state: str | None) -> None:
    """Refuse a word that is no state of a dataset. :raises ConfigurationError: the message lists them."""
    if state is not None and state not in STATES:
        raise ConfigurationError(f"there is no state {state!r}; a dataset is {', '.join(STATES)}")


@dataclass(frozen=True)
class DatasetRow:
    """A dataset as the catalog has it; ``bytes`` are those of its current files, as the provider sent them."""

    dataset_id: int
    dataset_type: str
    identifier: str
    state: str
    revision: int | None
    files: int
    bytes: int
    checked_at: datetime | None

    @property
    def name(self) -> str:
        """``<dataset type>/<identifier>``, as a person writes it."""
        return f"{self.dataset_type}/{self.identifier}".rstrip("/")

    @property
    def keys(self) -> dict[str, str]:
        """The identifier, with its values as the provider writes them."""
        return parse_identifier(self.identifier)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Selection:
    """Which of a source's datasets are meant: those of a type, with key values, in a state; whatever is left out."""

    dataset_type: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    state: str | None = None


@dataclass(frozen=True)
class RevisionRow:
    """A revision of a dataset, with the files that it brought and the rows that it gave."""

    revision: int
    state: str
    reason: str | None
    created_at: datetime
    current: bool
    changed_files: Sequence[Mapping[str, Any]]
    rows: Mapping[str, int]
    activations: Sequence[Mapping[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def datasets(context: Context, selection: Selection) -> list[DatasetRow]:
    """Return the datasets that are meant."""
    rows = context.catalog.datasets(context.source.name, selection.dataset_type, selection.keys, selection.state)
    return [DatasetRow(*row) for row in rows]


def revisions(context: Context, dataset_type: str, keys: Mapping[str, str]) -> list[RevisionRow]:
    """Return the revisions of one dataset, newest first."""
    identifier = format_identifier(keys)
    parameters = {"source": context.source.name, "dataset_type": dataset_type, "identifier": identifier}
    rows = context.catalog.rows(query("history"), parameters)
    return [RevisionRow(*row) for row in rows]


def source_status(context: Context) -> dict[str, Any]:
    """Return counts of datasets by state, rows by table, the last run's report, and stopped hosts."""
    name = context.source.name
    states = context.catalog.rows(
        "select state, count(*) as datasets from lake.dataset where source = %s group by state order by state", (name,)
    )
    last = context.catalog.rows(
        "select run, finished_at, report from lake.plan where source = %s order by plan_id desc limit 1", (name,)
    )
    stopped = context.catalog.rows("select host, until, kind, reason from lake.host_block where until > now()")
    tables = sorted({table.name for t in context.source.dataset_types for table in t.tables})
    return {
        "source": name,
        "datasets": {row.state: row.datasets for row in states},
        "tables": context.warehouse.count_rows(name, tables),
        "last_run": _last_run(last[0]) if last else None,
        "stopped_hosts": [f"{row.host} until {row.until:%H:%M} UTC ({row.kind})" for row in stopped],
        "marts_dirty": context.warehouse.is_dirty(name),
        "last_dbt_run": _last_dbt_run(context, name),
    }


def _last_dbt_run(context: Context, source: str) -> dict[str, Any] | None:
    row = newest_run(context.warehouse, source)
    return {name: getattr(row, name) for name in row._fields} if row else None


def _last_run(row: Any) -> dict[str, Any]:
    report = row.report or {}
    return {
        "run": row.run,
        "finished_at": row.finished_at,
        "outcomes": report.get("outcomes", {}),
        "changes": {name: _changed(counts) for name, counts in report.get("tables", {}).items()},
    }


def _changed(counts: Mapping[str, int]) -> int:
    return counts["inserted"] + counts["updated"] + counts["deleted"]
