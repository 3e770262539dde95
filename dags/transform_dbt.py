"""
# The marts

Builds and tests the dbt models (`include/dbt`) of the sources whose tables are newer than their marts.

- **When**: the last task of each ingest Dag triggers it, if its source's marts are old. Triggered by hand, it builds
  what is old; *Full refresh* builds from scratch, old or not.
- **What is built**: Param *Sources*; none means all. A run that finds nothing old skips.
- **When it fails**: the log of `build`, its error and Slack name the model and what the database said. Models before
  it are built, those after it keep their last rows. Mend the model and clear the task; the next ingest run triggers
  it again as well.
- **dbt** has an environment of its own: option `[fieldhouse] dbt_executable`.
"""

from airflow.sdk import Param, dag

from fieldhouse import sources
from plugins import alerts
from plugins.arguments import shared_arguments
from plugins.operators import DbtBuildOperator


@dag(
    schedule=None,
    description="dbt models and tests of the sources whose tables changed",
    doc_md=__doc__,
    tags=["transform"],
    params={
        "sources": Param(
            [],
            title="Sources",
            description_md="Whose marts are built; none: all.",
            type="array",
            items={"type": "string", "enum": list(sources.NAMES)},
            examples=list(sources.NAMES),
        ),
        "full_refresh": Param(
            False,
            title="Full refresh",
            description_md="Build every model from scratch, even where nothing is new.",
            type="boolean",
        ),
    },
    **shared_arguments(alerts.transform_failed),
)
def transform_dbt() -> None:
    """Build what is old."""
    DbtBuildOperator(task_id="build")


transform_dbt()
