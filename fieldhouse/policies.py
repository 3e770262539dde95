"""Fetch policies: which of the datasets that exist a run asks for. Three are ours, others register by entry points."""

from __future__ import annotations

from fieldhouse import registered
from fieldhouse.errors import ConfigurationError
from fieldhouse.source import FetchPolicy

GROUP = "fieldhouse.fetch_policies"

LADDER = FetchPolicy(
    "ladder",
    # A look from before the truth settled was not the last one; where the provider says a version, that decides.
    # What was not there is looked for until a week after that became missing data
    """
    case
        when not coalesce(d.seen, '{}') @> c.versions then
            case
                when coalesce(d.seen, '{}') ?& array(select jsonb_object_keys(c.versions)) then 'changed'
                else 'new file'
            end
        when d.is_absent and d.checked_at < c.due_at + interval '7 days' then 'absent'
        when not c.versioned and (c.settled_at is null or c.settled_at > least(d.checked_at, %(now)s)) then 'running'
        when d.checked_at + t.recheck_every <= %(now)s then 're-check'
        when exists (
            select 1
            from unnest(t.recheck_after) as r (age)
            where c.settled_at + r.age > d.checked_at and c.settled_at + r.age <= %(now)s
        ) then 're-check'
    end
    """,
)
ONCE = FetchPolicy("once", "null::text")
ALWAYS = FetchPolicy("always", "'always'")

BUILT_IN = {policy.name: policy for policy in (LADDER, ONCE, ALWAYS)}


def names() -> tuple[str, ...]:
    """Return the names of all policies, ours first. None is imported.

    :raises ConfigurationError: what a distribution registers cannot be used.
    """
    return (*BUILT_IN, *registered.names(GROUP, BUILT_IN))


def get(name: str) -> FetchPolicy:
    """Return the fetch policy ``name``.

    :raises ConfigurationError: there is none, and the message lists those that there are; or what a distribution
        registers cannot be used.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    policy = registered.load(GROUP, name, FetchPolicy, BUILT_IN)
    if policy is None:
        raise ConfigurationError(f"there is no fetch policy {name!r}; there are: {', '.join(names())}")
    return policy
