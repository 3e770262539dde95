"""Imports go one way, and parsers neither ask the world nor look at a clock."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fieldhouse import sources

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Rule:
    """Modules whose path fits ``where`` use none of ``banned``: modules, or names of modules (``os.environ``)."""

    where: str
    banned: tuple[str, ...]
    why: str
    allowed: tuple[str, ...] = ()


AIRFLOW = ("airflow", "plugins", "dags")
CLOCKS = ("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "time")
INPUT = ("os", "io.open", "pathlib", "socket", "urllib.request", "requests", "httpx", "psycopg", "obstore", "tempfile")
OTHER_ROOMS = ("catalog", "lake", "warehouse", "http", "engine", "cli", "pace", "postgres")

RULES = (
    Rule("fieldhouse/**/*.py", (*AIRFLOW, "simulator", "local", "tests"), "the engine stands alone"),
    Rule(
        "fieldhouse/sources/**/*.py",
        tuple(f"fieldhouse.{room}" for room in OTHER_ROOMS),
        "a source declares, discovers and parses; the engine does the rest",
    ),
    Rule("fieldhouse/sources/**/*.py", (*INPUT, *CLOCKS, "fieldhouse.clock"), "a source has its scope and its client"),
    Rule(
        "fieldhouse/**/*.py",
        CLOCKS[:-1],
        "there is one clock, fieldhouse.clock",
        ("fieldhouse/clock.py",),
    ),
    Rule("fieldhouse/catalog/**/*.py", ("fieldhouse.engine", "fieldhouse.cli"), "the catalog serves the engine"),
    Rule("fieldhouse/engine/**/*.py", ("fieldhouse.cli", "typer", "rich"), "the engine has no terminal"),
    Rule("simulator/**/*.py", (*AIRFLOW, "fieldhouse"), "the simulator shares no code with what it tests"),
    Rule("dags/*.py", ("fieldhouse.engine", "fieldhouse.catalog", "pandas", "psycopg"), "a Dag file is wiring"),
)  # fmt: skip


def used(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every dotted name that a module imports or takes from an import, with its line."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                names[each.asname or each.name.partition(".")[0]] = (
                    each.name if each.asname else each.name.partition(".")[0]
                )
                yield node.lineno, each.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for each in node.names:
                names[each.asname or each.name] = f"{node.module}.{each.name}"
                yield node.lineno, f"{node.module}.{each.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (dotted := _dotted(node)):
            first, _, rest = dotted.partition(".")
            yield node.lineno, f"{names.get(first, '')}.{rest}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            yield node.lineno, "io.open"


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return None


def violations(text: str, rule: Rule) -> list[str]:
    found = sorted(set(used(ast.parse(text))))
    return [f"{line}: {name}" for line, name in found if any(f"{name}.".startswith(f"{ban}.") for ban in rule.banned)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.where}: {rule.why}")
def test_rule(rule: Rule) -> None:
    files = [path for path in sorted(ROOT.glob(rule.where)) if str(path.relative_to(ROOT)) not in rule.allowed]
    assert files, "the rule guards nothing"
    broken = {str(path.relative_to(ROOT)): violations(path.read_text(), rule) for path in files}
    assert {name: lines for name, lines in broken.items() if lines} == {}, rule.why


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (RULES[0], "import airflow"),
        (RULES[0], "def f():\n    from airflow.sdk import Variable"),
        (RULES[0], "import plugins.settings"),
        (RULES[0], "from simulator import server"),
        (RULES[1], "from fieldhouse import catalog"),
        (RULES[1], "from fieldhouse.http import PoliteClient"),
        (RULES[1], "import fieldhouse.engine.scrape as s"),
        (RULES[2], "from datetime import datetime\ndatetime.now()"),
        (RULES[2], "import datetime as dt\ndt.datetime.now(dt.UTC)"),
        (RULES[2], "from datetime import date\ntoday = date.today()"),
        (RULES[2], "import time\ntime.time()"),
        (RULES[2], "import os"),
        (RULES[2], "open('x')"),
        (RULES[2], "from fieldhouse import clock"),
        (RULES[6], "from fieldhouse.source import Source"),
    ],
)
def test_a_violation_is_seen(rule: Rule, text: str) -> None:
    assert len(violations(f"import json\n{text}\n", rule)) >= 1
    assert violations("import json\nfrom datetime import date\ndate(2026, 1, 1)\n", rule) == []


HEAVY = ("pyarrow", "pandas", "httpx", "psycopg", "numpy", "obstore", "rich", "typer")


@pytest.mark.parametrize("source", sources.NAMES)
def test_a_dag_file_may_import_a_source_at_every_parse(source: str) -> None:
    """A Dag file is imported again and again; what it imports has to be light."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import fieldhouse.sources.{source}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in ended.stdout.split()}.isdisjoint(HEAVY)
