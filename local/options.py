"""What ``make run`` may be told: variables, all optional."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldhouse.errors import ConfigurationError
from local.guard import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = ("sample", "recorded", "live")
TRUE, FALSE = {"1", "yes", "true", "on"}, {"", "0", "no", "false", "off"}
# within a season whatever the day, so that the same command gives the same data
SAMPLE_DATE = date(2026, 3, 1)


@dataclass(frozen=True)
class Options:
    """What is wanted.

    :param once: end when the runs have ended.
    :param kind: sample, recorded or live data.
    :param only: names of the sources to run; empty for all.
    :param conf: parameters of the runs.
    """

    once: bool = False
    kind: str = "sample"
    recordings: Path | None = None
    as_of: date | None = None
    only: Sequence[str] = ()
    seed: int | None = None
    today: date = SAMPLE_DATE
    conf: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, environ: Mapping[str, str], known: Sequence[str]) -> Options:
        """Read ``ONCE``, ``SOURCES``, ``RECORDINGS``, ``AS_OF``, ``ONLY``, ``SEED``, ``DATE`` and ``CONF``.

        :param known: names of the sources that have a Dag.
        :raises ConfigurationError: a value is wrong; the text lists valid ones.
        """
        env = {name: value.strip() for name, value in environ.items()}
        kind = env.get("SOURCES") or "sample"
        if kind not in KINDS:
            raise ConfigurationError(f"SOURCES is {kind!r}; it is one of: {', '.join(KINDS)}")
        return cls(
            once=_switch(env, "ONCE"),
            kind=kind,
            recordings=_recordings(env, kind),
            as_of=_date(env, "AS_OF"),
            only=_only(env, known),
            seed=_number(env, "SEED"),
            today=_date(env, "DATE") or SAMPLE_DATE,
            conf=_conf(env),
        )

    def simulator(self) -> list[str]:
        """Return the simulator's arguments, without its port."""
        if self.kind == "recorded":
            as_of = ["--as-of", self.as_of.isoformat()] if self.as_of else []
            only = [part for name in self.only for part in ("--only", name)]
            return ["--recordings", str(self.recordings), *as_of, *only]
        seed = ["--seed", str(self.seed)] if self.seed is not None else []
        return ["--date", self.today.isoformat(), *seed] if self.kind == "sample" else []


def dag_sources(folder: Path = ROOT / "dags") -> list[str]:
    """Return the names of the sources that have a Dag."""
    return sorted(file.stem.removeprefix("ingest_") for file in folder.glob("ingest_*.py"))


def _switch(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").lower()
    if value not in TRUE | FALSE:
        raise ConfigurationError(f"{name} is {value!r}; it is 1 or 0")
    return value in TRUE


def _recordings(env: Mapping[str, str], kind: str) -> Path | None:
    value = env.get("RECORDINGS")
    if kind != "recorded":
        return None
    if not value:
        raise ConfigurationError("SOURCES=recorded needs RECORDINGS=<folder of the recordings>")
    folder = Path(value).expanduser().resolve()
    if not folder.is_dir():
        raise ConfigurationError(f"RECORDINGS is {value!r}, and there is no such folder")
    return folder


def _only(env: Mapping[str, str], known: Sequence[str]) -> list[str]:
    names = [name.strip() for name in env.get("ONLY", "").split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise ConfigurationError(f"ONLY names {name!r}; the sources are: {', '.join(known)}")
    return names


def _date(env: Mapping[str, str], name: str) -> date | None:
    value = env.get(name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise ConfigurationError(f"{name} is {value!r}; it is a date such as 2026-03-01") from None


def _number(env: Mapping[str, str], name: str) -> int | None:
    value = env.get(name)
    try:
        return int(value) if value else None
    except ValueError:
        raise ConfigurationError(f"{name} is {value!r}; it is a whole number") from None


def _conf(env: Mapping[str, str]) -> dict[str, Any]:
    try:
        found = json.loads(env.get("CONF") or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConfigurationError('CONF is a JSON object of the Dag\'s parameters, such as {"seasons": "2425"}')
    return found
