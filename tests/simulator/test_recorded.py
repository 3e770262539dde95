"""The recorded world with the real index: bytes, headers, captures by date."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import pytest

from simulator.answer import Answer
from simulator.recorded import RecordedWorld, RecordingsError
from simulator.server import Config, serve
from simulator.sources import UnknownSource
from simulator.world import Untold, tell
from tests.conftest import RECORDINGS
from tests.simulator.conftest import E0, FOOTBALL, STATSBOMB


def world(folder: Path, as_of: date | None = None, only: tuple[str, ...] = ("football_data",)) -> RecordedWorld:
    return RecordedWorld(folder, as_of=as_of, only=only)


def answered(opened: RecordedWorld, host: str, path: str, query: str = "") -> Answer:
    answer = opened.answer(host, path, query)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("as_of", "file"),
    [
        (date(2025, 12, 22), "2526_E0.20251221.csv"),
        (date(2026, 2, 23), "2526_E0.20251221.csv"),
        (date(2026, 2, 24), "2526_E0.20260223.csv"),
        (date(2026, 5, 25), "2526_E0.20260525.csv"),
        (None, "2526_E0.20260525.csv"),
    ],
)
def test_the_latest_capture_up_to_a_date_answers(unpacked: Path, as_of: date | None, file: str) -> None:
    answer = answered(world(unpacked, as_of), FOOTBALL, E0)
    assert answer.body == (unpacked / "football_data" / "snapshots" / file).read_bytes()
    assert answer.content_type == "text/csv"


def test_before_the_first_capture_there_is_nothing(unpacked: Path) -> None:
    assert world(unpacked, date(2025, 12, 21)).answer(FOOTBALL, E0, "") is None


def test_the_date_may_move(unpacked: Path) -> None:
    opened = world(unpacked, date(2025, 12, 22))
    before = answered(opened, FOOTBALL, E0)
    opened.set_date(date(2026, 2, 24))
    after = answered(opened, FOOTBALL, E0)
    assert after.etag != before.etag
    assert after.last_modified
    assert after.last_modified.date() == date(2026, 2, 24)


def test_today_is_the_newest_capture_of_the_chosen_sources(unpacked: Path) -> None:
    assert world(unpacked).today == date(2026, 6, 1)
    assert world(unpacked, only=()).today == date(2026, 8, 20)
    assert world(unpacked, date(2026, 1, 1)).today == date(2026, 1, 1)


def test_every_football_url_answers_with_its_own_bytes(unpacked: Path) -> None:
    opened = world(unpacked)
    described = opened.describe()
    seasons = described["football_data"]["seasons"]
    assert sum(map(len, seasons.values())) + 2 == described["urls"] > 230
    for season, divisions in seasons.items():
        for division in divisions:
            answer = answered(opened, FOOTBALL, f"/mmz4281/{season}/{division}.csv")
            assert answer.etag == f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'


def test_only_the_chosen_source_answers(unpacked: Path) -> None:
    assert world(unpacked).bases == {"football_data": FOOTBALL}
    assert world(unpacked).answer("api.jolpi.ca", "/ergast/f1/1979.json", "") is None


def test_a_query_may_come_in_any_order(unpacked: Path) -> None:
    opened = world(unpacked, only=("reddit",))
    one = answered(opened, "oauth.reddit.com", "/r/popular/hot", "limit=100&raw_json=1")
    other = answered(opened, "oauth.reddit.com", "/r/popular/hot", "raw_json=1&limit=100")
    assert one.body == other.body
    assert opened.answer("oauth.reddit.com", "/r/popular/hot", "limit=100") is None


def test_recordings_listen_to_nothing(unpacked: Path) -> None:
    with pytest.raises(Untold, match="a recorded world listens to nothing"):
        tell(world(unpacked), "football_data", "held_back", [])


def test_recorded_status_and_headers(unpacked: Path) -> None:
    opened = world(unpacked, only=("reddit",))
    throttled = answered(opened, "oauth.reddit.com", "/api/v1/me", "raw_json=1")
    assert throttled.status == 429
    assert ("retry-after", "4") in throttled.headers
    assert throttled.content_type == "text/html; charset=UTF-8"
    listing = answered(opened, "oauth.reddit.com", "/r/popular/hot", "limit=100&raw_json=1")
    names = dict(listing.headers)
    assert float(names["x-ratelimit-remaining"]) > 0
    assert "content-length" not in names


def test_a_host_without_etags_answers_in_full_every_time(unpacked: Path) -> None:
    answer = answered(world(unpacked, only=("jolpica",)), "api.jolpi.ca", "/ergast/f1/1979.json")
    assert answer.content_type == "application/json"
    assert answer.etag is None
    assert not answer.conditional
    assert dict(answer.headers)["cache-control"] == "max-age=600"


def test_live_timing_has_its_recorded_etag(unpacked: Path) -> None:
    path = "/static/2025/2025-03-16_Australian_Grand_Prix/2025-03-16_Race/TimingAppData.jsonStream"
    answer = answered(world(unpacked, only=("fastf1",)), "livetiming.formula1.com", path)
    assert answer.body.startswith(b"\xef\xbb\xbf")
    assert answer.etag
    assert answer.conditional


def test_packed_archives_are_unpacked_when_they_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    opened = world(RECORDINGS)
    assert not list((tmp_path / "cache").iterdir())
    assert answered(opened, FOOTBALL, E0).body.startswith(b"Div,")
    assert len(list((tmp_path / "cache").rglob("E0.csv"))) > 20


def test_an_index_elsewhere(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "football_data").symlink_to(unpacked / "football_data")
    with pytest.raises(RecordingsError, match=r"index\.csv cannot be read .* --index"):
        RecordedWorld(tmp_path)
    index = tmp_path / "other.csv"
    shutil.copy(unpacked / "index.csv", index)
    assert answered(RecordedWorld(tmp_path, index=index), FOOTBALL, E0)


def test_what_cannot_be_used_is_refused(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("a,b\n1,2\n")
    with pytest.raises(RecordingsError, match="not an index of recordings"):
        RecordedWorld(tmp_path)
    shutil.copy(unpacked / "index.csv", tmp_path)
    with pytest.raises(RecordingsError, match="has no recordings"):
        RecordedWorld(tmp_path)
    with pytest.raises(UnknownSource, match="no source 'cricket'; there are: basketball_reference"):
        world(unpacked, only=("cricket",))


def test_over_http(unpacked: Path) -> None:
    config = Config(recordings=unpacked, as_of=date(2026, 2, 24), only=("football_data",))
    with serve(config) as running:
        first = httpx.get(running.base(FOOTBALL) + E0)
        assert first.content == (unpacked / "football_data/snapshots/2526_E0.20260223.csv").read_bytes()
        assert first.headers["last-modified"] == "Tue, 24 Feb 2026 00:00:00 GMT"
        again = httpx.get(running.base(FOOTBALL) + E0, headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304
        assert httpx.get(running.base(FOOTBALL) + "/englandm.php").status_code == 404
        state = httpx.get(f"{running.url}/_simulator/state").json()
        assert (state["mode"], state["today"]) == ("recorded", "2026-02-24")
        assert "E0" in state["football_data"]["seasons"]["2526"]
        assert "E3" not in state["football_data"]["seasons"]["2526"], "captured later"


def test_statsbomb_over_http(recordings: Callable[[str], Path], tmp_path: Path) -> None:
    (tmp_path / "statsbomb").symlink_to(recordings("statsbomb"))
    (tmp_path / "index.csv").symlink_to(RECORDINGS / "index.csv")
    with serve(Config(recordings=tmp_path, as_of=date(2026, 2, 21), only=("statsbomb",))) as running:
        url = running.base(STATSBOMB)
        assert running.state()["sources"] == {"statsbomb": url}
        for path in ("competitions", "matches/11/42", "matches/11/90", "events/3773386", "lineups/3773386"):
            first = httpx.get(f"{url}/{path}.json")
            newest = "competitions.cap2026-02" if path == "competitions" else f"data/{path}"
            assert first.content == (tmp_path / "statsbomb" / f"{newest}.json").read_bytes()
            again = httpx.get(f"{url}/{path}.json", headers={"if-none-match": first.headers["etag"]})
            assert again.status_code == 304
            assert not again.content
        assert httpx.get(f"{url}/three-sixty/3773386.json").status_code == 404
