"""Archive: a lane's scraped bytes into visible revisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.operators.work import LaneOperator, TriggerRule, engine


class ArchiveOperator(LaneOperator):
    """Commit a revision of each changed dataset, with typed rows beside it; quarantine what cannot be read."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trigger_rule", TriggerRule.ALL_DONE)
        super().__init__(**kwargs)

    def execute(self, context: Mapping[str, Any]) -> dict[str, int]:  # noqa: ARG002
        """Archive what was scraped; returns datasets by outcome."""
        from fieldhouse.engine.archive import archive  # noqa: PLC0415 - heavy

        with engine(self.lane["source"]) as work:
            result = archive(work, self.lane["plan"], self.lane["lane"])
        self.log.info("%s: %s", self.lane["name"], result.outcomes)
        return {str(outcome): count for outcome, count in result.outcomes.items()}
