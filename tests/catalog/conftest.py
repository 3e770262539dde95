"""A source that exists in name only, and plans of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldhouse.catalog import Activation, Catalog, Item, Lane, PlanCounts, StagedFile
from fieldhouse.config import Settings
from fieldhouse.engine.discover import choose_policies
from fieldhouse.errors import Outcome
from fieldhouse.source import Candidate, DatasetType, Listing, Recheck, RemoteFile, Source, Table, pace_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SOURCE = Source(
    name="paper",
    title="Paper",
    base_url="http://paper.example",
    pace=pace_of(10),
    dataset_types=(
        DatasetType(
            "ladder", "Ladder", ("n",), (Table("t", ("k",)),), recheck=Recheck((DAY, 7 * DAY), every=100 * DAY)
        ),
        DatasetType("plain", "Plain", ("n",), (Table("t", ("k",)),)),
        DatasetType("seen", "Seen", ("n",), (Table("s", ("observed_at", "k"), kind="observed"),)),
    ),
    discover=lambda *_: (),
    parser="nowhere:parse",
)

POLICIES = choose_policies(SOURCE, {})


def candidate(
    number: int | str = 1, dataset_type: str = "plain", files: int = 1, version: str | None = None, **values: Any
) -> Candidate:
    remote = tuple(RemoteFile(f"f{place}.csv", f"{number}/f{place}.csv", version=version) for place in range(files))
    return Candidate(dataset_type, {"n": str(number)}, remote, **values)


def staged(digit: str = "a", name: str = "f0.csv") -> StagedFile:
    return StagedFile(name, f"raw/{digit}", digit * 64, 10, 5, "http://x", None, f'"{digit}"', None, NOW, False)


@dataclass
class Paper:
    """Runs over the catalog, each with a connection of its own that lives to the test's end or :meth:`end`."""

    settings: Settings
    stack: ExitStack = field(default_factory=ExitStack)
    number: int = 0

    def catalog(self, claim_seconds: int = 0) -> Catalog:
        catalog = Catalog(self.settings.catalog, claim_seconds)
        self.stack.callback(catalog.close)
        return catalog

    def plan(
        self,
        candidates: Iterable[Candidate | Listing],
        *,
        catalog: Catalog | None = None,
        now: datetime = NOW,
        asked: str | None = None,
        run: str | None = None,
    ) -> tuple[Catalog, int, PlanCounts]:
        self.number += 1
        catalog = catalog or self.catalog()
        name = run or f"run {self.number}"
        plan, counts = catalog.make_plan(
            SOURCE, name, candidates, now=now, scope={}, notes=[], policies=POLICIES, asked=asked
        )
        return catalog, plan, counts

    def reasons(self, *candidates: Candidate, now: datetime = NOW, asked: str | None = None) -> list[str]:
        """Return why each would be planned, leaving no trace."""
        catalog = self.catalog()
        items, _ = catalog.preview(SOURCE, candidates, now=now, policies=POLICIES, asked=asked)
        catalog.close()
        return [item.reason for item in items]

    def lanes(self, catalog: Catalog, plan: int, *, datasets: int = 500, files: int = 10**6) -> list[Lane]:
        return catalog.make_lanes(plan, SOURCE, most_datasets=datasets, most_files=files, wanted=4)

    def look(self, *candidates: Candidate, became: str = "good", now: datetime = NOW, digit: str = "a") -> None:
        """Plan the candidates and let each become ``good`` (archived), ``loaded``, ``bad``, ``same`` or ``absent``."""
        catalog, plan, _ = self.plan(candidates, now=now)
        lanes = self.lanes(catalog, plan)
        for item in [item for lane in lanes for item in catalog.lane_items(plan, lane.lane, ["planned"])]:
            become(catalog, plan, item, became, now, digit)
        for lane in lanes if became == "loaded" else []:
            catalog.set_loaded(plan, catalog.to_load(plan, lane.lane))
        catalog.finish_plan(plan, {})
        catalog.close()


def become(catalog: Catalog, plan: int, item: Item, became: str, now: datetime, digit: str = "a") -> None:
    files = [staged(digit)]
    catalog.stage(plan, item.dataset_id, files)
    if became in {"good", "loaded"}:
        catalog.commit_revision(plan, item, files, Activation(catalog.next_activation(), 1, ()), now)
    elif became == "bad":
        catalog.quarantine(plan, item, files, "unreadable", now)
    elif became == "same":
        catalog.set_unchanged(plan, item, files, now)
    else:
        catalog.set_absent(plan, item.dataset_id, Outcome.NOT_PUBLISHED, "404", now)


@pytest.fixture
def paper(settings: Settings) -> Iterator[Paper]:
    paper = Paper(settings)
    with paper.stack:
        yield paper
