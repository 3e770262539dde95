"""Settings: where the lake, the databases and the sources are.

The engine takes them from here as one frozen object. Airflow builds it from Connections and Variables
(``plugins/settings.py``), everything else from the environment.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from fieldhouse import clock
from fieldhouse.addresses import host_of
from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Limit, Pace, Source, limit_of

DEFAULT_CONTACT = "contact not set"
SOURCE_VARIABLE = re.compile(r"FIELDHOUSE_([A-Z0-9_]+)_(?:URL|REQUESTS_PER_SECOND|REQUESTS_PER_MINUTE|SELECTORS)")
# How a user may set a pace, and in how many seconds so many requests are
RATES = {"requests_per_second": 1.0, "requests_per_minute": 60.0}


@dataclass(frozen=True)
class SourceSettings:
    """What a user may override of one source: its base URL, its pace, headers to send along.

    :param pace: a :class:`Limit` alone leaves the rest of the source's own pace as it is.
    :param selectors: what its runs are narrowed to where they do not say; of a source with Param ``selectors``.
    """

    url: str | None = None
    pace: Pace | Limit | None = None
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
        ``FIELDHOUSE_<SOURCE>_URL``; its pace, ``FIELDHOUSE_<SOURCE>_REQUESTS_PER_SECOND`` or ``_REQUESTS_PER_MINUTE``;
        what is taken of a source, ``FIELDHOUSE_<SOURCE>_SELECTORS``. An S3 lake also heeds the usual ``AWS_*`` ones.

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

    def pace(self, source: Source) -> Pace:
        """Return the pace at which ``source`` is asked: the user's, or its own.

        :raises ConfigurationError: the user's is faster than the source's host bears.
        """
        own = self.of(source)
        given = own.pace or source.pace
        pace = replace(source.pace, limits=(given,)) if isinstance(given, Limit) else given
        ceiling, fastest = source.pace.ceiling, pace.slowest
        # a host of one's own bears what it bears
        if ceiling is None or not _same_host(own.url or source.base_url, source.base_url):
            return pace
        if fastest is None or fastest.spacing < ceiling.spacing:
            raise ConfigurationError(
                f"{source.name}: its pace is set to {fastest or 'no limit'}, and {ceiling} is the most that "
                f"{host_of(source.base_url)} bears: it shuts out who asks faster, for "
                f"{clock.in_words(source.pace.throttled_for)}. Set requests_per_minute to "
                f"{60 / ceiling.spacing:g} or less, or leave it out"
            )
        return pace


def read_limit(values: Mapping[str, Any], named: Callable[[str], str]) -> Limit | None:
    """Read the pace that a user set, if any.

    :param values: the user's settings; those of :data:`RATES` are looked at.
    :param named: returns what a setting is called where the user made it.
    :raises ConfigurationError: it is no number above 0, or is said twice.
    """
    given = {name: str(values[name]) for name in RATES if values.get(name) is not None and values[name] != ""}
    if len(given) > 1:
        raise ConfigurationError(f"{' and '.join(map(named, given))} are both set: remove one of them")
    for name, value in given.items():
        return limit_of(_rate(named(name), value), RATES[name])
    return None


def _same_host(url: str, other: str) -> bool:
    one, two = ((urlsplit(each).hostname or "").rstrip(".").removeprefix("www.") for each in (url, other))
    return one == two


def _source_settings(env: Mapping[str, str], name: str) -> SourceSettings:
    def variable(rate: str) -> str:
        return f"FIELDHOUSE_{name}_{rate.upper()}"

    return SourceSettings(
        url=env.get(f"FIELDHOUSE_{name}_URL") or None,
        pace=read_limit({rate: env.get(variable(rate)) for rate in RATES}, variable),
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
