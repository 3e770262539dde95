"""Publish: tell the rest of Airflow which tables really changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any

from airflow.sdk import Asset, AssetAlias, BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowSkipException

from plugins.operators.work import engine, run_name
from plugins.publishers import publish_events

MOST_REVISIONS = 200


class PublishOperator(BaseOperator):
    """Emit an Asset event for each table that the run changed; skip when it changed none.

    The Asset events go through the AssetAlias named as the source: a static outlet would emit also when nothing
    changed. The events of the catalog go to the publishers in any case: a run that changes no table may have put
    datasets into quarantine, or seen that they were withdrawn.

    :param source: the source's name.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        kwargs.setdefault("trigger_rule", TriggerRule.ALL_DONE)
        super().__init__(outlets=[AssetAlias(name=source)], **kwargs)
        self.source = source

    def execute(self, context: Mapping[str, Any]) -> None:
        """Add one event a changed table, with row counts and revisions in ``extra``; then call the publishers."""
        with engine(self.source) as work:
            plan = work.catalog.find_plan(self.source, run_name(context))
            changes = work.warehouse.changes(plan) if plan else {}
            revisions = work.warehouse.changed_revisions(plan) if plan else {}
            self._add_events(context, changes, revisions)
            publish_events(work.catalog)
        if not changes:
            raise AirflowSkipException(f"no table of {self.source} changed")

    def _add_events(
        self, context: Mapping[str, Any], changes: Mapping[str, Any], revisions: Mapping[str, Mapping[str, int]]
    ) -> None:
        for table, counts in changes.items():
            changed = revisions.get(table, {})
            extra = {
                **asdict(counts),
                "datasets": len(changed),
                "revisions": dict(islice(changed.items(), MOST_REVISIONS)),
            }
            context["outlet_events"][AssetAlias(name=self.source)].add(table_asset(self.source, table), extra=extra)
            self.log.info("%s.%s: %s in %s datasets", self.source, table, counts, len(changed))


def table_asset(source: str, table: str) -> Asset:
    """Return the Asset that stands for a table of a source."""
    return Asset(name=f"{source}.{table}", uri=f"fieldhouse://{source}/{table}")
