"""Standard output and standard error: work goes on whatever becomes of those who read along."""

from __future__ import annotations

import errno
import io
import os
from typing import Any, TextIO


class Output:
    """A text stream that never fails: once it cannot be written, the rest goes nowhere."""

    def __init__(self, stream: TextIO | None) -> None:
        """``stream``: None where it was closed before the program began."""
        self._stream = stream or io.StringIO()
        self.fault: OSError | None = None
        """Why not all of it was written; None as well where its reader went away, who wants no more."""

    def write(self, text: str) -> int:
        """Write, or drop."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._drop(error)
            return len(text)

    def flush(self) -> None:
        """Flush, or drop."""
        try:
            self._stream.flush()
        except OSError as error:
            self._drop(error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _drop(self, error: OSError) -> None:
        if error.errno != errno.EPIPE:
            self.fault = error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
