"""Settings from Airflow: Connections say where things are, Variables what is wanted.

========================  =====================================================================================
Connection                what it gives
========================  =====================================================================================
``warehouse``             Postgres of the sources' tables
``catalog``               Postgres of schema ``lake``; absent: the warehouse
``lake``                  type ``aws``: extra ``bucket``, ``prefix``, ``endpoint_url``, ``region_name``;
                          any other type: extra ``path``, a local folder
``<source>``              type ``http``: base URL; extra ``requests_per_second`` or ``requests_per_minute``,
                          ``concurrency``, ``headers``
========================  =====================================================================================

Variables: ``contact`` (for the User-Agent), ``flag__<source>[__<dataset_type>]``, ``lanes__<source>``,
``fetch_policy__<source>__<dataset_type>``, ``<source>_selectors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from airflow.sdk import Connection, Variable
from airflow.sdk.exceptions import AirflowNotFoundException

from fieldhouse.config import DEFAULT_CONTACT, Settings, SourceSettings, read_limit
from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Source

FETCH_POLICY = "fetch_policy__"


def read_settings(source: Source) -> Settings:
    """Read the Connections and Variables that a task on ``source`` needs.

    :raises ConfigurationError: one is missing or wrong; the text says which and how it should look.
    """
    warehouse = _required("warehouse", "a Postgres connection")
    catalog = find_connection("catalog")
    lake, options = _lake(_required("lake", "an AWS connection with extra bucket, or one with extra path"))
    own = find_connection(source.name)
    settings = Settings(
        lake=lake,
        lake_options=options,
        warehouse=_postgres(warehouse),
        catalog=_postgres(catalog or warehouse),
        contact=Variable.get("contact", default=None) or DEFAULT_CONTACT,
        sources={source.name: _source(source, own)} if own else {},
    )
    settings.pace(source)  # refuses one that is too fast, before anything is asked
    return settings


def read_flags(source: Source) -> dict[str, str]:
    """Return the flags of a source that are set, by their names without ``flag__``."""
    names = [source.name, *(f"{source.name}__{t.name}" for t in source.dataset_types)]
    values = {name: Variable.get(f"flag__{name}", default=None) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def read_fetch_policies(source: Source) -> dict[str, str]:
    """Return the fetch policies that Variables ``fetch_policy__<source>__<dataset_type>`` set, by dataset type."""
    values = {
        t.name: Variable.get(f"{FETCH_POLICY}{source.name}__{t.name}", default=None) for t in source.dataset_types
    }
    return {name: value for name, value in values.items() if value}


def read_selectors(source: Source) -> str:
    """Return Variable ``<source>_selectors``: what is taken of a source that has Param ``selectors``, else all."""
    if not any(param.name == "selectors" for param in source.params):
        return ""
    return Variable.get(f"{source.name}_selectors", default=None) or ""


def read_lanes(source: Source, default: int) -> int:
    """Return about how many lanes a run of ``source`` is spread over, from Variable ``lanes__<source>``."""
    name = f"lanes__{source.name}"
    value = Variable.get(name, default=None)
    if value is None:
        return default
    if not str(value).isdigit() or int(value) < 1:
        raise ConfigurationError(f"Variable {name} is {value!r}; it must be a whole number from 1")
    return int(value)


def find_connection(connection_id: str) -> Connection | None:
    """Return a Connection, if there is one of this name."""
    try:
        connection: Connection = Connection.get(connection_id)
    except AirflowNotFoundException:
        return None
    return connection


def _required(connection_id: str, wanted: str) -> Connection:
    connection = find_connection(connection_id)
    if connection is None:
        raise ConfigurationError(f"there is no Connection {connection_id!r}: add {wanted} (Admin > Connections)")
    return connection


def _postgres(connection: Connection) -> str:
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - Dag files import this module

    return make_conninfo(
        host=connection.host,
        port=connection.port or 5432,
        dbname=connection.schema or "postgres",
        user=connection.login,
        password=connection.password,
        **{key: str(value) for key, value in connection.extra_dejson.items() if key.startswith("ssl")},
    )


def _lake(connection: Connection) -> tuple[str, dict[str, Any]]:
    extra: Mapping[str, Any] = connection.extra_dejson
    if connection.conn_type != "aws":
        path = extra.get("path")
        if not path or not Path(path).is_absolute():
            raise ConfigurationError('Connection \'lake\' needs extra {"path": "/an/absolute/folder"}')
        return Path(path).as_uri(), {}
    if not extra.get("bucket"):
        raise ConfigurationError('Connection \'lake\' of type aws needs extra {"bucket": "name"}')
    url = "/".join(filter(None, [f"s3://{extra['bucket']}", str(extra.get("prefix", "")).strip("/")]))
    return url, _s3_options(connection, extra)


def _s3_options(connection: Connection, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return obstore's arguments. Credentials come from a boto3 session, which renews them; they are never copied."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook  # noqa: PLC0415 - heavy
    from obstore.auth.boto3 import Boto3CredentialProvider  # noqa: PLC0415

    hook: Any = AwsGenericHook(aws_conn_id=connection.conn_id, client_type="s3")
    options: dict[str, Any] = {"credential_provider": Boto3CredentialProvider(hook.get_session())}
    if region := extra.get("region_name"):
        options["region"] = region
    if endpoint := extra.get("endpoint_url"):
        options["endpoint"] = endpoint
        options["client_options"] = {"allow_http": str(endpoint).startswith("http://")}
    return options


def _source(source: Source, connection: Connection) -> SourceSettings:
    extra = connection.extra_dejson
    limit = read_limit(extra, lambda rate: f"extra {rate} of Connection {source.name!r}")
    pace = replace(source.pace, concurrency=int(extra.get("concurrency", source.pace.concurrency)))
    if limit:
        pace = replace(pace, limits=(limit,))
    return SourceSettings(url=base_url(connection), pace=pace, headers=dict(extra.get("headers", {})))


def base_url(connection: Connection) -> str | None:
    """Return the address that a Connection of type ``http`` holds."""
    if not connection.host:
        return None
    if "://" in connection.host:
        return connection.host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{connection.host}{port}"
