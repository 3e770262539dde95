"""Reads what is shipped the way Docker does, as far as our files use it: no Docker engine is needed, and none runs."""

from __future__ import annotations

import base64
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yaml"
INTERPOLATED = re.compile(r"\$\{([A-Z_0-9]+)(?:(:-|:\?)([^}]*))?\}")


@dataclass(frozen=True)
class Entry:
    """A line of ``env.template``: optional where it is commented out; ``comment`` is the line above."""

    name: str
    value: str
    optional: bool
    comment: str


def template() -> dict[str, Entry]:
    """Return the entries of ``env.template`` by name."""
    found = {}
    before = ""
    for line in (ROOT / "env.template").read_text().splitlines():
        if entry := re.fullmatch(r"(#?)([A-Z][A-Z_0-9]*)=(.*)", line):
            assert entry[2] not in found, f"{entry[2]} is there twice"
            found[entry[2]] = Entry(entry[2], entry[3], bool(entry[1]), before)
        before = line
    return found


def filled_in() -> dict[str, str]:
    """Return an ``.env`` as a user would have it who filled in what has to be."""
    required = [name for name, entry in template().items() if not entry.optional]
    fernet = base64.urlsafe_b64encode(bytes(32)).decode()
    return {name: f"{name.lower()}0123456789" for name in required} | {"AIRFLOW_FERNET_KEY": fernet}


def services(env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the services of the compose file, with the variables filled in where ``env`` is given."""
    text = COMPOSE.read_text()
    if env is not None:
        # what is needed and not there ends with a KeyError
        text = INTERPOLATED.sub(lambda m: env.get(m[1]) or (m[3] if m[2] == ":-" else env[m[1]]), text)
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


def environment_of(service: str, env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a service gets: those of the image, and its own."""
    own = services(env)[service].get("environment", {})
    passed = {name: env.get(name) if value is None else value for name, value in own.items()}
    return {**image_environment(), **{name: str(value) for name, value in passed.items() if value is not None}}


def instructions() -> Iterator[tuple[str, list[str]]]:
    """Yield the Dockerfile's instructions, each with its words."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, rest = line.split(maxsplit=1)
            yield name, shlex.split(rest)


def image_environment() -> dict[str, str]:
    """Return the variables that the Dockerfile sets."""
    pairs = [word.partition("=") for name, words in instructions() if name == "ENV" for word in words]
    return {name: value for name, _, value in pairs}


def copies() -> Iterator[tuple[list[str], str]]:
    """Yield what is copied from the build context: sources and target."""
    for name, words in instructions():
        if name == "COPY" and not words[0].startswith("--from"):
            yield words[:-1], words[-1]


def is_ignored(path: str) -> bool:
    """Whether ``.dockerignore`` keeps a path of the repository from the builder: the last pattern that fits decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        parts = path.split("/")
        above = ("/".join(parts[:n]) for n in range(1, len(parts) + 1))
        if any(_regex(pattern.removeprefix("!")).fullmatch(each) for each in above):
            ignored = not pattern.startswith("!")
    return ignored


def _regex(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*/|\*)", pattern)
    known = {"**/": "(?:.*/)?", "*": "[^/]*"}
    return re.compile("".join(known.get(piece, re.escape(piece)) for piece in pieces))


def build(folder: Path) -> Path:
    """Lay out below ``folder`` what the Dockerfile copies, and return the bundle."""
    for sources, target in copies():
        for source in sources:
            for file in _files(ROOT / source):
                name = file.relative_to(ROOT / source).as_posix()
                into = source if target.endswith("/") else ""
                place = folder / target.lstrip("/") / into / ("" if name == "." else name)
                if not is_ignored(file.relative_to(ROOT).as_posix()):
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(file, place)
    return folder / "opt" / "fieldhouse" / "bundle"


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
