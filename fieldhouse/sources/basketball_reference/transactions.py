"""The deals of a season: a list of days, each with a sentence a deal."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from fieldhouse.errors import NotPublished
from fieldhouse.source import Identifier, Rows
from fieldhouse.sources.basketball_reference.days import find_season, read_day
from fieldhouse.sources.basketball_reference.page import Origin, Page, shown, text_of
from fieldhouse.sources.basketball_reference.parties import Party, read_parties

UNKNOWN_DAY = "?"
KINDS = {
    "signed": "signed",
    "waived": "waived",
    "released": "waived",
    "traded": "traded",
    "sold": "traded",
    "drafted": "drafted",
    "selected": "drafted",
    "claimed": "claimed",
    "converted": "converted",
    "suspended": "suspended",
    "hired": "hired",
    "appointed": "hired",
    "fired": "fired",
    "retired": "retired",
    "retires": "retired",
    "retirement": "retired",
    "assigned": "assigned",
    "recalled": "recalled",
}
LEAGUE_TRANSACTION = pa.schema(
    {
        "transaction_id": pa.string(),
        "season": pa.int16(),
        "transaction_date": pa.date32(),
        "date_text": pa.string(),
        "position": pa.int16(),
        "kind": pa.string(),
        "description": pa.string(),
    }
)
TRANSACTION_PARTY = pa.schema(
    {
        "transaction_id": pa.string(),
        "place": pa.int16(),
        "kind": pa.string(),
        "party_id": pa.string(),
        "party_name": pa.string(),
        "direction": pa.string(),
        "from_team_id": pa.string(),
        "to_team_id": pa.string(),
    }
)
_LIST = re.compile(rb"""<ul\b[^>]*\bclass=(?:"[^">]*\bpage_index\b|'[^'>]*\bpage_index\b|page_index\b)[^>]*>""")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ITEM = re.compile(r"<li\b[^>]*>")
_DAY = re.compile(r"\s*<span\b[^>]*>(.*?)</span>", re.DOTALL)
_DEAL = re.compile(r"<p\b[^>]*>")
_VERB = re.compile(rf"\b({'|'.join(KINDS)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Deal:
    """A sentence of the list, and the day that it stands under."""

    date_text: str
    markup: str

    @property
    def text(self) -> str:
        """The sentence as displayed."""
        return text_of(self.markup)


def read(data: bytes, identifier: Identifier, origin: Origin) -> Rows:
    """Read the page of a season's transactions.

    :returns: ``league_transaction``, in the page's order, and ``transaction_party``.
    :raises PageChanged: there is no list of deals, something else is in it, or it is another season's.
    :raises NotPublished: a list without a deal: the season has none yet.
    """
    page, season = Page(data, origin), int(identifier["season"])
    _check_season(page, season, origin)
    deals = list(_read_deals(_list(page, origin), origin))
    if not deals:
        raise NotPublished(f"{origin} has a list and no deal in it: the season has none yet")
    _check_days(deals, origin)
    rows, parties = _number(deals, season)
    return {
        "league_transaction": pa.Table.from_pylist(rows, LEAGUE_TRANSACTION),
        "transaction_party": pa.Table.from_pylist(parties, TRANSACTION_PARTY),
    }


def kind_of(text: str) -> str:
    """Return what sort of deal a sentence tells of, by the first verb that says it; ``other`` if none does."""
    found = _VERB.search(text)
    return KINDS[found[1].lower()] if found else "other"


def _check_season(page: Page, season: int, origin: Origin) -> None:
    found = find_season(page.title)
    if found is not None and found != season:
        raise origin.changed(f"the transactions of the season that ends in {season}", f"the page {shown(page.title)}")


def _list(page: Page, origin: Origin) -> str:
    expected = "one list (ul.page_index) of days with deals"
    starts = list(_LIST.finditer(page.data))
    if len(starts) != 1:
        title = shown(page.title) if page.title else "without a title"
        raise origin.changed(expected, f"{len(starts) or 'none'} in the page {title}")
    end = page.data.find(b"</ul>", starts[0].end())
    if end < 0:
        raise origin.changed("the whole list of deals", "the end of the page before its end")
    try:
        text = page.data[starts[0].end() : end].decode()
    except UnicodeDecodeError as error:
        raise origin.changed("text in UTF-8", f"{error.reason} in the list of deals") from None
    if "<ul" in text:
        raise origin.changed(expected, "another list inside it")
    return _COMMENT.sub("", text)


def _read_deals(markup: str, origin: Origin) -> Iterator[Deal]:
    before, *items = _ITEM.split(markup)
    _nothing_in(before, origin)
    for item in items:
        day = _DAY.match(item)
        if not day:
            raise origin.changed("a day at the start of each item of the list", shown(text_of(item)))
        before, *sentences = _DEAL.split(item[day.end() :])
        _nothing_in(before, origin)
        for sentence in sentences:
            deal, _, rest = sentence.partition("</p>")
            _nothing_in(rest, origin)
            yield Deal(text_of(day[1]), deal)


def _nothing_in(markup: str, origin: Origin) -> None:
    if text := text_of(markup):
        raise origin.changed("days (span) and deals (p) in the list and nothing else", shown(text))


def _check_days(deals: Sequence[Deal], origin: Origin) -> None:
    texts = {deal.date_text for deal in deals} - {UNKNOWN_DAY}
    if texts and not any(map(read_day, texts)):
        raise origin.changed("days such as January 10, 2022", shown(min(texts)))


def _number(deals: Sequence[Deal], season: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of the deals and those of their parties."""
    rows, parties = [], []
    of_day: Counter[str] = Counter()
    of_words: Counter[tuple[str, str]] = Counter()
    for deal in deals:
        text = deal.text
        kind = kind_of(text)
        of_day[deal.date_text] += 1
        of_words[deal.date_text, text] += 1
        words = "\n".join([str(season), deal.date_text, text, str(of_words[deal.date_text, text])])
        transaction_id = hashlib.sha256(words.encode()).hexdigest()[:16]
        rows.append(
            {
                "transaction_id": transaction_id,
                "season": season,
                "transaction_date": read_day(deal.date_text),
                "date_text": deal.date_text,
                "position": of_day[deal.date_text],
                "kind": kind,
                "description": text,
            }
        )
        parties += [
            {"transaction_id": transaction_id, "place": place, **_columns(party)}
            for place, party in enumerate(read_parties(deal.markup, kind), 1)
        ]
    return rows, parties


def _columns(party: Party) -> dict[str, Any]:
    return {
        "kind": party.kind,
        "party_id": party.party_id,
        "party_name": party.name,
        "direction": party.direction,
        "from_team_id": party.from_team_id,
        "to_team_id": party.to_team_id,
    }
