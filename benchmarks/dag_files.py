"""Dag files beside the same files with only the imports that Airflow itself needs; and the command line's start."""

from __future__ import annotations

import ast
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Claim, Figures, median_ratio, number, spread
from benchmarks.process import BIN, ROOT, Failed, measure
from benchmarks.recorded import files
from fieldhouse import sources
from fieldhouse.params import all_params
from fieldhouse.source import Source
from local.airflow import NO_TELEMETRY

PAIRS = 5
STARTS = 5
OURS = ("fieldhouse", "plugins")
SEASON = {"division": "E0", "season": "2425"}
PARSE = """
import sys, time
sys.path.append(sys.argv[2])
if len(sys.argv) > 3:
    __import__(sys.argv[3])
started = time.perf_counter()
import runpy
runpy.run_path(sys.argv[1])
print(time.perf_counter() - started)
"""
BARE_HEAD = """
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from airflow.sdk import BaseOperator, Param
"""
BARE_OPERATOR = """
class {name}(BaseOperator):
    template_fields = ("lane",)

    def __init__(self, *, source=None, lane=None, **kwargs):
        super().__init__(**kwargs)
        self.source = source
        self.lane = lane
"""
BARE_ARGUMENTS = """
def dag_arguments(source):
    return {{
        "start_date": datetime(2020, 1, 1, tzinfo=UTC),
        "catchup": False,
        "max_active_runs": 1,
        "tags": ["ingest", source.name],
        "params": {{{params}}},
        "default_args": {{"owner": "bare", "retries": 3, "execution_timeout": timedelta(hours=3)}},
    }}
"""


def bench() -> list[Figures]:
    """Measure every file of dags/, then what a command costs before it does anything."""
    with tempfile.TemporaryDirectory() as scratch:
        return [_dag_files(Path(scratch)), _commands(Path(scratch))]


def bare(text: str, source: Source) -> str:
    """Return a Dag file's text with our imports replaced by the least that lets it be parsed.

    :raises Failed: it imports something of ours that has no replacement here.
    """
    tree = ast.parse(text)
    body: list[ast.stmt] = []
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] in OURS:
            for alias in statement.names:
                body += ast.parse(_replacement(alias.name, source)).body
        else:
            body.append(statement)
    head = ast.parse(BARE_HEAD).body
    first = 1 if ast.get_docstring(tree) else 0
    tree.body = [*body[:first], *head, *body[first:]]
    return ast.unparse(ast.fix_missing_locations(tree))


def _replacement(name: str, source: Source) -> str:
    if name.endswith("Operator"):
        return BARE_OPERATOR.format(name=name)
    if name == "SOURCE":
        return f"SOURCE = SimpleNamespace(name={source.name!r})"
    if name == "dag_arguments":
        params = ", ".join(
            f"{p.name!r}: Param({p.default!r}, title={p.title!r}, description_md={p.description!r}, "
            f"**{dict(p.schema)!r})"
            for p in all_params(source)
        )
        return BARE_ARGUMENTS.format(params=params)
    raise Failed(f"benchmarks.dag_files knows no bare {name}: add one")


def _dag_files(scratch: Path) -> Figures:
    settings = {**NO_TELEMETRY, "AIRFLOW_HOME": str(scratch), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    rows, claims = [], []
    for file in sorted((ROOT / "dags").glob("ingest_*.py")):
        peer = scratch / file.name
        peer.write_text(bare(file.read_text(), sources.get(file.stem.removeprefix("ingest_"))))
        _parse_ms(file, settings)  # writes airflow.cfg and the byte code of what is imported
        for start, imported in (("cold", ""), ("Airflow imported before", "airflow.dag_processing.processor")):
            pairs = [(_parse_ms(file, settings, imported), _parse_ms(peer, settings, imported)) for _ in range(PAIRS)]
            ours, theirs = zip(*pairs, strict=True)
            ratio = median_ratio(ours, theirs)
            rows.append((f"dags/{file.name}", start, spread(ours), spread(theirs), number(ratio)))
            if not imported:
                claims.append(Claim(f"dags/{file.name}, times its bare counterpart", ratio, 1.5, at_least=False))
    return Figures(
        title="Dag files: time to parse",
        header=("file", "process", "ms", "bare counterpart, ms", "ratio"),
        rows=rows,
        given=(
            f"Fresh processes in turns, {PAIRS} pairs; the ratio is the median of the pairs'. Cold: from before the "
            "first import of Airflow to the end of the file. The Dag processor forks from a process that has imported "
            "Airflow: there only the file's own imports are left. The counterpart is the same file with the same "
            "Airflow imports, Params and wiring; its operators are empty subclasses of BaseOperator."
        ),
        claims=claims,
    )


def _parse_ms(path: Path, settings: dict[str, str], imported: str = "") -> float:
    argv = [sys.executable, "-P", "-c", PARSE, str(path), str(ROOT), *filter(None, [imported])]
    return float(measure(argv, settings).output.split()[-1]) * 1000


def _commands(scratch: Path) -> Figures:
    season = next(file for file in files() if file.identifier == SEASON)
    words = [f"{key}={value}" for key, value in SEASON.items()]
    frame = f"import pandas; print(pandas.read_csv({str(season.path)!r}).to_json(orient='records', lines=True))"
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "fieldhouse --help": [str(BIN / "fieldhouse"), "--help"],
        "fieldhouse parse football_data/season": [
            str(BIN / "fieldhouse"), "parse", "football_data/season", *words, str(season.path)
        ],
        "pandas: read_csv, to_json of the same file": [sys.executable, "-c", frame],
    }  # fmt: skip
    taken = {name: [measure(argv, cwd=scratch) for _ in range(STARTS)] for name, argv in commands.items()}
    return Figures(
        title="command line: time to start",
        header=("command", "ms", "peak MiB"),
        rows=[
            (name, spread(m.seconds * 1000 for m in found), number(max(m.peak_mb for m in found)))
            for name, found in taken.items()
        ],
        given=f"Cold processes, median (and range) of {STARTS}. The file is the Premier League's 2024/25: 380 matches.",
    )
