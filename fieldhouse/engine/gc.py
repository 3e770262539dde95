"""gc: remove from the lake what nothing names, and never what a run is about to name.

Age alone does not make a removal safe: a run that fetches the bytes of an old object again finds it there, does not
write it, and names it a moment later. So no object of a source is removed while a run of it lives, and while one batch
is removed no run can begin (:meth:`Catalog.nobody_writes`); what is named is asked for again within. Between two tasks
of a run, everything that it wrote is named by its staged files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

from fieldhouse import clock
from fieldhouse.errors import LakeError
from fieldhouse.lake import DAMAGED

if TYPE_CHECKING:
    from fieldhouse.catalog import Catalog
    from fieldhouse.lake import LakeStore
    from fieldhouse.objects import Entry

OLDER_THAN = timedelta(hours=24)
KEEP_DAMAGED = timedelta(days=30)
KEEP_EVENTS = timedelta(days=90)
AT_ONCE = 500
# Runs that begin wait for one batch at most; we wait for one that is just claiming
WAIT_SECONDS = 3.0
ALL = 2**31 - 1

Progress = Callable[[int, int], None]


@dataclass
class Collected:
    """What was removed, or would be: objects and bytes by kind; and what was left, and why.

    :param removed: {``stray``, ``unfinished`` or ``damaged``: paths}.
    :param plans: dead plans that were finished; ``staged``: scraped files that were forgotten.
    :param events: events that every reader has read, three months ago and older.
    """

    removed: dict[str, list[str]] = field(default_factory=dict)
    bytes: int = 0
    plans: int = 0
    staged: int = 0
    events: int = 0
    left: list[str] = field(default_factory=list)

    def count(self, kind: str, entries: Sequence[Entry | Any]) -> None:
        """Count removed objects."""
        self.removed.setdefault(kind, []).extend(entry.path for entry in entries)
        self.bytes += sum(entry.bytes for entry in entries)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def gc(
    catalog: Catalog,
    lake: LakeStore,
    *,
    older_than: timedelta = OLDER_THAN,
    keep_damaged: timedelta = KEEP_DAMAGED,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Collected:
    """Remove leftovers that are older than ``older_than``, by the store's own time.

    :param older_than: also how long a run may wait between two of its tasks before it counts as dead.
    :param keep_damaged: how long what repair set aside is kept.
    :param progress: called with (objects removed, objects to remove).
    :raises LakeError: the lake fails, or nothing in it is known to the catalog.
    """
    now, result = clock.real_now(), Collected()
    before = now - older_than
    dead = catalog.dead_plans(None, before)
    result.plans = len(dead) if dry_run else sum(catalog.bury_plan(plan.plan_id, before) for plan in dead)
    # what only a plan names that nobody goes on with
    result.staged = 0 if dry_run else catalog.drop_staged(before)
    result.events = catalog.forget_events(now - KEEP_EVENTS, dry_run=dry_run)
    catalog.begin_audit()
    objects, _ = catalog.note_stored(chain(lake.entries("raw"), lake.entries("tables")))
    strays = catalog.audited("strays", before=before, most=ALL)
    if strays and not catalog.names_any_stored():
        raise LakeError(
            f"the catalog {catalog.place} names none of the {objects:,} objects in {lake.url}: is it this lake's? If "
            "they really are leftovers, remove them by the store's own means"
        )
    report = progress or (lambda _, __: None)
    for source, group in groupby(sorted(strays, key=_source), key=_source):
        found = list(group)
        for start in range(0, len(found), AT_ONCE):
            if not _remove_unnamed(catalog, lake, source, found[start : start + AT_ONCE], result, dry_run=dry_run):
                result.left.append(f"{len(found) - start:,} objects of {source}: a run of it lives; gc again after it")
                break
            report(len(result.removed.get("stray", [])), len(strays))
    _remove_unfinished(catalog, lake, before, result, dry_run=dry_run)
    _remove_damaged(lake, now - keep_damaged, result, dry_run=dry_run)
    return result


def _source(stray: Any) -> str:
    """``raw/<source>/...`` and ``tables/<source>/...``."""
    return f"{stray.path}/".split("/")[1]


def _remove_unnamed(
    catalog: Catalog, lake: LakeStore, source: str, strays: Sequence[Any], result: Collected, *, dry_run: bool
) -> bool:
    """Remove a batch of a source's objects. Returns False if a run of it lives."""
    if dry_run:
        result.count("stray", strays)
        return True
    with catalog.nobody_writes(source, WAIT_SECONDS) as nobody:
        if nobody:
            unnamed = set(catalog.unnamed([stray.path for stray in strays]))
            lake.delete(sorted(unnamed))
            result.count("stray", [stray for stray in strays if stray.path in unnamed])
        return nobody


def _remove_unfinished(
    catalog: Catalog, lake: LakeStore, before: datetime, result: Collected, *, dry_run: bool
) -> None:
    """Remove temporary files of writers that died. Whose they are cannot be told: nobody may be writing."""
    if dry_run:
        result.count("unfinished", [entry for entry in lake.unfinished() if entry.changed_at <= before])
        return
    with catalog.nobody_writes(None, WAIT_SECONDS) as nobody:
        found = [entry for entry in lake.unfinished() if entry.changed_at <= before]
        if nobody:
            lake.delete([entry.path for entry in found])
            result.count("unfinished", found)
        elif found:
            result.left.append(f"{len(found):,} unfinished files: a run lives; gc again after it")


def _remove_damaged(lake: LakeStore, before: datetime, result: Collected, *, dry_run: bool) -> None:
    batch = [entry for entry in lake.entries(DAMAGED) if entry.changed_at <= before]
    if not dry_run:
        for start in range(0, len(batch), AT_ONCE):
            lake.delete([entry.path for entry in batch[start : start + AT_ONCE]])
    result.count("damaged", batch)
