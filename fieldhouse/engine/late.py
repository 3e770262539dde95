"""Late: what a provider has not published yet and soon should have, and when it is looked for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fieldhouse import clock

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

EVERY = timedelta(hours=2)
# What is due later than this is the business of the runs of the next days
SOON = timedelta(hours=36)
# By then the run that looked last has ended and given up its claims
NOT_WITHIN = timedelta(minutes=5)
MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Look:
    """Another look at what was not there.

    :param at: when, in the program's time.
    :param datasets: how many are looked for.
    :param params: of the run that looks: those of the run that did not find them, for the same dates, narrowed to the
        dataset types of which something is late.
    """

    at: datetime
    datasets: int
    params: Mapping[str, Any]


def next_look(context: Context, plan_id: int, now: datetime | None = None, every: timedelta = EVERY) -> Look | None:
    """Return when a plan's missing datasets are looked for again; None if none of them is expected soon.

    That is at the next full ``every`` of the day, at the latest when the first of them becomes missing data. Runs
    that miss the same thus look at one moment.
    """
    now = now or clock.now()
    late = context.catalog.rows(
        """
        select d.dataset_type, count(*) as datasets, min(i.due_at) as due_at
        from lake.plan_item as i inner join lake.dataset as d using (dataset_id)
        where i.plan_id = %s and i.outcome = 'not_published' and i.due_at > %s and i.due_at <= %s
            -- a host that refuses is left alone until a person has looked
            and not exists (
                select from lake.plan_item as r where r.plan_id = i.plan_id and r.outcome in ('blocked', 'throttled')
            )
        group by d.dataset_type order by d.dataset_type
        """,
        (plan_id, now, now + SOON),
    )
    if not late:
        return None
    (plan,) = context.catalog.rows("select scope from lake.plan where plan_id = %s", (plan_id,))
    at = min(_next_full(now, every), *(row.due_at for row in late))
    return Look(
        at=max(at, now + NOT_WITHIN),
        datasets=sum(row.datasets for row in late),
        params={
            **plan.scope["params"],
            "from_date": plan.scope["from_date"],
            "to_date": plan.scope["to_date"],
            "dataset_types": [row.dataset_type for row in late],
            # what is wrong besides was told, and is asked for by the next run of its own
            "only_late": True,
            # a person wanted all of it anew, once
            "force": False,
        },
    )


def _next_full(now: datetime, every: timedelta) -> datetime:
    return now + every - (now - MIDNIGHT) % every
