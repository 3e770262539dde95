"""The image, as far as it shows without a Docker engine: its files laid out by the rules of Dockerfile and ignore file.

The workflow's job ``image`` builds and starts the real one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shipping import files
from tests.shipping.files import ROOT

BUNDLE = "opt/fieldhouse/bundle"

PARSE = """
import json, sys
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag
bundle, = DagBundlesManager().get_all_dag_bundles()
bag = BundleDagBag(bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
ours = ("dags", "fieldhouse", "include", "local", "plugins", "simulator", "tests")
print(json.dumps({
    "errors": bag.import_errors,
    "files": {dag.dag_id: dag.fileloc for dag in bag.dags.values()},
    "modules": [module.__file__ for name, module in list(sys.modules.items())
                if name.split(".")[0] in ours and getattr(module, "__file__", None)],
}))
"""


def clean_environment() -> dict[str, str]:
    unwanted = ("AIRFLOW_", "FIELDHOUSE_", "PYTHONPATH")
    own = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**own, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_airflow_parses_the_bundle_and_runs_its_code_alone(image: Path, tmp_path: Path) -> None:
    inside = {name: value.replace("/opt/", f"{image}/opt/") for name, value in files.image_environment().items()}
    done = subprocess.run(
        [sys.executable, "-P", "-c", PARSE],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**clean_environment(), **inside, "AIRFLOW_HOME": str(tmp_path / "home")},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == {}
    assert found["files"] == {file.stem: str(image / BUNDLE / "dags" / file.name) for file in ROOT.glob("dags/*.py")}
    assert found["modules"]
    assert [name for name in found["modules"] if not name.startswith(str(image / BUNDLE))] == []


def test_the_launcher_runs_the_bundles_copy(tmp_path: Path) -> None:
    bundle = files.build(tmp_path)
    command_line = bundle / "fieldhouse" / "cli" / "__init__.py"
    command_line.write_text(command_line.read_text().replace("Exit codes:", "Exit codes of the copy:"))
    launcher = tmp_path / "bin" / "fieldhouse"
    launcher.parent.mkdir()
    launcher.symlink_to(bundle / "include" / "docker" / "fieldhouse")
    done = subprocess.run(
        [str(launcher), "--help"], capture_output=True, text=True, check=True, cwd="/", env=clean_environment()
    )
    assert "Exit codes of the copy:" in done.stdout


def test_the_launcher_is_where_the_dockerfile_links_it() -> None:
    words = [word for name, words in files.instructions() if name == "RUN" for word in words]
    assert f"/{BUNDLE}/include/docker/fieldhouse" in words
    assert os.access(ROOT / "include" / "docker" / "fieldhouse", os.X_OK)


def test_what_is_copied_exists_and_reaches_the_builder() -> None:
    for sources, _ in files.copies():
        for source in sources:
            assert (ROOT / source).exists(), source
            assert not files.is_ignored(source), source


@pytest.mark.parametrize(
    "path",
    [".env", ".git/config", ".venv/bin/python", ".fieldhouse/env", "tests/conftest.py", "docker-compose.yaml",
     "fieldhouse/__pycache__/lake.cpython-311.pyc", "include/dbt/target/manifest.json", "secret.json"],
)  # fmt: skip
def test_what_stays_out_of_the_image(path: str) -> None:
    assert files.is_ignored(path)


def test_the_bundle_is_complete(image: Path) -> None:
    bundle = image / BUNDLE
    assert {path.name for path in bundle.iterdir()} == {
        *("dags", "plugins", "fieldhouse", "include"),
        *(".airflowignore", "LICENSE"),
    }
    assert (bundle / "plugins" / ".airflowignore").exists(), "else Airflow imports every module there by itself"
    assert sorted(path.name for path in (bundle / "include" / "sql").iterdir()) == sorted(
        path.name for path in (ROOT / "include" / "sql").iterdir()
    )


def test_the_code_is_on_no_path_of_pythons_and_no_secret_is_in_the_image() -> None:
    environment = files.image_environment()
    assert "PYTHONPATH" not in environment
    assert not any("plugins" in name.lower() for name in environment)
    assert not [name for name in environment if any(word in name for word in ("KEY", "SECRET", "PASSWORD", "CONN_"))]


def test_the_image_runs_as_nobody_special() -> None:
    users = [words[0] for name, words in files.instructions() if name == "USER"]
    assert users[-1] == "50000", "the image's user airflow"


def test_nothing_phones_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in files.image_environment().items():
        monkeypatch.setenv(name, value)
    asked = "from cosmos import settings; print(settings.enable_telemetry, settings.do_not_track)"
    done = subprocess.run([sys.executable, "-P", "-c", asked], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.splitlines()[-1] == "False True"
    assert files.image_environment()["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "0"


def test_versions_are_pinned_and_agree() -> None:
    image = next(words[0] for name, words in files.instructions() if name == "ARG")
    wanted = next(line for line in (ROOT / "requirements.txt").read_text().splitlines() if "apache-airflow==" in line)
    assert image == f"AIRFLOW_IMAGE=apache/airflow:slim-{wanted.partition('==')[2]}-python3.11"
    assert all(":" in service["image"] for service in files.services({**files.filled_in()}).values())
