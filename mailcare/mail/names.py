"""When two display names are one person's: "Ada Lovelace", "LOVELACE, Ada" and "Ádá B. Lovelace" are."""

import re
import unicodedata
from functools import lru_cache

from mailcare.mail.addresses import without_comments

_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that Unicode does not take apart into one without an accent."""
_WITHOUT_SPACES = "\u2e80"
"""From here on lie the scripts that write a name without spaces."""
_FEWEST = 3
"""Letters of a full name without spaces."""


@lru_cache(maxsize=1 << 14)
def full_name(name: str) -> tuple[str, ...]:
    """The words of a full name as they are compared, without case, accents, initials and order. Empty if it is no full
    name: one word alone may be anyone's of the family.
    """
    if "@" in name:
        return ()
    letters = unicodedata.normalize("NFKD", without_comments(name).casefold())
    bare = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn").translate(_PLAIN)
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", bare))
    words = [word for word in words if len(word) > 1 or word >= _WITHOUT_SPACES]
    if words and min(words) >= _WITHOUT_SPACES:
        whole = "".join(words)
        return (whole,) if len(whole) >= _FEWEST or len(words) > 1 else ()
    return tuple(sorted(words)) if len(words) > 1 else ()
