"""Load: a lane's archived rows into the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from plugins.operators.work import LaneOperator, TriggerRule, engine


class LoadOperator(LaneOperator):
    """Bring the rows of the archived datasets into their tables, touching only rows that differ."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trigger_rule", TriggerRule.ALL_DONE)
        super().__init__(**kwargs)

    def execute(self, context: Mapping[str, Any]) -> dict[str, dict[str, int]]:  # noqa: ARG002
        """Load what was archived; returns what happened to each table."""
        from fieldhouse.engine.load import load  # noqa: PLC0415 - heavy

        with engine(self.lane["source"]) as work:
            tables = load(work, self.lane["plan"], self.lane["lane"])
        for table, counts in tables.items():
            self.log.info("%s: %s", table, counts)
        return {table: asdict(counts) for table, counts in tables.items()}
