"""Files that may be compressed, read as one stream as far as they can be read. How a file is packed, its first octets
say; its name says nothing.
"""

import bz2
import codecs
import gzip
import io
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

REACH = 8192
"""Octets at the beginning that tell what a file is; within so many it is decided too whether a line is a separator."""
GROWTH = 250
FLOOR = 1 << 28
"""A compressed file is read as far as ``GROWTH`` times its own size, or these octets if that is more."""

_DAMAGE = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error, zipfile.BadZipFile, UnicodeError)
_PIECE = 1 << 20
_LINE_ENDS = re.compile(rb"[\r\n]+")
_NAMES = re.compile(r"\.(?:gz|xz|bz2|zst|lzma|lz4)$", re.IGNORECASE)


class Octets(Protocol):
    """What a stream is read from."""

    def read1(self, octets: int = -1, /) -> bytes:
        """Up to that many octets; none at the end."""


class Allowance:
    """How many octets may still come out of a compressed file."""

    def __init__(self, size: int) -> None:
        self.left = max(FLOOR, GROWTH * size)


class Stream:
    """The content of a file, unpacked. Behind a damaged place it ends, and ``truncated`` is set; it ends too if it
    grows beyond its allowance, and ``endless`` is set. Lines that end with lone CR are read as if they ended with LF.
    """

    def __init__(self, raw: Any, size: int, path: Path | None = None, allowance: Allowance | None = None) -> None:
        opener = _opener(raw.peek(32))
        self._raw: Any = opener(raw) if opener else raw
        self.size = size
        """Octets as stored."""
        self.path = path
        """Where the file is, or None if it is part of an archive."""
        self.compressed = bool(opener) or path is None
        self._allowance = (allowance or Allowance(size)) if self.compressed else None
        self.truncated = self.endless = False
        self._ahead = self._read(REACH)
        found = _LINE_ENDS.search(self._ahead)
        self._lone_cr = bool(found and b"\n" not in found[0])
        self._ahead = self._lines(self._ahead)

    def head(self, octets: int = REACH) -> bytes:
        """What comes next, up to that many octets; it is still to be read."""
        while len(self._ahead) < octets and (piece := self._lines(self._read(_PIECE))):
            self._ahead += piece
        return self._ahead[:octets]

    def read(self, octets: int = _PIECE) -> bytes:
        """Up to that many octets; none at the end. Raises OSError."""
        piece = self._ahead or self._lines(self._read(octets))
        piece, self._ahead = piece[:octets], piece[octets:]
        return piece

    def exactly(self, octets: int) -> bytes:
        """That many octets; fewer only at the end. Raises OSError."""
        pieces: list[bytes] = []
        while octets > 0 and (piece := self.read(octets)):
            pieces.append(piece)
            octets -= len(piece)
        return b"".join(pieces)

    def skip(self, octets: int) -> None:
        """Go on by that many octets, or to the end. Raises OSError."""
        octets -= len(self.read(octets)) if self._ahead else 0
        if not self.compressed:
            self._raw.seek(octets, 1)
            return
        while octets > 0 and (piece := self.read(min(octets, _PIECE))):
            octets -= len(piece)

    def at(self, offset: int, octets: int) -> bytes | None:
        """What is there, up to that many octets; None if only what comes next can be read. Raises OSError."""
        return None if self.compressed or self._lone_cr else os.pread(self._raw.fileno(), octets, offset)

    def _read(self, octets: int) -> bytes:
        try:
            piece: bytes = self._raw.read1(octets)
        except _DAMAGE:
            self.truncated = True
            return b""
        if self._allowance:
            self._allowance.left -= len(piece)
            if self._allowance.left < 0:
                self.endless = True
                return b""
        return piece

    def _lines(self, piece: bytes) -> bytes:
        return piece.replace(b"\r", b"\n") if self._lone_cr else piece


class _Arrow:
    """A stream of zstd or lz4 frames, for which Python 3.11 has nothing."""

    def __init__(self, raw: Any, codec: str) -> None:
        import pyarrow

        self._from = pyarrow.CompressedInputStream(pyarrow.PythonFile(raw, mode="r"), codec)

    def read1(self, octets: int) -> bytes:
        try:
            piece: bytes = self._from.read(octets)
        except OSError as error:
            if error.errno is None:
                raise EOFError from error
            raise
        return piece


class _DovecotLz4:
    """Dovecot's own lz4 format: chunks of at most 64 KiB, each with its length before it."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._longest = int.from_bytes(raw.read(19)[15:], "big")
        if self._longest > 1 << 20:
            raise EOFError

    def read1(self, _: int) -> bytes:
        length = int.from_bytes(self._raw.read(4), "big")
        chunk = self._raw.read(min(length, 2 * self._longest))
        if len(chunk) < length:
            raise EOFError
        return _lz4_block(chunk, self._longest) if chunk else b""


def _lz4_block(chunk: bytes, longest: int) -> bytes:
    """An LZ4 block, unpacked. Raises EOFError if it is damaged or longer than told."""
    out, at = bytearray(), 0

    def length(nibble: int) -> int:
        nonlocal at
        more = nibble == 15
        while more:
            nibble, more, at = nibble + chunk[at], chunk[at] == 255, at + 1
        return nibble

    try:
        while at < len(chunk):
            token, at = chunk[at], at + 1
            literals = length(token >> 4)
            out += chunk[at : at + literals]
            at += literals
            if at >= len(chunk):
                break
            back, at = int.from_bytes(chunk[at : at + 2], "little"), at + 2
            copied = length(token & 15) + 4
            if not 0 < back <= len(out) or len(out) + copied > longest:
                raise EOFError
            if back >= copied:
                out += out[-back : len(out) - back + copied]
            else:
                out += (out[-back:] * (copied // back + 1))[:copied]
    except IndexError:
        raise EOFError from None
    return bytes(out)


class _Utf16:
    """A text in UTF-16, as UTF-8."""

    def __init__(self, raw: Any, charset: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(charset)()

    def read1(self, octets: int) -> bytes:
        while piece := self._raw.read(max(octets, 64)):
            if text := self._decoder.decode(piece):
                return text.encode()
        self._decoder.decode(b"", final=True)
        return b""


class _Damaged:
    """A file whose first octets already are not what they promise."""

    def read1(self, _: int) -> bytes:
        raise EOFError


def _dovecot_lz4(raw: Any) -> Any:
    try:
        return _DovecotLz4(raw)
    except EOFError:
        return _Damaged()


_OPENERS: tuple[tuple[re.Pattern[bytes], Any], ...] = tuple(
    (re.compile(first, re.DOTALL), opener)
    for first, opener in (
        (rb"\x1f\x8b\x08", lambda raw: gzip.GzipFile(fileobj=raw)),
        (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", bz2.BZ2File),
        (rb"\xfd7zXZ\0|\x5d\0\0[\0-\xff]{2}(?:\xff{8}|[\0-\xff]{5}\0{3})", lzma.LZMAFile),
        (rb"\x28\xb5\x2f\xfd", lambda raw: _Arrow(raw, "zstd")),
        (rb"\x04\x22\x4d\x18", lambda raw: _Arrow(raw, "lz4")),
        (rb"Dovecot-LZ4\r\x2a\x9b\xc5", _dovecot_lz4),
        (rb"\xff\xfe(?:[\t\r\n -~]\0){4}|\xfe\xff(?:\0[\t\r\n -~]){4}", lambda raw: _Utf16(raw, "utf-16")),
        (rb"(?:[\t\r\n -~]\0){8}", lambda raw: _Utf16(raw, "utf-16-le")),
        (rb"(?:\0[\t\r\n -~]){8}", lambda raw: _Utf16(raw, "utf-16-be")),
    )
)
"""How a file begins → what unpacks it."""


def _opener(first: bytes) -> Any:
    return next((opener for begins, opener in _OPENERS if begins.match(first)), None)


@contextmanager
def opened(path: Path) -> Iterator[Stream]:
    """The file's content, unpacked. Raises OSError."""
    with path.open("rb") as raw:
        yield Stream(raw, path.stat().st_size, path)


class Part(io.RawIOBase):
    """Some octets of a stream that is read in one pass, as a file of their own."""

    def __init__(self, stream: Stream, octets: int) -> None:
        self._stream = stream
        self.left = octets

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, into: Any) -> int:
        """Up to as many octets as there is room for."""
        piece = self._stream.read(min(len(into), self.left))
        self.left -= len(piece)
        into[: len(piece)] = piece
        return len(piece)

    def content(self, allowance: Allowance | None = None) -> Stream:
        """These octets, unpacked."""
        return Stream(io.BufferedReader(self), self.left, None, allowance)


def uncompressed_name(name: str) -> str:
    """The file's name without the suffix of its compression."""
    return _NAMES.sub("", name)
