"""A file of football-data.co.uk to the rows of our tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import pyarrow as pa

from fieldhouse.errors import ConfigurationError, NothingScheduled, NotPublished
from fieldhouse.source import Files, Identifier, Rows
from fieldhouse.sources.football_data import columns
from fieldhouse.sources.football_data.cells import read_each
from fieldhouse.sources.football_data.columns import Layout, lay_out
from fieldhouse.sources.football_data.discover import BASE_URL, address
from fieldhouse.sources.football_data.divisions import DIVISIONS, LEAGUES
from fieldhouse.sources.football_data.matches import (
    ANY_TIME,
    Match,
    Term,
    merge_doubled,
    number_meetings,
    read_matches,
    term_of_season,
    term_of_text,
)
from fieldhouse.sources.football_data.seasons import running, season_from_code
from fieldhouse.sources.football_data.sheet import Origin, Sheet, read_sheet, shown
from fieldhouse.sources.football_data.tables import build_tables, clean_texts


def parse(dataset_type: str, identifier: Identifier, files: Files) -> Rows:
    """Read the one file of a dataset.

    The table with ``extra`` names in its schema's metadata, as JSON lists, the columns that no table has
    (``fieldhouse.unknown_columns``) and the cells that could not be read (``fieldhouse.unreadable_cells``).

    :returns: ``match`` and ``match_odds``, or ``fixture`` and ``fixture_odds``, sorted by their keys.
    :raises PageChanged: the bytes are not what they should be.
    :raises NotPublished: a season's file with a header and no match yet.
    :raises NothingScheduled: a fixtures file without a match.
    """
    if dataset_type not in _READERS:
        raise ConfigurationError(f"football_data has no dataset type {dataset_type!r}; it has: {', '.join(_READERS)}")
    if len(files) != 1:
        raise ConfigurationError(f"football_data/{dataset_type} is one file, not {len(files)}: {', '.join(files)}")
    _check_identifier(dataset_type, identifier)
    ((name, data),) = files.items()
    origin = Origin(dataset_type, identifier, name, f"{BASE_URL}/{address(dataset_type, identifier)}")
    return _READERS[dataset_type](read_sheet(data, origin), identifier)


def _check_identifier(dataset_type: str, identifier: Identifier) -> None:
    valid: Mapping[str, Iterable[str]] = {"division": DIVISIONS, "league": LEAGUES}
    for key in {"season": ("division", "season"), "extra_league": ("league",)}.get(dataset_type, ()):
        value = identifier.get(key, "")
        if key == "season":
            season_from_code(value)
        elif value not in valid[key]:
            raise ConfigurationError(f"there is no {key} {value!r}; there are: {', '.join(valid[key])}")


def _parse_season(sheet: Sheet, identifier: Identifier) -> Rows:
    layout = _lay_out(sheet, columns.SEASON_NAMES, columns.SEASON_REQUIRED)
    if not sheet.rows:
        raise NotPublished(f"{sheet.origin} has a header and no match: the season has not begun")
    _check_same(sheet, layout, "Div", identifier["division"])
    term = term_of_season(season_from_code(identifier["season"]))
    return _match_tables(sheet, layout, identifier["division"], [term] * len(sheet.rows))


def _parse_extra_league(sheet: Sheet, identifier: Identifier) -> Rows:
    layout = _lay_out(sheet, columns.LEAGUE_NAMES, columns.LEAGUE_REQUIRED)
    if not sheet.rows:
        raise sheet.origin.changed("the matches of all its seasons", "a header and no match")
    _check_same(sheet, layout, "Country", LEAGUES[identifier["league"]].country)
    return _match_tables(sheet, layout, identifier["league"], _terms(sheet, layout.positions["Season"]))


def _parse_fixtures(sheet: Sheet, _: Identifier) -> Rows:
    layout = _lay_out(sheet, columns.FIXTURE_NAMES, columns.FIXTURE_REQUIRED)
    if not sheet.rows:
        raise NothingScheduled(f"{sheet.origin} has a header and no match: none is to be played in the next days")
    return _fixture_tables(sheet, layout)


_READERS: Mapping[str, Callable[[Sheet, Identifier], Rows]] = {
    "season": _parse_season,
    "extra_league": _parse_extra_league,
    "fixtures": _parse_fixtures,
}


def _lay_out(sheet: Sheet, wanted: frozenset[str], required: Sequence[str]) -> Layout:
    layout = lay_out(sheet.header, wanted)
    if missing := [name for name in required if name not in layout.positions]:
        found = shown(",".join(sheet.header))
        raise sheet.origin.changed(f"a header with the columns {', '.join(required)}", f"none for {missing} in {found}")
    return layout


def _check_same(sheet: Sheet, layout: Layout, name: str, expected: str) -> None:
    if name in layout.positions and set(texts := sheet.texts(layout.positions[name])) != {expected}:
        number = next(n for n, text in enumerate(texts) if text != expected)
        raise sheet.origin.changed(f"{name} {expected}", shown(texts[number]), sheet.lines[number])


def _terms(sheet: Sheet, position: int) -> list[Term]:
    terms, bad = read_each(texts := sheet.texts(position), term_of_text)
    if bad or "" in texts:
        number = bad[0] if bad else texts.index("")
        expected = "a season as 2012/2013 or 2024 in the column Season"
        raise sheet.origin.changed(expected, shown(texts[number]), sheet.lines[number])
    return [term for term in terms if term]


def _match_tables(sheet: Sheet, layout: Layout, division: str, terms: Sequence[Term]) -> Rows:
    matches = read_matches(sheet, layout.positions, terms)
    sheet, kept = merge_doubled(sheet, matches, [layout.positions[name] for name in columns.GOALS])
    matches = [matches[number] for number in kept]
    ids = number_meetings(division, matches)
    order = sorted(range(len(ids)), key=lambda number: ids[number].text)
    sheet, matches, ids = sheet.reordered(order), [matches[n] for n in order], [ids[n] for n in order]
    identity = {
        "match_id": pa.array([match_id.text for match_id in ids], pa.string()),
        "division": pa.array([division] * len(ids), pa.string()),
        "season": pa.array([match.term.name for match in matches], pa.string()),
        "season_start_year": pa.array([match.term.first_year for match in matches], pa.int16()),
        "meeting": pa.array([match_id.meeting for match_id in ids], pa.int16()),
        "league_name": clean_texts(sheet.texts(layout.positions.get("League"))),
        **_teams_and_date(matches),
    }
    match, match_odds = build_tables(sheet, layout, identity, columns.MATCH, key=("match_id",))
    return {"match": match, "match_odds": match_odds}


def _fixture_tables(sheet: Sheet, layout: Layout) -> Rows:
    divisions = sheet.texts(layout.positions["Div"])
    if "" in divisions:
        raise sheet.origin.changed("a division in the column Div", "none", sheet.lines[divisions.index("")])
    matches = read_matches(sheet, layout.positions, [ANY_TIME] * len(sheet.rows))
    keys = [(code, match.day, match.home, match.away) for code, match in zip(divisions, matches, strict=True)]
    sheet, kept = merge_doubled(sheet, keys, goals=())
    order = sorted(range(len(kept)), key=lambda number: keys[kept[number]])
    sheet, kept = sheet.reordered(order), [kept[number] for number in order]
    identity = {
        "division": pa.array([divisions[number] for number in kept], pa.string()),
        "season": pa.array([running(matches[number].day).code for number in kept], pa.string()),
        **_teams_and_date([matches[number] for number in kept]),
    }
    key = ("division", "match_date", "home_team", "away_team")
    fixture, fixture_odds = build_tables(sheet, layout, identity, columns.FIXTURE, key)
    return {"fixture": fixture, "fixture_odds": fixture_odds}


def _teams_and_date(matches: Sequence[Match]) -> dict[str, pa.Array]:
    return {
        "match_date": pa.array([match.day for match in matches], pa.date32()),
        "home_team": pa.array([match.home for match in matches], pa.string()),
        "away_team": pa.array([match.away for match in matches], pa.string()),
    }
