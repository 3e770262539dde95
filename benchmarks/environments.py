"""Peers in environments of their own: ``.venv/bench-NAME``, from ``requirements-NAME.txt``."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.process import BIN, ROOT, environment


def make_environment(name: str) -> Path:
    """Make a peer's environment unless it is there, and return its Python."""
    folder = ROOT / ".venv" / f"bench-{name}"
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    requirements = Path(__file__).with_name(f"requirements-{name}.txt")
    wanted = requirements.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        uv = str(BIN / "uv")
        for argv in (
            [uv, "venv", "--quiet", "--allow-existing", "--python", str(BIN / "python"), str(folder)],
            [uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(requirements)],
        ):
            subprocess.run(argv, check=True, env=environment())
        stamp.write_text(wanted)
    return python
