"""Files that may be compressed, read from any position as far as they can be read."""

import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

_COMPRESSED = {".gz", ".xz"}
_DAMAGE = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error)
_PIECE = 1 << 20


class Stream:
    """The content of a plain, ``.gz`` or ``.xz`` file. Behind a damaged place it ends, and ``truncated`` is set."""

    def __init__(self, raw: BinaryIO, compressed: bool) -> None:
        self._raw = raw
        self.compressed = compressed
        self.truncated = False

    def read(self, octets: int = _PIECE) -> bytes:
        """Up to that many octets; none at the end. Raises OSError."""
        try:
            return cast(bytes, self._raw.read1(octets))  # type: ignore[attr-defined]  # all of ours have it
        except _DAMAGE:
            self.truncated = True
            return b""

    def exactly(self, octets: int) -> bytes:
        """That many octets; fewer only at the end. Raises OSError."""
        pieces: list[bytes] = []
        while octets > 0 and (piece := self.read(octets)):
            pieces.append(piece)
            octets -= len(piece)
        return b"".join(pieces)

    def skip(self, octets: int) -> None:
        """Go on by that many octets, or to the end. Raises OSError."""
        if not self.compressed:
            self._raw.seek(octets, 1)
            return
        while octets > 0 and (piece := self.read(min(octets, _PIECE))):
            octets -= len(piece)


@contextmanager
def opened(path: Path) -> Iterator[Stream]:
    """The file's content, decompressed by its suffix. Raises OSError."""
    suffix = path.suffix.lower()
    opener: Any = {".gz": gzip.open, ".xz": lzma.open}.get(suffix, open)
    with opener(path, "rb") as raw:
        yield Stream(raw, suffix in _COMPRESSED)


def uncompressed_name(path: Path) -> str:
    """The file's name without the suffix of its compression."""
    return path.stem if path.suffix.lower() in _COMPRESSED else path.name
