"""The catalog: datasets, revisions, activations, plans, claims and outcomes, in schema ``lake`` of a Postgres."""

from fieldhouse.catalog.audit import Audit
from fieldhouse.catalog.life import Life
from fieldhouse.catalog.plans import MOST_LANES, PLAN_LOCK, Plans
from fieldhouse.catalog.records import (
    SETTLED,
    Activation,
    ActivationTable,
    CurrentFile,
    Item,
    Lane,
    PlanCounts,
    StagedFile,
    ToLoad,
)
from fieldhouse.catalog.results import Results
from fieldhouse.catalog.revisions import Revisions
from fieldhouse.catalog.session import CLAIM_SECONDS


class Catalog(Plans, Revisions, Life, Results, Audit):
    """The catalog over one connection: plans and claims, then revisions, then what came of it."""


__all__ = [
    "CLAIM_SECONDS",
    "MOST_LANES",
    "PLAN_LOCK",
    "SETTLED",
    "Activation",
    "ActivationTable",
    "Catalog",
    "CurrentFile",
    "Item",
    "Lane",
    "PlanCounts",
    "StagedFile",
    "ToLoad",
]
