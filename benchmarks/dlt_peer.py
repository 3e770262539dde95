"""The same rows into the same Postgres by dlt and by us."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from benchmarks.environments import make_environment
from benchmarks.figures import Claim, Figures, number
from benchmarks.place import Place, execute, variables
from benchmarks.process import BIN, Failed, Measured, measure
from benchmarks.recorded import RecordedFile, files, site
from benchmarks.wide import KEY, read_wide

LONG_KEYS = {"match": ["match_id"], "match_odds": ["match_id", "bookmaker", "market", "timing", "outcome"]}
# no telemetry, column names as they are, and by its advice on performance a worker for each of two processors with
# files that they can share
SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "SCHEMA__NAMING": "direct",
    "NORMALIZE__WORKERS": "2",
    "EXTRACT__DATA_WRITER__FILE_MAX_ITEMS": "500000",
}
GIVEN = {
    "wide": (
        "The CSV files as they are, a row a match and a column for each header, read by the same tolerant pyarrow.csv "
        "reader (benchmarks/wide.py) on both sides. Key: division, season, home team, away team, date. dlt merges "
        "on that primary key, by upsert but where it says its defaults; it makes no key or other index of its own. "
        "Ours: a table with the primary key and an index, batches of 50 files, a transaction each. Whole processes."
    ),
    "long": (
        "The rows of football_data.match and match_odds, already parsed, from Parquet on both sides; keys and tables "
        "of include/sql. dlt as above: its own tables have no key or index, unlike ours; where it says so, its tables "
        "were made before, with our primary keys. Whole processes."
    ),
}
WAYS = {None: "its defaults (INSERT, delete-insert)", "csv": "COPY of CSV", "parquet": "Parquet by ADBC"}
FORMATS: dict[str, Sequence[str | None]] = {"wide": (None, "csv", "parquet"), "long": (None, "csv", "parquet")}


@dataclass(frozen=True)
class Job:
    """Rows to load: what both sides are given, as :mod:`benchmarks.job` reads it."""

    form: str
    tables: list[dict[str, Any]]

    def write(self, path: Path, **target: Any) -> Path:
        """Write it for one side, with where to load."""
        path.write_text(json.dumps({"tables": self.tables, **target}))
        return path


@dataclass(frozen=True)
class Side:
    """One side's measured loads.

    :param cpu_seconds: processor time of the first load, of the loader and of the server together.
    """

    name: str
    taken: Measured | None
    cpu_seconds: float = 0.0
    again: Measured | None = None


def bench(place: Place) -> list[Figures]:
    """Measure both forms of the rows, ours before and after dlt's ways."""
    python = make_environment("dlt")
    recorded = [file for file in files() if file.dataset_type != "fixtures"]
    return [
        _compare(place, python, _wide_job(recorded)),
        _compare(place, python, _long_job(recorded, place.folder)),
        _whole(place),
    ]


def _wide_job(recorded: list[RecordedFile]) -> Job:
    paths = [{"path": str(file.path), "identifier": file.identifier} for file in recorded]
    rows = sum(read_wide(file.path, file.identifier).num_rows for file in recorded)
    return Job("wide", [{"name": "match", "key": list(KEY), "files": paths, "rows": rows}])


def _long_job(recorded: list[RecordedFile], folder: Path) -> Job:
    tables: dict[str, dict[str, Any]] = {
        name: {"name": name, "key": key, "files": [], "rows": 0} for name, key in LONG_KEYS.items()
    }
    for place, file in enumerate(recorded):
        for name, table in file.parse(file.path.read_bytes()).items():
            path = folder / f"{name}-{place}.parquet"
            parquet.write_table(_widened(table), path)
            tables[name]["files"].append({"path": str(path)})
            tables[name]["rows"] += table.num_rows
    return Job("long", list(tables.values()))


def _widened(table: pa.Table) -> pa.Table:
    """Return integers and floats as the 8 bytes that dlt gives their columns: by ADBC no others fit."""
    wider = {pa.int16(): pa.int64(), pa.int32(): pa.int64(), pa.float32(): pa.float64()}
    return table.cast(pa.schema([field.with_type(wider.get(field.type, field.type)) for field in table.schema]))


def _compare(place: Place, python: Path, job: Job) -> Figures:
    sides = [_ours(place, job, again=True)]
    sides += [_dlt(place, python, job, form, again=form != "parquet") for form in FORMATS[job.form]]
    if job.form == "long":
        sides.append(_dlt(place, python, job, "parquet", keyed=True))
    sides.append(_ours(place, job))
    return _figures(job, sides)


def _ours(place: Place, job: Job, *, again: bool = False) -> Side:
    dsn = place.settings().warehouse
    schema = "football_data" if job.form == "long" else "wide"
    if job.form == "wide":
        execute(dsn, "create schema wide", _wide_table(job), "create index on wide.match (_dataset_id)")
    path = job.write(place.folder / "ours.json", dsn=dsn, dataset=schema)
    argv = [str(BIN / "python"), "-m", "benchmarks.our_load", str(path)]
    first = _first(place, "fieldhouse", argv)
    return replace(first, again=measure(argv)) if again else first


def _first(place: Place, name: str, argv: list[str], extra: Mapping[str, str] | None = None) -> Side:
    before = place.cpu_seconds()
    taken = measure(argv, extra)
    return Side(name, taken, taken.cpu_seconds + place.cpu_seconds() - before)


def _wide_table(job: Job) -> str:
    types: dict[str, str] = {}
    for file in job.tables[0]["files"]:
        for field in read_wide(Path(file["path"]), file["identifier"]).schema:
            types[field.name] = "text" if pa.types.is_string(field.type) else "double precision"
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    key = ", ".join(f'"{name}"' for name in KEY)
    books = "_dataset_id bigint not null, _revision integer not null, _loaded_at timestamptz not null default now()"
    return f"create table wide.match ({columns}, {books}, primary key ({key}))"


def _dlt(place: Place, python: Path, job: Job, form: str | None, *, again: bool = False, keyed: bool = False) -> Side:
    """Load once, or twice with one pipeline.

    :param keyed: its tables are there before, with our types and primary keys: of itself it makes no key.
    """
    name = f"dlt, {WAYS[form]}" + (", tables with a primary key" if keyed else "")
    dsn = place.settings().warehouse
    if keyed:
        execute(dsn, "create schema peer", *(_keyed_table(table) for table in LONG_KEYS))
    folder = place.folder / dsn.rpartition("/")[2]
    target = {
        "dsn": dsn,
        "dataset": "peer",
        "strategy": "upsert" if form else "delete-insert",
        "format": form,
        "folder": str(folder),
    }
    argv = [str(python), "-m", "benchmarks.dlt_load", str(job.write(place.folder / "dlt.json", **target))]
    try:
        first = _first(place, name, argv, SETTINGS)
        _check(dsn, job)
        return replace(first, again=measure(argv, SETTINGS)) if again else first
    except Failed as failed:
        print(f"{name}: {str(failed)[-500:]}", file=sys.stderr)
        return Side(name, None)


def _keyed_table(name: str) -> str:
    books = "drop column _dataset_id, drop column _revision, drop column _loaded_at"
    extra = ", alter column extra type text" if name == "match" else ""
    return f"create table peer.{name} (like football_data.{name} including all); alter table peer.{name} {books}{extra}"


def _check(dsn: str, job: Job) -> None:
    """Count what dlt loaded: a faster load of fewer rows is none."""
    for table in job.tables:
        found = execute(dsn, f"select count(*) from peer.{table['name']}")[0][0]
        if found != table["rows"]:
            raise Failed(f"{found:,} of the {table['rows']:,} rows of {table['name']} were loaded")


def _figures(job: Job, sides: list[Side]) -> Figures:
    ours = [side for side in sides if side.name == "fieldhouse"]
    theirs = [side for side in sides if side.name != "fieldhouse"]
    first = median(side.taken.seconds for side in ours if side.taken)
    again = median(side.again.seconds for side in ours if side.again)
    rows = sum(table["rows"] for table in job.tables)
    return Figures(
        title=f"dlt and fieldhouse: {rows:,} rows, {job.form}",
        header=(
            "loader",
            "first load, s",
            "times ours",
            "CPU s with server",
            "the same again, s",
            "times ours",
            "peak MiB",
        ),
        rows=[_row(side, first, again) for side in sides],
        given=GIVEN[job.form],
        claims=_claims(job, theirs, first, again),
    )


def _row(side: Side, first: float, again: float) -> tuple[str, ...]:
    if side.taken is None:
        return (side.name, "fails", *[""] * 5)
    reloaded = (number(side.again.seconds), number(side.again.seconds / again)) if side.again else ("", "")
    peak = max(each.peak_mb for each in (side.taken, side.again) if each)
    taken = (number(side.taken.seconds), number(side.taken.seconds / first), number(side.cpu_seconds))
    return (side.name, *taken, *reloaded, number(peak))


def _claims(job: Job, theirs: list[Side], first: float, again: float) -> list[Claim]:
    by_default = [side for side in theirs if side.taken and WAYS[None] in side.name]
    return [
        claim
        for side in by_default
        for claim in (
            Claim(f"{job.form} rows, seconds of dlt's defaults to ours, first load", _seconds(side.taken) / first, 4),
            Claim(
                f"{job.form} rows, seconds of dlt's defaults to ours, the same again", _seconds(side.again) / again, 4
            ),
        )
    ]


def _seconds(measured: Measured | None) -> float:
    return measured.seconds if measured else 0.0


def _whole(place: Place) -> Figures:
    """Measure what neither of the loads has: requests, lake, history and parsing, then the load."""
    settings = place.settings()
    argv = [str(BIN / "fieldhouse"), "run", "football_data", "-p", "seasons=all", "--json"]
    with site(place.folder) as server:
        extra = {**variables(settings), **server.settings}
        first, again = measure(argv, extra), measure(argv, extra)
    return Figures(
        title="fieldhouse: the whole way of the same files",
        header=("command", "first run, s", "nothing changed, s", "peak MiB"),
        rows=[("fieldhouse run football_data", number(first.seconds), number(again.seconds), number(first.peak_mb))],
        given="For comparison in the same run: requests, lake, catalog, parsing and load. dlt above reads local files.",
    )
