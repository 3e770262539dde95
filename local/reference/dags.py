"""``docs/dags.md``: every Dag as Airflow parses it, and what its source declares."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fieldhouse import sources
from fieldhouse.source import DatasetType, Source
from local.reference.markdown import GENERATED, code, codes, demoted, join, table


def parse(bundle: Path) -> list[Any]:
    """Return the Dags of a bundle by name.

    :raises SystemExit: a Dag file cannot be imported.
    """
    from airflow.dag_processing.dagbag import BundleDagBag  # noqa: PLC0415 - Airflow is heavy

    bag = BundleDagBag(bundle / "dags", bundle_path=bundle, bundle_name="fieldhouse")
    for file, reason in bag.import_errors.items():
        sys.exit(f"{file} cannot be imported, so there is no page of it: {reason}")
    return [bag.dags[name] for name in sorted(bag.dags)]


def page(dags: list[Any]) -> str:
    """Return the page."""
    overview = table(
        ("Dag", "schedule", "what"), ((f"[{d.dag_id}](#{d.dag_id})", _schedule(d), d.description or "") for d in dags)
    )
    return join("# Dags", GENERATED, overview, *map(_section, dags)) + "\n"


def _section(dag: Any) -> str:
    source = _source(dag)
    return join(
        f"## {dag.dag_id}",
        _facts(dag),
        demoted(dag.doc_md or "", 2),
        "### Tasks",
        table(("task", "operator", "pool", "does"), _tasks(dag.task_group)),
        _source_part(source) if source else "",
        _params(dag),
    )


def _source(dag: Any) -> Source | None:
    """Return the source that a Dag ingests, if it is such a Dag."""
    name = dag.dag_id.removeprefix("ingest_")
    return sources.get(name) if name in sources.NAMES and name != dag.dag_id else None


def _facts(dag: Any) -> str:
    facts = {
        "schedule": _schedule(dag),
        "tags": codes(sorted(dag.tags)),
        "catches up": "yes" if dag.catchup else "no",
        "runs at once": str(dag.max_active_runs),
    }
    return table(("", ""), facts.items())


def _schedule(dag: Any) -> str:
    """Return when a Dag runs, in words, with its cron expression if it has one."""
    # comes with Airflow
    from cron_descriptor import Options, get_description  # type: ignore[import-untyped]  # noqa: PLC0415

    # else the page would depend on the machine's language
    options = Options(locale_code="en_GB", use_24hour_time_format=True)
    timetable = dag.timetable
    expression = getattr(timetable, "expression", None)
    if expression:
        return f"{get_description(expression, options)}, {timetable.timezone} ({code(expression)})"
    return "when triggered" if dag.schedule is None else type(timetable).__name__


def _tasks(group: Any) -> Iterator[tuple[str, str, str, str]]:
    """Yield a line for each task, in order; those of a mapped group are one chain of many."""
    from airflow.sdk.definitions.taskgroup import MappedTaskGroup, TaskGroup  # noqa: PLC0415

    for node in group.topological_sort():
        if isinstance(node, TaskGroup):
            many = "; once for each lane" if isinstance(node, MappedTaskGroup) else ""
            yield from ((task, operator, pool, does + many) for task, operator, pool, does in _tasks(node))
        else:
            operator = getattr(node, "operator_class", type(node))
            yield code(node.task_id), operator.__name__, code(node.pool), _first_sentence(node.doc_md or operator)


def _first_sentence(of: Any) -> str:
    text = of if isinstance(of, str) else inspect.getdoc(of) or ""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).partition(". ")[0].rstrip(".")


def _source_part(source: Source) -> str:
    limits = "; ".join(f"{limit.requests:g} requests in {limit.seconds:g} s" for limit in source.pace.limits)
    return join(
        "### What it fetches",
        f"From [{source.title}]({source.base_url}), at most {limits}, {source.pace.concurrency} at once a lane. "
        f"How many lanes scrape at once is up to pool {code(source.name)}, into how many a run is divided to Variable "
        f"{code(f'lanes__{source.name}')}.",
        table(
            ("dataset type", "flag", "default", "identifier", "tables", "backfill"),
            (_type_row(source, each) for each in source.dataset_types),
        ),
        f"A flag is a Variable: `on`, `off` or `auto` (the calendar decides), read when a task runs. "
        f"{code(f'flag__{source.name}')}, by default `auto`, is for all of them.",
    )


def _type_row(source: Source, each: DatasetType) -> tuple[str, ...]:
    return (
        f"{code(each.name)}: {each.title}",
        code(f"flag__{source.name}__{each.name}"),
        each.flag,
        codes(each.key) or "one dataset",
        codes(t.name for t in each.tables),
        "yes" if each.backfill else "no: it shows the present only",
    )


def _params(dag: Any) -> str:
    params = [(name, dag.params.get_param(name)) for name in dag.params]
    if not params:
        return ""
    rows = [(code(name), _type(p.schema), code(json.dumps(p.value)), _description(p)) for name, p in params]
    return join("### Params", table(("param", "type", "default", "what"), rows))


def _description(param: Any) -> str:
    return str(param.schema.get("description_md") or param.description or param.schema.get("title", ""))


def _type(schema: dict[str, Any]) -> str:
    found = schema.get("type", "any")
    kinds = [found] if isinstance(found, str) else [each for each in found if each != "null"]
    words = " or ".join(kinds) + (f" of {schema['items'].get('type', 'any')}" if "items" in schema else "")
    return words + (f" ({schema['format']})" if "format" in schema else "")
