"""Invented files of Outlook's: messages saved as ``.msg`` and archives of Outlook for Mac (``.olm``)."""

import io
import struct
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

Value = str | bytes | int | datetime
Properties = Mapping[int, Value]

BODIES = (0x1000, 0x1009, 0x1013, 0x1014, 0x1016)
"""Numbers of the properties that hold a body."""
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_BEGINNING = datetime(1601, 1, 1, tzinfo=UTC)


def stored(value: Value) -> tuple[int, bytes]:
    """The type of a MAPI property, and its octets."""
    if isinstance(value, str):
        return 0x001F, value.encode("utf-16-le")
    if isinstance(value, bytes):
        return 0x0102, value
    if isinstance(value, int):
        return 0x0003, value.to_bytes(4, "little")
    since = (value - _BEGINNING).total_seconds()
    return 0x0040, round(since * 10_000_000).to_bytes(8, "little")


def msg(
    properties: Properties, recipients: list[Properties] | None = None, more: dict[str, bytes] | None = None
) -> bytes:
    """A message as Outlook saves it; ``more`` are other streams by their names."""
    streams = _streams("", 32, properties) | (more or {})
    for number, recipient in enumerate(recipients or []):
        streams |= _streams(f"__recip_version1.0_#{number:08X}/", 8, recipient)
    return ole(streams)


def _streams(place: str, header: int, properties: Properties) -> dict[str, bytes]:
    streams = {}
    listed = bytes(header)
    for number, value in properties.items():
        kind, octets = stored(value)
        own = kind in (0x001F, 0x0102)
        listed += struct.pack("<HHI", kind, number, 6) + (
            len(octets).to_bytes(8, "little") if own else octets.ljust(8, b"\0")
        )
        if own:
            streams[f"{place}__substg1.0_{number:04X}{kind:04X}"] = octets
    return {f"{place}__properties_version1.0": listed} | streams


def ole(streams: dict[str, bytes]) -> bytes:
    """A file system of Microsoft's (MS-CFB) with these streams; one folder deep at most."""
    tree: dict[str, dict[str, bytes]] = {}
    for path, octets in streams.items():
        folder, _, name = path.rpartition("/")
        tree.setdefault(folder, {})[name] = octets
    sectors: list[bytes] = []
    chains: list[int] = []
    mini, mini_chains = b"", []

    def put(octets: bytes) -> int:
        start = len(sectors)
        pieces = [octets[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(octets), _SECTOR)]
        sectors.extend(pieces)
        chains.extend([*range(start + 1, start + len(pieces)), _END] if pieces else [])
        return start if pieces else _END

    def put_mini(octets: bytes) -> int:
        nonlocal mini
        start, many = len(mini) // _MINI, -(-len(octets) // _MINI)
        mini += octets.ljust(many * _MINI, b"\0")
        mini_chains.extend([*range(start + 1, start + many), _END] if many else [])
        return start if many else _END

    entries: list[list[int | str]] = [["Root Entry", 5, _FREE, _FREE, 0, 0]]

    def add(names: dict[str, bytes], storages: list[str], parent: int) -> None:
        last = -1
        for name in sorted([*names, *storages], key=lambda name: (len(name), name.upper())):
            index = len(entries)
            if name in names:
                octets = names[name]
                start = put(octets) if len(octets) >= _CUTOFF else put_mini(octets)
                entries.append([name, 2, _FREE, _FREE, start, len(octets)])
            else:
                entries.append([name, 1, _FREE, _FREE, 0, 0])
            entries[parent if last < 0 else last][3 if last < 0 else 2] = index
            last = index

    storages = [folder for folder in tree if folder]
    add(tree.get("", {}), storages, 0)
    for folder in storages:
        add(tree[folder], [], next(at for at, entry in enumerate(entries) if entry[0] == folder))
    entries[0][4:] = [put(mini), len(mini)]
    mini_fat = b"".join(struct.pack("<I", one) for one in mini_chains)
    mini_start = put(mini_fat)
    directory = b"".join(
        str(name).encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII36xIQ", 2 * len(str(name)) + 2, kind, 1, _FREE, right, child, start, size)
        for name, kind, right, child, start, size in entries
    )
    directory_start = put(directory)
    many = 1
    while many * _SECTOR // 4 < len(chains) + many:
        many += 1
    fat = [*chains, *[_FAT] * many]
    fat += [_FREE] * (many * _SECTOR // 4 - len(fat))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, many, directory_start, 0, _CUTOFF),
        *(mini_start, -(-len(mini_fat) // _SECTOR), _END, 0),
    )
    header += b"".join(struct.pack("<I", len(chains) + at if at < many else _FREE) for at in range(109))
    return header + b"".join(sectors) + b"".join(struct.pack("<I", one) for one in fat)


def email(body: str = "", people: Mapping[str, list[tuple[str, str]]] | None = None, **texts: str) -> str:
    """A message as Outlook for Mac writes it: ``Subject="…"`` is its element OPFMessageCopySubject."""
    parts = [f"<OPFMessageCopyBody>{escape(body)}</OPFMessageCopyBody>"]
    for field, given in (people or {}).items():
        each = "".join(
            f"<emailAddress OPFContactEmailAddressAddress={quoteattr(address)}"
            f" OPFContactEmailAddressName={quoteattr(name)}></emailAddress>"
            for name, address in given
        )
        parts.append(f"<OPFMessageCopy{field}>{each}</OPFMessageCopy{field}>")
    parts += [f"<OPFMessageCopy{name}>{escape(text)}</OPFMessageCopy{name}>" for name, text in texts.items()]
    return f'<emails xml:space="preserve" elementCount="1"><email>{"".join(parts)}</email></emails>'


def olm(files: Mapping[str, str | bytes]) -> bytes:
    """An archive of Outlook for Mac: name → content."""
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Categories.xml", '<?xml version="1.0" encoding="UTF-8"?><categories></categories>')
        for name, content in files.items():
            archive.writestr(name, content)
    return octets.getvalue()
