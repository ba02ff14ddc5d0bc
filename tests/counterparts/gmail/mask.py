"""The ``fields`` parameter of Google's APIs, and which fields of a message tell nothing of its body."""

import re
from typing import Any

Tree = dict[str, "Tree"]
HARMLESS = {"id", "threadId", "labelIds", "internalDate", "sizeEstimate", "historyId"}


def tree(mask: str) -> Tree:
    """``a,b/c,d(e,f)`` as nested dicts; an empty one keeps everything below."""
    words = iter(re.findall(r"[A-Za-z*]+|[,/()]", mask))
    return _list(words)


def _list(words: Any) -> Tree:
    found: Tree = {}
    here, last = found, ""
    for word in words:
        if word == ",":
            here = found
        elif word == "(":
            here[last] = _list(words)
        elif word == ")":
            break
        elif word == "/":
            here = here[last]
        else:
            last = word
            here.setdefault(word, {})
    return found


def kept(value: Any, wanted: Tree) -> Any:
    """What is left of an answer."""
    if not wanted:
        return value
    if isinstance(value, list):
        return [kept(one, wanted) for one in value]
    return {name: kept(value[name], below) for name, below in wanted.items() if name in value}


def harmless(wanted: Tree) -> bool:
    """Whether this mask of a message can show nothing of its body."""
    return bool(wanted) and all(
        name in HARMLESS or (name == "payload" and below == {"headers": {}}) for name, below in wanted.items()
    )
