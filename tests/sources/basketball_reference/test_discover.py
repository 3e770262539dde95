"""Which datasets a run names, and what it asks the site to know them: on the generated site, page by page."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from fieldhouse.errors import ConfigurationError, NothingScheduled, NotPublished, PageChanged, SourceUnavailable
from fieldhouse.sources.basketball_reference.addresses import address
from fieldhouse.sources.basketball_reference.discover import EVER, _games_of, _season_tables, _touched
from fieldhouse.sources.basketball_reference.games import Game
from fieldhouse.sources.basketball_reference.seasons import Season
from tests.sources.basketball_reference.site import SiteClient, find, gaps, of

DAY = date(2026, 1, 12)
INDEX = "leagues/NBA_2026_games.html"
JANUARY = "leagues/NBA_2026_games-january.html"
GAMES = ["boxscores", "play_by_play"]


def days(count: int, start: date = DAY) -> list[date]:
    return [start + timedelta(days=n) for n in range(count)]


MONTHS = ("january", "february", "march", "april", "may", "june")


def schedule(*months: str) -> pa.Table:
    """Return a known schedule of 2025-26 with one game in each of these months."""
    dates = [
        date(
            2026 if month in MONTHS else 2025,
            [*MONTHS, "", "", "", "october", "november", "december"].index(month) + 1,
            12,
        )
        for month in months
    ]
    return pa.table(
        {
            "season": [2026] * len(dates),
            "game_id": [f"{day:%Y%m%d}0BOS" for day in dates],
            "game_date": dates,
            "away_team_id": ["MIA"] * len(dates),
            "home_team_id": ["BOS"] * len(dates),
            "home_points": [None] * len(dates),
        }
    )


def game_ids(client: SiteClient, day: date) -> set[str]:
    """Return the ids of a date's games as the month's page has them."""
    body = client.get(f"leagues/NBA_2026_games-{day:%B}.html".lower().replace("nba", "NBA"), max_age=timedelta(days=1))
    stamp = f"{day:%Y%m%d}0"
    return {body.decode()[at : at + 12] for at in range(len(body)) if body.startswith(stamp.encode(), at)}


def test_a_days_run_names_its_games_and_those_of_the_week_before() -> None:
    client = SiteClient(DAY + timedelta(days=1))
    found = find(client, DAY)
    assert [each.identifier["date"] for each in of(found, "boxscores")] == [
        str(day) for day in days(8, DAY - timedelta(days=7)) if game_ids(client, day)
    ]
    today = next(each for each in of(found, "boxscores") if each.identifier == {"date": str(DAY)})
    assert set(today.files[0].expects) == game_ids(client, DAY)
    assert today.settled_at == datetime(2026, 1, 13, 11, tzinfo=UTC)
    assert today.due_at == datetime(2026, 1, 14, tzinfo=UTC)
    named = {each.identifier["game_id"] for each in of(found, "play_by_play")}
    assert named == {game_id for each in of(found, "boxscores") for game_id in each.files[0].expects}
    counts = Counter(each.dataset_type for each in found)
    assert {name: count for name, count in counts.items() if name not in {"schedule", *GAMES}} == {
        "player_season": 4,
        "team_season": 1,
        "injuries": 1,
        "transactions": 1,
        "contracts": 1,
    }


def test_the_first_run_reads_every_month_and_each_later_one_its_own_and_one_in_turn() -> None:
    client = SiteClient(DAY - timedelta(days=10))
    months = {each.identifier["month"] for each in of(find(client, client.today - timedelta(days=1)), "schedule")}
    assert len(client.asked) == len(set(client.asked)) == 1 + len(months)
    turns = []
    for day in days(18, DAY - timedelta(days=1)):
        client.today, client.asked = day + timedelta(days=1), []
        find(client, day, rows={"schedule": schedule("october", "november", "december", *MONTHS[:4])})
        own = [url for url in client.asked if url not in (INDEX, JANUARY)]
        assert JANUARY in client.asked
        assert len(own) == 1, client.asked
        turns += own
    # within so many days each month had its turn
    assert len(set(turns)) == len(months) - 1


def test_the_schedule_of_a_look_back_into_another_month_costs_no_request() -> None:
    client = SiteClient(date(2026, 2, 1))
    find(client, date(2026, 1, 31))
    client.today, client.asked = date(2026, 2, 2), []
    found = find(client, date(2026, 2, 1), dataset_types=GAMES)
    assert client.asked == ["leagues/NBA_2026_games-february.html"]
    assert {each.identifier["date"][:7] for each in of(found, "boxscores")} == {"2026-01", "2026-02"}


def test_a_backfill_of_a_month_reads_it_once() -> None:
    client = SiteClient(date(2026, 3, 20))
    named = [of(find(client, day, present=False), "boxscores") for day in days(31, date(2026, 1, 1))]
    assert sorted(client.asked) == sorted([INDEX, JANUARY])
    assert all(len(found) <= 1 for found in named)
    assert sum(map(len, named)) > 25


def test_a_backfill_says_that_what_shows_the_present_is_not_in_it() -> None:
    found = find(SiteClient(date(2026, 3, 20)), DAY, present=False)
    reasons = {each.dataset_type: str(each.error) for each in gaps(found)}
    assert reasons.keys() == {"player_season", "team_season", "transactions"}
    assert all("as it is now" in reason and "seasons" in reason for reason in reasons.values())
    assert not of(found, "injuries")


def test_without_an_open_type_of_the_games_nothing_is_asked() -> None:
    client = SiteClient(DAY + timedelta(days=1))
    found = find(client, DAY, dataset_types=["injuries", "transactions", "contracts"])
    assert client.asked == []
    assert [(each.dataset_type, dict(each.identifier)) for each in found] == [
        ("injuries", {}),
        ("contracts", {}),
        ("transactions", {"season": "2026"}),
    ]


def test_a_day_without_games_says_so() -> None:
    found = find(SiteClient(date(2025, 12, 26)), date(2025, 12, 24), present=False, dataset_types=GAMES)
    assert [(each.identifier, str(each.error)) for each in gaps(found)] == [
        ({"date": "2025-12-24"}, "no game is scheduled on 2025-12-24")
    ]
    assert isinstance(gaps(found)[0].error, NothingScheduled)


def test_games_to_come_are_known_and_not_asked_for() -> None:
    found = find(SiteClient(DAY), DAY, dataset_types=GAMES)
    today = [each for each in of(found, "boxscores") if each.identifier == {"date": str(DAY)}]
    assert [each.files for each in today] == [()]
    coming = [each for each in of(found, "play_by_play") if each.identifier["game_id"].startswith("20260112")]
    assert coming
    assert all(each.files == () for each in coming)


def test_a_schedule_that_is_not_out_is_waited_for_and_then_missing() -> None:
    early = find(SiteClient(date(2025, 8, 12)), date(2025, 8, 11), dataset_types=["schedule"])
    assert "the schedule of 2025-26 is not out yet" in [str(each.error) for each in gaps(early)]
    assert not of(early, "schedule")
    client = SiteClient(date(2025, 10, 25))
    client.errors[INDEX] = NotPublished("no such page")
    [late] = of(find(client, date(2025, 10, 24), dataset_types=["schedule"]), "schedule")
    assert late.due_at
    assert late.due_at.date() < client.today


def test_season_tables_wait_for_the_first_game() -> None:
    tables = ["player_season", "team_season"]
    before = find(SiteClient(date(2025, 10, 10)), date(2025, 10, 9), dataset_types=tables)
    assert not of(before, "player_season")
    after = find(SiteClient(DAY), DAY, dataset_types=tables)
    kinds = [each.identifier["kind"] for each in of(after, "player_season")]
    assert kinds == ["per_game", "totals", "advanced", "shooting"]
    assert {each.settled_at for each in of(after, "player_season")} == {None}


def test_a_whole_season_is_asked_for_by_its_year() -> None:
    client = SiteClient(DAY)
    found = find(client, DAY, seasons="2024-25")
    months = {each.identifier["month"] for each in of(found, "schedule")}
    assert months == {"october", "november", "december", "january", "february", "march", "april", "may", "june"}
    assert len(client.asked) == 1 + len(months)
    played = [game_id for each in of(found, "boxscores") for game_id in each.files[0].expects]
    assert len(of(found, "play_by_play")) == len(played) == len(set(played)) > 1230
    assert {each.settled_at for each in of(found, "player_season")} == {datetime(2025, 8, 1, tzinfo=UTC)}
    assert [dict(each.identifier) for each in of(found, "transactions")] == [{"season": "2025"}]
    assert not of(found, "injuries")
    client.asked = []
    find(client, DAY, seasons="2025")
    assert client.asked == []


@pytest.mark.parametrize(
    ("year", "kinds"), [(1984, set()), (1985, {"boxscores"}), (1997, {"boxscores", "play_by_play"})]
)
def test_the_sites_history_begins_later_for_what_is_finer(year: int, kinds: set[str]) -> None:
    game = Game(f"{year}01120BOS", date(year, 1, 12), "MIA", "BOS", is_played=True)
    assert {each.dataset_type for each in _games_of(game.game_date, [game])} == kinds
    shooting = [each for each in _season_tables(Season(year), None, EVER) if each.identifier.get("kind") == "shooting"]
    assert bool(shooting) == (year >= 1997)


def test_a_game_without_a_score_is_asked_for_and_missed_by_nobody() -> None:
    games = [
        Game("202601120BOS", DAY, "MIA", "BOS", is_played=True),
        Game("202601120LAL", DAY, "MIA", "LAL", is_played=False),
    ]
    [box, *plays] = _games_of(DAY, games)
    assert box.files[0].expects == ("202601120BOS",)
    assert box.due_at
    assert [(each.identifier["game_id"], bool(each.due_at), len(each.files)) for each in plays] == [
        ("202601120BOS", True, 1),
        ("202601120LAL", False, 1),
    ]
    [box, _] = _games_of(DAY, games[1:])
    assert (box.files[0].expects, box.due_at) == ((), None)


@pytest.mark.parametrize("text", ["2030", "last year"])
def test_a_season_that_does_not_exist_is_refused_before_anything_is_asked(text: str) -> None:
    client = SiteClient(DAY)
    with pytest.raises(ConfigurationError):
        find(client, DAY, seasons=text)
    assert client.asked == []


def test_a_month_that_cannot_be_read_is_quarantined_and_its_games_are_those_of_before() -> None:
    client = SiteClient(DAY + timedelta(days=1))
    whole = client.get(JANUARY)
    client.kept.clear()
    client.bodies[JANUARY] = whole[: len(whole) // 2]
    columns = {
        "season": [2026, 2025],
        "game_id": ["202601120BOS", "202501120LAL"],
        "game_date": [DAY, date(2025, 1, 12)],
        "away_team_id": ["MIA", "MIA"],
        "home_team_id": ["BOS", "LAL"],
        "home_points": [None, 100],
    }
    found = find(client, DAY, rows={"schedule": pa.table(columns)})
    [gap] = [each for each in gaps(found) if isinstance(each.error, PageChanged)]
    assert (gap.dataset_type, gap.identifier, gap.url) == ("schedule", {"season": "2026", "month": "january"}, JANUARY)
    [kept] = [each for each in of(found, "schedule") if each.identifier["month"] == "january"]
    assert kept.files[0].content == client.bodies[JANUARY].decode()
    assert [dict(each.identifier) for each in of(found, "play_by_play")] == [{"game_id": "202601120BOS"}]


@pytest.mark.parametrize("url", [INDEX, JANUARY])
def test_a_page_that_does_not_answer_leaves_the_rest_of_the_run(url: str) -> None:
    client = SiteClient(DAY + timedelta(days=1))
    client.errors[url] = SourceUnavailable("reset (4 attempts)")
    found = find(client, DAY)
    [gap] = [each for each in gaps(found) if isinstance(each.error, SourceUnavailable)]
    assert gap.url == url
    assert client.asked.count(url) == 1
    assert of(found, "injuries")
    assert of(found, "transactions")


def test_a_month_that_is_linked_to_later_is_found_when_it_has_the_runs_games() -> None:
    """The index is kept for a week; the Finals come out within it."""
    client = SiteClient(date(2026, 6, 1))
    index = client.get(INDEX, max_age=timedelta(days=7))
    june = b'href="/leagues/NBA_2026_games-june.html"'
    assert june in index
    client.kept[INDEX] = (client.now, index.replace(june, b'href="/"'))
    client.today = date(2026, 6, 5)
    found = find(client, date(2026, 6, 4), dataset_types=["schedule", *GAMES])
    assert "june" in {each.identifier["month"] for each in of(found, "schedule")}


def test_a_day_whose_month_is_not_out_is_not_a_day_without_games() -> None:
    found = find(SiteClient(date(2026, 3, 1)), date(2026, 7, 4), present=False, dataset_types=GAMES)
    assert [str(each.error) for each in gaps(found)] == ["the schedule of 2025-26 has no page of july 2026"]


def test_days_are_found_in_the_month_of_their_year() -> None:
    """2019-20 had an October at both its ends."""
    days_of = [date(2019, 10, 31), date(2019, 11, 1), date(2020, 10, 1)]
    slugs = ["october-2019", "november", "september", "october-2020"]
    assert _touched(days_of, slugs) == {
        "october-2019": [days_of[0]],
        "november": [days_of[1]],
        "october-2020": [days_of[2]],
    }


def test_addresses() -> None:
    assert address("boxscores", {"date": "2026-01-05"}) == "friv/dailyleaders.fcgi?month=1&day=5&year=2026&type=all"
    assert (
        address("schedule", {"season": "2020", "month": "october-2019"}) == "leagues/NBA_2020_games-october-2019.html"
    )
    assert address("play_by_play", {"game_id": "202601050LAL"}) == "boxscores/pbp/202601050LAL.html"
