"""A dataset's life after its first revision: which revisions there are, what is activated again, what is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from fieldhouse.catalog.plans import hold
from fieldhouse.catalog.records import Activation, ActivationTable
from fieldhouse.catalog.session import Session
from fieldhouse.statements import query

# Which revision each dataset is to have, by its number, from rows of query `choices`
Choose = Callable[[Sequence[Any]], Mapping[int, int]]


class Life(Session):
    """What a person does to datasets."""

    def datasets(
        self, source: str, dataset_type: str | None, keys: Mapping[str, str], state: str | None = None
    ) -> list[Any]:
        """Return a source's datasets, narrowed to a type, to key values and to a state: rows of query `datasets`."""
        parameters = {"source": source, "dataset_type": dataset_type, "keys": Jsonb(dict(keys)), "state": state}
        return self.rows(query("datasets"), parameters)

    def choices(self, datasets: Sequence[int], revision: int | None = None) -> list[Any]:
        """Return which revisions datasets have: rows of query `choices`."""
        return self.rows(query("choices"), {"datasets": list(datasets), "revision": revision})

    def good_before(self, dataset_id: int, revision: int) -> int | None:
        """Return the newest good revision before one."""
        rows = self.rows(
            "select max(revision) as revision from lake.revision "
            "where dataset_id = %s and revision < %s and state = 'good'",
            (dataset_id, revision),
        )
        return rows[0].revision  # type: ignore[no-any-return]

    def activation(self, number: int | None) -> Activation | None:
        """Return an activation with its Parquet."""
        rows = self.rows(
            """
            select a.parser_version, t.table_name, t.path, t.sha256, t.rows, t.bytes
            from lake.activation as a inner join lake.activation_table as t using (activation)
            where a.activation = %s order by t.table_name
            """,
            (number,),
        )
        if number is None or not rows:
            return None
        return Activation(number, rows[0].parser_version, tuple(ActivationTable(*row[1:]) for row in rows))

    def plan_again(
        self,
        source: str,
        run: str,
        reason: str,
        datasets: Sequence[int],
        choose: Choose,
        *,
        revision: int | None,
        scope: Mapping[str, Any],
        dry_run: bool = False,
    ) -> tuple[int, int]:
        """Plan datasets, each with a revision that is to be activated again, and claim them.

        They are chosen after they are claimed: nobody makes another revision current in between.

        :param choose: returns {dataset: revision}; a dataset that it leaves out is not planned.
        :param revision: the one that was asked for, of which ``choose`` sees the state.
        :returns: the plan, and how many datasets are in another run's hands.
        """
        with self._transaction(force_rollback=dry_run) as cursor:
            plan_id = _add_plan(cursor, source, run, scope)
            if not dry_run:
                hold(cursor, plan_id)
            ours = _claim(cursor, plan_id, datasets, self._claim_seconds)
            rows = cursor.execute(query("choices"), {"datasets": ours, "revision": revision}).fetchall()
            chosen = choose(rows)
            cursor.execute(
                query("plan_again"),
                {
                    "plan_id": plan_id,
                    "reason": reason,
                    "datasets": list(chosen),
                    "revisions": list(chosen.values()),
                },
            )
            cursor.execute(query("take_over"), {"plan_id": plan_id})
            cursor.execute(
                """
                delete from lake.claim as c where c.plan_id = %(plan)s and not exists (
                    select 1 from lake.plan_item as i where i.plan_id = %(plan)s and i.dataset_id = c.dataset_id
                )
                """,
                {"plan": plan_id},
            )
        return plan_id, len(datasets) - len(ours)

    def invalidate(self, datasets: Sequence[int], *, dry_run: bool = False) -> list[int]:
        """Forget that the provider was asked for datasets, and the validators of its answers.

        :returns: those that are in no run's hands; the others are left as they are.
        """
        with self._transaction(force_rollback=dry_run) as cursor:
            return [row.dataset_id for row in cursor.execute(query("invalidate"), {"datasets": list(datasets)})]

    def holdings(self, datasets: Sequence[int]) -> Any:
        """Return what datasets hold: revisions, objects, bytes and rows."""
        return self.rows(query("holdings"), {"datasets": list(datasets)})[0]

    def plan_delete(
        self, source: str, run: str, datasets: Sequence[int], *, scope: Mapping[str, Any]
    ) -> tuple[int, list[int]]:
        """Claim datasets for as long as it takes to delete them. Returns the plan, and those that are ours."""
        with self._transaction() as cursor:
            plan_id = _add_plan(cursor, source, run, scope)
            hold(cursor, plan_id)
            ours = _claim(cursor, plan_id, datasets, self._claim_seconds)
            if not ours:
                cursor.execute("delete from lake.plan where plan_id = %s", (plan_id,))
            return plan_id, ours

    def forget_loads(self, datasets: Sequence[int]) -> None:
        """Note that the warehouse has none of the rows of datasets; what has lost its Parquet stays out of a load."""
        with self._transaction() as cursor:
            cursor.execute(
                """
                update lake.activation as a set loaded_at = null
                where a.dataset_id = any(%s) and a.loaded_at is not null and not exists (
                    select 1 from lake.activation_table as t where t.activation = a.activation and t.lost_at is not null
                )
                """,
                (list(datasets),),
            )

    def forget_revisions(self, datasets: Sequence[int]) -> list[str]:
        """Remove what datasets have, and leave them as if they were never asked for.

        :returns: the objects that nothing in the catalog names any more.
        """
        with self._transaction() as cursor:
            paths = [row.path for row in cursor.execute(query("object_paths"), {"datasets": list(datasets)})]
            cursor.execute(
                """
                update lake.dataset set state = 'scheduled', checked_at = null, seen = null,
                    current_revision = null, current_activation = null
                where dataset_id = any(%s)
                """,
                (list(datasets),),
            )
            cursor.execute("delete from lake.plan_item where dataset_id = any(%s)", (list(datasets),))
            cursor.execute("delete from lake.revision where dataset_id = any(%s)", (list(datasets),))
            return [row.path for row in cursor.execute(query("unnamed"), {"paths": paths})]

    def delete_datasets(self, datasets: Sequence[int]) -> None:
        """Remove datasets, and with them the claims on them."""
        with self._transaction() as cursor:
            cursor.execute("delete from lake.dataset where dataset_id = any(%s)", (list(datasets),))


def _add_plan(cursor: Any, source: str, run: str, scope: Mapping[str, Any]) -> int:
    plan_id: int = cursor.execute(
        "insert into lake.plan (source, run, scope) values (%s, %s, %s) returning plan_id",
        (source, run, Jsonb(dict(scope))),
    ).fetchone()[0]
    return plan_id


def _claim(cursor: Any, plan_id: int, datasets: Sequence[int], seconds: int) -> list[int]:
    parameters = {"plan_id": plan_id, "datasets": list(datasets), "claim_seconds": seconds}
    return [row.dataset_id for row in cursor.execute(query("claim_datasets"), parameters)]
