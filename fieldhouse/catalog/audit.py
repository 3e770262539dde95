"""Audit: what the catalog says against what lake and warehouse hold, as sets; and what repair and gc write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from fieldhouse.catalog.plans import PLAN_LOCK, hold
from fieldhouse.catalog.records import ActivationTable
from fieldhouse.catalog.session import Session
from fieldhouse.errors import DatabaseError
from fieldhouse.statements import query

if TYPE_CHECKING:
    from fieldhouse.objects import Entry

READ_AT_ONCE = 500


class Audit(Session):
    """What is compared lies in temporary tables of this connection, from one ``begin_audit`` to the next."""

    def begin_audit(self) -> None:
        """Forget an audit before this one."""
        with self._transaction() as cursor:
            cursor.execute(query("audit_begin"))

    def expect(self, source: str, dataset_type: str | None, keys: Mapping[str, str]) -> int:
        """Note the datasets that the audit is about, and every object that the catalog names for them.

        :returns: the number of objects.
        """
        with self._transaction() as cursor:
            parameters = {"source": source, "dataset_type": dataset_type, "keys": Jsonb(dict(keys))}
            cursor.execute(query("audit_datasets"), parameters)
            objects = int(cursor.execute(query("audit_objects")).rowcount)
            cursor.execute("analyze audit_dataset; analyze audit_object")
        return objects

    def note_stored(self, entries: Iterable[Entry]) -> tuple[int, int]:
        """Note what the lake shows. Returns objects and bytes."""
        objects = size = 0
        with self._transaction() as cursor:
            with cursor.copy("copy audit_stored from stdin") as copy:
                for entry in entries:
                    copy.write_row(entry)
                    objects, size = objects + 1, size + entry.bytes
            cursor.execute("create index if not exists audit_stored_path on audit_stored (path); analyze audit_stored")
        return objects, size

    def note_loaded(self, rows: Iterable[tuple[int, int]]) -> None:
        """Note (dataset, activation) of what the warehouse says that it holds."""
        with self._transaction() as cursor, cursor.copy("copy audit_loaded from stdin") as copy:
            for row in rows:
                copy.write_row(row)

    def note_held(self, table: str, rows: Iterable[tuple[int, int, int]]) -> None:
        """Note (dataset, revision, rows) of one table of the warehouse."""
        with self._transaction() as cursor, cursor.copy("copy audit_held from stdin") as copy:
            for row in rows:
                copy.write_row((table, *row))

    def objects_to_read(self, *, whole: bool) -> Iterator[list[Any]]:
        """Yield batches of objects (number, path, sha256) whose bytes are to be looked at.

        :param whole: all of them; else those that are not there in their size.
        """
        after = 0
        while rows := self.rows(query("audit_to_read"), {"after": after, "most": READ_AT_ONCE, "whole": whole}):
            after = rows[-1].number
            yield rows

    def note_problems(self, problems: Iterable[tuple[int, str]]) -> None:
        """Note what is wrong with objects: (number, what)."""
        with self._transaction() as cursor:
            cursor.executemany(
                "update audit_object set problem = %s where number = %s", [(what, number) for number, what in problems]
            )

    def audited(self, name: str, **parameters: Any) -> list[Any]:
        """Return the rows of one of the queries ``audit_<name>``."""
        return self.rows(query(f"audit_{name}"), parameters)

    def dead_plans(self, source: str | None, before: datetime) -> list[Any]:
        """Return plans that nobody works on any more and that stand in the way (plan_id, source, run, ...).

        :param before: a plan that anybody touched since waits for its next task.
        """
        return self.rows(query("dead_plans"), {"source": source, "before": before, "plan_id": None})

    def claimed(self, source: str) -> set[int]:
        """Return the datasets that a run works on."""
        rows = self.rows(
            """
            select c.dataset_id from lake.claim as c inner join lake.dataset as d using (dataset_id)
            where d.source = %s
            and (c.expires_at > now() or c.plan_id in (select l.plan_id from lake.living_plan as l))
            """,
            (source,),
        )
        return {row.dataset_id for row in rows}

    # --- what repair writes

    def bury_plan(self, plan_id: int, before: datetime) -> bool:
        """Release what a dead plan holds, and finish it. Returns False if it came to life, or was touched, meanwhile.

        A run that is taken up again all the same asks anew for what it had only scraped.
        """
        with self._transaction() as cursor:
            lock = "select pg_try_advisory_xact_lock(%s, %s::integer) as dead"
            if not cursor.execute(lock, (PLAN_LOCK, plan_id)).fetchone().dead:
                return False
            if not cursor.execute(
                query("dead_plans"), {"source": None, "before": before, "plan_id": plan_id}
            ).fetchall():
                return False
            cursor.execute("delete from lake.claim where plan_id = %s and expires_at <= now()", (plan_id,))
            _drop_staged(cursor, "s.plan_id = %(plan_id)s", {"plan_id": plan_id})
            cursor.execute(
                "update lake.plan set finished_at = coalesce(finished_at, now()) where plan_id = %s", (plan_id,)
            )
        return True

    @contextmanager
    def unknown(self, source: str, dataset_ids: Iterable[int]) -> Iterator[list[int]]:
        """Yield those of the datasets that a source does not have; none gets such a number before this block ends."""
        with self._transaction() as cursor:
            cursor.execute("lock table lake.dataset in share mode")
            known = "select dataset_id from lake.dataset where source = %s and dataset_id = any(%s)"
            wanted = set(dataset_ids)
            yield sorted(wanted - {row.dataset_id for row in cursor.execute(known, (source, list(wanted)))})

    def claim_repair(self, source: str, run: str, dataset_ids: Iterable[int]) -> tuple[int, set[int]]:
        """Make a plan that repairs datasets. Returns it, and those of them that no other run works on."""
        with self._transaction() as cursor:
            insert = "insert into lake.plan (source, run, scope) values (%s, %s, '{}') returning plan_id"
            plan_id = cursor.execute(insert, (source, run)).fetchone().plan_id
            hold(cursor, plan_id)
            claim = {"plan_id": plan_id, "datasets": sorted(dataset_ids), "claim_seconds": self._claim_seconds}
            ours = [row.dataset_id for row in cursor.execute(query("claim_datasets"), claim)]
            # done with, unless something is to be loaded
            cursor.execute(
                """
                insert into lake.plan_item (plan_id, dataset_id, lane, reason, files, step, outcome)
                select %s, unnest(%s::bigint[]), 1, 'repair', '[]', 'loaded', 'unchanged'
                """,
                (plan_id, ours),
            )
        return plan_id, set(ours)

    def mark_lost(self, paths: Sequence[str], now: datetime) -> None:
        """Note that objects of provider files are lost."""
        with self._transaction() as cursor:
            cursor.execute(query("mark_lost"), {"paths": list(paths), "now": now})

    def forget_losses(self) -> None:
        """Forget the loss of what the audit found to be good."""
        with self._transaction() as cursor:
            for table in ("file", "activation_table"):
                cursor.execute(
                    f"""
                    update lake.{table} as t set lost_at = null from audit_object as o
                    where t.lost_at is not null and o.path = t.path and o.sha256 = t.sha256 and o.problem is null
                    """  # noqa: S608 - one of two names
                )

    def files_of(self, dataset_id: int, revision: int) -> list[Any]:
        """Return the files of a revision: name, path, sha256, fetched_at."""
        return self.rows(
            "select name, path, sha256, fetched_at from lake.file where dataset_id = %s and revision = %s",
            (dataset_id, revision),
        )

    def replace_tables(
        self, plan_id: int, dataset_id: int, tables: Sequence[ActivationTable], *, again: Sequence[int], now: datetime
    ) -> None:
        """Note the contents of Parquet that was made anew at its path.

        :param again: activations whose rows differ by that and are to be loaded again.
        """
        with self._transaction() as cursor:
            cursor.executemany(
                "update lake.activation_table set sha256 = %s, rows = %s, bytes = %s, lost_at = null where path = %s",
                [(table.sha256, table.rows, table.bytes, table.path) for table in tables],
            )
            _activate_again(cursor, plan_id, dataset_id, again, now)

    def activate_same_rows(self, plan_id: int, dataset_id: int, activations: Sequence[int], now: datetime) -> None:
        """Give activations a newer number, so that the warehouse, and what is built on it, takes their rows again."""
        with self._transaction() as cursor:
            _activate_again(cursor, plan_id, dataset_id, activations, now)

    def give_up_tables(self, dataset_id: int, paths: Sequence[str], now: datetime) -> None:
        """Note that Parquet is lost and cannot be made anew. A dataset whose current rows it held is asked for again.

        It has no current revision then: what comes, the same bytes or others, is archived as if it were new.
        """
        with self._transaction() as cursor:
            cursor.execute(
                "update lake.activation_table set lost_at = coalesce(lost_at, %s) where path = any(%s)",
                (now, list(paths)),
            )
            cursor.execute(
                """
                update lake.dataset as d set current_revision = null, current_activation = null, checked_at = null,
                    seen = null, state = 'scheduled'
                where d.dataset_id = %s and d.current_activation in (
                    select t.activation from lake.activation_table as t where t.path = any(%s)
                )
                """,
                (dataset_id, list(paths)),
            )
            # nobody can load it, and every load would stumble over it
            cursor.execute(
                """
                delete from lake.activation as a using lake.activation_table as t
                where a.dataset_id = %s and a.loaded_at is null and t.activation = a.activation and t.path = any(%s)
                """,
                (dataset_id, list(paths)),
            )

    def settle_current(self, dataset_id: int, observed: Sequence[str]) -> bool:
        """Make the newest good revision with all its Parquet the current one; without any, ask for the dataset again.

        :param observed: dataset types whose revisions are observations.
        :returns: whether there is a current one.
        """
        with self._transaction() as cursor:
            parameters = {"dataset_id": dataset_id, "observed": list(observed)}
            has_current: bool = cursor.execute(query("step_back"), parameters).fetchone().current_activation is not None
            cursor.execute(
                """
                update lake.dataset set checked_at = null, seen = null, state = 'scheduled'
                where dataset_id = %s and current_activation is null
                """,
                (dataset_id,),
            )
        return has_current

    def number_above(self, activation: int) -> None:
        """Let activations be numbered above one that the warehouse has seen: its catalog was newer than this one."""
        self.rows(query("number_above"), {"sequence": "lake.activation_number", "number": activation})

    def load_again(self, plan_id: int, dataset_ids: Iterable[int]) -> None:
        """Let the load of a repair take the current rows of these datasets."""
        with self._transaction() as cursor:
            cursor.execute(
                "update lake.plan_item set step = 'archived' where plan_id = %s and dataset_id = any(%s)",
                (plan_id, sorted(dataset_ids)),
            )

    # --- what gc writes

    def drop_staged(self, before: datetime) -> int:
        """Forget scraped bytes of finished plans that nobody touched since. Returns how many files they were."""
        with self._transaction() as cursor:
            which = """
                i.updated_at <= %(before)s
                and s.plan_id in (select p.plan_id from lake.plan as p where p.finished_at is not null)
                and s.plan_id not in (select l.plan_id from lake.living_plan as l)
                and s.plan_id not in (select c.plan_id from lake.claim as c where c.expires_at > now())
            """
            return _drop_staged(cursor, which, {"before": before})

    @contextmanager
    def nobody_writes(self, source: str | None, wait_seconds: float) -> Iterator[bool]:
        """Hold back every run of a source, or of all: none lives now, and none begins before this block ends.

        :returns: False, without holding anybody back, where a run lives.
        """
        try:
            with self._transaction() as cursor:
                cursor.execute(f"set local lock_timeout = {int(wait_seconds * 1000)}")
                # whoever writes to the lake says first that its plan lives, and claims; this lets no claim through
                cursor.execute("lock table lake.claim in share mode")
                living = cursor.execute(
                    """
                    select 1 from lake.living_plan as l inner join lake.plan as p using (plan_id)
                    where %(source)s::text is null or p.source = %(source)s
                    """,
                    {"source": source},
                ).fetchall()
                if not living:
                    yield True
                    return
        except DatabaseError as error:
            if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise
        yield False

    def unnamed(self, paths: Sequence[str]) -> list[str]:
        """Return those of the paths that nothing in the catalog names."""
        return [row.path for row in self.rows(query("unnamed"), {"paths": list(paths)})]

    def names_any_stored(self) -> bool:
        """Return whether the catalog names any of the objects that were noted."""
        return bool(
            self.rows(
                """
                select 1 from audit_stored as s
                where exists (select 1 from lake.file as f where f.path = s.path)
                or exists (select 1 from lake.activation_table as t where t.path = s.path)
                or exists (select 1 from lake.staged_file as g where g.path = s.path) limit 1
                """
            )
        )


def _drop_staged(cursor: Any, which: str, parameters: Mapping[str, Any]) -> int:
    """Forget staged files; the datasets that they are of stand before their scrape again."""
    dropped: int = (
        cursor.execute(
            f"""
        with dropped as (
            delete from lake.staged_file as s using lake.plan_item as i
            where i.plan_id = s.plan_id and i.dataset_id = s.dataset_id and {which}
            returning s.plan_id, s.dataset_id
        ),
        stepped as (
            update lake.plan_item as i set step = 'planned' from dropped as d
            where i.plan_id = d.plan_id and i.dataset_id = d.dataset_id and i.step = 'scraped'
        )
        select count(*) as files from dropped
        """,  # noqa: S608 - conditions of this module
            parameters,
        )
        .fetchone()
        .files
    )
    return dropped


def _activate_again(cursor: Any, plan_id: int, dataset_id: int, activations: Sequence[int], now: datetime) -> None:
    """Activate again; but what has lost Parquet can never be loaded, and every load would stumble over it."""
    for old in sorted(activations):
        new = cursor.execute(
            """
            insert into lake.activation (
                activation, dataset_id, revision, parser_version, reason, activated_at, plan_id
            )
            select nextval('lake.activation_number'), dataset_id, revision, parser_version, 'reparse', %s, %s
            from lake.activation as a
            where a.activation = %s and not exists (
                select 1 from lake.activation_table as t where t.activation = a.activation and t.lost_at is not null
            )
            returning activation
            """,
            (now, plan_id, old),
        ).fetchone()
        if new is None:
            continue
        cursor.execute(
            """
            insert into lake.activation_table (activation, table_name, path, sha256, rows, bytes)
            select %s, table_name, path, sha256, rows, bytes from lake.activation_table where activation = %s
            """,
            (new.activation, old),
        )
        cursor.execute(
            "update lake.dataset set current_activation = %s where dataset_id = %s and current_activation = %s",
            (new.activation, dataset_id, old),
        )
