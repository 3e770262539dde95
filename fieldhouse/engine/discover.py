"""Discover: which datasets exist, and which of them a run should work on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from fieldhouse import clock, policies
from fieldhouse.catalog import Lane, PlanCounts
from fieldhouse.engine.candidates import choose_selectors, wanted_candidates
from fieldhouse.errors import ConfigurationError, Outcome, SourceUnavailable
from fieldhouse.params import complete_params
from fieldhouse.selectors import Selector
from fieldhouse.source import (
    Candidate,
    DatasetType,
    FetchPolicy,
    FlagValue,
    Listing,
    RemoteFile,
    Scope,
    Source,
    Window,
    format_identifier,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from fieldhouse.engine.context import Context

# Of the largest that we know, matches of 4 MB, so many are read within half a minute: a lane's first rows wait for that
MOST_DATASETS = 200
LANE_SECONDS = 600.0
WANTED_LANES = 4
MANY = 1_000_000


@dataclass(frozen=True)
class Request:
    """What a run asks for.

    :param flags: values of the flags that are set, by ``<source>`` or ``<source>__<dataset type>``.
    :param select: what the values of a dataset's keys must be, each as in a selector (:mod:`fieldhouse.selectors`);
        empty for what Param ``selectors`` or the source's settings say.
    :param fetch_policies: names of the fetch policies that dataset types have instead of their own.
    :param lanes: about how many lanes to spread little work over.
    :param present: whether the run speaks of the present, so that what only shows the present may be observed;
        None where the window tells.
    """

    window: Window
    params: Mapping[str, Any] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    select: Mapping[str, str] = field(default_factory=dict)
    fetch_policies: Mapping[str, str] = field(default_factory=dict)
    lanes: int = WANTED_LANES
    present: bool | None = None


@dataclass(frozen=True)
class Plan:
    """What discover leaves: the plan's number, its lanes, and what was left out and why."""

    plan: int
    lanes: tuple[Lane, ...]
    counts: PlanCounts
    notes: tuple[Mapping[str, str], ...]


def read_flag(source: Source, dataset_type: DatasetType | None, flags: Mapping[str, str]) -> FlagValue:
    """Return a flag's value, or what is declared where it is not set.

    :raises ConfigurationError: its value is none of on, off and auto.
    """
    name = source.name if dataset_type is None else f"{source.name}__{dataset_type.name}"
    value = flags.get(name)
    if value is None:
        return "auto" if dataset_type is None else dataset_type.flag
    for valid in get_args(FlagValue):
        if value.strip().lower() == valid:
            return valid  # type: ignore[no-any-return]
    raise ConfigurationError(f"Variable flag__{name} is {value!r}; it must be on, off or auto")


def check_flags(source: Source, flags: Mapping[str, str]) -> None:
    """Refuse a flag that is none of the source's: it would be without effect, and nobody would know.

    :raises ConfigurationError: the message lists those that there are.
    """
    valid = [source.name, *(f"{source.name}__{t.name}" for t in source.dataset_types)]
    if unknown := [name for name in flags if name not in valid]:
        raise ConfigurationError(f"there is no flag {', '.join(unknown)}; {source.name} has: {', '.join(valid)}")


def open_types(
    source: Source, scope: Scope, flags: Mapping[str, str]
) -> tuple[list[DatasetType], list[dict[str, str]]]:
    """Return the dataset types that flags and calendar let through, and a note for each other one."""
    wanted = scope.params.get("dataset_types") or [t.name for t in source.dataset_types]
    whole = read_flag(source, None, flags)
    types, notes = [], []
    for dataset_type in (t for t in source.dataset_types if t.name in wanted):
        closed = _why_closed(source, dataset_type, scope, flags, whole)
        if closed is None:
            types.append(dataset_type)
        else:
            notes.append({"dataset_type": dataset_type.name, "outcome": str(closed[0]), "reason": closed[1]})
    return types, notes


def _why_closed(
    source: Source, dataset_type: DatasetType, scope: Scope, flags: Mapping[str, str], whole: FlagValue
) -> tuple[Outcome, str] | None:
    value = read_flag(source, dataset_type, flags)
    for name, flag in ((source.name, whole), (f"{source.name}__{dataset_type.name}", value)):
        if flag == "off":
            return Outcome.DISABLED, f"Variable flag__{name} is off"
    if not dataset_type.backfill and not scope.present:
        return (
            Outcome.NOTHING_SCHEDULED,
            f"{dataset_type.title} shows only the present: it cannot be fetched for {scope.window.end}",
        )
    # the type's own flag is nearer than the source's
    if value == "on" or (whole == "on" and f"{source.name}__{dataset_type.name}" not in flags):
        return None
    in_season, reason = dataset_type.in_season(scope)
    return None if in_season else (Outcome.NOTHING_SCHEDULED, reason)


def discover(context: Context, run: str, request: Request) -> Plan:
    """Make the plan of ``run``.

    :raises ConfigurationError: a flag, parameter or selector is wrong.
    :raises SourceError: the source's listing could not be had.
    """
    scope, types, notes = look_around(context, request)
    candidates = wanted_candidates(context, scope, types, notes)
    return _plan(context, run, scope, candidates, notes, request)


def discover_files(context: Context, run: str, request: Request, files: Sequence[str]) -> Plan:
    """Make a plan of one dataset whose files are on disk (``[name=]path``), instead of asking the source.

    :raises ConfigurationError: the request does not name one dataset, or a file is not there.
    :raises SourceUnavailable: another run works on the dataset.
    """
    scope = _scope(context, request)
    dataset_type = _named_type(context.source, scope)
    identifier = Selector.of(request.select).exact()
    missing = [key for key in dataset_type.key if key not in identifier]
    if missing:
        raise ConfigurationError(f"name the dataset that the file is: {', '.join(f'{key}=...' for key in missing)}")
    named = name_files(dataset_type, files)
    candidate = Candidate(dataset_type.name, identifier, tuple(map(_local_file, named, named.values())))
    plan = _plan(context, run, scope, [candidate], [], replace(request, lanes=1), asked=True)
    if not plan.lanes:
        name = f"{dataset_type.name}/{format_identifier(candidate.identifier)}".rstrip("/")
        raise SourceUnavailable(f"{context.source.name}/{name}: another run works on it; run this again after that one")
    return plan


def _named_type(source: Source, scope: Scope) -> DatasetType:
    types = scope.params["dataset_types"] or []
    if len(types) != 1:
        valid = ", ".join(t.name for t in source.dataset_types)
        raise ConfigurationError(f"name the dataset type that the file is one of: {valid}")
    return source.dataset_type(types[0])


def name_files(dataset_type: DatasetType, words: Sequence[str]) -> dict[str, Path]:
    """Read ``[name=]path`` words: files on disk by the names that they have at the provider.

    :raises ConfigurationError: a file cannot be read, has no name of the dataset type's, or two have the same.
    """
    files: dict[str, Path] = {}
    for word in words:
        before, equals, after = word.partition("=")
        given, path = (before, Path(after)) if equals and not Path(word).exists() else ("", Path(word))
        name = given or dataset_type.file_name(path.name)
        if dataset_type.files and name not in dataset_type.files:
            valid = ", ".join(dataset_type.files)
            raise ConfigurationError(f"{dataset_type.name} has no file {name!r} but {valid}: say name={path}")
        if name in files:
            raise ConfigurationError(f"{files[name]} and {path} are both {name}; a dataset has one file of a name")
        files[name] = _readable(path)
    return files


def _readable(path: Path) -> Path:
    try:
        with path.open("rb"):
            return path.resolve()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error


def _local_file(name: str, path: Path) -> RemoteFile:
    return RemoteFile(name, path.as_uri(), local_path=str(path))


def _plan(
    context: Context,
    run: str,
    scope: Scope,
    candidates: Iterable[Candidate | Listing],
    notes: Sequence[Mapping[str, str]],
    request: Request,
    *,
    asked: bool = False,
) -> Plan:
    meet_warehouse(context)
    plan_id, counts = context.catalog.make_plan(
        context.source,
        run,
        candidates,
        now=clock.now(),
        scope=_as_json(scope),
        notes=notes,
        policies=choose_policies(context.source, request.fetch_policies),
        asked=_asked(scope, asked),
        only_late=bool(scope.params["only_late"]),
    )
    context.warehouse.forget_changes(plan_id)
    spacing = context.pace.seconds_per_request
    made = context.catalog.make_lanes(
        plan_id,
        context.source,
        most_datasets=MOST_DATASETS,
        most_files=max(1, int(LANE_SECONDS / spacing)) if spacing else MANY,
        wanted=request.lanes,
    )
    return Plan(plan_id, tuple(made), counts, tuple(notes))


def meet_warehouse(context: Context) -> None:
    """Before a plan is made, see that its number is new to the warehouse, which counts rows by plans.

    :raises DatabaseError: the warehouse is another catalog's, and would refuse all that is fetched.
    """
    context.warehouse.refuse_other_catalog()
    context.catalog.number_plans_above(context.warehouse.newest_plan())


def choose_policies(source: Source, chosen: Mapping[str, str]) -> dict[str, FetchPolicy]:
    """Return the fetch policy of each dataset type: the one that was chosen for it, or its own.

    :raises ConfigurationError: there is no such policy or dataset type.
    """
    for name in chosen:
        source.dataset_type(name)
    return {t.name: policies.get(chosen.get(t.name, t.fetch_policy)) for t in source.dataset_types}


def _asked(scope: Scope, asked: bool) -> str | None:
    """Return why everything in scope is planned, due or not; None where only what is due is."""
    if scope.params["force"]:
        return "forced"
    return "asked" if asked else None


def preview(context: Context, request: Request) -> tuple[list[Any], PlanCounts, list[dict[str, str]]]:
    """Return what :func:`discover` would plan (dataset_type, identifier, reason, files), and leave no trace."""
    scope, types, notes = look_around(context, request)
    candidates = wanted_candidates(context, scope, types, notes)
    items, counts = context.catalog.preview(
        context.source,
        candidates,
        now=clock.now(),
        policies=choose_policies(context.source, request.fetch_policies),
        asked=_asked(scope, False),
        only_late=bool(scope.params["only_late"]),
    )
    return items, counts, notes


def look_around(context: Context, request: Request) -> tuple[Scope, list[DatasetType], list[dict[str, str]]]:
    """Return the scope of a request, the dataset types that are open in it, and notes on the others."""
    scope = _scope(context, request)
    check_flags(context.source, request.flags)
    types, notes = open_types(context.source, scope, request.flags)
    return scope, types, notes


def _scope(context: Context, request: Request) -> Scope:
    today, window = clock.today(), request.window
    params = complete_params(context.source, request.params)
    return Scope(
        window=window,
        today=today,
        present=window.start <= today <= window.end if request.present is None else request.present,
        params=params,
        selectors=choose_selectors(
            context.source, request.select, params, context.settings.of(context.source).selectors
        ),
        rows=lambda table: current_rows(context, table),
    )


def current_rows(context: Context, table: str) -> pa.Table | None:
    """Return the current rows of one of the source's tables from the lake, or None if it has none yet."""
    rows = context.catalog.rows(
        """
        select t.path, t.sha256
        from lake.dataset as d inner join lake.activation_table as t on t.activation = d.current_activation
        where d.source = %s and t.table_name = %s order by t.activation
        """,
        (context.source.name, table),
    )
    if not rows:
        return None
    import pyarrow as pa  # noqa: PLC0415 - heavy

    parts = [context.lake.read_table(row.path, row.sha256) for row in rows]
    return pa.concat_tables(parts, promote_options="permissive")


def _as_json(scope: Scope) -> dict[str, Any]:
    params: dict[str, Any] = json.loads(json.dumps(dict(scope.params), default=str))
    return {
        "from_date": str(scope.window.start),
        "to_date": str(scope.window.end),
        "today": str(scope.today),
        "params": params,
        "selectors": [selector.text for selector in scope.selectors],
    }
