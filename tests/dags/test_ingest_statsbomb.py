"""The Dag of StatsBomb in a running Airflow, on recorded matches: selectors, the flag, 360 frames."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx
import pytest

from tests.dags.conftest import OPEN_DATA, STATSBOMB, Field

pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("airflow"), pytest.mark.timeout(600)]

SELECTORS = "statsbomb_selectors"
# Two matches of 2019, and one of 2020 whose listing promises 360 frames that are not there
TWO = "competition_id=11/season_id=42/match_date=2019-09-20..2019-09-30"
PROMISED = "competition_id=11/season_id=90/match_id=3773593"


def at_site(field: Field, kind: str, match_id: int) -> httpx.Response:
    return httpx.get(urljoin(field.open_data.base(STATSBOMB) + "/", f"{kind}/{match_id}.json"), trust_env=False)


def loaded(field: Field) -> dict[int, int]:
    """Count the loaded events by match."""
    return dict(field.rows("select match_id, count(*) from statsbomb.event group by 1"))


def files(field: Field) -> list[tuple[str, int | None]]:
    """Return what was asked for, below the data folder, and how it was answered."""
    return sorted((request.path.rpartition("/data/")[2], request.status) for request in field.open_data.requests())


def test_the_variable_says_what_is_taken_and_the_form_what_else(played: Field) -> None:
    """The second run also asks for 360 frames, which the listing promises and nobody has."""
    played.set_variable(SELECTORS, TWO)
    run = played.run({}, dag_id=OPEN_DATA)
    assert run.state == "success", played.log(run, "verdict")[-3000:]
    assert loaded(played) == {match: len(at_site(played, "events", match).json()) for match in (303430, 303666)}
    assert played.rows("select count(*) > 70 from statsbomb.competition") == [(True,)]

    played.open_data.clear()
    run = played.run({"selectors": f"{PROMISED};{TWO}", "with_360": True}, dag_id=OPEN_DATA)
    assert run.state == "success", played.log(run, "verdict")[-3000:]
    assert set(loaded(played)) == {303430, 303666, 3773593}
    # of what is here nothing is asked for again
    assert files(played) == [
        ("competitions.json", 304),
        ("events/3773593.json", 200),
        ("lineups/3773593.json", 200),
        ("matches/11/42.json", 304),
        ("matches/11/90.json", 200),
        ("three-sixty/3773593.json", 404),
    ]
    states = dict(played.rows("select split_part(identifier, 'match_id=', 2), state from lake.dataset"))
    assert states == {"": "complete", "303430": "complete", "303666": "complete", "3773593": "partial"}


def test_a_flag_that_is_off_skips_and_says_so(played: Field) -> None:
    played.set_variable("flag__statsbomb", "off")
    run = played.run({"selectors": TWO}, dag_id=OPEN_DATA)
    assert run.state == "success"
    assert played.states(run)["discover"] == ["skipped"]
    assert "flag__statsbomb is off" in played.log(run, "discover")
    assert files(played) == []
