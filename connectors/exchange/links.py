"""Links into Outlook on the web of the Exchange server itself."""

import re
from urllib.parse import quote, urlsplit

from mailcare.mail.links import LONGEST, Clues, Link

_ITEM_ID = re.compile(r"[A-Za-z0-9+/=_-]+")


def outlook(clues: Clues) -> Link:
    """Outlook on the web, if the server's name is known (as Microsoft describes WebClientReadFormQueryString: from
    Exchange 2013 on the id there is that of EWS, which is the key here). It leads to the message until that is moved.
    """
    host = clues.options.get("server") or urlsplit(clues.options.get("service_endpoint", "")).netloc

    def to(_: str, key: str) -> str:
        if not host or len(key) > LONGEST or not _ITEM_ID.fullmatch(key):
            return ""
        return f"https://{host}/owa/?ItemID={quote(key, safe='')}&exvsurl=1&viewmodel=ReadMessageItem"

    return to
