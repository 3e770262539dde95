"""What discover reads of a provider: asked for conditionally, and read from the lake when nothing changed."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from fieldhouse import clock
from fieldhouse.addresses import public_url
from fieldhouse.catalog import Session
from fieldhouse.errors import DatabaseError, FieldhouseError, LakeError, PageChanged
from fieldhouse.http import Fetched, NotModified, Validators
from fieldhouse.source import RemoteFile

if TYPE_CHECKING:
    from fieldhouse.engine.context import Context

MAX_BYTES = 256 * 2**20

log = logging.getLogger(__name__)

NEWEST = """
select path, sha256, etag, last_modified, fetched_at from lake.listing where source = %s and url = %s
"""
KEEP = """
insert into lake.listing as l (source, url, path, sha256, etag, last_modified, fetched_at)
values (%(source)s, %(url)s, %(path)s, %(sha256)s, %(etag)s, %(last_modified)s, %(fetched_at)s)
on conflict (source, url) do update
set path = excluded.path, sha256 = excluded.sha256, etag = excluded.etag, last_modified = excluded.last_modified,
    fetched_at = excluded.fetched_at
returning l.url
"""
SAME = "update lake.listing set fetched_at = %s where source = %s and url = %s returning url"
# held while a listing is asked for whose age counts: who waits for it finds it new enough
LOCK = "select set_config('lock_timeout', %s, false), pg_advisory_lock(hashtextextended(%s, 0))"
LONGEST_LOCK = "15min"
UNLOCK = "select pg_advisory_unlock(hashtextextended(%s, 0))"
FORGET = "delete from lake.listing where source = %s and url = any(%s) returning url"


class ListingClient:
    """The client that ``discover`` gets. Use as a context manager.

    It has a connection of its own: what was read is kept, whatever becomes of the plan. What its reader stumbled over
    is not: half a listing may have the validators of the whole one.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._session: Session | None = None
        self._read: list[str] = []

    def __enter__(self) -> ListingClient:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not self._session:
            return
        # what the host, the lake or the database did says nothing of what was read before
        if isinstance(error, PageChanged) or (error and not isinstance(error, FieldhouseError)):
            self._forget(self._read)
        self._session.close()

    def forget(self, url: str) -> None:
        """Ask for a listing as a whole next time."""
        if url:
            self._forget([self._name(url)])

    def _forget(self, names: list[str]) -> None:
        if self._session:
            self._session.rows(FORGET, (self._context.source.name, names))

    def _name(self, url: str) -> str:
        return public_url(urljoin(self._context.client.base_url, url))

    def get(self, url: str, *, newer_than: datetime | None = None, max_age: timedelta | None = None) -> bytes:
        """Return the body at ``url``, from the lake if it is new enough or the provider says that it is the same.

        :param newer_than: an answer from after this moment is new enough.
        :param max_age: and so is one that is not older than that.

        :raises SourceError: as :meth:`fieldhouse.http.PoliteClient.fetch`.
        :raises LakeError: the lake fails.
        """
        self._session = self._session or Session(self._context.settings.catalog)
        name = self._name(url)
        self._read.append(name)
        if newer_than is None and max_age is None:
            return self._get(self._session, url, name, None)
        lock = f"lake.listing {self._context.source.name} {name}"
        with suppress(DatabaseError):  # who holds it for so long hangs
            self._session.rows(LOCK, (LONGEST_LOCK, lock))
        try:
            moments = [newer_than, clock.now() - max_age if max_age else None]
            return self._get(self._session, url, name, min(moment for moment in moments if moment))
        finally:
            with suppress(DatabaseError):  # the connection's end gives it back too
                self._session.rows(UNLOCK, (lock,))

    def _get(self, session: Session, url: str, name: str, newer_than: datetime | None) -> bytes:
        file = RemoteFile(name=url, url=url, max_bytes=MAX_BYTES)
        known = next(iter(session.rows(NEWEST, (self._context.source.name, name))), None)
        if known and newer_than and known.fetched_at > newer_than and (body := self._kept(known)) is not None:
            return body
        answer = self._context.client.fetch(file, Validators(known.etag, known.last_modified) if known else None)
        if isinstance(answer, NotModified):
            if (body := self._kept(known)) is not None:
                session.rows(SAME, (clock.now(), self._context.source.name, name))
                return body
            answer = self._context.client.fetch(file)
        assert isinstance(answer, Fetched)  # noqa: S101 - nothing was sent that it could be unmodified against
        return self._keep(name, answer)

    def _kept(self, known: Any) -> bytes | None:
        try:
            return self._context.lake.read_raw(known.path, known.sha256)
        except LakeError as error:
            log.warning("%s; the provider is asked for it again", error)
            return None

    def _keep(self, name: str, answer: Fetched) -> bytes:
        assert self._session is not None  # noqa: S101 - opened by who calls
        source = self._context.source.name
        with answer.body as body:
            stored = self._context.lake.store_listing(
                source, name, body, answer.sha256, fetched_at=answer.fetched_at.isoformat()
            )
            body.seek(0)
            data = body.read()
        self._session.rows(
            KEEP,
            {
                "source": source,
                "url": name,
                "path": stored.path,
                "sha256": answer.sha256,
                "etag": answer.validators.etag,
                "last_modified": answer.validators.last_modified,
                "fetched_at": answer.fetched_at,
            },
        )
        return data
