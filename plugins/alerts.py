"""Alerts through Slack's own notifier; without the Connection ``slack`` they are logged."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fieldhouse import sources
from fieldhouse.errors import FieldhouseError, Outcome

log = logging.getLogger(__name__)

CONNECTION = "slack"
MOST_LINES = 8


def run_failed(context: Mapping[str, Any]) -> None:
    """Send the one message of a failed run. The Dag-level failure callback: it runs outside the tasks."""
    dag_run = context["dag_run"]
    dag_id, run_id = dag_run.dag_id, dag_run.run_id
    lines = [f":red_circle: *{dag_id}* failed ({_escape(run_id)})", *_problems(dag_id, run_id)]
    send(context, [*lines, f"<{run_url(dag_id, run_id)}|Open the run>"])


def data_overdue(context: Mapping[str, Any], source: str, overdue: Sequence[Mapping[str, Any]]) -> None:
    """Send the one message about what the provider should have published by now."""
    dag_run = context["dag_run"]
    lines = [f":hourglass: *{source}*: {len(overdue)} datasets are overdue"]
    lines += _bullets(overdue)
    send(context, [*lines, f"<{run_url(dag_run.dag_id, dag_run.run_id)}|Open the run>"])


def _problems(dag_id: str, run_id: str) -> list[str]:
    """Return what the run's plan says, or why it says nothing."""
    try:
        report = _read_report(dag_id, run_id)
    except FieldhouseError as error:
        return [f"Its outcomes cannot be read: {_escape(str(error))}"]
    if report is None:
        return ["It did not get as far as a verdict: open the log of its first failed task"]
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report["outcomes"].items())
    return [counts, *_bullets(report["problems"])]


def _read_report(dag_id: str, run_id: str) -> dict[str, Any] | None:
    from fieldhouse.catalog import Catalog  # noqa: PLC0415 - Dag files import this module
    from plugins.settings import read_settings  # noqa: PLC0415

    source = sources.get(dag_id.removeprefix("ingest_"))
    catalog = Catalog(read_settings(source).catalog)
    try:
        return catalog.report(source.name, f"{dag_id}/{run_id}")
    finally:
        catalog.close()


def _bullets(problems: Sequence[Mapping[str, Any]]) -> list[str]:
    from fieldhouse.engine.report import NEXT_STEP  # noqa: PLC0415

    lines = [
        f"• *{p['outcome']}* {_escape(p['message'] or p['dataset'])}\n   _Next: {NEXT_STEP[Outcome(p['outcome'])]}_"
        for p in problems[:MOST_LINES]
    ]
    more = len(problems) - MOST_LINES
    return [*lines, f"... and {more} more"] if more > 0 else lines


def run_url(dag_id: str, run_id: str) -> str:
    """Return the address of a run in the UI."""
    from urllib.parse import quote  # noqa: PLC0415

    from airflow.configuration import conf  # noqa: PLC0415

    base = conf.get("api", "base_url", fallback="").rstrip("/")
    return f"{base}/dags/{quote(dag_id)}/runs/{quote(run_id)}"


def send(context: Mapping[str, Any], lines: Sequence[str]) -> None:
    """Send lines as one message. Nothing that Slack does wrong fails anything."""
    text = "\n".join(lines)
    log.warning("alert: %s", text)
    try:
        from airflow.sdk import Connection  # noqa: PLC0415
        from airflow.sdk.exceptions import AirflowNotFoundException  # noqa: PLC0415

        try:
            Connection.get(CONNECTION)
        except AirflowNotFoundException:
            log.info("there is no Connection %r: the alert is only logged", CONNECTION)
            return
        from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier  # noqa: PLC0415 - heavy

        # the text went through no template, and must not: it holds words from the web
        notifier: Any = SlackWebhookNotifier(slack_webhook_conn_id=CONNECTION, text=text)
        notifier.notify(context)
    except Exception:
        log.exception("the alert could not be sent")


def _escape(text: str) -> str:
    """Escape what Slack reads as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
