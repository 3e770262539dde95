"""Settings from the environment: whose pace is how fast."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fieldhouse.config import Settings
from fieldhouse.errors import ConfigurationError
from fieldhouse.source import Limit, Pace
from fieldhouse.sources.football_data import SOURCE

OWN = Pace((Limit(8, 60),), concurrency=1, throttled_for=timedelta(hours=1), ceiling=Limit(20, 60))
SLOW = replace(SOURCE, base_url="https://www.slow.example/", pace=OWN)


def pace(**environment: str) -> Pace:
    """Return the pace of a slow source in an environment (names without their beginning)."""
    own = {f"FIELDHOUSE_FOOTBALL_DATA_{name}": value for name, value in environment.items()}
    return Settings.from_environment({"FIELDHOUSE_LAKE": "x", "FIELDHOUSE_WAREHOUSE": "y", **own}).pace(SLOW)


def test_what_is_not_set_is_the_sources_own() -> None:
    assert pace() is OWN
    assert pace(REQUESTS_PER_SECOND="", REQUESTS_PER_MINUTE="") is OWN


@pytest.mark.parametrize(
    ("environment", "limit"),
    [
        pytest.param({"REQUESTS_PER_MINUTE": "4"}, Limit(4, 60, burst=1), id="a minute"),
        pytest.param({"REQUESTS_PER_SECOND": "0.1"}, Limit(0.1, 1, burst=1), id="a second"),
        pytest.param({"REQUESTS_PER_MINUTE": "20"}, Limit(20, 60, burst=1), id="the most"),
        pytest.param(
            {"REQUESTS_PER_MINUTE": "600", "URL": "http://127.0.0.1:9"}, Limit(600, 60, burst=10), id="another host"
        ),
    ],
)
def test_a_pace_of_ones_own_keeps_what_else_the_source_says(environment: dict[str, str], limit: Limit) -> None:
    assert pace(**environment) == replace(OWN, limits=(limit,))


@pytest.mark.parametrize(
    "url", ["", "https://slow.example", "https://www.slow.example:443", "https://www.slow.example./x"]
)
@pytest.mark.parametrize("rate", [{"REQUESTS_PER_MINUTE": "21"}, {"REQUESTS_PER_SECOND": "0.35"}])
def test_what_the_host_does_not_bear_is_refused(rate: dict[str, str], url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        pace(**rate, URL=url)
    assert str(refused.value) == (
        "football_data: its pace is set to 21 a minute, and 20 a minute is the most that www.slow.example bears: it "
        "shuts out who asks faster, for 1 hour. Set requests_per_minute to 20 or less, or leave it out"
    )


def test_a_pace_is_said_once_and_is_a_number() -> None:
    with pytest.raises(ConfigurationError, match="_REQUESTS_PER_SECOND and FIELDHOUSE_FOOTBALL_DATA_REQUESTS_PER_M"):
        pace(REQUESTS_PER_SECOND="1", REQUESTS_PER_MINUTE="1")
    with pytest.raises(ConfigurationError, match="FIELDHOUSE_FOOTBALL_DATA_REQUESTS_PER_MINUTE is '0'; it must be"):
        pace(REQUESTS_PER_MINUTE="0")
