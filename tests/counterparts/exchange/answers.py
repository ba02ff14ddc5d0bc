"""What an Exchange server says around its answers: SOAP envelopes, faults, and where the mailbox is."""

from xml.sax.saxutils import escape


class Fault(Exception):
    """A whole request is refused."""

    def __init__(self, code: str, back_off: int | None = None, status: int = 500) -> None:
        self.code, self.back_off, self.status = code, back_off, status


def envelope_xml(body: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>'
        '<h:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="39" '
        'Version="V2017_07_11" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header>'
        '<s:Body xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" '
        f'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">{body}</s:Body></s:Envelope>'
    ).encode()


def fault_xml(fault: Fault) -> bytes:
    wait = f'<t:MessageXml><t:Value Name="BackOffMilliseconds">{fault.back_off}</t:Value></t:MessageXml>'
    return envelope_xml(
        f"<s:Fault><faultcode>a:{fault.code}</faultcode><faultstring>No.</faultstring><detail>"
        '<e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">'
        f"{fault.code}</e:ResponseCode>"
        '<e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">No.</e:Message>'
        f"{wait if fault.back_off is not None else ''}</detail></s:Fault>"
    )


def discovery_xml(url: str) -> bytes:
    """Autodiscover's answer to GetUserSettings (MS-OXWSADISC)."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
        '<s:Body xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><GetUserSettingsResponseMessage>'
        "<Response><ErrorCode>NoError</ErrorCode><ErrorMessage/><UserResponses><UserResponse>"
        "<ErrorCode>NoError</ErrorCode><ErrorMessage/><UserSettings>"
        '<UserSetting xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="StringSetting">'
        f"<Name>ExternalEwsUrl</Name><Value>{escape(url)}</Value></UserSetting></UserSettings></UserResponse>"
        "</UserResponses></Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>"
    ).encode()
