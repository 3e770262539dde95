"""Scrape: every file of a lane's datasets into the lake, politely; nothing becomes visible yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from fieldhouse import clock
from fieldhouse.catalog import SETTLED, Item, StagedFile
from fieldhouse.errors import (
    NotPublished,
    Outcome,
    SourceBlocked,
    SourceError,
    SourceThrottled,
    SourceUnavailable,
)
from fieldhouse.http import NotModified, Validators
from fieldhouse.source import RemoteFile

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

# After so many datasets in a row that could not be had, the host is down and not the files
HOST_DOWN_AFTER = 8

Progress = Callable[[Item, Outcome | None], None]


@dataclass
class Scraped:
    """What a lane's scrape came to: how many datasets were staged, and what stands in the way of the others."""

    staged: int = 0
    problems: list[SourceError] = field(default_factory=list)

    def first(self, kind: type[SourceError]) -> SourceError | None:
        """Return the first problem of a kind."""
        return next((problem for problem in self.problems if isinstance(problem, kind)), None)


def scrape(context: Context, plan_id: int, lane: int, progress: Progress | None = None) -> Scraped:
    """Fetch what the lane still lacks. Outcomes are recorded by dataset; the caller judges the problems.

    :raises LakeError, DatabaseError: our own side fails.
    """
    ours = context.catalog.claim_lane(plan_id, lane)
    result = Scraped()
    wanted = []
    for item in context.catalog.lane_items(plan_id, lane, ["planned"], SETTLED):
        if item.dataset_id in ours:
            wanted.append(item)
        else:
            context.catalog.set_outcome(plan_id, item.dataset_id, Outcome.UNCHANGED, "another run works on it")
    for item, answer in _fetch_all(context, wanted):
        outcome = None
        if isinstance(answer, SourceError):
            outcome = answer.outcome
            _record(context, plan_id, item, answer, result)
        else:
            context.catalog.stage(plan_id, item.dataset_id, answer)
            result.staged += 1
        if progress:
            progress(item, outcome)
    return result


def _record(context: Context, plan_id: int, item: Item, error: SourceError, result: Scraped) -> None:
    message = f"{context.source.name}/{item.name}: {error}"
    if isinstance(error, NotPublished):
        context.catalog.set_missing(plan_id, item.dataset_id, message, clock.now())
        return
    context.catalog.set_outcome(plan_id, item.dataset_id, error.outcome, message)
    result.problems.append(error)


def _fetch_all(context: Context, items: list[Item]) -> Iterator[tuple[Item, list[StagedFile] | SourceError]]:
    """Fetch several datasets at a time, and yield each as soon as it is there.

    When the host refuses as a whole, what was not yet asked for gets the same answer without a request.
    """
    refusal: SourceError | None = None
    unavailable = 0
    queue = iter(items)
    with ThreadPoolExecutor(context.pace.concurrency, thread_name_prefix="fetch") as pool:
        running: dict[Future[list[StagedFile]], Item] = {}
        while True:
            if refusal is None:
                free = context.pace.concurrency - len(running)
                running.update({pool.submit(_fetch_dataset, context, item): item for item in islice(queue, free)})
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                item = running.pop(future)
                answer = _answer(future)
                unavailable = unavailable + 1 if isinstance(answer, SourceUnavailable) else 0
                if isinstance(answer, SourceThrottled | SourceBlocked):
                    refusal = answer
                elif unavailable >= HOST_DOWN_AFTER:
                    refusal = SourceUnavailable(
                        f"not asked for: {context.client.host} failed {unavailable} times in a row ({answer})"
                    )
                yield item, answer
    for item in queue:
        assert refusal is not None  # noqa: S101 - only a refusal leaves something in the queue
        yield item, refusal


def _answer(future: Future[list[StagedFile]]) -> list[StagedFile] | SourceError:
    try:
        return future.result()
    except SourceError as error:
        return error


def _fetch_dataset(context: Context, item: Item) -> list[StagedFile]:
    return [_fetch_file(context, item, file) for file in item.files]


def _fetch_file(context: Context, item: Item, file: RemoteFile) -> StagedFile:
    """Fetch one file and keep it, or find that it is what the current revision has."""
    current = item.current_files.get(file.name)
    conditional = Validators(current.etag, current.last_modified) if current else None
    answer = context.client.fetch(file, conditional)
    if isinstance(answer, NotModified):
        assert current is not None  # noqa: S101 - validators come from it
        return StagedFile(
            name=file.name,
            path=current.path,
            sha256=current.sha256,
            bytes=current.bytes,
            stored_bytes=current.stored_bytes,
            url=answer.url,
            content_type=None,
            etag=current.etag,
            last_modified=current.last_modified,
            fetched_at=clock.now(),
            not_modified=True,
        )
    with answer.body:
        stored = context.lake.store_raw(
            context.source.name,
            item.dataset_type,
            item.keys,
            file.name,
            answer.body,
            answer.sha256,
            url=answer.url,
            fetched_at=answer.fetched_at.isoformat(),
        )
    return StagedFile(
        name=file.name,
        path=stored.path,
        sha256=answer.sha256,
        bytes=answer.size,
        stored_bytes=stored.stored_bytes,
        url=answer.url,
        content_type=answer.content_type,
        etag=answer.validators.etag,
        last_modified=answer.validators.last_modified,
        fetched_at=answer.fetched_at,
        not_modified=False,
        problem=answer.problem,
    )
