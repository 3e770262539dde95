"""What is shipped, laid out; and an Airflow home of one's own for what asks Airflow about it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.shipping import files

# before anything imports airflow
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="fieldhouse-airflow-"))
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds what the image would: its root. No image was built."""
    folder = tmp_path_factory.mktemp("image")
    files.build(folder)
    return folder
