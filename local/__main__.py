"""``python -m local``: what ``make run`` calls.

Exit codes: 0 all is well; 1 a Dag run failed; 2 a wrong option; 3 something cannot be started, or ended early;
129, 130, 143 a closed terminal, Ctrl-C or SIGTERM before the runs had ended.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from fieldhouse.errors import ConfigurationError, FieldhouseError
from local.api import AirflowError
from local.guard import ROOT, GuardError
from local.home import Home, LaunchError
from local.run import launch
from local.shell import serve_shell
from local.signals import Ended, raise_at_signals

WRONG_OPTION, CANNOT_START = 2, 3
HOME = ROOT / ".fieldhouse"


def main() -> int:
    """Do what the command line says; an error is one sentence on stderr."""
    arguments = _parser().parse_args()
    try:
        if sys.platform != "linux":
            raise LaunchError("make run keeps watch over its processes as Linux does it: use Linux, WSL or a container")
        home = Home(arguments.home)
        return _services(home, arguments.while_pid) if arguments.command == "services" else _run(home)
    except ConfigurationError as error:
        return _tell(error, WRONG_OPTION)
    except (AirflowError, GuardError, LaunchError, FieldhouseError, OSError) as error:
        return _tell(error, CANNOT_START)
    except Ended as error:
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="Run Fieldhouse on this machine: Postgres, simulated sources, Airflow, every ingest Dag.",
        epilog="Variables: ONCE=1, SOURCES=sample|recorded|live, RECORDINGS=folder, AS_OF=date, ONLY=source[,source], "
        "SEED=number, DATE=date, CONF=JSON. Exit codes: 0 all is well; 1 a Dag run failed; 2 a wrong option; "
        "3 something cannot be started.",
    )
    parser.add_argument("--home", type=Path, default=HOME, metavar="FOLDER", help="where everything lies")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("run", help="all of it (what is done without a command)")
    services = commands.add_parser("services", help="Postgres and the simulator, for a shell that sources env")
    services.add_argument("--home", type=Path, default=HOME, help=argparse.SUPPRESS)
    services.add_argument("--while-pid", type=int, required=True, metavar="PID", help="end when this process ends")
    return parser


def _run(home: Home) -> int:
    raise_at_signals()
    # what goes into a file or a pipe is not broken at 80 columns
    return launch(os.environ, home, Console() if sys.stdout.isatty() else Console(width=160))


def _services(home: Home, pid: int) -> int:
    commands, said = serve_shell(home, pid)
    sys.stdout.write(commands)
    sys.stderr.write(f"{said}\n")
    return 0


def _tell(error: Exception, code: int) -> int:
    with suppress(OSError):
        Console(stderr=True).print(f"fieldhouse: {error}", markup=False, highlight=False, soft_wrap=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
