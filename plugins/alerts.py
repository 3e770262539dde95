"""Alerts through Slack's own notifier; without the Connection ``slack`` they are logged.

One message a run, and none while all is well:

=====================  ============================================  =========================
what happened          who sends it                                  function
=====================  ============================================  =========================
an ingest run failed   the Dag's failure callback                    :func:`run_failed`
data are overdue       the verdict of a run that is green            :func:`data_overdue`
a run is late          Airflow's deadline alert, in the triggerer    :func:`late_arguments`
dbt failed             the failure callback of ``transform_dbt``     :func:`transform_failed`
=====================  ============================================  =========================
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from airflow.sdk.configuration import conf

from fieldhouse import sources
from fieldhouse.errors import FieldhouseError, Outcome

log = logging.getLogger(__name__)

CONNECTION = "slack"
# Of each kind of problem so many datasets are named; the rest is a number
MOST_EXAMPLES = 3
LONGEST_LINE = 500
# Slack refuses a text block of over 3,000 characters
LONGEST_TEXT = 2_900


@dataclass
class Message:
    """One message: what happened, where and why, what to do, and where to look.

    :param title: plain text; everything else may hold Slack's markup, with words from outside escaped.
    :param links: {text: address}.
    """

    title: str
    summary: str = ""
    sections: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return all of it as text: for the log, and for what shows no blocks."""
        return "\n".join(filter(None, [f"*{_escape(self.title)}*", self.summary, *self.sections, self._links()]))

    def blocks(self) -> list[dict[str, Any]]:
        """Return it as Block Kit."""
        sections = [{"type": "section", "text": _markdown(text[:LONGEST_TEXT])} for text in self.sections]
        small = [_markdown(text) for text in (self.summary, self._links()) if text]
        header = {"type": "header", "text": {"type": "plain_text", "text": self.title, "emoji": True}}
        return [header, *sections, {"type": "context", "elements": small}]

    def _links(self) -> str:
        return " · ".join(f"<{address}|{text}>" for text, address in self.links.items())


def _markdown(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def run_failed(context: Mapping[str, Any]) -> None:
    """Send the one message of a failed ingest run. The Dag-level failure callback: it runs outside the tasks."""
    dag_id, run_id = _names(context)
    message = Message(f"🔴 {dag_id} failed", links=_links(dag_id, run_id, "verdict"))
    try:
        report = _read_report(dag_id, run_id)
    except FieldhouseError as error:
        message.sections = [f"Its outcomes cannot be read: {_escape(str(error))}"]
        report = None
    else:
        _fill(message, report, context)
    if send(context, message) and report and report["newly_overdue"]:
        _note_told(dag_id, run_id)


def _fill(message: Message, report: Mapping[str, Any] | None, context: Mapping[str, Any]) -> None:
    """Say what a run came to, or how far it got."""
    task = getattr(context.get("ti"), "task_id", None)
    if report and report.get("failure"):
        message.sections = [f"`discover` failed: {_escape(report['failure'])[:LONGEST_LINE]}"]
        message.links = _links(*_names(context), "discover")
    elif report and (report["problems"] or report["newly_overdue"]):
        message.summary = _counts(report["outcomes"])
        # one message a run: what is overdue goes with what failed
        message.sections = list(_sections([*report["problems"], *report["newly_overdue"]]))
    else:
        what = (
            f"No dataset is amiss, but the task `{task}` failed." if report else "It did not get as far as a verdict."
        )
        message.sections = [f"{what}\n*Next:* open the log of its first failed task"]
        message.links = _links(*_names(context), task)


def data_overdue(context: Mapping[str, Any], source: str, overdue: Sequence[Mapping[str, Any]]) -> bool:
    """Send the one message about what the provider should have published by now. Returns whether it was sent."""
    dag_id, run_id = _names(context)
    title = f"⏳ {source}: {_number(len(overdue), 'dataset')} overdue"
    message = Message(title, sections=list(_sections(overdue)), links=_links(dag_id, run_id, "verdict"))
    return send(context, message)


def late_arguments(after: timedelta) -> dict[str, Any]:
    """Return the arguments of Slack's notifier for a run that should have ended ``after`` it was queued.

    Airflow's deadline alert calls the notifier in the triggerer, where our code is not: so the message is a template,
    filled in there. Airflow also does so for a run that failed long before, or that still waits in a queue (a
    backfill's): the template then cannot be filled in, and nothing is sent.
    """
    connection = f"{{{{ '{CONNECTION}' if dag_run.state == 'running' else not_late_as_it_does_not_run() }}}}"
    minutes = f"{after / timedelta(minutes=1):g} minutes"
    step = "look which of its tasks waits; `fieldhouse status` names a host that asked for patience"
    run = "{{ dag_run.dag_id }}/runs/{{ dag_run.dag_run_id | urlencode }}"
    message = Message(
        "⏰ {{ dag_run.dag_id }} is late",
        sections=[f"It has not ended {minutes} after it was queued.\n*Next:* {step}"],
        links={"Open the run": f"{_base_url()}/dags/{run}"},
    )
    return {"slack_webhook_conn_id": connection, "text": message.title, "blocks": message.blocks()}


def transform_failed(context: Mapping[str, Any]) -> None:
    """Send the one message of a failed run of dbt: which model, and what the database said."""
    dag_id, run_id = _names(context)
    message = Message(f"🔴 {dag_id} failed", links=_links(dag_id, run_id, "build"))
    try:
        row = _read_dbt_run(dag_id, run_id)
    except FieldhouseError as error:
        message.sections = [f"What dbt did cannot be read: {_escape(str(error))}"]
    else:
        if row is None:
            message.sections = ["dbt was not started, or was stopped.\n*Next:* open the log of `build`"]
        else:
            did = f"{row.models} models built · {row.tests} tests passed"
            message.summary = f"marts of {', '.join(row.sources)} · {did}"
            message.sections = [_failures(row.failures)]
    send(context, message)


def _failures(failures: Sequence[Mapping[str, str]]) -> str:
    lines = [
        f"*`{_escape(failure['node'])}`* {failure['status']}: {_escape(failure['message'])[:LONGEST_LINE]}"
        for failure in failures[:MOST_EXAMPLES]
    ]
    if len(failures) > MOST_EXAMPLES:
        lines.append(f"... and {len(failures) - MOST_EXAMPLES} more")
    step = "mend the model and clear the task `build`; until then its marts keep their last rows"
    return "\n".join([*lines, f"*Next:* {step}"])


def _sections(problems: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Yield one text for each kind of problem: how many, some of them, and what to do."""
    from fieldhouse.engine.report import NEXT_STEP  # noqa: PLC0415 - heavy

    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for problem in problems:
        kinds.setdefault(str(problem["outcome"]), []).append(problem)
    for outcome, found in kinds.items():
        lines = [f"*{outcome}* · {_number(len(found), 'dataset')}"]
        lines += [f"• {_escape(p['message'] or p['dataset'])[:LONGEST_LINE]}" for p in found[:MOST_EXAMPLES]]
        if len(found) > MOST_EXAMPLES:
            lines.append(f"... and {len(found) - MOST_EXAMPLES} more")
        yield "\n".join([*lines, f"*Next:* {NEXT_STEP[Outcome(outcome)]}"])


def _read_report(dag_id: str, run_id: str) -> dict[str, Any] | None:
    from fieldhouse.catalog import Catalog  # noqa: PLC0415 - heavy
    from plugins.settings import read_settings  # noqa: PLC0415

    source = sources.get(dag_id.removeprefix("ingest_"))
    catalog = Catalog(read_settings(source).catalog)
    try:
        return catalog.report(source.name, f"{dag_id}/{run_id}")
    finally:
        catalog.close()


def _note_told(dag_id: str, run_id: str) -> None:
    """Keep in mind that a person was told of what is overdue."""
    from fieldhouse import clock  # noqa: PLC0415 - Dag files import us
    from fieldhouse.catalog import Catalog  # noqa: PLC0415
    from plugins.settings import read_settings  # noqa: PLC0415

    source = sources.get(dag_id.removeprefix("ingest_"))
    catalog = Catalog(read_settings(source).catalog)
    try:
        if plan := catalog.find_plan(source.name, f"{dag_id}/{run_id}"):
            catalog.set_reported_missing(plan, clock.now())
    finally:
        catalog.close()


def _read_dbt_run(dag_id: str, run_id: str) -> Any | None:
    from fieldhouse.marts import find_run  # noqa: PLC0415 - heavy
    from fieldhouse.warehouse import Warehouse  # noqa: PLC0415
    from plugins.settings import read_settings  # noqa: PLC0415

    warehouse = Warehouse(read_settings(sources.get(sources.NAMES[0])).warehouse)
    try:
        return find_run(warehouse, f"{dag_id}/{run_id}")
    finally:
        warehouse.close()


def _names(context: Mapping[str, Any]) -> tuple[str, str]:
    if "dag_run" in context:
        return context["dag_run"].dag_id, context["dag_run"].run_id
    # of a run without any task instance Airflow gives no more
    return context["dag"].dag_id, context["run_id"]


def _counts(outcomes: Mapping[str, int]) -> str:
    return " · ".join(f"{count:,} {outcome}" for outcome, count in outcomes.items())


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _links(dag_id: str, run_id: str, task_id: str | None = None) -> dict[str, str]:
    """Return the addresses of a run and of one of its logs in the UI."""
    from urllib.parse import quote  # noqa: PLC0415

    run = f"{_base_url()}/dags/{quote(dag_id)}/runs/{quote(run_id, safe='')}"
    return {"Open the run": run} | ({f"Log of {task_id}": f"{run}/tasks/{quote(task_id)}"} if task_id else {})


def _base_url() -> str:
    return str(conf.get("api", "base_url", fallback="")).rstrip("/")


def send(context: Mapping[str, Any], message: Message) -> bool:
    """Send a message; returns whether a person can have seen it. Nothing that Slack does wrong fails anything."""
    log.warning("alert: %s", message.text())
    try:
        from airflow.sdk import Connection  # noqa: PLC0415
        from airflow.sdk.exceptions import AirflowNotFoundException  # noqa: PLC0415

        try:
            Connection.get(CONNECTION)
        except AirflowNotFoundException:
            log.info("there is no Connection %r: the alert is only logged", CONNECTION)
            return True
        from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier  # noqa: PLC0415 - heavy

        # the words went through no template, and must not: they come from the web
        notifier: Any = SlackWebhookNotifier(
            slack_webhook_conn_id=CONNECTION, text=message.title, blocks=message.blocks(), unfurl_links=False
        )
        notifier.notify(context)
    except Exception:
        log.exception("the alert could not be sent")
        return False
    return True


def _escape(text: str) -> str:
    """Escape what Slack reads as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
