from __future__ import annotations

import os
import subprocess
import sys

from local import processes


def test_a_name_with_brackets_and_blanks_is_read() -> None:
    code = "import ctypes, sys; ctypes.CDLL(None).prctl(15, b') R (1 x'); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        child.stdout.readline()
        found = processes.stat(child.pid)
        assert found
        assert (found.name, found.parent) == (") R (1 x", os.getpid())
        child.communicate("")


def test_descendants_and_ancestors() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 60 & echo; wait"], stdout=subprocess.PIPE) as shell:
        assert shell.stdout
        shell.stdout.readline()
        below = processes.descendants(shell.pid)
        assert [entry.name for entry in below] == ["sleep"]
        assert [entry.pid for entry in processes.ancestors(below[0].pid)][:2] == [shell.pid, os.getpid()]
        processes.send([below[0].pid], 9)
    assert processes.stat(shell.pid) is None


def test_a_zombie_is_not_alive() -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    found = processes.stat(child.pid)
    assert found
    assert found.state == "Z"
    assert not processes.alive(child.pid)
    child.wait()
