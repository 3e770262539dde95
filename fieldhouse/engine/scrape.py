"""Scrape: every file of a lane's datasets into the lake, politely; nothing becomes visible yet."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from fieldhouse import clock
from fieldhouse.addresses import public_url
from fieldhouse.catalog import CurrentFile, Item, StagedFile
from fieldhouse.engine.lane import items_at
from fieldhouse.errors import (
    LakeError,
    NotPublished,
    Outcome,
    SourceBlocked,
    SourceError,
    SourceThrottled,
    SourceUnavailable,
)
from fieldhouse.http import Fetched, NotModified, Validators
from fieldhouse.source import RemoteFile

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

# After so many datasets in a row that could not be had, the host is down and not the files
HOST_DOWN_AFTER = 8
# A throttled host is waited for in one process when it is soon free again
LONGEST_WAIT = 120.0
# Reasons for which only those files are asked for of which the provider says something new
BY_VERSION = {"changed", "new file"}

Progress = Callable[[Item, Outcome | None], None]


@dataclass
class Scraped:
    """What a lane's scrape came to: how many datasets were staged, and what stands in the way of the others."""

    staged: int = 0
    problems: list[SourceError] = field(default_factory=list)

    def wait(self) -> float | None:
        """Return in how many seconds a throttled host is free, if that is soon enough to wait for it here."""
        problem = self.first(SourceThrottled)
        if not isinstance(problem, SourceThrottled):
            return None
        seconds = (problem.until - clock.real_now()).total_seconds()
        return max(0.0, seconds) if seconds <= LONGEST_WAIT else None

    def first(self, kind: type[SourceError]) -> SourceError | None:
        """Return the first problem of a kind."""
        return next((problem for problem in self.problems if isinstance(problem, kind)), None)


def scrape(context: Context, plan_id: int, lane: int, progress: Progress | None = None) -> Scraped:
    """Fetch what the lane still lacks. Outcomes are recorded by dataset; the caller judges the problems.

    :raises LakeError, DatabaseError: our own side fails.
    """
    result = Scraped()
    for item, answer in _fetch_all(context, items_at(context, plan_id, lane, "planned")):
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
        context.catalog.set_absent(plan_id, item.dataset_id, error.outcome, message, clock.now())
        return
    context.catalog.set_outcome(plan_id, item.dataset_id, error.outcome, message)
    result.problems.append(error)


def _fetch_all(context: Context, items: list[Item]) -> Iterator[tuple[Item, list[StagedFile] | SourceError]]:
    """Fetch several datasets at a time, and yield each as soon as it is there.

    When the host refuses as a whole, what was not yet asked for gets the same answer without a request.
    """
    if not items:
        return
    host, _ = context.client.host, context.lake  # opened here, before several threads want them at once
    judge = _HostJudge(host)
    queue = iter(items)
    pool = ThreadPoolExecutor(context.pace.concurrency, thread_name_prefix="fetch")
    try:
        running: dict[Future[list[StagedFile]], Item] = {}
        while True:
            free = 0 if judge.refusal else context.pace.concurrency - len(running)
            running.update({pool.submit(_fetch_dataset, context, item): item for item in islice(queue, free)})
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                item, answer = running.pop(future), _answer(future)
                judge.hear(answer)
                yield item, answer
    finally:
        # whoever stops us, by Ctrl-C or because the lake fails, does not wait for a hanging request
        pool.shutdown(wait=False, cancel_futures=True)
    for item in queue:
        assert judge.refusal is not None  # noqa: S101 - only a refusal leaves something in the queue
        yield item, judge.refusal


class _HostJudge:
    """Hears every answer and says when it is the host that refuses, and no single dataset."""

    def __init__(self, host: str) -> None:
        self.refusal: SourceError | None = None
        self._host = host
        self._failed_in_a_row = 0

    def hear(self, answer: object) -> None:
        self._failed_in_a_row = self._failed_in_a_row + 1 if isinstance(answer, SourceUnavailable) else 0
        if isinstance(answer, SourceThrottled | SourceBlocked):
            self.refusal = answer
        elif self._failed_in_a_row == HOST_DOWN_AFTER:
            self.refusal = SourceUnavailable(
                f"not asked for: {self._host} failed {HOST_DOWN_AFTER} times in a row ({answer})"
            )


def _answer(future: Future[list[StagedFile]]) -> list[StagedFile] | SourceError:
    try:
        return future.result()
    except SourceError as error:
        return error


def _fetch_dataset(context: Context, item: Item) -> list[StagedFile]:
    """Fetch what a run asks for, and take over the optional files that it does not ask for."""
    # who gives a file by hand means the others to stay
    by_hand = any(file.local_path for file in item.files)
    kept = {name: known for name, known in item.newest_files.items() if by_hand or name in item.optional}
    files = {name: _held(name, known) for name, known in kept.items() if not known.is_lost}
    asked = {file.name for file in item.files}
    lost = [RemoteFile(name, known.url) for name, known in kept.items() if known.is_lost and name not in asked]
    for file in (*item.files, *lost):
        known = item.newest_files.get(file.name)
        try:
            files[file.name] = _fetch_file(context, item, file, None if known and known.is_lost else known)
        except NotPublished:
            if file.name not in item.optional:
                raise
    return list(files.values())


def _held(name: str, known: CurrentFile) -> StagedFile:
    """Return a file that is here as the provider's."""
    values = {**vars(known), "fetched_at": datetime.fromisoformat(known.fetched_at)}
    del values["is_lost"]
    return StagedFile(name=name, not_modified=True, **values)


def _fetch_file(context: Context, item: Item, file: RemoteFile, known: CurrentFile | None) -> StagedFile:
    """Fetch one file and keep it, or find that it is what the provider had before: the three rungs of the ladder."""
    if known and _is_same(item, file, known):
        return _held(file.name, known)
    if file.content is not None:
        answer = _given(context, file)
    else:
        # who forces a run does not take the provider's word for it that nothing changed
        conditional = Validators(known.etag, known.last_modified) if known and item.reason != "forced" else None
        asked = context.client.fetch(file, conditional)
        if isinstance(asked, NotModified):
            assert known is not None  # noqa: S101 - validators come from it
            return replace(_held(file.name, known), url=asked.url, fetched_at=clock.now())
        answer = asked
    with answer.body:
        if known and item.reason != "forced" and _counts_the_same(context, item, file, known, answer):
            return replace(_held(file.name, known), url=answer.url, fetched_at=clock.now())
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


def _counts_the_same(context: Context, item: Item, file: RemoteFile, known: CurrentFile, answer: Fetched) -> bool:
    """Whether an answer differs from the file that we have in nothing that counts, so that it is not kept."""
    if not context.source.essence or answer.problem:
        return False
    try:
        before = context.lake.read_raw(known.path, known.sha256)
    except LakeError:  # what is lost is no measure
        return False
    data = answer.body.read()
    answer.body.seek(0)
    return context.source.same(item.dataset_type, file.name, before, data)


def _is_same(item: Item, file: RemoteFile, known: CurrentFile) -> bool:
    """Whether the provider's own word for a file is what it was when we asked for it last, so that we need not ask."""
    if file.content is not None:
        return known.sha256 == file.version
    if item.reason not in BY_VERSION or item.is_absent or file.version is None:
        return False
    return item.seen.get(file.name) == file.version


def _given(context: Context, file: RemoteFile) -> Fetched:
    """Take a file that discover has already."""
    assert file.content is not None and file.version is not None  # noqa: S101, PT018 - that is why we are here
    data = file.content.encode()
    url = public_url(urljoin(context.client.base_url, file.url))
    return Fetched(url, io.BytesIO(data), file.version, len(data), None, Validators(), clock.now())
