"""Settings: where the lake, the databases and the sources are.

The engine takes them from here as one frozen object. Airflow builds it from Connections and Variables
(``plugins/settings.py``), everything else from the environment.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Pace, Source, pace_of

DEFAULT_CONTACT = "contact not set"
SOURCE_VARIABLE = re.compile(r"FIELDHOUSE_([A-Z0-9_]+)_(?:URL|REQUESTS_PER_SECOND|SELECTORS)")


@dataclass(frozen=True)
class SourceSettings:
    """What a user may override of one source: its base URL, its pace, headers to send along.

    :param selectors: what its runs are narrowed to where they do not say; of a source with Param ``selectors``.
    """

    url: str | None = None
    pace: Pace | None = None
    selectors: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Settings:
    """Where everything is. Passwords never appear in its text.

    :param lake: URL of the lake: ``file:///...``, ``s3://bucket/prefix``, ``gs://...``, ``az://...``.
    :param lake_options: further arguments of obstore's store (endpoint, region, credential provider).
    :param warehouse: connection string of the Postgres that holds the sources' tables.
    :param catalog: connection string of the Postgres that holds schema ``lake``.
    :param contact: who runs this, for the User-Agent: a mail address or a page.
    """

    lake: str
    warehouse: str = field(repr=False)
    catalog: str = field(repr=False)
    contact: str = DEFAULT_CONTACT
    lake_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read ``FIELDHOUSE_LAKE``, ``_WAREHOUSE``, ``_CATALOG``, ``_CONTACT``, and for a host of one's own
        ``FIELDHOUSE_<SOURCE>_URL`` and ``FIELDHOUSE_<SOURCE>_REQUESTS_PER_SECOND``; what is taken of a source,
        ``FIELDHOUSE_<SOURCE>_SELECTORS``. An S3 lake also heeds the usual ``AWS_*`` ones.

        :raises ConfigurationError: lake or warehouse is not set.
        """
        env = os.environ if environ is None else environ
        missing = [name for name in ("FIELDHOUSE_LAKE", "FIELDHOUSE_WAREHOUSE") if not env.get(name)]
        if missing:
            raise ConfigurationError(
                f"{' and '.join(missing)} must be set: FIELDHOUSE_LAKE is a URL such as file:///srv/lake or "
                "s3://bucket/prefix, FIELDHOUSE_WAREHOUSE a string such as postgresql://user:password@host/database"
            )
        names = {found[1] for found in map(SOURCE_VARIABLE.fullmatch, env) if found}
        return cls(
            lake=env["FIELDHOUSE_LAKE"],
            warehouse=env["FIELDHOUSE_WAREHOUSE"],
            catalog=env.get("FIELDHOUSE_CATALOG") or env["FIELDHOUSE_WAREHOUSE"],
            contact=env.get("FIELDHOUSE_CONTACT") or DEFAULT_CONTACT,
            # obstore does not read this one beside options of our own
            lake_options={"client_options": {"allow_http": True}} if env.get("AWS_ALLOW_HTTP") == "true" else {},
            sources={name.lower(): _source_settings(env, name) for name in names},
        )

    def of(self, source: Source) -> SourceSettings:
        """Return the overrides of ``source``."""
        return self.sources.get(source.name, SourceSettings())


def _source_settings(env: Mapping[str, str], name: str) -> SourceSettings:
    variable = f"FIELDHOUSE_{name}_REQUESTS_PER_SECOND"
    rate = env.get(variable)
    return SourceSettings(
        url=env.get(f"FIELDHOUSE_{name}_URL") or None,
        pace=pace_of(_rate(variable, rate)) if rate else None,
        selectors=env.get(f"FIELDHOUSE_{name}_SELECTORS", ""),
    )


def _rate(variable: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < math.inf:
        raise ConfigurationError(f"{variable} is {text!r}; it must be a number above 0, such as 0.5")
    return rate
