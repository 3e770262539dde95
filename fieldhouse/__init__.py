"""Fieldhouse's engine: discovers, fetches, archives and loads sports data. It knows nothing of Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fieldhouse.notebook import Lake

__all__ = ["Lake"]


def __getattr__(name: str) -> Any:
    # a Dag file imports this package at every parse, and needs nothing of what a notebook does
    if name == "Lake":
        from fieldhouse.notebook import Lake  # noqa: PLC0415

        return Lake
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
