"""The catalog: datasets, revisions, activations, plans, claims and outcomes, in schema ``lake`` of a Postgres."""

from fieldhouse.catalog.audit import Audit
from fieldhouse.catalog.events import DeadLetter, Event, Events
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
from fieldhouse.catalog.session import CLAIM_SECONDS, Session


class Catalog(Plans, Revisions, Life, Results, Audit, Events):
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
    "DeadLetter",
    "Event",
    "Item",
    "Lane",
    "PlanCounts",
    "Session",
    "StagedFile",
    "ToLoad",
]
