"""Which conditional requests are answered 304."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.answer import Answer, http_date, not_modified, strong_etag

CHANGED = datetime(2026, 2, 18, tzinfo=UTC)
ANSWER = Answer(b"body", "text/csv", etag='"abc"', last_modified=CHANGED)


@pytest.mark.parametrize(
    ("request_headers", "expected"),
    [
        ({}, False),
        ({"if-none-match": '"abc"'}, True),
        ({"if-none-match": 'W/"abc"'}, True),
        ({"if-none-match": '"x", "abc"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"x"'}, False),
        ({"if-modified-since": "Wed, 18 Feb 2026 00:00:00 GMT"}, True),
        ({"if-modified-since": "Thu, 19 Feb 2026 00:00:00 GMT"}, True),
        ({"if-modified-since": "Tue, 17 Feb 2026 23:59:59 GMT"}, False),
        ({"if-modified-since": "yesterday"}, False),
        # The ETag decides where both are sent
        ({"if-none-match": '"x"', "if-modified-since": "Thu, 19 Feb 2026 00:00:00 GMT"}, False),
    ],
)
def test_conditions(request_headers: dict[str, str], expected: bool) -> None:
    assert not_modified(ANSWER, request_headers) is expected


def test_a_host_without_validators_answers_in_full() -> None:
    bare = Answer(b"body", "text/csv")
    assert not not_modified(bare, {"if-none-match": '"abc"'})
    assert not not_modified(bare, {"if-modified-since": http_date(CHANGED)})


def test_changed_content_has_other_validators() -> None:
    later = datetime(2026, 2, 21, tzinfo=UTC)
    changed = ANSWER.with_body(b"other", later)
    assert changed.etag == strong_etag(b"other")
    assert changed.last_modified == later
