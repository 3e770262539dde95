"""Doctor: every connection, right and setting tried, one line each, with the way to mend it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from fieldhouse import clock, sources
from fieldhouse.catalog import PLAN_LOCK, Catalog
from fieldhouse.config import DEFAULT_CONTACT, Settings
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import choose_policies
from fieldhouse.engine.verify import DEAD_AFTER
from fieldhouse.errors import FieldhouseError, NotPublished
from fieldhouse.lake import LakeStore
from fieldhouse.postgres import connect, place, translated
from fieldhouse.source import RemoteFile, Source
from fieldhouse.statements import migrations, query

MOST_SECONDS_APART = 60
OLD = timedelta(days=1)
ROOT = Path(__file__).parents[2]
AIRFLOW_SETTINGS = ("AIRFLOW_HOME", "AIRFLOW_CONFIG", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
MIGRATE = "run `fieldhouse migrate`"

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """Something that was tried.

    :param found: what came of it.
    :param mend: what to do about it; empty where nothing is to be done.
    """

    name: str
    state: State
    found: str
    mend: str = ""

    @property
    def line(self) -> str:
        """The check as a sentence."""
        return f"{self.name}: {self.found}" + (f". To mend it: {self.mend}" if self.mend else "")

    def as_json(self) -> dict[str, str]:
        """Return it as plain values."""
        return asdict(self)


def examine(read_settings: Callable[[], Settings], *, network: bool = False) -> Iterator[Check]:
    """Try everything that settings name.

    :param network: also ask each source's host for one page, at its pace.
    """
    try:
        settings = read_settings()
    except FieldhouseError as error:
        yield Check("settings", "fail", str(error))
        return
    yield _contact(settings)
    yield from _clock()
    yield from _lake(settings)
    usable = list(sources.NAMES)
    yield from outside_sources(usable)
    for role, dsn, schemas in (
        ("catalog", settings.catalog, ["catalog"]),
        ("warehouse", settings.warehouse, ["warehouse", *usable]),
    ):
        yield from _database(role, dsn, schemas)
    yield from _tried("what is left over", lambda: _leftovers(settings))
    if network:
        for name in usable:
            yield from _tried(f"host of {name}", lambda name=name: _host(settings, sources.get(name)))  # type: ignore[misc]


def _tried(name: str, attempt: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """Yield what an attempt finds, and that it failed if it did."""
    try:
        yield from attempt()
    except FieldhouseError as error:
        yield Check(name, "fail", str(error))


def outside_sources(usable: list[str]) -> Iterator[Check]:
    """Import what other distributions register, and add to ``usable`` the names of what can be used."""
    yield from _tried("outside sources", lambda: _outside_sources(usable))


def _outside_sources(usable: list[str]) -> Iterator[Check]:
    for name in sources.outside_names():
        yield from _tried(f"source {name}", lambda name=name: _outside_source(name, usable))  # type: ignore[misc]


def _outside_source(name: str, usable: list[str]) -> Iterator[Check]:
    source = sources.get(name)
    files = migrations(name)
    choose_policies(source, {})
    usable.append(name)
    yield Check(f"source {name}", "ok", f"{source.title}, {len(files)} files of SQL")


def _contact(settings: Settings) -> Check:
    if settings.contact == DEFAULT_CONTACT:
        mend = "set Variable `contact`, or FIELDHOUSE_CONTACT, to a mail address or a page"
        return Check("contact", "warn", "the sites do not learn who asks", mend)
    return Check("contact", "ok", f"the sites see {settings.contact}")


def _clock() -> Iterator[Check]:
    if clock.shift():
        yield Check(
            "clock", "warn", f"it is moved by {clock.shift()}", f"unset {clock.SHIFT_VARIABLE} where data is real"
        )


def _lake(settings: Settings) -> Iterator[Check]:
    def attempt() -> Iterator[Check]:
        lake = LakeStore(settings.lake, settings.lake_options)
        lake.check_writable()
        yield Check("lake", "ok", f"{settings.lake} can be written")
        if lake.check_exclusive():
            yield Check("lake, put-if-absent", "ok", "no object takes the place of another")
        else:
            yield Check(
                "lake, put-if-absent",
                "fail",
                "an object was written where one is, although it was not to be",
                "use a store that knows `If-None-Match: *` on PUT",
            )

    return _tried("lake", attempt)


def _database(role: str, dsn: str, schemas: Sequence[str]) -> Iterator[Check]:
    def attempt() -> Iterator[Check]:
        with _connection(dsn, role) as connection:
            version = connection.info.server_version // 10000
            yield Check(role, "ok", f"{place(dsn)} is PostgreSQL {version}")
            yield _same_time(connection, role)
            yield _migrated(connection, role, schemas)
            yield _rights(connection, role, schemas)
            yield _same_session(connection, dsn, role)
            if role == "warehouse":
                yield _counts(connection)

    return _tried(role, attempt)


@contextmanager
def _connection(dsn: str, role: str) -> Iterator[Any]:
    with connect(dsn, role) as connection, translated(dsn, role):
        yield connection


def _same_time(connection: Any, role: str) -> Check:
    there = connection.execute("select clock_timestamp() as now").fetchone().now
    apart = abs((there - clock.real_now()).total_seconds())
    if apart > MOST_SECONDS_APART:
        return Check(
            f"{role}, clock", "warn", f"it is {apart:,.0f} seconds from ours", "let both machines keep time by NTP"
        )
    return Check(f"{role}, clock", "ok", "it is ours")


def _migrated(connection: Any, role: str, schemas: Sequence[str]) -> Check:
    name = f"{role}, tables"
    if connection.execute("select to_regclass('fieldhouse.migration') as ledger").fetchone().ledger is None:
        return Check(name, "fail", "there are none of ours", MIGRATE)
    rows = connection.execute("select file, sha256 from fieldhouse.migration").fetchall()
    seen = {row.file: row.sha256 for row in rows}
    files = [file for schema in schemas for file in migrations(schema)]
    new = [each.file for each in files if seen.get(each.file) != hashlib.sha256(each.path.read_bytes()).hexdigest()]
    if new:
        return Check(name, "fail", f"they are older than the program: {', '.join(new)}", MIGRATE)
    return Check(name, "ok", f"all {len(files)} files of SQL are applied")


def _rights(connection: Any, role: str, schemas: Sequence[str]) -> Check:
    database = {"catalog": "lake", "warehouse": "fieldhouse"}
    names = [database.get(schema, schema) for schema in schemas]
    lacking = [row.what for row in connection.execute(query("lacking_rights"), {"schemas": names}).fetchall()]
    if lacking:
        user = connection.info.user
        return Check(
            f"{role}, rights", "fail", f"{user} lacks {', '.join(lacking)}", f"let the owner grant them to {user}"
        )
    return Check(f"{role}, rights", "ok", "temporary tables, and all that loads do")


def _same_session(connection: Any, dsn: str, role: str) -> Check:
    """A pooler that hands out a server per transaction loses session locks, and with them who lives."""
    name, key = f"{role}, session", (PLAN_LOCK, 0)
    connection.execute("select pg_advisory_lock_shared(%s, %s)", key)
    try:
        with _connection(dsn, role) as other, other.transaction():
            # takes what server is free, so that a pooler has to give us another one
            other.execute("select 1")
            held = connection.execute(
                "select 1 from pg_locks where locktype = 'advisory' and classid = %s and objid = %s "
                "and pid = pg_backend_pid()",
                key,
            ).fetchall()
    finally:
        connection.execute("select pg_advisory_unlock_shared(%s, %s)", key)
    if held:
        return Check(name, "ok", "locks last from one statement to the next")
    return Check(
        name,
        "fail",
        "a lock is gone in the next statement: a pooler shares sessions",
        "connect past it, or pool by session",
    )


def _counts(connection: Any) -> Check:
    if connection.execute("select current_setting('track_counts')::boolean as on").fetchone().on:
        return Check("warehouse, track_counts", "ok", "on")
    return Check(
        "warehouse, track_counts",
        "fail",
        "off: no load can say which rows changed",
        "alter database ... set track_counts = on",
    )


def _leftovers(settings: Settings) -> Iterator[Check]:
    """What somebody should know of, in catalog and warehouse."""
    catalog = Catalog(settings.catalog)
    try:
        for row in catalog.rows("select host, until, kind, reason from lake.host_block where until > now()"):
            yield Check(f"host {row.host}", "warn", f"{row.kind} until {row.until:%Y-%m-%d %H:%M} UTC: {row.reason}")
        if dead := catalog.dead_plans(None, clock.real_now() - DEAD_AFTER):
            runs = ", ".join(f"{plan.source} {plan.run}" for plan in dead[:3])
            mend = "the next run goes on; `fieldhouse verify --repair` clears up"
            yield Check("dead plans", "warn", f"{len(dead)} runs ended before their end: {runs}", mend)
        states = "select source, count(*) as datasets from lake.dataset where state = 'quarantined' group by source"
        for row in catalog.rows(f"{states} order by source"):
            mend = f"`fieldhouse list {row.source} --state quarantined`, mend the parser, `fieldhouse reparse`"
            yield Check(f"{row.source}, quarantine", "warn", f"{row.datasets:,} datasets could not be read", mend)
    finally:
        catalog.close()
    with _connection(settings.warehouse, "warehouse") as connection:
        old = "select source, since from fieldhouse.dirty where since < now() - %s order by source"
        for row in connection.execute(old, (OLD,)).fetchall():
            found = f"older than their tables since {row.since:%Y-%m-%d %H:%M} UTC"
            yield Check(f"{row.source}, marts", "warn", found, "look at Dag transform_dbt")


def _host(settings: Settings, source: Source) -> Iterator[Check]:
    with Context(settings, source) as context:
        with suppress(NotPublished):  # it answers, and that is what was asked
            context.client.fetch(RemoteFile(source.name, context.client.base_url))
        yield Check(f"host of {source.name}", "ok", f"{context.client.host} answers")


def speaks_of_settings(environ: Mapping[str, str] | None = None) -> bool:
    """Return whether the environment says where lake and warehouse are."""
    env = os.environ if environ is None else environ
    return bool(env.get("FIELDHOUSE_LAKE") or env.get("FIELDHOUSE_WAREHOUSE"))


def why_no_airflow() -> str | None:
    """Return why there is no Airflow to look at; None where there is one."""
    if find_spec("airflow") is None or not (ROOT / "plugins" / "doctor.py").exists():
        return "not here: its connections, flags and pools were not looked at"
    if not _is_set_up():
        return "installed and not set up (no AIRFLOW_HOME): not looked at"
    return None


def examine_airflow(*, deep: bool, network: bool = False) -> list[Check]:
    """Ask the Airflow of this environment, in a process of its own: this one knows nothing of Airflow.

    :param deep: also try lake and databases, as its Connections name them.
    """
    if why := why_no_airflow():
        return [Check("airflow", "ok", why)]
    options = [word for word, wanted in (("--deep", deep), ("--network", network)) if wanted]
    command = [sys.executable, "-m", "plugins.doctor", *options]
    # the bundle's own code, as Airflow runs it
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        return [Check(**check) for check in json.loads(ended.stdout.strip().rpartition("\n")[2])]
    except (json.JSONDecodeError, TypeError):
        said = (ended.stderr.strip().splitlines() or ["nothing"])[-1]
        return [Check("airflow", "fail", f"it cannot be asked: {said}", "look at what `airflow version` says")]


def _is_set_up() -> bool:
    """Airflow makes a home and a database for whoever imports it; looking must not."""
    return any(name in os.environ for name in AIRFLOW_SETTINGS) or Path("~/airflow/airflow.cfg").expanduser().exists()
