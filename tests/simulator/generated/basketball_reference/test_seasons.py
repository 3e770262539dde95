"""Generated seasons: what pages add up is what lines say, and who plays where is one story."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import groupby

import pytest

from simulator.generated.basketball_reference.calendar import published_on
from simulator.generated.basketball_reference.people import people
from simulator.generated.basketball_reference.records import (
    ALL_TEAMS,
    PLAYOFFS,
    REGULAR_SEASON,
    Counts,
    Line,
    PlayerLink,
    Stage,
    TeamLink,
)
from simulator.generated.basketball_reference.world import World
from tests.simulator.generated.basketball_reference.league import DAY, SEED, SUMMER, WORLD, YEAR, season

# Early in the season, so that little need be played; and after the last trade
NOVEMBER = date(2025, 11, 20)
MARCH = date(2026, 3, 10)


def add(rows: list[Counts]) -> Counts:
    return Counts(*map(sum, zip(*rows, strict=True)))


def lines_until(today: date, stage: Stage) -> list[Line]:
    played = (game for game in season(today=today) if game.stage == stage)
    return [line for game in played for line in WORLD.lines(game.game_id, today)]


@pytest.mark.parametrize(("stage", "today"), [(REGULAR_SEASON, NOVEMBER), (PLAYOFFS, date(2026, 4, 26))])
def test_totals_are_the_sums_of_lines(stage: Stage, today: date) -> None:
    expected: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines_until(today, stage):
        expected[line.player_id, line.team_id].append(line)
    rows = WORLD.player_totals(YEAR, stage, today)
    single = {(row.player_id, row.team_id): row for row in rows if not row.is_combined}
    assert single.keys() == expected.keys()
    for key, lines in expected.items():
        assert single[key].games == len(lines)
        assert single[key].games_started == sum(line.started for line in lines)
        assert single[key].counts == add([Counts(*(getattr(ln, n) for n in Counts._fields)) for ln in lines])


def test_who_had_several_teams_has_a_combined_row_first() -> None:
    counts = set()
    for player_id, group in groupby(WORLD.player_totals(YEAR, REGULAR_SEASON, MARCH), lambda row: row.player_id):
        first, *others = list(group)
        if others:
            assert (first.team_id, first.team_count) == (ALL_TEAMS, len(others)), player_id
            assert first.counts == add([row.counts for row in others])
            assert first.games == sum(row.games for row in others)
            assert {row.team_count for row in others} == {1}
        counts.add(first.team_count)
    assert counts == {1, 2, 3}


def test_advanced_and_shooting_have_the_same_rows() -> None:
    rows = WORLD.player_totals(YEAR, REGULAR_SEASON, NOVEMBER)
    advanced = WORLD.player_advanced(YEAR, REGULAR_SEASON, NOVEMBER)
    shooting = WORLD.player_shooting(YEAR, REGULAR_SEASON, NOVEMBER)
    assert [row.totals for row in advanced] == [row.totals for row in shooting] == rows
    for row, shot in zip(rows, shooting, strict=True):
        twos = row.counts.fga - row.counts.fg3a, row.counts.fg - row.counts.fg3
        assert sum(zone.attempted for zone in shot.zones) == twos[0]
        assert sum(zone.made for zone in shot.zones) == twos[1]
        assert all(0 <= zone.made <= zone.attempted for zone in (*shot.zones, shot.dunks, shot.corner_threes))
    usage = [row.usg_pct for row in advanced if row.totals.counts.seconds > 18_000]
    assert 18 < sum(usage) / len(usage) < 22


def test_teams_are_the_sums_of_the_same_lines() -> None:
    rows = {row.team.team_id: row for row in WORLD.team_seasons(YEAR, NOVEMBER)}
    assert len(rows) == 30
    points, against, wins = Counter[str](), Counter[str](), Counter[str]()
    for line in lines_until(NOVEMBER, REGULAR_SEASON):
        points[line.team_id] += line.pts
        against[line.opponent_id] += line.pts
    for game in season(today=NOVEMBER):
        if game.home_points is not None and game.away_points is not None:
            wins[game.home if game.home_points > game.away_points else game.away] += 1
    assert {team: row.counts.pts for team, row in rows.items()} == points
    assert {team: row.opponent.pts for team, row in rows.items()} == against
    assert {team: row.wins for team, row in rows.items()} == {team: wins[team] for team in rows}
    assert sum(row.wins for row in rows.values()) == sum(row.losses for row in rows.values())
    assert all(row.counts.seconds == row.opponent.seconds for row in rows.values())
    assert all(110 > row.pace > 85 for row in rows.values())


def test_playoff_teams_are_marked_once_they_are_known() -> None:
    assert not any(row.in_playoffs for row in WORLD.team_seasons(YEAR, NOVEMBER))
    assert sum(row.in_playoffs for row in WORLD.team_seasons(YEAR, SUMMER)) == 16


def test_nothing_is_totalled_before_the_first_game() -> None:
    assert WORLD.player_totals(2027, REGULAR_SEASON, published_on(2027)) == []
    assert WORLD.player_advanced(2027, REGULAR_SEASON, published_on(2027)) == []
    assert WORLD.team_seasons(2027, published_on(2027)) == []
    assert WORLD.player_totals(YEAR, PLAYOFFS, MARCH) == []


# --- people -----------------------------------------------------------------------------------------------


def test_people_have_the_sites_ids_and_all_kinds_of_names() -> None:
    everybody = [career.player for career in people(SEED).by_id.values()]
    assert all(p.player_id.isascii() and p.player_id[-2:].isdecimal() for p in everybody)
    assert any(not player.name.isascii() for player in everybody)
    assert any(player.name.endswith(" Jr.") for player in everybody)
    assert any(player.name.endswith(" III") for player in everybody)


def test_two_players_of_a_season_have_one_name() -> None:
    ids = {row.player_id for row in WORLD.player_totals(YEAR, REGULAR_SEASON, MARCH)}
    names = Counter(WORLD.player(player_id).name for player_id in ids)
    assert max(names.values()) >= 2


def test_ages_are_those_of_players_and_some_are_unknown() -> None:
    ages = [row.age for row in WORLD.player_totals(YEAR, REGULAR_SEASON, MARCH)]
    assert None in ages
    assert all(18 < age < 40 for age in ages if age is not None)


# --- injuries ---------------------------------------------------------------------------------------------


def test_who_is_injured_does_not_play() -> None:
    for number in range(0, 100, 9):
        today = date(2025, 12, 1) + number * DAY
        listed = {injury.player_id for injury in WORLD.injuries(today)}
        assert listed
        assert not listed & {line.player_id for line in WORLD.leaders(today, today + DAY)}


def test_an_injury_says_its_team_and_its_last_word() -> None:
    today = date(2026, 1, 12)
    injuries = WORLD.injuries(today)
    assert len({injury.player_id for injury in injuries}) == len(injuries)
    assert all(injury.updated < today for injury in injuries)
    assert {injury.description.split(" (")[0] for injury in injuries} == {"Out", "Day To Day", "Out For Season"}
    teams = WORLD.teams(YEAR)
    names = [teams[injury.team_id].name for injury in injuries]
    assert names == sorted(names)


def test_who_is_new_on_the_list_was_hurt_the_day_before() -> None:
    days = [date(2026, 1, 9) + number * DAY for number in range(10)]
    listed = {day: {i.player_id: i for i in WORLD.injuries(day)} for day in (days[0] - DAY, *days)}
    new = [
        injury.updated == day - DAY
        for day in days
        for player_id, injury in listed[day].items()
        if player_id not in listed[day - DAY]
    ]
    assert len(new) > 5
    assert all(new)


def test_the_list_is_empty_in_summer() -> None:
    assert WORLD.injuries(date(2026, 7, 10))
    assert WORLD.injuries(date(2026, 8, 1)) == WORLD.injuries(date(2026, 9, 30)) == []


# --- deals and contracts ----------------------------------------------------------------------------------


def test_a_trade_moves_its_players_from_the_next_day_on() -> None:
    deals = WORLD.deals(YEAR, SUMMER)
    trades = [deal for deal in deals if any(isinstance(p, str) and " traded " in p for p in deal.parts)]
    assert len(trades) > 10
    rows = WORLD.player_totals(YEAR, REGULAR_SEASON, SUMMER)
    teams = defaultdict(set)
    for row in rows:
        teams[row.player_id].add(row.team_id)
    moved = {p.player_id for deal in trades for p in deal.parts if isinstance(p, PlayerLink)}
    assert sum(len(teams[player]) > 1 for player in moved) > len(moved) / 2
    before = {c.player_id: c.team_id for c in WORLD.contracts(trades[0].day)}
    after = {c.player_id: c.team_id for c in WORLD.contracts(trades[0].day + DAY)}
    gone = {player for player in before if before[player] != after.get(player)}
    assert gone == {part.player_id for part in trades[0].parts if isinstance(part, PlayerLink)}


def test_deals_are_newest_first_and_known_the_day_after() -> None:
    deals = WORLD.deals(YEAR, SUMMER)
    assert deals == sorted(deals, key=lambda deal: deal.day, reverse=True)
    assert all(date(2025, 7, 1) <= deal.day < SUMMER for deal in deals)
    day = deals[10].day
    assert [deal.day for deal in WORLD.deals(YEAR, day)] == [deal.day for deal in deals if deal.day < day]
    assert max(Counter(deal.day for deal in deals).values()) > 3
    assert WORLD.deals(2027, SUMMER) == []


def test_deals_are_of_all_kinds() -> None:
    texts = [
        "".join(p if isinstance(p, str) else "T" if isinstance(p, TeamLink) else "P" for p in deal.parts)
        for deal in WORLD.deals(YEAR, SUMMER)
    ]
    for start in (
        "The T signed P.", "The T signed P to a multi-year contract.", "The T signed P to an Exhibit 10 contract.",
        "The T waived P.", "The T claimed P on waivers.", "P announced retirement.",
        "In a 3-team trade, the T traded P",
        "The T traded P to the T for P.", "The T signed P to a contract extension.",
    ):  # fmt: skip
        assert any(text.startswith(start) for text in texts), start
    assert any("draft pick to the T for cash." in text for text in texts)


@pytest.mark.parametrize("today", [date(2025, 7, 3), date(2026, 2, 21)])
def test_contracts_are_one_a_player_and_team(today: date) -> None:
    rows = WORLD.contracts(today)
    assert len({(row.player_id, row.team_id) for row in rows}) == len(rows) >= 450
    assert all(next(iter(row.salaries)) == "2025-26" and len(row.salaries) <= 6 for row in rows)
    pay = [row.salaries["2025-26"][0] for row in rows]
    assert pay == sorted(pay, reverse=True)
    assert {option for row in rows for _, option in row.salaries.values()} >= {None, "player", "team"}


def test_a_contract_goes_on_next_season() -> None:
    now = {row.player_id: row for row in WORLD.contracts(date(2025, 10, 1))}
    then = {row.player_id: row for row in WORLD.contracts(date(2026, 10, 1))}
    longer = [row for row in now.values() if len(row.salaries) > 1]
    assert len(longer) > 200
    for row in longer:
        assert then[row.player_id].salaries["2026-27"][0] == row.salaries["2026-27"][0]


# --- the world --------------------------------------------------------------------------------------------


def test_two_worlds_of_one_seed_are_equal() -> None:
    here, there, other = World(SEED), World(SEED), World(SEED + 1)
    today = date(2025, 11, 3)
    for ask in (
        lambda world: season(YEAR, today, world),
        lambda world: world.leaders(date(2025, 11, 2), today),
        lambda world: world.player_advanced(YEAR, REGULAR_SEASON, today),
        lambda world: world.team_seasons(YEAR, today),
        lambda world: world.injuries(today),
        lambda world: world.deals(YEAR, today),
        lambda world: world.contracts(today),
    ):
        assert ask(here) == ask(there)
        assert ask(here) != ask(other)


def test_all_seasons_can_be_asked_for() -> None:
    for year in (1997, 2005, 2013, 2020, 2060):
        today = date(year - 1, 11, 15)
        assert WORLD.leaders(today - DAY, today) or WORLD.leaders(today - 2 * DAY, today)
        assert WORLD.deals(year, today)
        assert WORLD.contracts(today)
    assert WORLD.months(1996, SUMMER) == []
    assert not WORLD.injuries(date(1990, 1, 1))
    assert not WORLD.contracts(date(1990, 1, 1))
    assert WORLD.game("nonsense", SUMMER) is None


def test_codes_follow_the_season() -> None:
    assert {"CHH", "NJN", "SEA", "VAN", "WSB"} <= set(WORLD.teams(1997))
    assert {"CHO", "BRK", "OKC", "MEM", "WAS", "NOP"} <= set(WORLD.teams(YEAR))
    assert "CHA" in WORLD.teams(2010)
    assert WORLD.team(2013, "NOH").name == "New Orleans Hornets"
