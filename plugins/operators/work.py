"""What the operators have in common: the engine's context for a task, and the lane that a mapped task works on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, TriggerRule

from fieldhouse import sources
from plugins.settings import read_settings

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context as EngineContext

LANES_AT_ONCE = 4


@contextmanager
def engine(source_name: str) -> Iterator[EngineContext]:
    """Open the engine for a source with the settings that Airflow has."""
    from fieldhouse.engine.context import Context as EngineContext  # noqa: PLC0415 - heavy, and Dag files import us

    source = sources.get(source_name)
    with EngineContext(read_settings(source), source) as context:
        yield context


def run_name(context: Mapping[str, Any]) -> str:
    """Return the name of a run in the catalog."""
    dag_run = context["dag_run"]
    return f"{dag_run.dag_id}/{dag_run.run_id}"


class LaneOperator(BaseOperator):
    """A step on one lane.

    It runs after the step before it has ended in whatever way: what that one left undone is seen in the
    catalog, and one dataset that failed keeps no other from going on.

    :param lane: what discover returned for the lane: plan, lane, source, name, datasets.
    """

    template_fields: Sequence[str] = ("lane",)

    def __init__(self, *, lane: Any, **kwargs: Any) -> None:
        kwargs.setdefault("map_index_template", "{{ task.lane['name'] }}")
        kwargs.setdefault("max_active_tis_per_dagrun", LANES_AT_ONCE)
        super().__init__(**kwargs)
        self.lane = lane


__all__ = ["LANES_AT_ONCE", "LaneOperator", "TriggerRule", "engine", "run_name"]
