"""What a file is that holds no mail, in the words of its owner, and what to do with it."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from connectors.files import archives
from connectors.files.openers import opened

_KINDS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(first, re.DOTALL | re.IGNORECASE), what)
    for first, what in (
        (rb"%PDF", "a PDF"),
        (
            rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*|RIFF....WEBP|BM....\0\0\0\0|....ftyp(?:heic|mif1|avif)",
            "a picture",
        ),
        (rb"....ftyp|RIFF....AVI|\x1a\x45\xdf\xa3|....moov", "a film"),
        (rb"ID3|OggS|fLaC|RIFF....WAVE|\xff\xfb", "sound"),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it, and name the folder"),
        (rb"Rar!", "a rar archive: unpack it, and name the folder"),
        (rb"\x1f\x9d", "a file compressed by `compress`: unpack it"),
        (rb"LZIP\x01", "a file compressed by lzip: unpack it"),
        (rb"CRYPTED\x03\x07", "mail that Dovecot encrypted (mail_crypt): read it by IMAP"),
        (rb"\xcf\xad\x12\xfe", "a folder of Outlook Express (.dbx): import it into Thunderbird, and name its profile"),
        (rb"!BDN", "an Outlook data file (.pst or .ost)"),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document or a message of Outlook (.msg)"),
        (rb"\x78\x9f\x3e\x22", "an attachment of Outlook's (winmail.dat)"),
        (rb"\x21\x09\x70\x19", "a folder of The Bat! (.tbb): export it as .eml files or as an mbox"),
        (rb"\x1a\0\0\x04", "a database of Lotus Notes (.nsf): read that mailbox by IMAP"),
        (rb"SQLite format 3", "a database (SQLite): export the mail from the program that keeps it"),
        (rb"\s*// <!-- <mdb:mork", "an index of Thunderbird's, without the mail"),
        (rb"-----BEGIN PGP MESSAGE|\x85[\x01\x02].\x03", "encrypted (PGP): decrypt it"),
        (rb"\s*BEGIN:VCARD", "contacts"),
        (rb"\s*BEGIN:VCALENDAR", "a calendar"),
        (rb"\s*(?:<!doctype html|<html)", "a web page"),
        (rb"\s*<\?xml", "XML"),
        (rb"\s*[{\[]\s*[\"{\[]", "JSON"),
        (rb"\{\\rtf", "a text document (RTF)"),
        (rb"\x7fELF|MZ|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe", "a program"),
        (rb"PK\x03\x04.{26}(?:\[Content_Types\]|mimetype|META-INF)", "a document or a program (zip)"),
    )
)
_SORTS = {
    "photos": {"jpg", "jpeg", "png", "gif", "heic", "webp", "tif", "tiff", "bmp", "raw", "dng"},
    "films": {"mp4", "mov", "avi", "mkv", "m4v", "webm"},
    "music": {"mp3", "m4a", "flac", "ogg", "wav", "aac"},
    "documents": {"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "txt", "html", "csv"},
    "contacts or calendars": {"vcf", "ics"},
}


def describe(path: Path) -> str:
    """What the file is; empty if that isn't known. Raises OSError."""
    with opened(path) as stream:
        head = stream.head()
    if not head:
        return ""
    if archives.is_it(head):
        kind = "zip" if zipfile.is_zipfile(path) else "tar archive"
        names = archives.names(path)
        inside = _sort(names)
        if not names:
            return f"a {kind} with no file in it"
        return f"a {kind} of {inside}" if inside else f"a {kind}"
    known = next((what for begins, what in _KINDS if begins.match(head)), "")
    return known or ("a text" if b"\0" not in head and _is_text(head) else "")


def _sort(names: Iterable[str]) -> str:
    """What most of the files are."""
    found = Counter(
        sort for name in names for sort, suffixes in _SORTS.items() if name.rpartition(".")[2].lower() in suffixes
    )
    return found.most_common(1)[0][0] if found else ""


def _is_text(head: bytes) -> bool:
    try:
        head[:-4].decode()
    except UnicodeDecodeError:
        return False
    return True
