"""Which of the datasets that a source names a run looks at: open types, and what its selectors leave of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fieldhouse.engine.listings import ListingClient
from fieldhouse.errors import ConfigurationError, Outcome
from fieldhouse.selectors import Selector, parse_selectors, refuse_unknown_keys, selectable_keys
from fieldhouse.source import Candidate, DatasetType, Gap, Listing, Scope, Source, format_identifier

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context


def choose_selectors(
    source: Source, select: Mapping[str, str], params: Mapping[str, Any], default: str
) -> tuple[Selector, ...]:
    """Return what a run is narrowed to: its ``select``, else its Param ``selectors``, else the source's default.

    :raises ConfigurationError: a selector cannot be read, or has a key that no dataset of the source has.
    """
    given = params.get("selectors")
    if select and given:
        raise ConfigurationError("say what is wanted by key=value words or by parameter selectors, not by both")
    if select:
        selectors: tuple[Selector, ...] = (Selector.of(select),)
    else:
        # a source without the Param has no default either
        selectors = parse_selectors(given or ("selectors" in params and default) or "")
    refuse_unknown_keys(selectors, source.dataset_types)
    return selectors


def wanted_candidates(
    context: Context, scope: Scope, types: Sequence[DatasetType], notes: list[dict[str, str]]
) -> Iterator[Candidate | Listing]:
    """Yield what a run looks at, and the marks of the listings that the run has seen whole.

    :param notes: what could not be looked at is added to them.
    :raises ConfigurationError: the selectors leave nothing.
    """
    keys = {t.name: selectable_keys([t]) for t in types}
    if not keys:
        return
    scope = replace(scope, params={**scope.params, "dataset_types": list(keys)})
    named = {name for name, own in keys.items() if any(key in s.terms for s in scope.selectors for key in own)}
    answered = not named
    missing = {(key, value) for s in scope.selectors for key in s.terms for value in s.values_of(key)}
    with ListingClient(context) as client:
        for found in context.source.discover(scope, client):
            if found.dataset_type not in keys:
                continue
            if isinstance(found, Gap):
                answered = True
                missing.difference_update(found.identifier.items())
                client.forget(found.url)
                notes.append(_note(found))
            elif isinstance(found, Listing):
                yield from _whole(scope, found, keys[found.dataset_type], context.source)
            elif scope.wants(found.identifier):
                answered = answered or found.dataset_type in named
                if missing:
                    missing.difference_update(found.identifier.items())
                yield found
    if not answered:
        raise ConfigurationError(_nothing(context.source, scope, selectable_keys(types)))
    own = {key for t in types for key in t.key}
    notes += [_unanswered(key, value) for key, value in sorted(missing) if key in own]


def _whole(scope: Scope, listing: Listing, keys: Sequence[str], source: Source) -> Iterator[Listing]:
    """Yield a listing as far as no selector left out a dataset that it names: that would be taken for withdrawn."""
    if not scope.selectors or any(selector.covers(listing.identifier, keys) for selector in scope.selectors):
        yield listing
        return
    own = source.dataset_type(listing.dataset_type).key
    for selector in scope.selectors:
        for part in selector.parts(listing.identifier, own):
            yield Listing(listing.dataset_type, part)


def _unanswered(key: str, value: str) -> dict[str, str]:
    return {
        "dataset_type": f"{key}={value}",
        "outcome": str(Outcome.NOTHING_SCHEDULED),
        "reason": "a selector names it, and the source has nothing of it",
    }


def _note(gap: Gap) -> dict[str, str]:
    name = format_identifier(gap.identifier)
    return {
        "dataset_type": gap.dataset_type,
        "outcome": str(gap.error.outcome),
        "reason": f"{name}: {gap.error}; what we have of it stays as it is",
    }


def _nothing(source: Source, scope: Scope, keys: Sequence[str]) -> str:
    wanted = " or ".join(selector.text for selector in scope.selectors)
    params = ", ".join(param.name for param in source.params)
    return (
        f"no dataset with {wanted} exists in this run's scope; {source.name} is selected from by {', '.join(keys)}; "
        "if there should be one, widen the scope by --from and --to" + (f" or by -p ({params})" if params else "")
    )
