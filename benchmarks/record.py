"""Figures that are kept: a JSON file for each benchmark in ``results/``, and tables of them all in ``README.md``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.figures import Figures

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results"
README = FOLDER / "README.md"
BEGIN, END = "<!-- figures: written by --write -->", "<!-- end of figures -->"


def keep(name: str, found: Sequence[Figures]) -> None:
    """Keep one benchmark's figures in place of its earlier ones."""
    RESULTS.mkdir(exist_ok=True)
    result = {"command": f"python -m benchmarks {name}", **machine.facts(), "figures": [f.as_json() for f in found]}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    write_readme()


def write_readme() -> None:
    """Write the tables of all kept figures between the README's markers."""
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    kept = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    text = "\n".join(line for result in kept for line in iter_markdown(result))
    README.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


def iter_markdown(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one benchmark's figures."""
    yield f"## `{result['command']}`"
    yield ""
    yield f"{result['date']}: {result['machine']}; {result['versions']}."
    yield ""
    for figures in result["figures"]:
        yield f"### {figures['title']}"
        yield ""
        yield _line(figures["header"])
        yield _line(["---"] * len(figures["header"]))
        yield from map(_line, figures["rows"])
        yield ""
        yield figures["given"]
        yield ""
        yield from (f"- {claim}" for claim in figures["claims"])
        if figures["claims"]:
            yield ""


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
