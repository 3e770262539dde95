"""Sources and fetch policies of other distributions: the example package, installed, and what can go wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fieldhouse import policies, registered, sources
from fieldhouse.config import Settings, SourceSettings
from fieldhouse.engine.context import Context
from fieldhouse.engine.discover import Request, discover, preview
from fieldhouse.engine.doctor import outside_sources
from fieldhouse.errors import ConfigurationError, PageChanged
from fieldhouse.migrate import migrate
from fieldhouse.source import Source, Window, pace_of
from fieldhouse.statements import migrations
from tests.engine.toy import shift_clock, work
from tests.processes import FIELDHOUSE, ROOT, settings_environment

EXAMPLE = ROOT / "examples" / "fieldhouse-tides"
WEDNESDAY, THURSDAY = datetime(2026, 3, 4, 12, tzinfo=UTC), datetime(2026, 3, 5, 12, tzinfo=UTC)
NEXT_MONDAY, SUMMER = datetime(2026, 3, 9, 12, tzinfo=UTC), datetime(2026, 6, 1, 12, tzinfo=UTC)
AUTUMN = datetime(2026, 9, 1, 12, tzinfo=UTC)
LEVELS = "measured_at,height_m\n2026-02-01T00:00:00,1.25\n2026-02-01T00:10:00,\n"


class Office:
    """The office's host: files by path, and what was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        office = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                office.asked.append(self.path)
                body = office.files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("content-type", "application/json" if self.path.endswith(".json") else "text/csv")
                self.send_header("content-length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, gauge: str, months: dict[str, str]) -> None:
        self.files["/gauges.json"] = json.dumps([{"gauge": gauge, "months": list(months)}]).encode()
        self.files |= {f"/levels/{gauge}/{month}.csv": text.encode() for month, text in months.items()}


@dataclass
class House:
    """A house in which the example package is installed."""

    settings: Settings
    office: Office
    installed: Path

    def __call__(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*FIELDHOUSE, *words],
            env={
                **settings_environment(self.settings, "tides"),
                "PYTHONPATH": str(self.installed),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def json(self, *words: str) -> Any:
        ended = self(*words, "--json")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return json.loads(ended.stdout)

    def rows(self, statement: str) -> list[Any]:
        with psycopg.connect(self.settings.warehouse) as connection:
            return connection.execute(statement).fetchall()


def install_example(folder: Path) -> Path:
    """Return a folder below ``folder`` into which the example package was installed, as pip would."""
    copy, target = folder / "package", folder / "installed"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    uv = shutil.which("uv") or ROOT / ".venv" / "bin" / "uv"
    install = [uv, "pip", "install", "--quiet", "--offline", "--no-cache", "--no-deps", "--no-build-isolation"]
    ended = subprocess.run(
        [*install, "--python", sys.executable, "--target", target, copy], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return target


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_example(tmp_path_factory.mktemp("example"))


@pytest.fixture
def tides(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    """Yield the example's source, of this process."""
    monkeypatch.syspath_prepend(str(installed))
    registered._registered.cache_clear()
    yield sources.get("tides")
    registered._registered.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "fieldhouse_tides"]:
        del sys.modules[name]


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.server.shutdown()
    office.server.server_close()


@pytest.fixture
def house(settings: Settings, office: Office, installed: Path) -> House:
    return House(replace(settings, sources={"tides": SourceSettings(url=office.url)}), office, installed)


def test_the_example_from_its_installation_to_its_rows(house: House) -> None:
    house.office.put("pier-7", {"2026-02": LEVELS})
    assert [each["file"] for each in house.json("migrate")] == ["tides/010_level.sql"]
    ended = house("run", "tides")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert house.rows("select gauge, measured_at::text, height_m, _revision from tides.level order by 2") == [
        ("pier-7", "2026-02-01 00:00:00+00", 1.25, 1),
        ("pier-7", "2026-02-01 00:10:00+00", None, 1),
    ]
    (dataset,) = house.json("list", "tides/levels", "gauge=pier-7")
    assert (dataset["identifier"], dataset["state"]) == ("gauge=pier-7/month=2026-02", "complete")
    (planned,) = house.json("plan", "tides", "--fetch-policy", "levels=always")["planned"]
    assert planned["reason"] == "always"
    assert "tides" in [each["source"] for each in house.json("status")]


def test_its_fetch_policy_decides_until_another_is_named(
    settings: Settings, office: Office, tides: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(settings, ["tides"])
    office.put("pier-7", {"2026-02": LEVELS})
    overrides = {"tides": SourceSettings(url=office.url, pace=pace_of(1000))}
    settings = replace(settings, sources=overrides)

    def request(at: datetime, **wanted: str) -> Request:
        shift_clock(monkeypatch, at)
        return Request(Window(at.date(), at.date()), fetch_policies=wanted)

    def reasons(at: datetime, **wanted: str) -> list[str]:
        with Context(settings, tides, claim_seconds=0) as context:
            return [item.reason for item in preview(context, request(at, **wanted))[0]]

    def run(at: datetime) -> list[str]:
        office.asked.clear()
        with Context(settings, tides, claim_seconds=0) as context:
            work(context, discover(context, str(at), request(at)))
        return office.asked

    assert run(WEDNESDAY) == ["/gauges.json", "/levels/pier-7/2026-02.csv"]
    assert reasons(THURSDAY) == []
    assert reasons(NEXT_MONDAY) == ["new week"]
    assert reasons(THURSDAY, levels="always") == ["always"]
    assert reasons(NEXT_MONDAY, levels="once") == []
    assert run(THURSDAY) == ["/gauges.json"]
    assert run(SUMMER) == ["/gauges.json", "/levels/pier-7/2026-02.csv"], "the month is over for more than two months"
    assert reasons(AUTUMN) == []


def test_its_parser_refuses_another_format(tides: Source) -> None:
    with pytest.raises(PageChanged, match="has the office changed its format"):
        tides.parse("levels", {"gauge": "pier-7", "month": "2026-02"}, {"levels.csv": b"time,height\n"})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["levels=hourly"], "there is no fetch policy 'hourly'; there are: ladder, once, always, every_monday"),
        (["tide=always"], "tides has no dataset type 'tide'; it has: levels"),
        (["always"], "'always' is not of the form key=value"),
    ],
)
def test_a_fetch_policy_that_is_none_is_one_sentence(house: House, words: list[str], said: str) -> None:
    house.office.put("pier-7", {})
    ended = house("plan", "tides", "--fetch-policy", *words)
    assert ended.returncode == 2
    assert said in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def test_without_the_package_the_source_is_not_there(house: House) -> None:
    ended = house("run", "tides", PYTHONPATH="")
    assert ended.returncode == 2
    assert f"there is no source 'tides'; the sources are: {', '.join(sources.NAMES)}" in " ".join(ended.stderr.split())


# --- what goes wrong -----------------------------------------------------------------------------------------

Register = Callable[..., None]


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """Return a function that installs a distribution with one entry point, and a module ``<its name>_module``."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(distribution: str, name: str, code: str, group: str = sources.GROUP, value: str = "") -> None:
        module = f"{distribution}_module"
        (tmp_path / f"{module}.py").write_text(f"from fieldhouse.source import *\n{code}\n")
        folder = tmp_path / f"{distribution}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[{group}]\n{name} = {value or f'{module}:THING'}\n")

    registered._registered.cache_clear()
    yield install
    registered._registered.cache_clear()
    for name in [name for name in sys.modules if name.endswith("_module") and name.startswith("odd")]:
        del sys.modules[name]


def source_code(name: str, sql: str = "", tables: str = "()") -> str:
    return (
        f"THING = Source({name!r}, 'Odd', 'https://odd.example', pace_of(1), "
        f"(DatasetType('t', 'T', (), {tables}),), lambda *_: [], 'x:y', sql={sql!r})"
    )


@pytest.mark.parametrize("name", ["football_data", "lake", "Odd", "odd-one", "1odd", "odd__one", "o" * 41])
def test_a_name_that_cannot_be_is_refused_before_anything_is_imported(register: Register, name: str) -> None:
    register("odd1", name, "raise AssertionError('imported')")
    with pytest.raises(ConfigurationError, match=r"odd1 1\.0 .*(rename it|remove)"):
        sources.names()


def test_two_of_the_same_name_are_refused(register: Register) -> None:
    register("odd1", "odd", "")
    register("odd2", "odd", "")
    with pytest.raises(ConfigurationError, match=r"odd[12] 1\.0 .* is also .*odd[12] 1\.0 .*remove one of the two"):
        sources.get("odd")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nothing_of_this_name", "cannot be imported .*ModuleNotFoundError.*nothing_of_this_name"),
        ("1 / 0", "cannot be imported .*ZeroDivisionError"),
        ("", "cannot be imported .*AttributeError"),
        ("THING = {}", r"is a dict; it must be a fieldhouse\.source\.Source"),
        ("THING = Source", r"is a type; it must be a fieldhouse\.source\.Source"),
        (source_code("other"), "calls itself 'other'"),
    ],
)
def test_what_is_no_source_is_refused_by_its_distribution(register: Register, code: str, said: str) -> None:
    register("odd1", "odd", code)
    assert sources.names() == (*sources.NAMES, "odd"), "it is not imported to be named"
    with pytest.raises(ConfigurationError, match=rf"'odd' of odd1 1\.0 \(odd1_module:THING\) {said}"):
        sources.get("odd")


def test_our_own_sources_cost_no_look_at_the_others(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: str) -> None:
        raise AssertionError("every installed distribution was read")

    monkeypatch.setattr(registered, "entry_points", refuse)
    assert sources.get("football_data").name == "football_data"
    assert policies.get("ladder").name == "ladder"


def test_a_policy_is_found_and_a_wrong_one_refused(register: Register) -> None:
    register("odd1", "hourly", "THING = FetchPolicy('hourly', \"'hourly'\")", policies.GROUP)
    register("odd2", "daily", "THING = 'daily'", policies.GROUP)
    assert policies.get("hourly").due == "'hourly'"
    assert policies.names() == ("ladder", "once", "always", "daily", "hourly")
    with pytest.raises(ConfigurationError, match=r"odd2 1\.0 .* is a str; it must be a fieldhouse.source.FetchPolicy"):
        policies.get("daily")


def test_a_policy_of_ours_is_not_replaced(register: Register) -> None:
    register("odd1", "ladder", "THING = FetchPolicy('ladder', 'null')", policies.GROUP)
    assert policies.get("ladder") is policies.LADDER
    with pytest.raises(ConfigurationError, match=r"'ladder' of odd1 1\.0 .*Fieldhouse's own"):
        policies.names()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "must be package:folder"),
        ("odd1_module", "must be package:folder"),
        ("no_such_package:sql", "cannot be imported"),
        ("fieldhouse:no_such_folder", "has no [*].sql file"),
    ],
)
def test_sql_that_is_not_there(register: Register, sql: str, said: str) -> None:
    register("odd1", "odd", source_code("odd", sql, "(Table('a', ('b',)),)"))
    with pytest.raises(ConfigurationError, match=f"source odd.*{said}"):
        migrations("odd")


def test_a_source_without_tables_needs_no_sql(register: Register) -> None:
    register("odd1", "odd", source_code("odd"))
    assert migrations("odd") == []


def test_doctor_says_which_can_be_used(register: Register) -> None:
    register("odd1", "good", source_code("good"))
    register("odd2", "bad", "1 / 0")
    usable = ["ours"]
    found = {check.name: check.state for check in outside_sources(usable)}
    assert found == {"source bad": "fail", "source good": "ok"}
    assert usable == ["ours", "good"]
