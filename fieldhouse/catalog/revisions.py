"""Revisions: how scraped bytes become a dataset's current ones, all files or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fieldhouse.catalog.records import Activation, Item, StagedFile
from fieldhouse.catalog.session import Session, advance
from fieldhouse.errors import DatabaseError, Outcome
from fieldhouse.statements import query


class Revisions(Session):
    """One dataset's way through scrape and archive; each method is one transaction."""

    def stage(self, plan_id: int, dataset_id: int, files: Iterable[StagedFile]) -> None:
        """Note that a dataset's bytes are in the lake."""
        staged = list(files)
        with self._transaction() as cursor:
            _unstage(cursor, plan_id, dataset_id)
            cursor.executemany(
                """
                insert into lake.staged_file (
                    plan_id, dataset_id, name, path, sha256, bytes, stored_bytes, url, content_type, etag,
                    last_modified, fetched_at, not_modified, problem
                ) values (
                    %(plan_id)s, %(dataset_id)s, %(name)s, %(path)s, %(sha256)s, %(bytes)s, %(stored_bytes)s, %(url)s,
                    %(content_type)s, %(etag)s, %(last_modified)s, %(fetched_at)s, %(not_modified)s, %(problem)s
                )
                """,
                [{"plan_id": plan_id, "dataset_id": dataset_id, **asdict(file)} for file in staged],
            )
            # what was lost is there again
            cursor.execute(
                "update lake.file set lost_at = null where path = any(%s) and lost_at is not null",
                ([file.path for file in staged if not file.not_modified],),
            )
            advance(cursor, plan_id, dataset_id, "scraped", None, None)

    def staged(self, plan_id: int, lane: int) -> dict[int, list[StagedFile]]:
        """Return the staged files of a lane by dataset."""
        rows = self.rows(
            """
            select s.dataset_id, s.name, s.path, s.sha256, s.bytes, s.stored_bytes, s.url, s.content_type, s.etag,
                s.last_modified, s.fetched_at, s.not_modified, s.problem
            from lake.staged_file as s inner join lake.plan_item as i using (plan_id, dataset_id)
            where s.plan_id = %s and i.lane = %s order by s.dataset_id, s.name
            """,
            (plan_id, lane),
        )
        files: dict[int, list[StagedFile]] = {}
        for dataset_id, *rest in rows:
            files.setdefault(dataset_id, []).append(StagedFile(*rest))
        return files

    def set_absent(self, plan_id: int, dataset_id: int, outcome: Outcome, message: str, now: datetime) -> None:
        """Note that the provider has nothing there. A revision that we have stays the current one."""
        with self._transaction() as cursor:
            cursor.execute(query("note_absent"), {"plan_id": plan_id, "dataset_id": dataset_id, "now": now})
            advance(cursor, plan_id, dataset_id, None, outcome, message)
            _unstage(cursor, plan_id, dataset_id)

    def set_unchanged(
        self,
        plan_id: int,
        item: Item,
        files: Sequence[StagedFile],
        now: datetime,
        *,
        unread: Sequence[StagedFile] = (),
        reason: str = "",
        lacking: str = "",
    ) -> Outcome:
        """Note that the provider's bytes are those of the current revision, and keep its newest validators.

        :param unread: optional files that came with them and that cannot be read, for ``reason``: quarantined.
        :param lacking: what should be in them by now and is not.
        """
        assert item.current_revision is not None  # noqa: S101 - the bytes are those of one
        with self._transaction() as cursor:
            outcome, unseen = _set_apart(cursor, plan_id, item, files, unread, reason, now)
            _keep_validators(cursor, item, item.current_revision, files)
            _mark_checked(cursor, plan_id, item, now, unseen, is_lacking=bool(lacking))
            outcome = outcome or (Outcome.NOT_PUBLISHED if lacking else Outcome.UNCHANGED)
            _stay(cursor, plan_id, item, reason or lacking or None, outcome)
            _unstage(cursor, plan_id, item.dataset_id)
        return outcome

    def set_abandoned(
        self,
        plan_id: int,
        item: Item,
        files: Sequence[StagedFile],
        message: str,
        now: datetime,
        *,
        unread: Sequence[StagedFile] = (),
        reason: str = "",
    ) -> Outcome:
        """Note that the provider still has the bytes that a rollback went back from: the rollback stands.

        :param unread: optional files that came with them and that cannot be read, for ``reason``: quarantined.
        """
        assert item.abandoned_revision is not None  # noqa: S101 - the bytes are those of it
        with self._transaction() as cursor:
            outcome, unseen = _set_apart(cursor, plan_id, item, files, unread, reason, now)
            outcome = outcome or Outcome.UNCHANGED
            _keep_validators(cursor, item, item.abandoned_revision, files)
            _mark_checked(cursor, plan_id, item, now, unseen)
            _stay(cursor, plan_id, item, "; ".join(filter(None, (message, reason))), outcome)
            _unstage(cursor, plan_id, item.dataset_id)
        return outcome

    def next_activation(self) -> int:
        """Return a new activation number, greater than all before."""
        return int(self.rows("select nextval('lake.activation_number') as number")[0].number)

    def current_rows(self, activation: int | None) -> dict[str, int]:
        """Return how many rows each table of an activation has."""
        rows = self.rows("select table_name, rows from lake.activation_table where activation = %s", (activation,))
        return {row.table_name: row.rows for row in rows}

    def commit_revision(
        self,
        plan_id: int,
        item: Item,
        files: Sequence[StagedFile],
        activation: Activation,
        now: datetime,
        message: str | None = None,
        *,
        unread: Sequence[StagedFile] = (),
        reason: str = "",
        lacking: str = "",
    ) -> Outcome:
        """Make a new revision visible, with all its files, in one transaction. Returns the outcome.

        Bytes that were quarantined as the newest revision and can be read by now stay that revision.

        :param unread: optional files that came with them and that cannot be read, for ``reason``: quarantined.
        :param lacking: what should be in them by now and is not.

        :raises DatabaseError: a newer activation of the dataset has become visible meanwhile.
        """
        with self._transaction() as cursor:
            outcome, unseen = _set_apart(cursor, plan_id, item, files, unread, reason, now)
            revision = _leave_quarantine(cursor, item, files)
            if revision is None:
                revision = _add_revision(cursor, plan_id, item, files, state="good", reason=None, now=now)
            _activate(cursor, plan_id, item, revision, activation, "commit", now)
            _mark_checked(cursor, plan_id, item, now, unseen, is_lacking=bool(lacking))
            outcome = outcome or (Outcome.NOT_PUBLISHED if lacking else Outcome.FETCHED)
            advance(cursor, plan_id, item.dataset_id, "archived", outcome, reason or lacking or message)
            _unstage(cursor, plan_id, item.dataset_id)
        return outcome

    def commit_reparse(
        self,
        plan_id: int,
        item: Item,
        files: Sequence[StagedFile],
        activation: Activation,
        now: datetime,
        message: str | None = None,
        *,
        lacking: str = "",
    ) -> Outcome:
        """Activate the current revision again, with rows that were read anew from the same bytes. Returns the outcome.

        :param lacking: what should be in them by now and is not.

        :raises DatabaseError: a newer activation of the dataset has become visible meanwhile.
        """
        assert item.current_revision is not None  # noqa: S101 - the bytes are those of one
        with self._transaction() as cursor:
            _keep_validators(cursor, item, item.current_revision, files)
            _activate(cursor, plan_id, item, item.current_revision, activation, "reparse", now)
            _mark_checked(cursor, plan_id, item, now, is_lacking=bool(lacking))
            outcome = Outcome.NOT_PUBLISHED if lacking else Outcome.UNCHANGED
            advance(cursor, plan_id, item.dataset_id, "archived", outcome, lacking or message)
            _unstage(cursor, plan_id, item.dataset_id)
        return outcome

    def stay(self, plan_id: int, item: Item) -> None:
        """Note that a revision that was to be activated again is the current one, with the rows that it has."""
        with self._transaction() as cursor:
            _stay(cursor, plan_id, item, None)

    def activate_again(
        self,
        plan_id: int,
        item: Item,
        revision: int,
        activation: Activation,
        now: datetime,
        message: str | None = None,
    ) -> None:
        """Make an existing revision the current one, for the item's reason; one that was in quarantine is good now.

        An observation that is older than the current one gets its rows, and the newer one stays current. When the
        provider was last asked stays as it is: it was not asked now.

        :raises DatabaseError: a newer activation of the dataset has become visible meanwhile.
        """
        is_current = revision == item.revision or revision > (item.current_revision or 0)
        with self._transaction() as cursor:
            _activate(cursor, plan_id, item, revision, activation, item.reason, now, is_current=is_current)
            cursor.execute(
                "update lake.revision set state = 'good', reason = null where dataset_id = %s and revision = %s",
                (item.dataset_id, revision),
            )
            cursor.execute(
                """
                update lake.dataset as d
                set state = lake.completeness(d.dataset_id, d.current_revision, coalesce(d.seen, '{}'), d.is_absent)
                where d.dataset_id = %(dataset)s and d.state = 'quarantined' and not exists (
                    select 1 from lake.revision as r where r.dataset_id = %(dataset)s and r.revision > %(revision)s
                )
                """,
                {"dataset": item.dataset_id, "revision": revision},
            )
            advance(cursor, plan_id, item.dataset_id, "archived", Outcome.FETCHED, message)

    def stay_in_quarantine(self, plan_id: int, item: Item, revision: int, reason: str) -> None:
        """Note why a revision still cannot be read; a good one stays good, with the rows that it has."""
        with self._transaction() as cursor:
            cursor.execute(
                "update lake.revision set reason = %s "
                "where dataset_id = %s and revision = %s and state = 'quarantined'",
                (reason, item.dataset_id, revision),
            )
            # not archived: what is loaded of it beside this does not make it good
            advance(cursor, plan_id, item.dataset_id, "scraped", Outcome.PAGE_CHANGED, reason)

    def stay_unread(self, plan_id: int, item: Item, message: str) -> None:
        """Note that a revision that was to be activated again stays as it is, because its bytes are lost."""
        with self._transaction() as cursor:
            # not archived: what is loaded of the dataset beside this is no success
            advance(cursor, plan_id, item.dataset_id, "scraped", Outcome.FAILED, message)

    def revision_files(self, dataset_id: int, revision: int) -> list[StagedFile]:
        """Return the files of a revision as scraped ones that the provider did not modify."""
        rows = self.rows(
            """
            select name, path, sha256, bytes, stored_bytes, url, content_type, etag, last_modified, fetched_at,
                true as not_modified
            from lake.file where dataset_id = %s and revision = %s order by name
            """,
            (dataset_id, revision),
        )
        return [StagedFile(*row) for row in rows]

    def quarantined_revisions(self, dataset_id: int) -> list[int]:
        """Return the revisions of a dataset that are in quarantine and have all their bytes, oldest first."""
        rows = self.rows(
            """
            select r.revision from lake.revision as r
            where r.dataset_id = %s and r.state = 'quarantined' and not exists (
                select 1 from lake.file as f
                where f.dataset_id = r.dataset_id and f.revision = r.revision and f.lost_at is not null
            )
            order by r.revision
            """,
            (dataset_id,),
        )
        return [row.revision for row in rows]

    def quarantine(self, plan_id: int, item: Item, files: Sequence[StagedFile], reason: str, now: datetime) -> None:
        """Keep bytes that could not be read as a quarantined revision; the current one stays visible.

        The same bytes are quarantined once. They stay staged, so that the archive can be tried again.
        """
        with self._transaction() as cursor:
            if _find_quarantined(cursor, item, files) is None:
                _add_revision(cursor, plan_id, item, files, state="quarantined", reason=reason, now=now)
            cursor.execute(
                "update lake.dataset set state = 'quarantined', checked_at = %s where dataset_id = %s",
                (now, item.dataset_id),
            )
            advance(cursor, plan_id, item.dataset_id, None, Outcome.PAGE_CHANGED, reason)


def _activate(
    cursor: Any,
    plan_id: int,
    item: Item,
    revision: int,
    activation: Activation,
    reason: str,
    now: datetime,
    *,
    is_current: bool = True,
) -> None:
    """Make a revision the current one, with its Parquet; or give an older observation its Parquet."""
    _refuse_older(cursor, item, activation.number)
    cursor.execute(
        "insert into lake.activation "
        "(activation, dataset_id, revision, parser_version, reason, activated_at, plan_id) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        (activation.number, item.dataset_id, revision, activation.parser_version, reason, now, plan_id),
    )
    cursor.executemany(
        "insert into lake.activation_table (activation, table_name, path, sha256, rows, bytes) "
        "values (%s, %s, %s, %s, %s, %s)",
        [(activation.number, t.table, t.path, t.sha256, t.rows, t.bytes) for t in activation.tables],
    )
    if is_current:
        cursor.execute(
            """
            update lake.dataset as d set current_revision = %(revision)s, current_activation = %(activation)s,
                state = case
                    -- a complete one that is absent had all, until a look found nothing
                    when d.state in ('partial', 'complete')
                        then lake.completeness(
                            d.dataset_id, %(revision)s, coalesce(d.seen, '{}'), d.is_absent and d.state = 'partial'
                        )
                    else d.state
                end
            where d.dataset_id = %(dataset_id)s
            """,
            {"revision": revision, "activation": activation.number, "dataset_id": item.dataset_id},
        )


def _refuse_older(cursor: Any, item: Item, activation: int) -> None:
    current = cursor.execute(
        "select coalesce(current_activation, 0) from lake.dataset where dataset_id = %s for update",
        (item.dataset_id,),
    ).fetchone()[0]
    if current > activation:
        raise DatabaseError(f"{item.name}: another run made activation {current} visible; run this one again")


def _add_revision(
    cursor: Any,
    plan_id: int,
    item: Item,
    files: Sequence[StagedFile],
    *,
    state: str,
    reason: str | None,
    now: datetime,
) -> int:
    # two runs that write one dataset's revisions number them one after the other
    cursor.execute("select 1 from lake.dataset where dataset_id = %s for update", (item.dataset_id,))
    revision: int = cursor.execute(
        """
        insert into lake.revision (dataset_id, revision, state, reason, created_at, plan_id)
        select %(dataset)s, coalesce(max(revision), 0) + 1, %(state)s, %(reason)s, %(now)s, %(plan)s
        from lake.revision where dataset_id = %(dataset)s
        returning revision
        """,
        {"dataset": item.dataset_id, "state": state, "reason": reason, "now": now, "plan": plan_id},
    ).fetchone()[0]
    cursor.executemany(
        """
        insert into lake.file (
            dataset_id, revision, name, path, sha256, bytes, stored_bytes, url, content_type, etag, last_modified,
            fetched_at
        ) values (
            %(dataset_id)s, %(revision)s, %(name)s, %(path)s, %(sha256)s, %(bytes)s, %(stored_bytes)s, %(url)s,
            %(content_type)s, %(etag)s, %(last_modified)s, %(fetched_at)s
        )
        """,
        [{"dataset_id": item.dataset_id, "revision": revision, **asdict(file)} for file in files],
    )
    return revision


def _find_quarantined(cursor: Any, item: Item, files: Sequence[StagedFile]) -> int | None:
    """Return the newest revision if it is these very bytes, in quarantine."""
    newest = cursor.execute(
        """
        select r.revision, r.state, array_agg(f.name || ' ' || f.sha256) as contents
        from lake.revision as r inner join lake.file as f using (dataset_id, revision)
        where r.dataset_id = %s group by r.revision, r.state order by r.revision desc limit 1
        """,
        (item.dataset_id,),
    ).fetchone()
    contents = sorted(f"{file.name} {file.sha256}" for file in files)
    if newest and newest.state == "quarantined" and sorted(newest.contents) == contents:
        return int(newest.revision)
    return None


def _leave_quarantine(cursor: Any, item: Item, files: Sequence[StagedFile]) -> int | None:
    """Make the newest revision a good one if it is these very bytes, in quarantine. Returns its number."""
    revision = _find_quarantined(cursor, item, files)
    cursor.execute(
        "update lake.revision set state = 'good', reason = null where dataset_id = %s and revision = %s",
        (item.dataset_id, revision),
    )
    return revision


def _keep_validators(cursor: Any, item: Item, revision: int, files: Sequence[StagedFile]) -> None:
    cursor.executemany(
        """
        update lake.file set etag = %(etag)s, last_modified = %(last_modified)s
        where dataset_id = %(dataset_id)s and revision = %(revision)s and name = %(name)s
        and (etag, last_modified) is distinct from (%(etag)s, %(last_modified)s)
        """,
        [_validators(item, revision, file) for file in files if not file.not_modified],
    )


def _validators(item: Item, revision: int, file: StagedFile) -> Mapping[str, Any]:
    return {
        "dataset_id": item.dataset_id,
        "revision": revision,
        "name": file.name,
        "etag": file.etag,
        "last_modified": file.last_modified,
    }


def _set_apart(
    cursor: Any,
    plan_id: int,
    item: Item,
    files: Sequence[StagedFile],
    unread: Sequence[StagedFile],
    reason: str,
    now: datetime,
) -> tuple[Outcome | None, list[str]]:
    """Quarantine optional files that cannot be read, with those that they came with.

    The same bytes are quarantined once. The first time they are to be asked for again in the next run, for the way
    may have spoiled them; the second time they are taken for what the provider has.

    :returns: the outcome, if it is bad, and the files to ask for again.
    """
    known = cursor.execute(
        """
        select f.name, f.sha256 from lake.file as f inner join lake.revision as r using (dataset_id, revision)
        where f.dataset_id = %s and r.state = 'quarantined'
        """,
        (item.dataset_id,),
    ).fetchall()
    if {(file.name, file.sha256) for file in unread} <= set(known):
        return None, []
    names = [file.name for file in unread]
    came = [*(file for file in files if file.name not in names), *unread]
    _add_revision(cursor, plan_id, item, came, state="quarantined", reason=reason, now=now)
    return Outcome.PAGE_CHANGED, names


def _stay(cursor: Any, plan_id: int, item: Item, message: str | None, outcome: Outcome = Outcome.UNCHANGED) -> None:
    """Note that the current activation stays. One that an earlier run archived and never loaded goes on to the load."""
    loaded = cursor.execute(
        "select loaded_at is not null as loaded from lake.activation where activation = %s", (item.current_activation,)
    ).fetchone()
    step = "loaded" if loaded.loaded else "archived"
    advance(cursor, plan_id, item.dataset_id, step, outcome, message)


def _mark_checked(
    cursor: Any, plan_id: int, item: Item, now: datetime, unseen: Sequence[str] = (), *, is_lacking: bool = False
) -> None:
    parameters = {
        "plan_id": plan_id,
        "dataset_id": item.dataset_id,
        "now": now,
        "unseen": list(unseen),
        "optional": list(item.optional),
        "is_lacking": is_lacking,
    }
    cursor.execute(query("mark_checked"), parameters)


def _unstage(cursor: Any, plan_id: int, dataset_id: int) -> None:
    cursor.execute("delete from lake.staged_file where plan_id = %s and dataset_id = %s", (plan_id, dataset_id))
