"""The exchange connector with servers that write EWS in another way than Exchange, or tell less of an item."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import Field, Person
from tests.connectors.exchange.test_faults import Clock
from tests.counterparts.exchange.items import TAGS
from tests.counterparts.exchange.operations import S, T
from tests.counterparts.exchange.server import DELEGATE, SERVICE, EwsServer
from tests.counterparts.exchange.sparse import SparseEwsServer
from tests.counterparts.letters import OWNER, START, letter, mailbox
from tests.counterparts.log import Log


@pytest.fixture
def there() -> Iterator[EwsServer]:
    server = SparseEwsServer()
    yield server
    server.close()


def told(there: EwsServer, **changes: str) -> Any:
    """The message of an item without internet headers of which the server tells this, by FieldURI with underscores."""
    id = there.mailbox.deliver(letter(1).raw, there.folder("inbox"), START, headers=False)
    there.mailbox.update(id, **{name.replace("_", ":"): xml for name, xml in changes.items()})
    (message,) = Log().read(there.connector()).messages()
    return message


def test_people_of_whom_the_server_knows_little(there):
    message = told(
        there,
        message_From="<t:From><t:Mailbox><t:Name>Ann</t:Name></t:Mailbox></t:From>",
        message_Sender="<t:Sender><t:Mailbox/></t:Sender>",
        message_ToRecipients="<t:ToRecipients><t:Mailbox><t:Name/><t:EmailAddress>me@home.example</t:EmailAddress>"
        "</t:Mailbox><t:Mailbox><t:Name>Bob</t:Name><t:EmailAddress>/O=FIRM/CN=BOB</t:EmailAddress>"
        "<t:RoutingType>EX</t:RoutingType></t:Mailbox></t:ToRecipients>",
        message_CcRecipients="<t:CcRecipients/>",
    )
    assert sorted(message.people, key=repr) == sorted(
        [Person(Field.TO, "", OWNER), Person(Field.FROM, "Ann", ""), Person(Field.TO, "Bob", "")], key=repr
    )


def test_an_item_of_which_next_to_nothing_is_told(there):
    nothing = ("message_From", "message_Sender", "message_ToRecipients", "item_Subject", "item_DateTimeSent")
    message = told(there, **dict.fromkeys((*nothing, "message_InternetMessageId", "item_InReplyTo"), ""))
    assert (message.people, message.subject, message.message_id, message.sent_at) == ((), "", "", None)
    assert (message.received_at, message.conversation, message.conversation_index) == (START, "", b"")


def test_an_item_without_a_time_of_arrival_arrived_when_it_was_sent(there):
    message = told(there, item_DateTimeReceived="")
    assert (message.received_at, message.message_id) == (letter(1).arrived - timedelta(seconds=9), letter(1).id)


def test_an_item_of_a_kind_that_nobody_knows_yet(there, monkeypatch):
    monkeypatch.setitem(TAGS, "IPM.NOTE.NEW", "NoteOfTomorrow")
    there.mailbox.deliver(letter(1).raw, there.folder("inbox"), START, item_class="IPM.Note.New")
    log = Log().read(there.connector())
    assert (log.ids(), +log.skipped) == ([letter(1).id], {})


@pytest.mark.parametrize("version", ["", 'MajorVersion="99" MinorVersion="0" Version="V2099_01_01"', 'Version="Odd"'])
def test_whatever_version_the_server_says_it_is(there, version):
    one = letter(1)
    there.put(one)
    info = f'<h:ServerVersionInfo xmlns:h="{T.strip("{}")}" {version}/>'
    there.spelt = lambda xml: xml.replace(xml[xml.index(b"<h:Server") : xml.index(b"</s:Header>")], info.encode(), 1)
    assert Log().read(there.connector()).ids() == [one.id]


@pytest.mark.parametrize(("trouble", "waits"), [("busy with hint", 7), ("store", 1)])
def test_faults_in_other_words_are_the_same_faults(there, trouble, waits):
    there.put(letter(1))
    troubles = iter([trouble])
    there.trouble = lambda: next(troubles, "")
    clock = Clock()
    assert Log().read(there.connector(clock.patience())).ids() == [letter(1).id]
    assert [round(wait + 0.01) for wait in clock.waits] == [waits]


def test_an_answer_in_other_words_that_ends_early_is_no_answer(there):
    for one in mailbox():
        there.put(one)
    troubles = iter(["", "half", "", "half", "half"])
    there.trouble = lambda: next(troubles, "")
    assert Log().read(there.connector(Clock().patience())).ids() == sorted(one.id for one in mailbox())


def envelopes(there: EwsServer) -> list[Any]:
    """The requests that came."""
    wire = there.wire()
    starts = [at for at in range(len(wire)) if wire.startswith(b"POST ", at)]
    bodies = [wire[wire.index(b"<?xml", at) : wire.index(b"Envelope>", at) + len(b"Envelope>")] for at in starts]
    return [etree.fromstring(body) for body in bodies]


def test_impersonation_on_the_wire(there):
    there.put(letter(1))
    Log().read(there.connector(user=SERVICE, access="impersonation"))
    sids = f"{S}Header/{T}ExchangeImpersonation/{T}ConnectingSID/{T}PrimarySmtpAddress"
    assert {one.findtext(sids) for one in envelopes(there)} == {OWNER}
    assert len(envelopes(there)) > 3


def test_delegation_on_the_wire(there):
    there.put(letter(1))
    Log().read(there.connector(user=DELEGATE))
    requests = envelopes(there)
    assert not [one for one in requests if one.find(f"{S}Header/{T}ExchangeImpersonation") is not None]
    named = [id for one in requests for id in one.iter(f"{T}DistinguishedFolderId")]
    assert {id.get("Id") for id in named} >= {"msgfolderroot", "inbox", "sentitems", "deleteditems"}
    assert {id.findtext(f"{T}Mailbox/{T}EmailAddress") for id in named} == {OWNER}


def test_folders_that_are_told_without_end_are_given_up(there):
    states = iter(range(1000, 10_000))

    def endless(xml: bytes) -> bytes:
        if b"SyncFolderHierarchyResponse" not in xml:
            return xml
        envelope = etree.fromstring(xml)
        for one in envelope.iter("{*}Changes"):
            one.clear()
        for one in envelope.iter("{*}SyncState"):
            one.text = str(next(states))
        for one in envelope.iter("{*}IncludesLastFolderInRange"):
            one.text = "false"
        return etree.tostring(envelope)

    there.spelt = endless
    with pytest.raises(MailcareError) as error:
        Log().read(there.connector())
    assert (error.value.code, "no end" in error.value.what) == (Exit.TEMPORARY, True)
