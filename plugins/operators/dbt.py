"""dbt: trigger the Dag that builds the marts where they are old, and build them there."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, AssetAlias, BaseOperator, Connection, TriggerRule
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from fieldhouse import clock, sources
from fieldhouse.errors import DatabaseError
from plugins import dbt_with_parent
from plugins.operators.work import engine, run_name

TRANSFORM_DAG = "transform_dbt"
PROJECT = Path(__file__).parents[2] / "include" / "dbt"
# Of a dbt that stops before its first model, the last lines say why
LAST_LINES = 15
# What Postgres and its client say when it is not there, or goes away
DATABASE_AWAY = re.compile(
    "could not connect|connection .*(refused|failed|reset|timed out)|server closed the connection|"
    "terminating connection|too many clients|remaining connection slots|starting up|shutting down|not yet accepting",
    re.IGNORECASE,
)


class TriggerDbtOperator(BaseOperator):
    """Trigger ``transform_dbt`` for a source whose marts are older than its tables; skip otherwise.

    It looks at the mark in the warehouse and not at what this run did: rows that an earlier run loaded before it
    was stopped, or whose dbt run failed, are not forgotten.

    :param source: the source's name.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        kwargs.setdefault("trigger_rule", TriggerRule.ALL_DONE)
        super().__init__(**kwargs)
        self.source = source

    def execute(self, context: Mapping[str, Any]) -> None:
        """Trigger at most one run of ``transform_dbt`` for this run."""
        from airflow.sdk.exceptions import DagRunTriggerException  # noqa: PLC0415

        from fieldhouse.marts import read_dirty  # noqa: PLC0415 - heavy

        with engine(self.source) as work:
            mark = read_dirty(work.warehouse, [self.source]).get(self.source)
        if mark is None:
            raise AirflowSkipException(f"the marts of {self.source} are as new as its tables")
        # the standard operator raises the same, and costs every Dag file half a second to import
        raise DagRunTriggerException(
            trigger_dag_id=TRANSFORM_DAG,
            # a retry finds the run that it triggered; a run that is cleared and brings new rows triggers another
            dag_run_id=f"{self.source}__{context['dag_run'].run_id}__{mark:%Y%m%dT%H%M%S.%f}",
            conf={"sources": [self.source]},
            reset_dag_run=False,
            skip_when_already_exists=True,
            wait_for_completion=False,
            allowed_states=[],
            failed_states=[],
            poke_interval=60,
            deferrable=False,
        )


class DbtBuildOperator(BaseOperator):
    """Build and test the marts of the sources whose tables are newer; skip when there is none.

    Params ``sources`` (none: all) and ``full_refresh``. One ``dbt build`` in dbt's own environment, through Cosmos,
    with the Connection ``warehouse``. Each mart that was built is an Asset event ``fieldhouse://marts/<name>``.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(outlets=[AssetAlias(name=TRANSFORM_DAG)], **kwargs)
        self._dbt: Any = None

    def execute(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Run dbt; the marks are removed only when all of it succeeded."""
        from fieldhouse.marts import clear_dirty, find_run, note_run, read_dirty  # noqa: PLC0415 - heavy

        params = context["params"]
        wanted = _wanted(params["sources"])
        started_at = clock.now()
        with engine(wanted[0]) as work:
            # before dbt begins: what is loaded meanwhile gives the source a new mark, and that one stays
            marks = read_dirty(work.warehouse, wanted)
            chosen = wanted if params["full_refresh"] else sorted(marks)
            before = find_run(work.warehouse, run_name(context))
            if not chosen and before and not before.failures:
                # killed between the end of dbt and its own: what it built is still to be told
                self._tell(context, before.sources, before.marts)
                return {
                    "sources": before.sources,
                    "models": before.models,
                    "tests": before.tests,
                    "marts": before.marts,
                }
            if not chosen:
                raise AirflowSkipException(f"the marts of {', '.join(wanted)} are as new as their tables")
            built = self._build(context, chosen, full_refresh=params["full_refresh"])
            note_run(work.warehouse, run_name(context), chosen, started_at, built)
            self._refuse_failures(built)
            cleared = clear_dirty(work.warehouse, marks)
        self._tell(context, chosen, built.marts)
        if left := sorted(marks.keys() - set(cleared)):
            self.log.info("rows of %s came meanwhile: its next run builds them", ", ".join(left))
        self.log.info("%s models built, %s tests passed", built.models, built.tests)
        return _summary(chosen, built)

    def _tell(self, context: Mapping[str, Any], chosen: Sequence[str], marts: Sequence[str]) -> None:
        """Add an Asset event for each mart that was built."""
        events = context["outlet_events"][AssetAlias(name=TRANSFORM_DAG)]
        for mart in marts:
            events.add(Asset(name=f"marts.{mart}", uri=f"fieldhouse://marts/{mart}"), extra={"sources": list(chosen)})

    def _refuse_failures(self, built: Any) -> None:
        """Fail for good where a model or a test is wrong; a database that was away is worth a retry."""
        for failure in built.failures:
            self.log.error("dbt: %s", failure)
        if not built.failures:
            return
        more = f" (and {len(built.failures) - 1} more)" if len(built.failures) > 1 else ""
        text = f"dbt: {built.failures[0]}{more}; {built.skipped} nodes were left out"
        if all(DATABASE_AWAY.search(failure.message) for failure in built.failures):
            raise DatabaseError(text)
        raise AirflowFailException(text)

    def _build(self, context: Mapping[str, Any], chosen: Sequence[str], *, full_refresh: bool) -> Any:
        """Run ``dbt build`` and return what it did (:class:`fieldhouse.marts.Built`), failures included."""
        from airflow.sdk.exceptions import AirflowException  # noqa: PLC0415
        from cosmos import InvocationMode, ProfileConfig  # noqa: PLC0415 - heavy
        from cosmos.operators.local import DbtBuildLocalOperator  # noqa: PLC0415
        from cosmos.profiles import PostgresUserPasswordProfileMapping  # noqa: PLC0415

        from fieldhouse.marts import Built, Failure, read_results  # noqa: PLC0415

        found: list[Built | None] = []
        lines: deque[str] = deque(maxlen=LAST_LINES)
        threads = conf.getint("fieldhouse", "dbt_threads", fallback=4)
        self._dbt = DbtBuildLocalOperator(
            task_id=self.task_id,
            project_dir=str(PROJECT),
            profile_config=ProfileConfig(
                profile_name="fieldhouse",
                target_name="warehouse",
                profile_mapping=PostgresUserPasswordProfileMapping(
                    conn_id="warehouse", profile_args={"schema": "public", "threads": threads, **_as_loaded()}
                ),
            ),
            invocation_mode=InvocationMode.SUBPROCESS,
            dbt_executable_path=dbt_with_parent.__file__,
            select=" ".join(f"tag:{source}" for source in chosen),
            full_refresh=full_refresh,
            # they test the project, not the data
            dbt_cmd_flags=["--exclude-resource-type", "unit_test"],
            install_deps=False,
            # our own marts' names say the same in every environment; Cosmos's hold the database's address
            emit_datasets=False,
            should_store_compiled_sql=False,
            env={
                dbt_with_parent.EXECUTABLE: conf.get("fieldhouse", "dbt_executable", fallback="dbt"),
                dbt_with_parent.PARENT: str(os.getpid()),
                "DO_NOT_TRACK": "1",
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            },
            callback=lambda folder, **_: found.append(read_results(Path(folder) / "target" / "run_results.json")),
        )
        self._dbt._process_log_line_callable = lambda line, _: lines.append(line)  # noqa: SLF001 - no other way
        try:
            # its execute() is for the task runner alone
            self._dbt.build_and_run_cmd(context=context, cmd_flags=self._dbt.add_cmd_flags())
        except AirflowException:
            built = found[0] if found else None
            if built is None:
                return Built(failures=[Failure("dbt", "stopped", " ".join(lines))])
            return built if built.failures else replace(built, failures=[Failure("dbt", "error", " ".join(lines))])
        return found[0] if found and found[0] else Built()

    def on_kill(self) -> None:
        """Stop dbt, which cancels its queries."""
        if self._dbt is not None:
            self._dbt.on_kill()


def _summary(chosen: Sequence[str], built: Any) -> dict[str, Any]:
    return {"sources": list(chosen), "models": built.models, "tests": built.tests, "marts": list(built.marts)}


def _as_loaded() -> dict[str, Any]:
    """Return what our own loads take from the Connection and Cosmos does not."""
    connection: Any = Connection.get("warehouse")
    certificates = {key: value for key, value in connection.extra_dejson.items() if key.startswith("ssl")}
    return {"dbname": connection.schema or "postgres", **certificates}


def _wanted(names: Sequence[str]) -> list[str]:
    """Return the sources that a run is about. :raises ConfigurationError: one is none of ours."""
    return [sources.get(name).name for name in names or sources.NAMES]
