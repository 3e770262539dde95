"""What ``fieldhouse doctor`` asks of Airflow: connections, Variables, pools, Dags, the triggerer. It only reads.

``python -m plugins.doctor [--deep] [--network]`` prints the checks as JSON. ``--deep`` tries lake and databases too,
with the settings that Airflow's Connections give.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

# Connections and Variables of the metadata database are for Airflow's own processes; this stands beside them
os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"

from airflow.sdk import Connection, Variable
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException

from fieldhouse import sources
from fieldhouse.engine.discover import check_flags, choose_policies, read_flag
from fieldhouse.engine.doctor import Check, examine, outside_sources
from fieldhouse.errors import FieldhouseError
from plugins.alerts import CONNECTION as SLACK
from plugins.operators.dbt import TRANSFORM_DAG
from plugins.settings import FETCH_POLICY, read_lanes, read_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from fieldhouse.source import Source

FLAG = "flag__"
COMPONENTS = {"scheduler": "SchedulerJob", "dag-processor": "DagProcessorJob", "triggerer": "TriggererJob"}


def examine_airflow(*, deep: bool = False, network: bool = False) -> Iterator[Check]:
    """Yield what is to be said of this Airflow."""
    from airflow.utils.session import create_session  # noqa: PLC0415 - reads the configuration

    usable = list(sources.NAMES)
    bad = [check for check in outside_sources(usable) if check.state == "fail"]
    yield from (replace(check, name=f"airflow, {check.name}") for check in bad)
    for name in usable:
        yield from _settings(sources.get(name))
    yield _slack()
    with create_session() as session:
        try:
            variables = _keys(session)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the metadata database is one line
            text = f"its database cannot be read ({type(error).__name__})"
            yield Check("airflow", "fail", text, "check AIRFLOW__DATABASE__SQL_ALCHEMY_CONN, run `airflow db migrate`")
            return
        yield from _flags(variables, usable)
        yield from _fetch_policies(variables, usable)
        for name in usable:
            yield _pool(session, name)
            yield _dag(session, f"ingest_{name}")
        yield _dag(session, TRANSFORM_DAG)
        yield from _import_errors(session)
        yield from _jobs(session)
    yield _dbt()
    if deep:
        source = sources.get(sources.NAMES[0])
        yield from examine(lambda: read_settings(source), network=network)


def _settings(source: Source) -> Iterator[Check]:
    """Read what a task would."""
    try:
        settings = read_settings(source)
        read_lanes(source, 1)
    except FieldhouseError as error:
        yield Check(f"airflow, settings of {source.name}", "fail", str(error))
        return
    except (ValueError, TypeError) as error:  # a number that is none, in an extra
        text = f"a Connection's extra cannot be read: {error}"
        yield Check(f"airflow, settings of {source.name}", "fail", text, "correct it (Admin > Connections)")
        return
    yield Check(f"airflow, settings of {source.name}", "ok", f"Connections warehouse and lake ({settings.lake})")


def _slack() -> Check:
    try:
        Connection.get(SLACK)
    except AirflowNotFoundException:
        mend = "add Connection `slack` of type slackwebhook"
        return Check("airflow, alerts", "warn", "there is no Connection `slack`: failures are only logged", mend)
    return Check("airflow, alerts", "ok", "Connection `slack` is there")


def _keys(session: Session) -> list[str]:
    from airflow.models.variable import Variable as Row  # noqa: PLC0415, TID251 - the SDK lists none
    from sqlalchemy import select  # noqa: PLC0415

    stored = list(session.scalars(select(Row.key)))
    prefix = "AIRFLOW_VAR_"
    return [*stored, *(name.removeprefix(prefix).lower() for name in os.environ if name.startswith(prefix))]


def _flags(variables: list[str], usable: list[str]) -> Iterator[Check]:
    """A flag that no source has would be without effect, and nobody would know."""
    flags = sorted({key.removeprefix(FLAG) for key in variables if key.startswith(FLAG)})
    for name in usable:
        source = sources.get(name)
        ours = {flag: str(Variable.get(f"{FLAG}{flag}")) for flag in flags if flag.partition("__")[0] == name}
        yield _tried(f"airflow, flags of {name}", lambda s=source, f=ours: _check_flags(s, f))  # type: ignore[misc]
    for flag in flags:
        if flag.partition("__")[0] not in usable:
            text = f"Variable {FLAG}{flag} is no source's"
            yield Check("airflow, flags", "warn", text, f"the sources are: {', '.join(usable)}")


def _check_flags(source: Source, flags: dict[str, str]) -> str:
    check_flags(source, flags)
    values = {source.name: read_flag(source, None, flags)}
    values |= {f"{source.name}__{t.name}": read_flag(source, t, flags) for t in source.dataset_types}
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _fetch_policies(variables: list[str], usable: list[str]) -> Iterator[Check]:
    for key in sorted({key for key in variables if key.startswith(FETCH_POLICY)}):
        source, _, dataset_type = key.removeprefix(FETCH_POLICY).partition("__")
        if source not in usable:
            text = f"Variable {key} is no source's"
            yield Check("airflow, fetch policies", "warn", text, f"the sources are: {', '.join(usable)}")
            continue
        yield _tried(f"airflow, {key}", lambda s=source, t=dataset_type, k=key: _policy(s, t, str(Variable.get(k))))  # type: ignore[misc]


def _policy(source: str, dataset_type: str, value: str) -> str:
    return choose_policies(sources.get(source), {dataset_type: value})[dataset_type].name


def _tried(name: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", attempt())
    except FieldhouseError as error:
        return Check(name, "fail", str(error), "correct it (Admin > Variables)")


def _pool(session: Session, name: str) -> Check:
    from airflow.models.pool import Pool  # noqa: PLC0415, TID251 - the SDK lists none
    from sqlalchemy import select  # noqa: PLC0415

    slots = session.scalar(select(Pool.slots).where(Pool.pool == name))
    if slots is None or slots == 0:
        found = "there is none, and no scrape task starts" if slots is None else "it has no slot"
        ours = name in sources.NAMES
        mend = "`airflow pools import include/airflow/pools.json`" if ours else f"`airflow pools set {name} 4 {name}`"
        return Check(f"airflow, pool {name}", "fail", found, mend)
    return Check(f"airflow, pool {name}", "ok", f"{slots} slots" if slots > 0 else "no limit")


def _dag(session: Session, dag_id: str) -> Check:
    from airflow.models.dag import DagModel  # noqa: PLC0415, TID251 - the SDK lists none

    dag: Any = session.get(DagModel, dag_id)
    if dag is None or dag.is_stale:
        mend = "let a Dag bundle's root be the repository's root, and the dag-processor run"
        return Check(f"airflow, {dag_id}", "fail", "Airflow does not know this Dag", mend)
    if dag.is_paused:
        return Check(f"airflow, {dag_id}", "warn", "it is paused", f"`airflow dags unpause {dag_id}`")
    return Check(f"airflow, {dag_id}", "ok", "it is on")


def _dbt() -> Check:
    executable = conf.get("fieldhouse", "dbt_executable", fallback="dbt")
    # it is not run: `dbt --version` asks the web for a newer one
    if shutil.which(executable):
        return Check("airflow, dbt", "ok", executable)
    mend = "install requirements-dbt.txt in an environment of its own, and set AIRFLOW__FIELDHOUSE__DBT_EXECUTABLE"
    return Check("airflow, dbt", "fail", f"there is no program {executable}", mend)


def _import_errors(session: Session) -> Iterator[Check]:
    from airflow.models.errors import ParseImportError  # noqa: PLC0415, TID251 - the SDK lists none
    from sqlalchemy import select  # noqa: PLC0415

    for error in session.scalars(select(ParseImportError)):
        last = (error.stacktrace or "").strip().rpartition("\n")[2]
        yield Check(
            f"airflow, {error.filename}", "fail", f"it cannot be imported: {last}", "`airflow dags list-import-errors`"
        )


def _jobs(session: Session) -> Iterator[Check]:
    """Deadlines, and with them the alert on what is late, need a triggerer."""
    from airflow.jobs.job import most_recent_job  # noqa: PLC0415

    for command, kind in COMPONENTS.items():
        job = most_recent_job(kind, session=session)
        if job is not None and job.is_alive():
            yield Check(f"airflow, {command}", "ok", "it lives")
        else:
            yield Check(f"airflow, {command}", "fail", "none lives", f"start `airflow {command}`")


def main() -> None:
    """Print the checks."""
    checks = examine_airflow(deep="--deep" in sys.argv, network="--network" in sys.argv)
    sys.stdout.write(json.dumps([check.as_json() for check in checks]) + "\n")


if __name__ == "__main__":
    main()
