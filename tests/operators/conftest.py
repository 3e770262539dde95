"""An Airflow home of one's own for what reads Connections and Variables; they come from the environment."""

from __future__ import annotations

import os
import tempfile

# before anything imports airflow
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="fieldhouse-airflow-"))
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__USAGE_DATA_COLLECTION__ENABLED"] = "False"
