"""Temporary files for bytes on their way: in memory while they are few, on disk beyond."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from fieldhouse.errors import LakeError

SPOOL_BYTES = 8 * 2**20


@contextmanager
def spool() -> Iterator[IO[bytes]]:
    """Give a temporary file that outlives the block when the block succeeds: then whoever has it closes it.

    :raises LakeError: the disk that temporary files go to is full, or lets nothing be written.
    """
    file = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - handed to the caller
    try:
        yield file
    except OSError as error:
        file.close()
        raise LakeError(
            f"temporary files find no place in {tempfile.gettempdir()} ({error.strerror}): make room there, or set "
            "TMPDIR to a folder with room"
        ) from error
    except BaseException:
        file.close()
        raise
