"""The parameters of a run: those that its source declares, and those that every source has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Param, Source

COMMON_PARAMS = (
    Param(
        "dataset_types",
        "Dataset types",
        "Only these dataset types; empty for all.",
        [],
        {"type": "array", "items": {"type": "string"}},
    ),
    Param(
        "force",
        "Force",
        "Look at everything in scope again, whether or not it is due, and accept files that lost rows.",
        default=False,
        schema={"type": "boolean"},
    ),
    Param(
        "only_late",
        "Only what is late",
        "Look only for what was not published at the last look.",
        default=False,
        schema={"type": "boolean"},
    ),
    Param(
        "from_date",
        "From date",
        "First date of the window, YYYY-MM-DD; empty for the run's own date.",
        default=None,
        schema={"type": ["null", "string"], "format": "date"},
    ),
    Param(
        "to_date",
        "To date",
        "Last date of the window, YYYY-MM-DD; empty for the first.",
        default=None,
        schema={"type": ["null", "string"], "format": "date"},
    ),
)


def all_params(source: Source) -> tuple[Param, ...]:
    """Return the parameters of a source's runs: its own, then those that every source has."""
    types = [t.name for t in source.dataset_types]
    common = [
        replace(p, schema={"type": "array", "items": {"type": "string", "enum": types}, "examples": types})
        if p.name == "dataset_types"
        else p
        for p in COMMON_PARAMS
    ]
    return (*source.params, *common)


def complete_params(source: Source, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for each Param, defaults filled in.

    :raises ConfigurationError: a name that no Param has, or a dataset type that the source does not have.
    """
    params = {p.name: p.default for p in all_params(source)}
    unknown = sorted(set(given) - set(params))
    if unknown:
        raise ConfigurationError(
            f"{source.name} has no parameter {', '.join(unknown)}; it has: {', '.join(sorted(params))}"
        )
    params.update(given)
    for name in params["dataset_types"] or []:
        source.dataset_type(name)
    return params
