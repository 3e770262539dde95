"""docker-compose.yaml and env.template: that they agree with each other, with the code and with this Airflow."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from fieldhouse import sources
from tests.shipping import files
from tests.shipping.files import COMPOSE, INTERPOLATED, ROOT

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
# how the dbt operator talks to the program that it starts: nobody sets these
INTERNAL = {"FIELDHOUSE_DBT_EXECUTABLE", "FIELDHOUSE_DBT_PARENT"}
# where a notebook keeps what it makes when nothing says where lake and warehouse are: here something does
OF_NOTEBOOKS = {"FIELDHOUSE_HOME"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return files.services(files.filled_in())


def passed_through() -> set[str]:
    """Return the variables that a service gets where .env sets them."""
    return {
        name
        for service in files.services().values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }


def interpolated() -> dict[str, set[str]]:
    """Return the names in ``${...}``, each with what follows it: ``:-``, ``:?`` or nothing."""
    found: dict[str, set[str]] = {}
    for name, operator, _ in INTERPOLATED.findall(COMPOSE.read_text()):
        found.setdefault(name, set()).add(operator)
    return found


def test_the_template_and_the_compose_file_name_the_same_variables() -> None:
    assert set(files.template()) == interpolated().keys() | passed_through()
    assert interpolated().keys().isdisjoint(passed_through())


def test_what_has_no_default_is_demanded_everywhere() -> None:
    required = {name for name, entry in files.template().items() if not entry.optional}
    assert {name for name, operators in interpolated().items() if operators == {":?"}} == required
    assert all(operators in ({":?"}, {":-"}) for operators in interpolated().values())


def test_every_line_of_the_template_says_what_it_is() -> None:
    assert [name for name, entry in files.template().items() if not entry.comment.startswith("# ")] == []


def test_no_secret_has_a_value() -> None:
    secret = re.compile("PASSWORD|KEY|SECRET")
    named = [entry for name, entry in files.template().items() if secret.search(name)]
    assert len(named) >= 8
    assert [entry.name for entry in named if entry.value] == []
    assert {entry.name for entry in named if entry.optional} <= passed_through(), "it would have a default"


def test_defaults_are_the_same_in_both() -> None:
    defaults: dict[str, set[str]] = {}
    for name, operator, value in INTERPOLATED.findall(COMPOSE.read_text()):
        if operator == ":-":
            defaults.setdefault(name, set()).add(value)
    assert defaults == {name: {files.template()[name].value} for name in defaults}


def known_settings() -> set[str]:
    """Return the ``FIELDHOUSE_`` variables that the code reads, those of the sources written out."""
    found: set[str] = set()
    for folder in ("fieldhouse", "plugins"):
        for file in (ROOT / folder).rglob("*.py"):
            text = file.read_text()
            found.update(re.findall(r"\b(?:AIRFLOW__)?FIELDHOUSE_[A-Z_]*[A-Z]\b", text))
            if '"fieldhouse", "' in text:  # options of Airflow's configuration
                options = re.findall(r'conf\.get\w*\(\s*"fieldhouse", "(\w+)"', text)
                found.update(f"AIRFLOW__FIELDHOUSE__{name.upper()}" for name in options)
    for name in sources.NAMES:
        settings = ("URL", "REQUESTS_PER_MINUTE", "REQUESTS_PER_SECOND")
        found.update(f"FIELDHOUSE_{name.upper()}_{setting}" for setting in settings)
        found.update(f"FIELDHOUSE_{variable.upper()}" for variable in selectors_of(name))
    return found - INTERNAL - OF_NOTEBOOKS


def selectors_of(name: str) -> set[str]:
    return {f"{name}_selectors" for param in sources.get(name).params if param.name == "selectors"}


def known_variables() -> set[str]:
    found = {"contact"}
    for name in sources.NAMES:
        found |= {f"flag__{name}", f"lanes__{name}"}
        found |= {f"flag__{name}__{each.name}" for each in sources.get(name).dataset_types}
        found |= selectors_of(name)
    return found.union(json.loads((ROOT / "include" / "airflow" / "variables.json").read_text()))


def known_connections() -> set[str]:
    examples = json.loads((ROOT / "include" / "airflow" / "connections.json").read_text())
    return {"warehouse", "catalog", "lake", "slack", "events_webhook", "events_sns", *sources.NAMES, *examples}


def test_every_setting_reaches_the_containers_and_nothing_unknown_does() -> None:
    environment = files.services()["scheduler"]["environment"].keys() | files.image_environment().keys()
    ours = {name for name in environment if name.startswith(("FIELDHOUSE_", "AIRFLOW__FIELDHOUSE__"))}
    assert ours == known_settings()


@pytest.mark.parametrize(
    ("prefix", "known"), [("AIRFLOW_VAR_", known_variables()), ("AIRFLOW_CONN_", known_connections())]
)
def test_every_variable_and_connection_is_there_and_nothing_unknown(prefix: str, known: set[str]) -> None:
    environment = files.services()["scheduler"]["environment"]
    assert {name.removeprefix(prefix).lower() for name in environment if name.startswith(prefix)} == known
    text = (ROOT / "env.template").read_text()
    assert [name for name in known if f"`{name}`" not in text and f"{prefix}{name.upper()}=" not in text] == []


def test_every_pool_is_named() -> None:
    pools = json.loads((ROOT / "include" / "airflow" / "pools.json").read_text())
    assert set(sources.NAMES) <= set(pools)
    text = (ROOT / "env.template").read_text()
    assert [name for name in pools if f"pool {name} " not in text] == []


def test_airflow_knows_every_option() -> None:
    from airflow.configuration import conf  # noqa: PLC0415 - heavy

    old = {(section, option) for section, option, _ in conf.deprecated_options.values()}
    environment = files.environment_of("init", files.filled_in())
    options = [name.lower().split("__")[1:] for name in environment if name.startswith("AIRFLOW__")]
    assert len(options) > 12
    for section, option in options:
        if section not in {"fieldhouse", "cosmos"}:  # Cosmos declares only some of its own
            assert option in conf.configuration_description.get(section, {}).get("options", {}), (section, option)
            assert (section, option) not in old, (section, option)


def test_airflow_knows_every_command(services: dict[str, Any]) -> None:
    from airflow.cli.cli_parser import get_parser  # noqa: PLC0415 - heavy

    for name in COMPONENTS:
        get_parser().parse_args(services[name]["command"].split())
        test = services[name]["healthcheck"]["test"]
        if test[1] == "airflow":
            assert get_parser().parse_args(test[2:]).local


def test_health_is_asked_where_it_is_answered(services: dict[str, Any]) -> None:
    import airflow  # noqa: PLC0415 - heavy
    from airflow.configuration import conf  # noqa: PLC0415
    from airflow.jobs.dag_processor_job_runner import DagProcessorJobRunner  # noqa: PLC0415
    from airflow.jobs.triggerer_job_runner import TriggererJobRunner  # noqa: PLC0415

    asked = {name: services[name]["healthcheck"]["test"] for name in COMPONENTS}
    api = Path(airflow.__path__[0]) / "api_fastapi" / "core_api" / "openapi" / "v2-rest-api-generated.yaml"
    assert "/api/v2/version:" in api.read_text()
    ports = {
        "api-server": conf.get_default_value("api", "port"),
        "scheduler": conf.get_default_value("scheduler", "scheduler_health_check_server_port"),
    }
    assert asked["api-server"][-1] == f"http://localhost:{ports['api-server']}/api/v2/version"
    assert asked["scheduler"][-1] == f"http://localhost:{ports['scheduler']}/health"
    assert DagProcessorJobRunner.job_type in asked["dag-processor"]
    assert TriggererJobRunner.job_type in asked["triggerer"]


def test_each_service_is_watched_and_starts_in_order(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "lake", "init", *COMPONENTS}
    for name in {*services} - {"init"}:
        assert services[name]["healthcheck"]["test"], name
        assert services[name]["restart"] == "unless-stopped", name
    assert services["init"]["restart"] == "no"
    for name in COMPONENTS:
        waits = {other: entry["condition"] for other, entry in services[name]["depends_on"].items()}
        assert waits["init"] == "service_completed_successfully", name
        assert waits["postgres"] == waits["lake"] == "service_healthy", name


def test_only_the_ui_has_a_port_and_only_for_this_host(services: dict[str, Any]) -> None:
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {
        "api-server": ["127.0.0.1:8080:8080"]
    }


def test_the_superusers_password_reaches_postgres_and_init_alone(services: dict[str, Any]) -> None:
    password = files.filled_in()["POSTGRES_PASSWORD"]
    assert {name for name, s in services.items() if password in s["environment"].values()} == {"postgres", "init"}


def test_every_volume_is_declared_and_used(services: dict[str, Any]) -> None:
    used = {volume.partition(":")[0] for service in services.values() for volume in service["volumes"]}
    assert used == set(yaml.safe_load(COMPOSE.read_text())["volumes"])


def test_the_connections_are_what_the_dags_expect(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugins.settings import read_settings  # noqa: PLC0415 - Airflow is heavy

    env = {**files.filled_in(), "LAKE_PREFIX": "sports"}
    environment = files.environment_of("scheduler", env)
    for name, value in environment.items():
        if name.startswith(("AIRFLOW_CONN_", "AIRFLOW_VAR_", "AWS_")):
            monkeypatch.setenv(name, value)
    settings = read_settings(sources.get("football_data"))
    assert settings.lake == environment["FIELDHOUSE_LAKE"] == "s3://lake/sports"
    assert settings.lake_options["endpoint"] == environment["AWS_ENDPOINT_URL"]
    assert settings.contact == env["FIELDHOUSE_CONTACT"]
    credentials = settings.lake_options["credential_provider"]()
    assert credentials["access_key_id"] == env["LAKE_ACCESS_KEY"]
    words = ("host=postgres", "dbname=warehouse", "user=warehouse", f"password={env['WAREHOUSE_PASSWORD']}")
    assert [word for word in words if word not in settings.warehouse] == []
