"""Report: what a run came to, for the log, the alert, the command line and the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fieldhouse import clock
from fieldhouse.errors import Outcome
from fieldhouse.warehouse import Counts

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

MOST_LINES = 20
NEXT_STEP = {
    Outcome.FAILED: "run it again; if it fails again, open the task's log",
    Outcome.THROTTLED: "the host asked for patience: run it again later, or set a slower pace",
    Outcome.BLOCKED: "the host refuses us: see whether the page opens in a browser; the host rests for an hour",
    Outcome.PAGE_CHANGED: "the bytes are kept: look at the file, mend the parser, and `fieldhouse reparse`",
    Outcome.REJECTED: "the bytes are kept: look at the rows; if they are right, mend the check and reparse",
    Outcome.NOT_PUBLISHED: "it is overdue at the provider: look whether it moved",
}


@dataclass(frozen=True)
class Problem:
    """A dataset that is not what it should be, and what to do."""

    dataset: str
    outcome: Outcome
    message: str
    lane: int


@dataclass(frozen=True)
class Report:
    """What became of a plan.

    :param outcomes: datasets by outcome; datasets that were left out are not among them.
    :param overdue: datasets that the provider should have published by now; ``newly_overdue``: those of them of
        which nobody was told yet.
    :param remarks: what else there is to say of datasets that stay as they are.
    """

    source: str
    plan: int
    outcomes: Mapping[str, int]
    tables: Mapping[str, Counts]
    problems: Sequence[Problem]
    overdue: Sequence[Problem]
    newly_overdue: Sequence[Problem]
    new_columns: Sequence[str]
    remarks: Sequence[str]
    notes: Sequence[Mapping[str, str]]

    @property
    def failed(self) -> bool:
        """Whether anything that was there to be had is missing."""
        return bool(self.problems)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return it as sentences for a log."""
        lines = [f"{self.source}: {_counted(self.outcomes) or 'nothing was due'}"]
        lines += [
            f"  {table}: {c.inserted:,} inserted, {c.updated:,} updated, {c.deleted:,} deleted, "
            f"{c.unchanged:,} unchanged"
            for table, c in self.tables.items()
        ]
        lines += [f"  {note['dataset_type']}: {note['outcome']} ({note['reason']})" for note in self.notes]
        lines += [f"  {text}" for text in self.new_columns]
        lines += [f"  {text}" for text in self.remarks[:MOST_LINES]]
        if len(self.remarks) > MOST_LINES:
            lines.append(f"  and {len(self.remarks) - MOST_LINES} more such remarks")
        for title, problems in (("PROBLEM", self.problems), ("OVERDUE", self.overdue)):
            lines += [
                f"  {title} {p.outcome}: {p.message}. Next: {NEXT_STEP[p.outcome]}" for p in problems[:MOST_LINES]
            ]
            if len(problems) > MOST_LINES:
                lines.append(f"  {title}: and {len(problems) - MOST_LINES} more; `fieldhouse status` counts them")
        return lines


def make_report(context: Context, plan_id: int, now: datetime | None = None, *, loads: bool = True) -> Report:
    """Judge a plan by its outcomes and keep the report in the catalog.

    :param loads: False where the run ends in the lake and leaves the load to another.
    """
    rows = context.catalog.outcomes(plan_id)
    judged = [(row, *_judge(row, loads=loads)) for row in rows]
    notes = context.catalog.notes(plan_id)
    overdue = [each for each in judged if _is_overdue(each[0], each[1], now or clock.now())]
    report = Report(
        source=context.source.name,
        plan=plan_id,
        outcomes=dict(sorted(Counter(str(outcome) for _, outcome, _ in judged).items())),
        tables=context.warehouse.changes(plan_id),
        problems=[
            *(_problem(row, outcome, message) for row, outcome, message in judged if outcome.bad),
            *(_left_out(note) for note in notes if Outcome(note["outcome"]).bad),
        ],
        overdue=[_problem(*each) for each in overdue],
        newly_overdue=[_problem(*each) for each in overdue if each[0].reported_missing_at is None],
        new_columns=_messages(judged, Outcome.FETCHED),
        remarks=_messages(judged, Outcome.UNCHANGED),
        notes=notes,
    )
    context.catalog.finish_plan(plan_id, report.as_json())
    return report


def _messages(judged: Sequence[tuple[Any, Outcome, str]], wanted: Outcome) -> list[str]:
    return [f"{_name(row)}: {message}" for row, outcome, message in judged if outcome is wanted and message]


def _is_overdue(row: Any, outcome: Outcome, now: datetime) -> bool:
    return outcome is Outcome.NOT_PUBLISHED and row.due_at is not None and row.due_at <= now


def _judge(row: Any, *, loads: bool) -> tuple[Outcome, str]:
    """Return what became of a planned dataset; one that was left half-way has failed."""
    if row.step == "archived" and not loads:
        return Outcome(row.outcome or Outcome.UNCHANGED), row.message or ""
    outcome = Outcome(row.outcome) if row.outcome else None
    # of what is not published yet, the part that is may be archived
    loadable = {Outcome.FETCHED, Outcome.UNCHANGED, Outcome.NOT_PUBLISHED}
    unfinished = outcome is None or (outcome in loadable and row.step == "archived")
    if unfinished:
        if not row.lane:
            return Outcome.FAILED, f"{_name(row)}: discover did not finish"
        stuck = {"planned": "scrape", "scraped": "archive", "archived": "load"}[row.step]
        return Outcome.FAILED, f"{_name(row)}: the {stuck} of lane {row.lane} did not finish"
    assert outcome is not None  # noqa: S101 - unfinished otherwise
    return outcome, row.message or ""


def _left_out(note: Mapping[str, str]) -> Problem:
    """Return the problem of datasets that discover could not look at."""
    return Problem(note["dataset_type"], Outcome(note["outcome"]), f"{note['dataset_type']}: {note['reason']}", 0)


def _problem(row: Any, outcome: Outcome, message: str) -> Problem:
    return Problem(_name(row), outcome, message, row.lane)


def _name(row: Any) -> str:
    return f"{row.dataset_type}/{row.identifier}".rstrip("/")


def _counted(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
