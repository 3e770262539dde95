"""Airflow's REST API, as far as the launcher needs it (https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PAGE = 100
FINISHED = frozenset({"success", "failed"})


class AirflowError(RuntimeError):
    """Airflow does not do what it should. The text is a sentence."""


@dataclass(frozen=True)
class Task:
    """A task instance. ``lane``: the name of its mapped group's row, ``index`` its number (-1: not mapped)."""

    task_id: str
    index: int
    state: str | None
    lane: str | None = None
    tries: int = 0


@dataclass(frozen=True)
class Run:
    """A Dag run."""

    dag_id: str
    run_id: str
    state: str
    seconds: float | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing more happens."""
        return self.state in FINISHED


class Api:
    """A client of the API server at ``url``, which takes everybody for an admin."""

    def __init__(self, url: str) -> None:
        self.url = url
        # never through a proxy: it is on this machine
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._token: str | None = None

    def health(self) -> dict[str, dict[str, str | None]]:
        """Return each component's status and latest heartbeat, nothing while the server does not answer."""
        try:
            answer = self._client.get("/api/v2/monitor/health", timeout=5)
        except httpx.TransportError:
            return {}
        return {} if answer.is_error else answer.json()

    def dags(self) -> dict[str, dict[str, Any]]:
        """Return the Dags that are there now, by id."""
        return {dag["dag_id"]: dag for dag in self._pages("/api/v2/dags", "dags", exclude_stale="true")}

    def import_errors(self) -> dict[str, str]:
        """Return the Dag files that cannot be imported, each with the last line of why."""
        errors = self._pages("/api/v2/importErrors", "import_errors")
        return {error["filename"]: error["stack_trace"].strip().splitlines()[-1] for error in errors}

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run ``dag_id``."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def pause(self, dag_id: str) -> None:
        """Let the scheduler start nothing more of ``dag_id``."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": True})

    def trigger(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        logical_date: datetime | None = None,
        note: str | None = None,
    ) -> str:
        """Start a run of ``dag_id`` and return its id."""
        when = logical_date.isoformat() if logical_date else None
        body = {"logical_date": when, "conf": dict(conf or {}), "note": note}
        run_id: str = self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"]
        return run_id

    def run(self, dag_id: str, run_id: str) -> Run:
        """Return the state of a run."""
        found = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
        return Run(dag_id, run_id, found["state"], found.get("duration"))

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Return all runs of ``dag_id`` as the API gives them, oldest first."""
        return list(self._pages(f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs", order_by="id"))

    def tasks(self, dag_id: str, run_id: str) -> list[Task]:
        """Return the task instances of a run."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return [
            Task(task["task_id"], task["map_index"], task["state"], task.get("rendered_map_index"), task["try_number"])
            for task in self._pages(path, "task_instances")
        ]

    def log(self, dag_id: str, run_id: str, task: Task) -> str:
        """Return what the last try of a task logged, one event a line."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{max(task.tries, 1)}"
        content = self._call("GET", path, params={"map_index": task.index, "full_content": True})["content"]
        return "\n".join(line if isinstance(line, str) else str(line.get("event", line)) for line in content)

    def load(self, kind: str, entities: Sequence[Mapping[str, Any]], *, overwrite: bool) -> None:
        """Create ``connections``, ``variables`` or ``pools``; those that exist are replaced or left alone.

        :raises AirflowError: one of them is refused.
        """
        if not entities:
            return
        action = {
            "action": "create",
            "entities": list(entities),
            "action_on_existence": "overwrite" if overwrite else "skip",
        }
        answer = self._call("PATCH", f"/api/v2/{kind}", {"actions": [action]})
        errors = (answer.get("create") or {}).get("errors")
        if errors:
            raise AirflowError(f"Airflow refuses one of the {kind}: {errors[0].get('error', errors[0])}")

    def _pages(self, path: str, key: str, **params: Any) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._call("GET", path, params={**params, "limit": PAGE, "offset": offset})
            yield from page[key]
            offset += len(page[key])
            if not page[key] or offset >= page["total_entries"]:
                return

    def _call(
        self, method: str, path: str, body: object = None, *, params: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            answer = self._send(method, path, body, params)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                self._token = None
                answer = self._send(method, path, body, params)
        except httpx.HTTPError as error:
            raise AirflowError(f"Airflow's API server at {self.url} does not answer ({error!r})") from error
        if answer.is_error:
            raise AirflowError(f"Airflow answers {method} {path} with {answer.status_code}: {_detail(answer)}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def _send(self, method: str, path: str, body: object, params: Mapping[str, Any] | None) -> httpx.Response:
        if self._token is None:
            self._token = self._client.get("/auth/token").raise_for_status().json()["access_token"]
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        return self._client.request(method, path, json=body, params=params, headers=headers)


def _detail(answer: httpx.Response) -> str:
    try:
        detail = answer.json().get("detail")
    except ValueError:
        return answer.text[:200]
    return str(detail)[:300]
