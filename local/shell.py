"""``.fieldhouse/env``: what a shell sources, and the services that it brings up when it does."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from typing import TYPE_CHECKING

from local import contents
from local.airflow import BIN, write_secret
from local.guard import ROOT, Guard, watch_file
from local.home import Home, LaunchError
from local.services import LABELS, Services, announce, start_services

if TYPE_CHECKING:
    from collections.abc import Mapping

WAIT_SECONDS = 60.0

HEAD = """\
# To be sourced by bash, zsh or sh: `source .fieldhouse/env`. Written by `make run`; it holds passwords.
# It points `airflow` and `fieldhouse` at the lake, the databases and the simulator of the last `make run`,
# and starts Postgres and the simulator, for as long as this shell lives, if they are not up.
"""
TAIL = """\
case ":$PATH:" in
  *:{bin}:*) ;;
  *) export PATH={bin}:"$PATH" ;;
esac
case ",${{NO_PROXY:-}}," in
  *,127.0.0.1,*) ;;
  *) export NO_PROXY="${{NO_PROXY:+$NO_PROXY,}}127.0.0.1,localhost" ;;
esac
export no_proxy="$NO_PROXY"
eval "$(cd {root} && unset PYTHONPATH PYTHONSAFEPATH && {python} -m local services --home {home} --while-pid $$)"
"""


def exports(values: Mapping[str, str]) -> str:
    """Return shell commands that set ``values``."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(values.items()))


def settings(services: Services, airflow_settings: Mapping[str, str]) -> dict[str, str]:
    """Return all variables of the file."""
    return {**airflow_settings, **services.settings(), **contents.selectors(services.kind)}


def write_env(home: Home, values: Mapping[str, str]) -> None:
    """Write the file, readable by its owner alone."""
    quoted = {"bin": str(BIN), "root": str(ROOT), "python": sys.executable, "home": str(home.path)}
    tail = TAIL.format(**{name: shlex.quote(value) for name, value in quoted.items()})
    write_secret(home.env, HEAD + exports(values) + tail)


def serve_shell(home: Home, pid: int) -> tuple[str, str]:
    """Bring up Postgres and the simulator for as long as process ``pid`` lives.

    :returns: commands for that shell to evaluate, and one line for its user.
    :raises LaunchError: they cannot be brought up, or nothing ever ran here.
    """
    if not home.env.exists():
        raise LaunchError("there is nothing to bring up yet: `make run` comes first")
    deadline = time.monotonic() + WAIT_SECONDS
    while (descriptor := home.lock()) is None:
        found = _join(home, pid)
        if found:
            return "", found
        if time.monotonic() > deadline:
            raise LaunchError(f"another process uses {home.path} and does not get ready")
        time.sleep(0.1)
    try:
        return _start(home, pid, descriptor)
    finally:
        home.unlock()


def _join(home: Home, pid: int) -> str | None:
    """Use what already runs. None: it is not ready, or just ending."""
    running = home.running()
    if running is None:
        return None
    if running.mode == "run":
        return f"{LABELS[home.state().kind]} is up at {running.address}."
    mine = watch_file(home.watched, pid)
    shared = "" if mine.exists() else ", shared with another shell"
    try:
        mine.touch()
    except FileNotFoundError:
        return None
    return f"{LABELS[home.state().kind]}: Postgres and the simulator are up{shared}."


def _start(home: Home, pid: int, descriptor: int) -> tuple[str, str]:
    shutil.rmtree(home.watched, ignore_errors=True)
    home.watched.mkdir()
    watch_file(home.watched, pid).touch()
    before = home.state()
    with Guard(home.log("guard"), keep=[descriptor]) as guard:
        services = start_services(guard, home, before)
        guard.watch(home.watched)
        announce(home, "services", guard, pid)
        guard.detach()
    values = settings(services, services.airflow(before.airflow_port).settings())
    write_env(home, values)
    what = "Postgres and the simulator are" if services.simulator else "Postgres is"
    return exports(values), f"{LABELS[services.kind]}: {what} up for as long as this shell lives."
