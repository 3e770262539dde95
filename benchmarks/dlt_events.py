"""StatsBomb's events from JSON files into Postgres, by dlt and by us."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.dlt_peer import SETTINGS
from benchmarks.environments import make_environment
from benchmarks.figures import Claim, Figures, median_ratio, number, spread
from benchmarks.place import Place, execute
from benchmarks.process import BIN, Failed, Measured, measure
from benchmarks.statsbomb_mirror import COMPETITION, real, written

ROUNDS = 3
LEAST_TIMES = 6
OURS = "fieldhouse"
WAYS = {"dlt, its defaults (INSERT, delete-insert)": None, "dlt, COPY of CSV, upsert": "csv"}


@dataclass(frozen=True)
class Load:
    """One load: what it took, and the processor time with the server's."""

    taken: Measured
    cpu_seconds: float


def bench(place: Place) -> list[Figures]:
    """Measure both in turns, each into empty tables."""
    python = make_environment("dlt")
    matches, rows = _write_files(place.folder / "events"), sum(real().rows.values())
    loads: dict[str, list[Load]] = {name: [] for name in (OURS, *WAYS)}
    for number_ in range(ROUNDS):
        loads[OURS].append(_ours(place, matches, rows))
        for name, form in WAYS.items():
            loads[name].append(_dlt(place, python, matches, form, rows, number_))
    return [_figures(rows, loads)]


def _write_files(folder: Path) -> list[dict[str, Any]]:
    """Write the files of every recorded match, as both sides read them."""
    matches = []
    for season in real().seasons:
        for record in json.loads(real().files[f"matches/{COMPETITION}/{season}.json"]):
            match_id = record["match_id"]
            bodies = {kind: real().files[f"{kind}/{match_id}.json"] for kind in ("lineups", "events")}
            paths = {}
            for kind, body in {**bodies, "match": written(record)}.items():
                path = folder / f"{match_id}-{kind}.json"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(body)
                paths[kind] = str(path)
            identifier = {"competition_id": str(COMPETITION), "season_id": str(season), "match_id": str(match_id)}
            matches.append({"match_id": match_id, "identifier": identifier, **paths})
    return matches


def _ours(place: Place, matches: list[dict[str, Any]], rows: int) -> Load:
    dsn = place.settings().warehouse
    job = _job(place, dsn=dsn, matches=matches)
    return _load(place, dsn, [str(BIN / "python"), "-m", "benchmarks.our_events", job], {}, "statsbomb", rows)


def _dlt(place: Place, python: Path, matches: list[dict[str, Any]], form: str | None, rows: int, turn: int) -> Load:
    dsn = place.settings().warehouse
    folder = place.folder / f"dlt_events_{form}_{turn}"
    job = _job(place, dsn=dsn, matches=matches, folder=str(folder), format=form)
    return _load(place, dsn, [str(python), "-m", "benchmarks.dlt_events_load", job], SETTINGS, "peer", rows)


def _job(place: Place, **job: Any) -> str:
    path = place.folder / "job.json"
    path.write_text(json.dumps(job))
    return str(path)


def _load(place: Place, dsn: str, argv: list[str], extra: dict[str, str], schema: str, rows: int) -> Load:
    before = place.cpu_seconds()
    taken = measure(argv, extra)
    load = Load(taken, taken.cpu_seconds + place.cpu_seconds() - before)
    found = execute(dsn, f"select count(*) from {schema}.event")[0][0]
    if found != rows:
        raise Failed(f"{found:,} of {rows:,} events were loaded into {schema}.event")
    place.postgres.drop_database(dsn.rpartition("/")[2])
    return load


def _figures(rows: int, loads: dict[str, list[Load]]) -> Figures:
    times = {name: _times(found, loads[OURS]) for name, found in loads.items()}
    return Figures(
        title=f"dlt and fieldhouse: {rows:,} events, JSON to Postgres",
        header=("loader", "seconds", "times ours", "rows a second", "CPU s with server", "peak MiB"),
        rows=[
            (
                name,
                spread(load.taken.seconds for load in found),
                number(times[name]),
                spread(rows / load.taken.seconds for load in found),
                spread(load.cpu_seconds for load in found),
                number(max(load.taken.peak_mb for load in found)),
            )
            for name, found in loads.items()
        ],
        given=(
            f"The events files of the {real().matches} recorded matches. dlt: max_table_nesting=0, so a column for "
            "each member of an event and nested ones as jsonb, merged on match and event id, no key or index of its "
            "own. Ours: the parser's typed columns and the whole event once more as jsonb, a primary key and an "
            f"index. Whole processes, {ROUNDS} rounds in turns, each into empty tables."
        ),
        claims=tuple(Claim(f"events, seconds of {name} to ours", times[name], LEAST_TIMES) for name in WAYS),
    )


def _times(theirs: Sequence[Load], ours: Sequence[Load]) -> float:
    return median_ratio([load.taken.seconds for load in theirs], [load.taken.seconds for load in ours])
