"""What Airflow is loaded with: ``include/airflow``, filled in with where things are on this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from psycopg.conninfo import conninfo_to_dict

from fieldhouse.errors import ConfigurationError
from local.guard import ROOT
from local.services import SIMULATED_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from local.services import Services

FOLDER = ROOT / "include" / "airflow"
SIMULATED_PACE = {"requests_per_second": int(SIMULATED_RATE)}
# The generated seasons are others than those that the shipped Variables name
SAMPLE_VARIABLES = {"statsbomb_selectors": "competition_id=*"}


def connections(services: Services, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return ``warehouse``, ``lake``, and for each simulated source the connection that leads to the simulator."""
    templates = _read(folder / "connections.json")
    return [
        _connection("warehouse", templates, **_postgres(services.warehouse)),
        _connection("lake", templates, conn_type="fs", extra={"path": str(services.home.lake(services.kind))}),
        *(
            _connection(name, templates, conn_type="http", host=url, extra=SIMULATED_PACE)
            for name, url in services.base_urls.items()
        ),
    ]


def variables(kind: str, contact: str | None, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return the Variables for this kind of data, with ``contact`` if there is one."""
    found = [{"key": key, **_as_mapping(entry)} for key, entry in _read(folder / "variables.json").items()]
    if kind == "sample":
        found = [{**entry, "value": SAMPLE_VARIABLES.get(entry["key"], entry["value"])} for entry in found]
    if contact:
        found.append({"key": "contact", "value": contact, "description": "Who runs this, for the User-Agent"})
    return found


def selectors(kind: str) -> dict[str, str]:
    """Return the environment variables by which the command line takes of each source what its Dag takes."""
    found = {entry["key"]: entry["value"] for entry in variables(kind, None)}
    return {f"FIELDHOUSE_{key.upper()}": value for key, value in found.items() if key.endswith("_selectors")}


def pools(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return the pools."""
    return [{"name": name, **entry} for name, entry in _read(folder / "pools.json").items()]


def _connection(name: str, templates: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    template = templates.get(name, {})
    found = {"connection_id": name, "description": template.get("description"), **values}
    if "extra" in found:
        found["extra"] = json.dumps(found["extra"])
    return found


def _postgres(dsn: str) -> dict[str, Any]:
    parts = conninfo_to_dict(dsn)
    return {
        "conn_type": "postgres",
        "host": parts["host"],
        "port": int(str(parts["port"])),
        "schema": parts["dbname"],
        "login": parts["user"],
        "password": parts["password"],
    }


def _as_mapping(entry: Any) -> Mapping[str, Any]:
    return entry if isinstance(entry, dict) and "value" in entry else {"value": entry}


def _read(file: Path) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(file.read_text())
    except ValueError as error:
        raise ConfigurationError(f"{file} is no JSON: {error}") from error
    return found
