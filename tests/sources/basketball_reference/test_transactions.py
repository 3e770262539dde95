"""The deals of a season, against the recorded pages and readings of them that are none of the parser's."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from bs4 import BeautifulSoup, Tag

from fieldhouse.errors import NotPublished, PageChanged
from fieldhouse.source import Rows
from fieldhouse.sources.basketball_reference import transactions
from fieldhouse.sources.basketball_reference.page import Origin
from tests.sources.basketball_reference.declared import declared_schema, schema_of

PAGES = {"2022-01": "2022", "2025-10": "2026", "2026-06": "2026"}
ATL, BOS, CHI = (
    f'<a data-attr-{{}}="{code}" href="/teams/{code}/2022.html">{name}</a>'
    for code, name in (("ATL", "Atlanta Hawks"), ("BOS", "Boston Celtics"), ("CHI", "Chicago Bulls"))
)


def parse(data: bytes, season: str = "2022") -> Rows:
    origin = Origin("transactions", {"season": season}, "transactions.html", "https://site/transactions.html")
    return transactions.read(data, origin.identifier, origin)


def page(*items: str, title: str = "2021-22 NBA Transactions") -> bytes:
    body = f"<ul class='page_index'>{''.join(items)}</ul>"
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>".encode()


def day(*deals: str, text: str = "January 10, 2022") -> str:
    return f"<li><span>{text}</span>{''.join(f'<p>{deal}</p>' for deal in deals)}</li>"


def player(name: str) -> str:
    return f'<a href="/players/{name[0]}/{name}01.html">{name.title()}</a>'


def moves(*deals: str) -> dict[str, tuple[str | None, str | None]]:
    """Return {person: (team left, team joined)}."""
    parties = parse(page(day(*deals)))["transaction_party"].to_pylist()
    return {p["party_id"]: (p["from_team_id"], p["to_team_id"]) for p in parties if p["kind"] != "team"}


@pytest.fixture(scope="module")
def folder(recordings: Callable[[str], Path]) -> Path:
    return recordings("basketball_reference")


@pytest.fixture(scope="module")
def raw(folder: Path) -> dict[str, bytes]:
    return {name: (folder / f"transactions/jy_transactions.cap{name}.html").read_bytes() for name in PAGES}


@pytest.fixture(scope="module")
def parsed(raw: dict[str, bytes]) -> dict[str, Rows]:
    return {name: parse(data, PAGES[name]) for name, data in raw.items()}


@pytest.fixture(scope="module")
def soups(raw: dict[str, bytes]) -> dict[str, list[tuple[str, Tag]]]:
    """Return the (day, sentence) of each deal as another parser reads them."""
    found = {}
    for name, data in raw.items():
        items = BeautifulSoup(data, "lxml").select("ul.page_index > li")
        found[name] = [(item.span.get_text(), deal) for item in items if item.span for deal in item.find_all("p")]
    return found


def words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


@pytest.mark.parametrize("name", PAGES)
def test_no_deal_and_no_party_is_lost(
    parsed: dict[str, Rows], soups: dict[str, list[tuple[str, Tag]]], name: str
) -> None:
    deals, parties = (parsed[name][table].to_pylist() for table in ("league_transaction", "transaction_party"))
    assert [(row["date_text"], row["description"]) for row in deals] == [(day, words(p)) for day, p in soups[name]]
    expected = [
        (
            str(a["href"]).split("/")[2 if "/teams/" in str(a["href"]) else 3].removesuffix(".html"),
            words(a),
            "from" if a.has_attr("data-attr-from") else "to" if a.has_attr("data-attr-to") else None,
        )
        for _, p in soups[name]
        for a in p.find_all("a")
    ]
    assert [(row["party_id"], row["party_name"], row["direction"]) for row in parties] == expected


@pytest.mark.parametrize(("name", "deals", "parties"), [("2022-01", 1313, 2765), ("2025-10", 662, 1423)])
def test_counts(parsed: dict[str, Rows], name: str, deals: int, parties: int) -> None:
    assert (parsed[name]["league_transaction"].num_rows, parsed[name]["transaction_party"].num_rows) == (deals, parties)


@pytest.mark.parametrize("name", PAGES)
def test_keys_are_whole_and_their_own(parsed: dict[str, Rows], name: str) -> None:
    for table, key in (("league_transaction", ["transaction_id"]), ("transaction_party", ["transaction_id", "place"])):
        rows = parsed[name][table]
        assert sum(rows[column].null_count for column in key) == 0
        assert rows.group_by(key).aggregate([]).num_rows == rows.num_rows
    ids = [set(rows["transaction_id"].to_pylist()) for rows in parsed[name].values()]
    assert ids[1] <= ids[0]


@pytest.mark.parametrize("table", ["league_transaction", "transaction_party"])
def test_the_columns_are_those_of_the_sql(parsed: dict[str, Rows], table: str) -> None:
    assert schema_of(parsed["2022-01"][table]) == declared_schema(table)


def test_a_page_that_was_saved_again_gives_the_same_rows(parsed: dict[str, Rows], raw: dict[str, bytes]) -> None:
    assert raw["2025-10"] != raw["2026-06"]
    assert parsed["2025-10"] == parsed["2026-06"]


def test_every_day_is_read(parsed: dict[str, Rows]) -> None:
    days = parsed["2022-01"]["league_transaction"]["transaction_date"]
    assert days.null_count == 0
    assert days.to_pylist() == sorted(days.to_pylist(), reverse=True)
    # The site has one day in the wrong year, which is kept as it says it
    assert [days[n].as_py() for n in (0, -2, -1)] == [date(2022, 1, 10), date(2021, 7, 29), date(2021, 1, 6)]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        (
            "2022-01",
            {
                "signed": 611,
                "waived": 247,
                "assigned": 214,
                "recalled": 195,
                "traded": 36,
                "converted": 5,
                "claimed": 5,
            },
        ),
        ("2025-10", {"signed": 447, "waived": 193, "traded": 19, "retired": 2, "claimed": 1}),
    ],
)
def test_kinds(parsed: dict[str, Rows], name: str, kinds: dict[str, int]) -> None:
    assert Counter(parsed[name]["league_transaction"]["kind"].to_pylist()) == kinds


@pytest.mark.parametrize("name", PAGES)
def test_a_trade_says_who_moves_between_which_teams(
    parsed: dict[str, Rows], soups: dict[str, list[tuple[str, Tag]]], name: str
) -> None:
    """Each clause of a trade has one team that gives and one that receives; what follows the latter comes back."""
    expected: list[tuple[str, str, str]] = []
    for _, deal in soups[name]:
        if " traded " in words(deal):
            expected += [move for clause in str(deal).split(";") for move in moves_of_clause(clause)]
    table = parsed[name]
    trades = {row["transaction_id"] for row in table["league_transaction"].to_pylist() if row["kind"] == "traded"}
    players = [row for row in table["transaction_party"].to_pylist() if row["kind"] == "player"]
    found = [
        (row["party_id"], row["from_team_id"], row["to_team_id"]) for row in players if row["transaction_id"] in trades
    ]
    assert found == expected
    assert len(found) == {"2022-01": 94}.get(name, 54)


def moves_of_clause(clause: str) -> list[tuple[str, str, str]]:
    given, received = clause, ""
    giver, receiver = (re.findall(rf'data-attr-{word}="(\w+)"', clause) for word in ("from", "to"))
    if not receiver:
        assert "/players/" not in clause
        return []
    assert len(giver) == len(receiver) == 1
    given, received = re.split(r"<a data-attr-to=.*?</a>", clause)
    return [
        *((name, giver[0], receiver[0]) for name in re.findall(r"/players/\w/(\w+)\.html", given)),
        *((name, receiver[0], giver[0]) for name in re.findall(r"/players/\w/(\w+)\.html", received)),
    ]


def test_trades_that_were_read_by_hand(parsed: dict[str, Rows]) -> None:
    deals = parsed["2022-01"]["league_transaction"].to_pylist()
    parties = parsed["2022-01"]["transaction_party"].to_pylist()
    (five,) = [deal for deal in deals if deal["description"].startswith("In a 5-team trade")]
    found = {
        row["party_id"]: (row["from_team_id"], row["to_team_id"])
        for row in parties
        if row["transaction_id"] == five["transaction_id"] and row["kind"] == "player"
    }
    assert five["transaction_date"] == date(2021, 8, 6)
    assert found == {
        "dinwisp01": ("BRK", "WAS"),
        "holidaa01": ("IND", "WAS"),
        "toddis01": ("IND", "WAS"),
        "jacksis01": ("LAL", "IND"),
        "caldwke01": ("LAL", "WAS"),
        "harremo01": ("LAL", "WAS"),
        "kuzmaky01": ("LAL", "WAS"),
        "milutni01": ("SAS", "BRK"),
        "westbru01": ("WAS", "LAL"),
        "hutchch01": ("WAS", "SAS"),
    }


def test_accents(parsed: dict[str, Rows]) -> None:
    names = set(parsed["2022-01"]["transaction_party"]["party_name"].to_pylist())
    assert {"Jonas Valančiūnas", "Tomáš Satoranský", "Balša Koprivica", "Alperen Şengün"} <= names


def test_the_older_systems_rows_are_there(parsed: dict[str, Rows], folder: Path) -> None:
    """All but one of the 689 deals that were scraped three months before; the site has corrected that one's words."""
    with (folder / "derived_csv_jyablonski/transactions_data.csv").open(encoding="utf-8") as file:
        days = list(csv.reader(file))[1:]
    old = [(day, " ".join(deal.split())) for day, deals in days for deal in ast.literal_eval(deals)]
    ours = parsed["2022-01"]["league_transaction"].to_pylist()
    missing = Counter(old) - Counter((row["date_text"], row["description"]) for row in ours)
    assert len(old) == 689
    assert [deal.replace("Russel ", "Russell ") for _, deal in missing] == [
        row["description"] for row in ours if row["description"].startswith("In a 5-team trade")
    ]


# --- single sentences ----------------------------------------------------------------------------------------


def test_a_day_that_the_site_does_not_know_stays_unknown() -> None:
    rows = parse(page(day(f"The {ATL.format('to')} signed {player('doe')}.", text="?")))["league_transaction"]
    (row,) = rows.to_pylist()
    assert (row["transaction_date"], row["date_text"], row["position"]) == (None, "?", 1)


def test_equal_sentences_are_told_apart_and_new_ones_do_not_rename_them() -> None:
    deal, other = (f"The {ATL.format('from')} assigned {player(name)} to the Skyhawks." for name in ("doe", "roe"))
    before, after = (
        parse(data)["league_transaction"].to_pylist()
        for data in (page(day(deal, deal)), page(day(other, text="January 11, 2022"), day(other, deal, deal)))
    )
    assert len({row["transaction_id"] for row in after}) == 4
    assert [row["transaction_id"] for row in before] == [row["transaction_id"] for row in after[2:]]
    assert [row["position"] for row in after] == [1, 1, 2, 3]


def test_a_season_is_part_of_the_id() -> None:
    deal = day(f"The {ATL.format('to')} signed {player('doe')}.", text="?")
    first, second = (parse(page(deal, title=""), season)["league_transaction"] for season in ("2021", "2022"))
    assert first["transaction_id"] != second["transaction_id"]


def test_blanks_and_entities() -> None:
    markup = f"The\n  {ATL.format('to')}  signed <a href='/players/o/onealsh01.html'>Shaquille&nbsp;O&#39;Neal</a>."
    rows = parse(page(day(markup)))
    assert rows["league_transaction"]["description"].to_pylist() == ["The Atlanta Hawks signed Shaquille O'Neal."]
    assert rows["transaction_party"]["party_name"].to_pylist() == ["Atlanta Hawks", "Shaquille O'Neal"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (f"The {ATL.format('to')} signed {player('doe')} to a contract.", (None, "ATL")),
        (f"The {ATL.format('from')} waived {player('doe')}.", ("ATL", None)),
        (f"The {ATL.format('to')} claimed {player('doe')} on waivers from the {BOS.format('from')}.", ("BOS", "ATL")),
        (f"The {ATL.format('from')} converted {player('doe')} from a two-way contract.", (None, None)),
        (f"The {ATL.format('from')} suspended {player('doe')}.", (None, None)),
        (f"{player('doe')} announced retirement.", (None, None)),
    ],
)
def test_who_moves_where(sentence: str, expected: tuple[str | None, str | None]) -> None:
    assert moves(sentence) == {"doe01": expected}


def test_a_sentence_that_does_not_say_who_moves_where() -> None:
    """Only what follows "for" comes back; what a second sentence says is nobody's clause."""
    trade = f"The {ATL.format('from')} traded {player('doe')} to the {BOS.format('to')} for {player('roe')} and cash."
    assert moves(f"{trade} Boston also received {player('poe')}") == {
        "doe01": ("ATL", "BOS"),
        "roe01": ("BOS", "ATL"),
        "poe01": (None, None),
    }
    assert moves(f"{player('doe')} was traded to the {BOS.format('to')} with {player('roe')}.") == {
        "doe01": (None, "BOS"),
        "roe01": (None, None),
    }


def test_a_pick_is_not_the_player_who_was_selected_with_it() -> None:
    sentence = (
        f"The {ATL.format('from')} traded {player('doe')}, a 2013 1st round draft pick ({player('roe')} was later "
        f"selected) and {player('poe')} to the {BOS.format('to')} for a 2014 2nd round draft pick ({player('moe')} and "
        f"{player('loe')} were later selected)."
    )
    parties = parse(page(day(sentence)))["transaction_party"].to_pylist()
    assert [(row["kind"], row["party_id"]) for row in parties] == [
        ("team", "ATL"),
        ("player", "doe01"),
        ("pick", "roe01"),
        ("player", "poe01"),
        ("team", "BOS"),
        ("pick", "moe01"),
        ("pick", "loe01"),
    ]
    assert moves(sentence)["moe01"] == ("BOS", "ATL")


def test_three_teams_and_one_of_them_gives_twice() -> None:
    sentence = (
        f"In a 3-team trade, the {ATL.format('from')} traded {player('doe')} to the {BOS.format('to')}; the "
        f"{ATL.format('from')} traded a pick to the {CHI.format('to')}; and the {CHI.format('from')} traded "
        f"{player('roe')} to the {ATL.format('to')}. Boston also received a trade exception"
    )
    assert moves(sentence) == {"doe01": ("ATL", "BOS"), "roe01": ("CHI", "ATL")}


@pytest.mark.parametrize(
    ("href", "marks", "expected"),
    [
        ("/coaches/riverdo99c.html", "", ("coach", "riverdo99c", None)),
        ("/executives/ujirima99x.html", "", ("executive", "ujirima99x", None)),
        ("/friv/somewhere.html", "", ("other", None, None)),
        ("/teams/BOS/2022.html", "", ("team", "BOS", None)),
        ("/teams/BOS/2022.html", "data-attr-from='BOS' data-attr-to='BOS'", ("team", "BOS", "both")),
        ("", "data-attr-to='BOS'", ("team", "BOS", "to")),
    ],
)
def test_kinds_of_links(href: str, marks: str, expected: tuple[Any, ...]) -> None:
    (row,) = parse(page(day(f'The <a {marks} href="{href}">One</a> hired somebody.')))["transaction_party"].to_pylist()
    assert (row["kind"], row["party_id"], row["direction"]) == expected


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("The Hawks hired Doc as Head Coach.", "hired"),
        ("The Hawks appointed Doc as Interim Head Coach.", "hired"),
        ("The Hawks fired Doc as Head Coach.", "fired"),
        ("The Hawks re-signed Doe.", "signed"),
        ("The Hawks sold the player rights to Doe to the Bulls.", "traded"),
        ("The Hawks traded Doe to the Bulls. via sign and trade", "traded"),
        ("The Hawks drafted Doe in the 1st round of the 2022 NBA Draft.", "drafted"),
        ("The Hawks selected Doe from the Bulls in the NBA expansion draft.", "drafted"),
        ("The NBA suspended Doe.", "suspended"),
        ("Doe resigned as Head Coach.", "other"),
        ("The Hawks unassigned Doe.", "other"),
    ],
)
def test_the_verb_says_the_kind(sentence: str, kind: str) -> None:
    assert transactions.kind_of(sentence) == kind


# --- what is no such page ------------------------------------------------------------------------------------


def test_a_list_without_a_deal() -> None:
    with pytest.raises(NotPublished, match=r"transactions season=2022, transactions\.html has a list and no deal"):
        parse(page())


def test_another_seasons_page(raw: dict[str, bytes]) -> None:
    with pytest.raises(PageChanged, match=r"ends in 2025, found the page '2025-26 NBA Transactions"):
        parse(raw["2026-06"], "2025")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (page().replace(b"page_index", b"other"), "none in the page '2021-22 NBA Transactions'"),
        (page() + page(), "2 in the page"),
        (page("<table></table><p>stray</p>"), "found 'stray'"),
        (page("<li><p>without a day</p></li>"), "found 'without a day'"),
        (page(day("deal").replace("</p>", "</p>stray")), "found 'stray'"),
        (page(day("deal", text="2022-01-10")), "found '2022-01-10'"),
        (page(day("<ul><li>inner</li></ul>")), "another list inside it"),
        (page(day("Jokić")).replace("ć".encode(), b"\xe6"), "invalid continuation byte"),
    ],
)
def test_what_is_no_list_of_deals(data: bytes, found: str) -> None:
    with pytest.raises(PageChanged, match=re.escape(found)):
        parse(data)


@pytest.mark.parametrize("error", ["2000", "2011", "2023"])
def test_a_page_that_says_to_slow_down(folder: Path, error: str) -> None:
    with pytest.raises(PageChanged, match="expected one list"):
        parse((folder / f"errors/429_rate_limited_{error}.html").read_bytes())


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_half_a_page(raw: dict[str, bytes], share: float) -> None:
    data = raw["2022-01"]
    with pytest.raises(PageChanged):
        parse(data[: int(len(data) * share)])
    # also if what is left does not begin as a document does
    begin = data.index(b"<ul class='page_index'>")
    with pytest.raises(PageChanged, match="the end of the page before its end"):
        parse(data[begin : begin + int((data.index(b"</ul>", begin) - begin) * share)])


def test_an_unclosed_item_is_read_to_its_end() -> None:
    """The closing tags of paragraphs and items may be left out."""
    deals = page("<li><span>January 10, 2022</span><p>The Hawks signed Doe.<p>The Hawks waived Roe.")
    assert parse(deals)["league_transaction"]["kind"] == pa.chunked_array([["signed", "waived"]])
