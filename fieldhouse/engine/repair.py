"""Repair: mend what an audit found, dataset by dataset, each in the hands of a plan of its own.

Every step is written so that a kill after it leaves something that the next audit finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fieldhouse import clock
from fieldhouse.catalog import ActivationTable
from fieldhouse.engine.archive import read_tables
from fieldhouse.engine.load import load
from fieldhouse.engine.report import make_report
from fieldhouse.engine.verify import DEAD_AFTER, ELSEWHERE, Audited, Finding, observed_types
from fieldhouse.errors import PageChanged, SourceError
from fieldhouse.lake import DAMAGED
from fieldhouse.objects import ObjectDamaged, ObjectMissing

if TYPE_CHECKING:
    import pyarrow as pa

    from fieldhouse.engine.context import Context

LANE = 1
REFETCH = "run its source with this dataset in the scope"
LOST = "noted that it is lost"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Repaired:
    """What was done about a finding, and whether that is the end of it."""

    finding: Finding
    is_mended: bool
    did: str

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**self.finding.as_json(), "is_mended": self.is_mended, "did": self.did}


def repair(context: Context, audited: Audited, progress: Progress | None = None) -> list[Repaired]:
    """Mend what can be mended. What only the provider can give is asked for again by the next run.

    :param progress: called with (findings dealt with, findings).
    :raises LakeError, DatabaseError: our own side fails; what is mended stays, and another repair goes on.
    """
    context.catalog.forget_losses()
    results = [_bury(context, finding) for finding in audited.findings if finding.kind == "dead_plan"]
    broken = [finding for finding in audited.findings if finding.dataset_id is not None]
    orphans = [finding for finding in audited.findings if finding.kind == "orphan"]
    others = [finding for finding in audited.findings if finding.kind == "other_catalog"]
    results += [Repaired(finding, False, "no row of it was touched") for finding in others]
    if broken or orphans:
        loads = not others
        results += _repair_datasets(context, broken, orphans, progress or (lambda _, __: None), loads=loads)
    return results


def _bury(context: Context, finding: Finding) -> Repaired:
    if context.catalog.bury_plan(finding.row.plan_id, clock.real_now() - DEAD_AFTER):
        return Repaired(finding, True, f"released {finding.row.claims} claims and {finding.row.staged} scraped files")
    return Repaired(finding, False, "it came to life: left alone")


def _repair_datasets(
    context: Context, broken: Sequence[Finding], orphans: Sequence[Finding], progress: Progress, *, loads: bool
) -> Iterator[Repaired]:
    run = f"verify/{clock.now():%Y-%m-%dT%H:%M:%S}-{uuid4().hex[:6]}"
    plan_id, ours = context.catalog.claim_repair(context.source.name, run, {_id(finding) for finding in broken})
    # first of all: what is loaded then takes the keys that they had
    yield from _delete_orphans(context, plan_id, orphans)
    results, to_load = [], set()
    for dataset_id, findings in groupby(sorted(broken, key=_id), key=_id):
        if dataset_id not in ours:
            done = [Repaired(finding, False, f"skipped: {ELSEWHERE}") for finding in findings]
        else:
            surgery = _Surgery(context, plan_id, dataset_id, list(findings))
            done = surgery.operate()
            to_load |= {dataset_id} if surgery.is_to_load else set()
        results += done
        progress(len(results), len(broken))
    if loads:
        context.catalog.load_again(plan_id, to_load)
        load(context, plan_id, LANE)
    refused = {problem.dataset: problem.message for problem in make_report(context, plan_id).problems}
    for result in results:
        message = refused.get(result.finding.dataset)
        yield Repaired(result.finding, False, message) if message else result


def _delete_orphans(context: Context, plan_id: int, orphans: Sequence[Finding]) -> Iterator[Repaired]:
    source = context.source
    tables = sorted({table.name for t in source.dataset_types for table in t.tables})
    found = {dataset_id for finding in orphans for dataset_id in finding.row.dataset_ids}
    with context.catalog.unknown(source.name, found) as unknown:
        if unknown:
            context.warehouse.delete_datasets(source.name, tables, plan_id, unknown)
    for finding in orphans:
        gone = set(finding.row.dataset_ids) & set(unknown)
        yield Repaired(finding, True, "deleted" if gone else "the catalog knows them by now: left alone")


def _id(finding: Finding) -> int:
    return finding.dataset_id or 0


class _Surgery:
    """The repair of one dataset that is ours."""

    def __init__(self, context: Context, plan_id: int, dataset_id: int, findings: Sequence[Finding]) -> None:
        self._context = context
        self._plan_id = plan_id
        self._dataset_id = dataset_id
        self._findings = findings
        self._has_current = True
        self._lost: set[int] = set()
        self.is_to_load = False

    def operate(self) -> list[Repaired]:
        """Mend bytes, then the typed rows that are made from them, then what the catalog says, then the warehouse."""
        tables, again = [], set[int]()
        results = list(self._mend_files())
        for result, written, differs in self._mend_tables():
            results += result
            tables += written
            again |= differs
        results += self._mend_current()
        results += self._mend_loads(again)
        if tables or again:
            # one transaction: rows that differ are never without an activation that says so
            self._context.catalog.replace_tables(
                self._plan_id, self._dataset_id, tables, again=sorted(again), now=clock.now()
            )
        self.is_to_load = self._has_current and (self.is_to_load or bool(again or self._of("inconsistent")))
        return results

    def _of(self, *kinds: str) -> list[Finding]:
        return [finding for finding in self._findings if finding.kind in kinds]

    def _mend_files(self) -> Iterator[Repaired]:
        for finding in self._of("lost_file", "damaged_file"):
            row, lake = finding.row, self._context.lake
            problem = lake.problem(row.path, row.sha256)
            if problem is None:
                yield Repaired(finding, True, "it is good again")
                continue
            with suppress(ObjectMissing):
                lake.set_aside(row.path)
            self._context.catalog.mark_lost([row.path], clock.now())
            aside = f"what it held is at {DAMAGED}/{row.path}; " if finding.kind == "damaged_file" else ""
            did = f"asks for it again: {REFETCH}" if row.is_current else LOST
            yield Repaired(finding, not row.is_current, aside + did)

    def _mend_tables(self) -> Iterator[tuple[list[Repaired], list[ActivationTable], set[int]]]:
        broken = sorted(self._of("lost_table", "damaged_table"), key=lambda f: f.row.revision)
        for revision, group in groupby(broken, key=lambda f: f.row.revision):
            findings = list(group)
            try:
                rows = self._read(revision, findings[0].row)
                written = [self._write(finding.row, rows) for finding in findings]
            except (ObjectDamaged, SourceError) as error:
                yield self._give_up(findings, error), [], set()
                continue
            yield (
                [Repaired(f, True, "made anew from the provider's bytes") for f in findings],
                written,
                {
                    finding.row.activation
                    for finding, table in zip(findings, written, strict=True)
                    if finding.row.is_current and table.sha256 != finding.row.sha256
                },
            )

    def _read(self, revision: int, row: Any) -> dict[str, pa.Table]:
        files = self._context.catalog.files_of(self._dataset_id, revision)
        contents = {file.name: self._context.lake.read_raw(file.path, file.sha256) for file in files}
        dataset_type = self._context.source.dataset_type(row.dataset_type)
        observed_at = max(file.fetched_at for file in files)
        return read_tables(self._context.source, dataset_type, row.keys, contents, observed_at)

    def _write(self, row: Any, rows: dict[str, pa.Table]) -> ActivationTable:
        if row.table_name not in rows:
            raise PageChanged(f"{row.dataset_type} has no table {row.table_name} any more")
        table = rows[row.table_name]
        stored = self._context.lake.write_table(row.path, table)
        return ActivationTable(row.table_name, row.path, stored.sha256, table.num_rows, stored.stored_bytes)

    def _give_up(self, findings: Sequence[Finding], error: Exception) -> list[Repaired]:
        """Nothing here gives those rows again."""
        self._context.catalog.give_up_tables(self._dataset_id, [f.row.path for f in findings], clock.now())
        self._lost |= {finding.row.activation for finding in findings}
        self._has_current &= not any(finding.row.is_current for finding in findings)
        return [
            Repaired(
                finding,
                not finding.row.is_current,
                f"cannot be made anew ({error}): "
                + (f"the dataset is asked for again: {REFETCH}" if finding.row.is_current else LOST),
            )
            for finding in findings
        ]

    def _mend_current(self) -> Iterator[Repaired]:
        for finding in self._of("withdrawn"):
            yield Repaired(finding, False, f"waits: {REFETCH}")
        for finding in self._of("inconsistent"):
            observed = observed_types(self._context.source)
            # what was given up is asked for again; an older one in its place would say that all is well
            self._has_current = self._has_current and self._context.catalog.settle_current(self._dataset_id, observed)
            settled = "the newest good activation is the current one"
            yield Repaired(finding, self._has_current, settled if self._has_current else f"there is none: {REFETCH}")

    def _mend_loads(self, again: set[int]) -> Iterator[Repaired]:
        """Say which activations are to be loaded again under a newer number, because theirs is spent."""
        for finding in self._of("not_loaded", "rows_differ"):
            whole = set(finding.activations) - self._lost
            if not self._has_current:
                yield Repaired(finding, False, f"waits: {REFETCH}")
            elif not whole:
                yield Repaired(finding, True, LOST)
            elif self._of("inconsistent"):
                yield Repaired(finding, True, "loaded what is the current one now")
            else:
                again |= self._spent(finding, whole)
                self.is_to_load = True
                yield Repaired(finding, True, "loaded")

    def _spent(self, finding: Finding, whole: set[int]) -> set[int]:
        if finding.kind == "rows_differ":
            return {*whole, *self._current_activation()}
        if (finding.row.held or 0) > finding.row.activation and finding.row.is_current:
            self._context.catalog.number_above(finding.row.held)
            return whole
        return set()

    def _current_activation(self) -> Iterable[int]:
        """An observed dataset's older activations come before its current one."""
        query = "select current_activation from lake.dataset where dataset_id = %s and current_activation is not null"
        return [row.current_activation for row in self._context.catalog.rows(query, (self._dataset_id,))]
