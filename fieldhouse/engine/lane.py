"""What a step of a lane works on: its datasets that stand before that step and are this run's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fieldhouse.catalog import Item
from fieldhouse.errors import Outcome

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

ELSEWHERE = "another run works on it"


def items_at(context: Context, plan_id: int, lane: int, step: str) -> list[Item]:
    """Claim the lane and return its datasets at ``step`` that still need work.

    A dataset whose claim ran out, and which another run took meanwhile, is left to that one.
    """
    ours = context.catalog.claim_lane(plan_id, lane)
    items = [
        replace(item, optional=context.source.dataset_type(item.dataset_type).optional)
        for item in context.catalog.lane_items(plan_id, lane, [step])
    ]
    for item in items:
        if item.dataset_id not in ours:
            context.catalog.set_outcome(plan_id, item.dataset_id, Outcome.UNCHANGED, ELSEWHERE)
    return [item for item in items if item.dataset_id in ours]
