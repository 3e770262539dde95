"""The guard: a process that starts all others and makes sure that none of them outlives Fieldhouse.

It runs in a session of its own, so that neither Ctrl-C nor a closed terminal reaches it, and adopts every orphan
below it. The launcher talks to it over a socket, one JSON object a line. When the socket closes, however the
launcher ended, or when SIGTERM comes, it stops what it started, last stage first, then kills every descendant.

Should the guard itself be killed, its children get a signal from the kernel, and the launcher, which adopts
orphans too, ends the rest.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldhouse.embedded import Identity
from local import processes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

ROOT = Path(__file__).parents[1]
TICK_SECONDS = 0.25
GRACE_SECONDS = 3.0


class GuardError(RuntimeError):
    """The guard is gone or refused a request. The text is a sentence."""


@dataclass(frozen=True)
class Command:
    """A program that the guard starts.

    :param log: file that takes what it prints.
    :param stage: higher stages are stopped before lower ones.
    :param stop_signal: asks it to stop; after ``stop_seconds`` it is killed.
    :param identity: the user that it runs as, where that is not ours.
    """

    argv: Sequence[str]
    log: str
    cwd: str = "/"
    environment: Mapping[str, str] | None = None
    stage: int = 1
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10.0
    identity: Identity | None = None


def clean_environment() -> dict[str, str]:
    """Return this process's environment without what changes where Python finds its modules."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONSAFEPATH"}}


def popen(command: Command) -> subprocess.Popen[bytes]:
    """Start ``command`` as a child that is told to stop when this process ends, however it ends."""

    def prepare() -> None:
        if command.identity:
            command.identity.assume()
        processes.follow_parent(command.stop_signal)

    with Path(command.log).open("ab") as log:
        return subprocess.Popen(
            list(command.argv),
            cwd=command.cwd,
            env=None if command.environment is None else dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=prepare,  # noqa: PLW1509 - it takes no lock
        )


# --- the launcher's side


@dataclass
class Child:
    """A process that the guard started, seen from the launcher."""

    name: str
    pid: int
    guard: Guard = field(repr=False)

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self.guard.ended().get(self.name)


class Guard:
    """The guard, seen from the launcher. As a context manager it stops everything at the end.

    :param keep: file descriptors that the guard holds open for as long as it lives, such as a lock.
    :param log: file for the guard's own words.
    :param grace_seconds: what is left after all were stopped gets SIGTERM, and SIGKILL this much later.
    """

    def __init__(self, log: Path, keep: Sequence[int] = (), grace_seconds: float = GRACE_SECONDS) -> None:
        processes.adopt_orphans()
        ours, theirs = socket.socketpair()
        self._socket, self._grace = ours, grace_seconds
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.guard", str(theirs.fileno()), str(grace_seconds)],
                cwd=ROOT,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=[theirs.fileno(), *keep],
            )
        theirs.close()
        self._reader = ours.makefile("r")
        self._detached = False

    def start(self, name: str, command: Command) -> Child:
        """Start ``command`` under ``name``.

        :raises GuardError: it cannot be started.
        """
        return Child(name, self._ask("start", name=name, command=asdict(command))["pid"], self)

    def stop(self, name: str) -> None:
        """Stop one process, and wait."""
        self._ask("stop", name=name)

    def ended(self) -> dict[str, int]:
        """Return the exit codes of those that ended by themselves, by name."""
        codes: dict[str, int] = self._ask("ended")["codes"]
        return codes

    def watch(self, folder: Path) -> None:
        """Let the guard end when no process named in ``folder`` (files ``<pid>-<start>``) lives any more."""
        self._ask("watch", folder=str(folder))

    def detach(self) -> None:
        """Let the guard live on when this process ends; what it watches ends it then."""
        self._ask("detach")
        self._detached = True

    def close(self) -> None:
        """Stop everything and wait until no process is left."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._detached:
            return
        try:
            code = self.process.wait()
        except BaseException:  # a second Ctrl-C: no more patience
            self.hurry()
            self.process.wait()
            raise
        if code != 0:
            processes.end_all(self._grace)

    def hurry(self) -> None:
        """Let a guard that is stopping kill what is left at once."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGTERM)

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: str, **arguments: Any) -> dict[str, Any]:
        try:
            self._socket.sendall((json.dumps({"request": request, **arguments}) + "\n").encode())
            line = self._reader.readline()
        except OSError:
            line = ""
        if not line:
            raise GuardError("the process that guards Fieldhouse's services has ended: everything is stopped")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise GuardError(answer["error"])
        return answer


# --- the guard's own side


@dataclass
class _Entry:
    name: str
    command: Command
    process: subprocess.Popen[bytes]
    code: int | None = None


class _Stopped(BaseException):
    """SIGTERM, or nothing left to live for."""


class _Server:
    def __init__(self, control: socket.socket, grace_seconds: float) -> None:
        self.grace_seconds = grace_seconds
        self.control: socket.socket | None = control
        self.buffer = b""
        self.entries: list[_Entry] = []
        self.watched: Path | None = None
        self.detached = False
        self.stopping = False
        self.hurry = False

    def serve(self) -> None:
        try:
            while self._wanted():
                self._reap()
                self._listen()
        except _Stopped:
            pass
        finally:
            self.stopping = True
            self._stop_all()

    def _wanted(self) -> bool:
        if self.watched is not None and not _stays_up(self.watched):
            return False
        return self.control is not None or self.detached

    def _listen(self) -> None:
        if self.control is None:
            time.sleep(TICK_SECONDS)
            return
        readable, _, _ = select.select([self.control], [], [], TICK_SECONDS)
        if not readable:
            return
        try:
            data = self.control.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            self.control = None
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        for line in lines:
            self._answer(json.loads(line))

    def _answer(self, message: dict[str, Any]) -> None:
        handle = getattr(self, f"_on_{message.pop('request')}")
        try:
            answer = handle(**message) or {}
        except (OSError, subprocess.SubprocessError) as error:
            answer = {"error": f"{message.get('name')} cannot be started: {error}"}
        if self.control:
            with suppress(OSError):
                self.control.sendall((json.dumps(answer) + "\n").encode())

    def _on_start(self, name: str, command: dict[str, Any]) -> dict[str, Any]:
        identity = command.pop("identity")
        wanted = Command(**command, identity=Identity(**identity) if identity else None)
        self.entries = [entry for entry in self.entries if entry.name != name]
        process = popen(wanted)
        self.entries.append(_Entry(name, wanted, process))
        return {"pid": process.pid}

    def _on_stop(self, name: str) -> None:
        self._end([entry for entry in self.entries if entry.name == name])
        self.entries = [entry for entry in self.entries if entry.name != name]

    def _on_ended(self) -> dict[str, Any]:
        self._reap()
        return {"codes": {entry.name: entry.code for entry in self.entries if entry.code is not None}}

    def _on_watch(self, folder: str) -> None:
        self.watched = Path(folder)

    def _on_detach(self) -> None:
        self.detached = True

    def _reap(self) -> None:
        ended = processes.reap()
        for entry in self.entries:
            entry.code = ended.get(entry.process.pid, entry.code)

    def _stop_all(self) -> None:
        for stage in sorted({entry.command.stage for entry in self.entries}, reverse=True):
            self._end([entry for entry in self.entries if entry.command.stage == stage])
        processes.end_all(0 if self.hurry else self.grace_seconds)

    def _end(self, entries: list[_Entry]) -> None:
        """Ask ``entries`` to stop, all at once; kill those that take too long, with all that descends from them."""
        self._reap()
        started = time.monotonic()
        for entry in entries:
            if entry.code is None:
                processes.send([entry.process.pid], entry.command.stop_signal)
        while running := [entry for entry in entries if entry.code is None]:
            for entry in running:
                if self.hurry or time.monotonic() - started > entry.command.stop_seconds:
                    below = [found.pid for found in processes.descendants(entry.process.pid)]
                    processes.send([entry.process.pid, *below], signal.SIGKILL)
            time.sleep(0.02)
            self._reap()

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping:
            self.hurry = True
            return
        self.stopping = True
        raise _Stopped


def _stays_up(watched: Path) -> bool:
    """Whether a process named in the folder lives. If none does, the folder is gone, and nobody can join it."""
    if any(map(_lives, watched.iterdir())):
        return True
    closed = watched.with_name(f"{watched.name}.closed")
    shutil.rmtree(closed, ignore_errors=True)
    watched.rename(closed)
    if any(map(_lives, closed.iterdir())):  # it joined just before
        closed.rename(watched)
        return True
    return False


def _lives(file: Path) -> bool:
    pid, _, started = file.name.partition("-")
    return pid.isdigit() and started.isdigit() and processes.alive(int(pid), int(started))


def watch_file(folder: Path, pid: int) -> Path:
    """Return the file that stands for the process ``pid`` in a watched folder.

    :raises GuardError: there is no such process.
    """
    found = processes.stat(pid)
    if found is None:
        raise GuardError(f"there is no process {pid} to stay up for")
    return folder / f"{pid}-{found.started}"


def main() -> None:
    """Serve the socket whose descriptor is the first argument; the second is the grace in seconds."""
    processes.adopt_orphans()
    server = _Server(socket.socket(fileno=int(sys.argv[1])), float(sys.argv[2]))
    for number in (signal.SIGINT, signal.SIGHUP):
        # not SIG_IGN: what is started here would inherit that
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGTERM, server.on_signal)
    server.serve()


if __name__ == "__main__":
    main()
