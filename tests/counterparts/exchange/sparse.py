"""Another dialect of Exchange Web Services: as little as the schema allows, in other words, and with what it may hold
one day. Whoever reads it has to go by the protocol and not by how Exchange happens to write.
"""

from collections.abc import Callable

from lxml import etree

from tests.counterparts.exchange.operations import M, S, T
from tests.counterparts.exchange.server import EwsServer

OPTIONAL = ("RoutingType", "Size", "ConversationId", "ConversationIndex")
"""Elements that are never told."""
_MAIL = "IPM.Note"


class SparseEwsServer(EwsServer):
    """An ``EwsServer`` that speaks this dialect."""

    def __init__(self) -> None:
        super().__init__()
        self.spelt = sparse


def sparse(answer: bytes) -> bytes:
    """The answer in this dialect."""
    envelope = etree.fromstring(answer)
    _remove(envelope, f"{S}Header", f"{M}MessageText", *(f"{T}{name}" for name in OPTIONAL))
    _remove(envelope, f"{T}ItemClass", unless=lambda one: one.text != _MAIL)
    _remove(envelope, f"{T}FolderClass", unless=lambda one: one.text != "IPF.Note")
    _remove(
        envelope, f"{M}IncludesLastItemInRange", f"{M}IncludesLastFolderInRange", unless=lambda one: one.text != "true"
    )
    for changes in envelope.iter(f"{M}Changes"):
        changes.insert(0, etree.Element(f"{T}ChangeOfTomorrow"))
    for item in [one.getparent() for one in envelope.iter(f"{T}ItemId", f"{T}FolderId")]:
        if item.find(f"{T}InternetMessageHeaders") is not None:
            _remove(item, f"{T}DateTimeSent")
        item.insert(0, etree.Element(f"{T}OfTomorrow", Kind="unheard-of"))
        etree.SubElement(item, "{urn:example:vendor}Extra").text = "more"
    for one in envelope.iter(f"{T}ItemId", f"{T}FolderId", f"{T}ParentFolderId"):
        one.attrib.pop("ChangeKey", None)
    for mailbox in envelope.iter(f"{T}Mailbox"):
        name, address = mailbox.find(f"{T}Name"), mailbox.findtext(f"{T}EmailAddress")
        if name is not None and name.text == address:
            name.text = None
    return _spelt_otherwise(envelope)


def _remove(tree: etree._Element, *tags: str, unless: Callable[[etree._Element], bool] = lambda _: False) -> None:
    for one in [*tree.iter(*tags)]:
        if not unless(one):
            one.getparent().remove(one)


def _spelt_otherwise(envelope: etree._Element) -> bytes:
    """With other prefixes, white space between the elements, a comment, and no XML declaration."""
    told = {"soap": S, "typ": T, "msg": M}
    copy = etree.Element(envelope.tag, nsmap={prefix: name.strip("{}") for prefix, name in told.items()})
    copy.append(etree.Comment("as told by another server"))
    copy.extend(list(envelope))
    etree.cleanup_namespaces(copy, keep_ns_prefixes=["typ", "msg"])
    etree.indent(copy)
    return etree.tostring(copy, encoding="utf-8") + b"\n"
