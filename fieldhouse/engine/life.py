"""A dataset's life after its first revision: back to an older one, read anew, asked for anew, compared, deleted.

Back and anew are plans like any other, so that claims, archive, load and report are those of a run. No provider is
asked: the bytes are in the lake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from fieldhouse.catalog import Lane
from fieldhouse.engine.archive import read_files
from fieldhouse.engine.diff import OBSERVED_AT, TableDiff, diff_tables
from fieldhouse.engine.discover import MANY, MOST_DATASETS, WANTED_LANES, meet_warehouse
from fieldhouse.engine.report import Report, make_report
from fieldhouse.engine.status import DatasetRow, Selection, datasets
from fieldhouse.errors import ConfigurationError, FieldhouseError, PageChanged, SourceError, SourceUnavailable
from fieldhouse.objects import ObjectDamaged

if TYPE_CHECKING:
    import pyarrow as pa

    from fieldhouse.engine.context import Context
    from fieldhouse.source import Table

DELETED_AT_ONCE = 200
ELSEWHERE = "another run works on it; run this again after that one"
REFETCH = "the next run with this dataset in its scope asks for them again"

# Of a row of query `choices`: the revision to take, or why there is none
Judge = Callable[[Any], int | str]


@dataclass(frozen=True)
class Step:
    """A dataset that goes from one revision to another; or to the same one, read anew."""

    dataset: str
    old: int | None
    new: int


@dataclass(frozen=True)
class Again:
    """A plan in which revisions that are there become the current ones again.

    :param left_out: {dataset: why}.
    :param claimed_elsewhere: how many datasets are in another run's hands.
    """

    plan: int
    lanes: tuple[Lane, ...]
    steps: tuple[Step, ...]
    left_out: Mapping[str, str]
    claimed_elsewhere: int


def select(context: Context, selection: Selection) -> list[DatasetRow]:
    """Return the datasets that are meant; none is an answer only where a state was asked for.

    :raises ConfigurationError: the catalog knows none.
    """
    rows = datasets(context, selection)
    if not rows and selection.state is None:
        raise ConfigurationError(
            f"the catalog knows no dataset {_described(context, selection)}; "
            f"`fieldhouse list {context.source.name}` shows those that it knows"
        )
    return rows


def _described(context: Context, selection: Selection) -> str:
    what = f"{context.source.name}/{selection.dataset_type}" if selection.dataset_type else context.source.name
    return " ".join([what, *(f"{key}={value}" for key, value in selection.keys.items())])


def rollback(
    context: Context, run: str, selection: Selection, to: int | None = None, *, dry_run: bool = False
) -> Again:
    """Plan that datasets go back to the good revision before their current one, or to (or forward to) ``to``.

    :raises ConfigurationError: none of them can. The text says why, and what to do.
    :raises SourceUnavailable: all of them are in another run's hands.
    """
    return _plan(context, run, "rollback", selection, lambda row: _back(context, row, to), to, dry_run=dry_run)


def _back(context: Context, row: Any, to: int | None) -> int | str:
    if context.source.dataset_type(row.dataset_type).observed:
        return "each of its observations stands for a time of its own: there is nothing to go back to"
    if row.current_revision is None:
        return "it has no good revision yet"
    if to is None:
        target = row.current_revision if row.is_unfinished else row.good_before
        return target or f"there is no good revision before {row.current_revision} to go back to"
    return _back_to(row, to)


def _back_to(row: Any, to: int) -> int | str:
    if row.asked_state is None:
        return f"it has no revision {to}; its newest is {row.newest}"
    if row.asked_lost and to != row.current_revision:
        return f"the bytes of revision {to} are lost; `fieldhouse verify` names them"
    if row.asked_state == "quarantined":
        return f"revision {to} is in quarantine; `fieldhouse reparse` reads it again"
    return to


def reparse(context: Context, run: str, selection: Selection, *, dry_run: bool = False) -> Again:
    """Plan that datasets are read anew: the newest bytes if they are in quarantine, else the current revision.

    Of an observed dataset every observation in quarantine is read, or else the current one.

    :raises ConfigurationError: none of them has anything to read.
    :raises SourceUnavailable: all of them are in another run's hands.
    """
    return _plan(context, run, "reparse", selection, _anew, None, dry_run=dry_run)


def _anew(row: Any) -> int | str:
    if row.state == "quarantined" and (row.newest_quarantined or 0) > (row.newest_good or 0):
        return int(row.newest_quarantined)
    if row.current_lost:
        return f"the bytes of revision {row.current_revision} are lost; {REFETCH}"
    return row.current_revision or "it has no revision yet"


def _plan(
    context: Context,
    run: str,
    reason: str,
    selection: Selection,
    judge: Judge,
    to: int | None,
    *,
    dry_run: bool,
) -> Again:
    meant = select(context, selection)
    if not meant:
        return Again(0, (), (), {}, 0)
    steps: list[Step] = []
    left_out: dict[str, str] = {}

    def choose(rows: Sequence[Any]) -> dict[int, int]:
        chosen = {}
        for row in rows:
            name, answer = f"{row.dataset_type}/{row.identifier}".rstrip("/"), judge(row)
            if isinstance(answer, str):
                left_out[name] = answer
            else:
                chosen[row.dataset_id] = answer
                steps.append(Step(name, row.current_revision, answer))
        _refuse_nothing(context, meant, steps, left_out)
        return chosen

    if not dry_run:
        meet_warehouse(context)
    plan_id, elsewhere = context.catalog.plan_again(
        context.source.name,
        run,
        reason,
        [row.dataset_id for row in meant],
        choose,
        revision=to,
        scope={reason: asdict(selection), "to": to},
        dry_run=dry_run,
    )
    lanes = () if dry_run else _lanes(context, plan_id)
    return Again(plan_id, lanes, tuple(steps), left_out, elsewhere)


def _refuse_nothing(
    context: Context, meant: Sequence[DatasetRow], steps: Sequence[Step], left_out: Mapping[str, str]
) -> None:
    if steps:
        return
    if not left_out:
        raise SourceUnavailable(f"{context.source.name}/{meant[0].name}{_more(len(meant))}: {ELSEWHERE}")
    name, why = next(iter(left_out.items()))
    raise ConfigurationError(f"{context.source.name}/{name}{_more(len(left_out))}: {why}")


def _more(count: int) -> str:
    return f" (and {count - 1:,} more)" if count > 1 else ""


def _lanes(context: Context, plan_id: int) -> tuple[Lane, ...]:
    return tuple(
        context.catalog.make_lanes(
            plan_id, context.source, most_datasets=MOST_DATASETS, most_files=MANY, wanted=WANTED_LANES
        )
    )


@dataclass(frozen=True)
class Invalidated:
    """Datasets whose last look is forgotten, and how many are in another run's hands."""

    datasets: tuple[str, ...]
    claimed_elsewhere: int


def invalidate(context: Context, selection: Selection, *, dry_run: bool = False) -> Invalidated:
    """Forget that the provider was asked, so that the next run asks again and takes no "not modified" for it.

    :raises ConfigurationError: the catalog knows no such dataset.
    :raises SourceUnavailable: all of them are in another run's hands.
    """
    meant = select(context, selection)
    done = set(context.catalog.invalidate([row.dataset_id for row in meant], dry_run=dry_run))
    if meant and not done:
        raise SourceUnavailable(f"{context.source.name}/{meant[0].name}{_more(len(meant))}: {ELSEWHERE}")
    return Invalidated(tuple(row.name for row in meant if row.dataset_id in done), len(meant) - len(done))


@dataclass(frozen=True)
class Holdings:
    """What is about to be deleted: so many revisions and objects, bytes of the lake, and current rows."""

    datasets: int
    revisions: int
    objects: int
    bytes: int
    rows: int


def holdings(context: Context, meant: Sequence[DatasetRow]) -> Holdings:
    """Return what datasets hold."""
    found = context.catalog.holdings([row.dataset_id for row in meant])
    return Holdings(len(meant), found.revisions, found.objects, found.bytes, found.rows)


def delete(
    context: Context, run: str, meant: Sequence[DatasetRow], progress: Callable[[int], None] | None = None
) -> tuple[Report, int]:
    """Remove datasets: their rows, then their revisions, then their objects, then what says that they exist.

    Until the last of it a dataset is claimed, and the same again goes on where a kill stopped it. Objects that no
    longer have a name by then are left for ``gc``.

    :returns: the report, whose tables count the rows; and how many datasets are in another run's hands.
    :raises SourceUnavailable: all of them are.
    """
    source = context.source
    meet_warehouse(context)
    plan_id, ours = context.catalog.plan_delete(source.name, run, [row.dataset_id for row in meant], scope={})
    if meant and not ours:
        raise SourceUnavailable(f"{source.name}/{meant[0].name}{_more(len(meant))}: {ELSEWHERE}")
    tables = sorted({table.name for t in source.dataset_types for table in t.tables})
    for start in range(0, len(ours), DELETED_AT_ONCE):
        batch = ours[start : start + DELETED_AT_ONCE]
        # until they are forgotten they lack their rows, and a run that comes between brings them
        context.catalog.forget_loads(batch)
        context.warehouse.delete_datasets(source.name, tables, plan_id, batch)
        context.lake.delete(context.catalog.forget_revisions(batch))
        context.catalog.delete_datasets(batch)
        if progress:
            progress(len(batch))
    return make_report(context, plan_id), len(meant) - len(ours)


@dataclass(frozen=True)
class DatasetDiff:
    """What differs between two revisions of a dataset; or why that cannot be said."""

    dataset: str
    old: int | None
    new: int | None
    tables: Mapping[str, TableDiff]
    problem: FieldhouseError | None = None


def diff(
    context: Context, meant: Sequence[DatasetRow], old: int | None = None, new: int | None = None
) -> Iterator[DatasetDiff]:
    """Yield what differs between two revisions of each dataset, both read by today's parser.

    :param old: a revision; None: the good one before ``new``.
    :param new: a revision; None: the current one.
    """
    for row in meant:
        newer = new or row.revision
        older = old or (context.catalog.good_before(row.dataset_id, newer) if newer else None)
        try:
            yield DatasetDiff(row.name, older, newer, _diff_revisions(context, row, older, newer))
        except (ConfigurationError, SourceError, ObjectDamaged) as error:
            yield DatasetDiff(row.name, older, newer, {}, error)


def _diff_revisions(context: Context, row: DatasetRow, old: int | None, new: int | None) -> dict[str, TableDiff]:
    if new is None:
        raise ConfigurationError("it has no good revision yet")
    if old is None:
        raise ConfigurationError(f"there is no good revision before {new} to compare it with")
    before, after = (_read_revision(context, row, revision) for revision in (old, new))
    tables = context.source.dataset_type(row.dataset_type).tables
    return {table.name: diff_tables(_key(table), before[table.name], after[table.name]) for table in tables}


def _read_revision(context: Context, row: DatasetRow, revision: int) -> dict[str, pa.Table]:
    files = context.catalog.revision_files(row.dataset_id, revision)
    if not files:
        raise ConfigurationError(f"it has no revision {revision}; `fieldhouse history` shows those that it has")
    try:
        return read_files(context, context.source.dataset_type(row.dataset_type), row.keys, files)
    except SourceError as error:
        raise PageChanged(f"revision {revision} cannot be read: {error}") from error


def _key(table: Table) -> list[str]:
    """Return what names a row in each of two observations."""
    return [column for column in table.key if table.kind == "current" or column != OBSERVED_AT]
