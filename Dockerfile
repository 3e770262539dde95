# Airflow with what the Dags need, dbt beside it, and the bundle. No secret is in it: all of them come from the environment.
#
# One place for the version. A digest goes behind the tag: slim-3.3.2-python3.11@sha256:...
# slim: requirements.txt pins every package, and the full image's other providers would pin some of them differently.
ARG AIRFLOW_IMAGE=apache/airflow:slim-3.3.2-python3.11

FROM ${AIRFLOW_IMAGE} AS dbt
# 50000 is the image's user airflow: a number, so that a cluster can tell that it is not root
USER 0
RUN install -d -o 50000 -g 0 /opt/fieldhouse/dbt
USER 50000
COPY requirements-dbt.txt /tmp/requirements-dbt.txt
# dbt and Airflow pin each other's libraries apart. The image installs for its user, which an environment refuses
RUN python -m venv /opt/fieldhouse/dbt \
    && PIP_USER=false /opt/fieldhouse/dbt/bin/pip install --no-cache-dir --requirement /tmp/requirements-dbt.txt

FROM ${AIRFLOW_IMAGE}
COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --requirement /tmp/requirements.txt \
    && pip check

COPY --from=dbt /opt/fieldhouse/dbt /opt/fieldhouse/dbt
# Root owns the code: a task cannot change what the next one runs
COPY LICENSE .airflowignore /opt/fieldhouse/bundle/
COPY dags /opt/fieldhouse/bundle/dags
COPY plugins /opt/fieldhouse/bundle/plugins
COPY fieldhouse /opt/fieldhouse/bundle/fieldhouse
COPY include /opt/fieldhouse/bundle/include

USER 0
# Compiled now, because nobody may write there later. The folder takes the UI's passwords
RUN python -m compileall -q /opt/fieldhouse/bundle \
    && ln -s /opt/fieldhouse/bundle/include/docker/fieldhouse /usr/local/bin/fieldhouse \
    && install -d -o 50000 -g 0 -m 0770 /opt/airflow/auth
USER 50000

# The bundle is no PYTHONPATH and no plugins folder: Airflow appends its root to sys.path by itself, and any other copy
# would win over it. The last three: Cosmos and dbt tell nobody that this runs (Airflow 3.3 does not)
ENV AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST='[{"name": "fieldhouse", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle", "kwargs": {"path": "/opt/fieldhouse/bundle"}}]' \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__FIELDHOUSE__DBT_EXECUTABLE=/opt/fieldhouse/dbt/bin/dbt \
    AIRFLOW__COSMOS__ENABLE_TELEMETRY=False \
    DBT_SEND_ANONYMOUS_USAGE_STATS=0 \
    DO_NOT_TRACK=1
