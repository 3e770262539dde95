"""The command line: ``fieldhouse ...``."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn

import typer
from rich.console import Console

from fieldhouse.cli import care, compare, events, life, look, parsing, running
from fieldhouse.errors import ConfigurationError, FieldhouseError, PageChanged, SourceError

EPILOG = """Exit codes: 0 all is well; 1 a run ended with something missing; 2 a wrong argument or setting;
3 bytes or rows are not what they should be; 4 the lake, the catalog or the warehouse failed; 5 a fault of the program;
130 stopped by Ctrl-C."""
INTERRUPTED = 130
SHOW_TRACEBACK = "FIELDHOUSE_TRACEBACK"

app = typer.Typer(
    name="fieldhouse",
    help="Sports data from the web into a versioned lake and typed Postgres tables.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("run")(running.run)
app.command("plan")(running.plan)
app.command("parse")(parsing.parse)
app.command("list")(look.list_datasets)
app.command("history")(look.history)
app.command("status")(look.status)
app.command("diff")(compare.diff)
app.command("rollback")(life.rollback)
app.command("reparse")(life.reparse)
app.command("invalidate")(life.invalidate)
app.command("delete")(life.delete)
app.command("events")(events.events)
app.command("verify")(care.verify_lake)
app.command("gc")(care.collect_garbage)
app.command("doctor")(care.examine)
app.command("migrate")(running.migrate_databases)


def exit_code(error: FieldhouseError) -> int:
    """Return the exit code for an error that reached the top."""
    if isinstance(error, ConfigurationError):
        return 2
    if isinstance(error, PageChanged):
        return 3
    return 1 if isinstance(error, SourceError) else 4


def main() -> None:
    """Run the command line; whatever goes wrong is one sentence, never a traceback."""
    try:
        app(prog_name="fieldhouse")
    except FieldhouseError as error:
        _say(str(error))
        _leave(exit_code(error))
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _say("stopped; what is archived stays, and the next run goes on from there")
            _leave(INTERRUPTED)
        raise
    except Exception as error:
        if os.environ.get(SHOW_TRACEBACK):
            raise
        _say(f"a fault of the program, {type(error).__name__}: {error}; {SHOW_TRACEBACK}=1 shows where")
        sys.exit(5)


def _leave(code: int) -> NoReturn:
    """End at once: the interpreter would wait for requests under way, and for another lane."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _say(text: str) -> None:
    Console(stderr=True, highlight=False).print(f"fieldhouse: {text}", markup=False, soft_wrap=True)
