"""Messages' metadata from the Gmail API: many requests in one, each made until it is answered."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from connectors.gmail.api import Answer, Api, Ask
from connectors.gmail.faults import NotThere, Passing
from mailcare.mail.headers import WANTED
from mailcare.servers.later import Due

FIELDS = "id,threadId,labelIds,internalDate,sizeEstimate,payload/headers"
"""What is asked for of a message: no snippet, no part of a body."""
_METADATA = {
    "format": "metadata",
    "metadataHeaders": [
        {"message-id": "Message-ID"}.get(name, name.title()) for name in WANTED if not name.startswith("x-gm")
    ],
}
_GET, _THREAD = 20, 40
"""Quota units of a message and of a thread."""
_CHEAPER = 3
"""From so many messages on, a thread costs less than they do one by one."""
_PARTS = 25
"""Requests in one batch; with more, Gmail answers that they are too many at a time."""
_TRIES = 3
"""A message that failed so often while others came through is left for a later run."""
_ODD = Passing("Gmail answered with something else")
_LAST = 5
"""So many messages older than wanted end a back-fill: a list is not strictly in order."""
_FEW = 3
"""So few that fail alone are no outage."""


@dataclass
class Fetched:
    """What some requests for messages brought."""

    last: tuple[str, ...] = ()
    """The last few messages asked for."""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Resources by id."""
    gone: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Ids that Gmail would not answer for, though it did for others."""
    seconds: float = 0.0
    """How long the quota makes the rest take, at least."""

    def __len__(self) -> int:
        """How many messages were asked for."""
        return len(self.messages) + len(self.gone) + len(self.refused)


def fetch(api: Api, user: str, wanted: dict[str, str], alive: Callable[[], object]) -> Iterator[Fetched]:
    """The metadata of these messages (message → thread), batch by batch, in their order. ``alive`` raises MailcareError
    unless Gmail answers at all.
    """
    parts = _parts(wanted)
    left = _units(parts)
    for start in range(0, len(parts), _PARTS):
        group = parts[start : start + _PARTS]
        left -= _units(group)
        got = _Batch(api, user, group, alive).fetched()
        got.seconds = api.seconds(left)
        yield got


@dataclass(frozen=True)
class _Part:
    """One request: for a thread, or for the only message wanted."""

    ids: tuple[str, ...]
    thread: str = ""

    def singles(self) -> "list[_Part]":
        """The same messages, one request for each."""
        return [_Part((id,)) for id in self.ids]

    def ask(self, user: str) -> Ask:
        """The request."""
        if self.thread:
            fields = f"messages({FIELDS})"
            return lambda users: users.threads().get(userId=user, id=self.thread, fields=fields, **_METADATA)
        return lambda users: users.messages().get(userId=user, id=self.ids[0], fields=FIELDS, **_METADATA)


def _units(parts: list[_Part]) -> int:
    return sum(_THREAD if part.thread else _GET for part in parts)


def _parts(wanted: dict[str, str]) -> list[_Part]:
    """The cheapest requests for these messages, in the order of each one's first message."""
    threads: dict[str, list[str]] = {}
    for id, thread in wanted.items():
        threads.setdefault(thread, []).append(id)
    parts: dict[_Part, None] = {}
    for id, thread in wanted.items():
        whole = len(threads[thread]) >= _CHEAPER
        parts[_Part(tuple(threads[thread]), thread) if whole else _Part((id,))] = None
    return list(parts)


class _Batch:
    """Requests that are made until each is answered. Those that fail alone are made again alone, a thread's messages
    one by one; a batch that fails as a whole is halved.
    """

    def __init__(self, api: Api, user: str, parts: list[_Part], alive: Callable[[], object]) -> None:
        self._api, self._user, self._alive = api, user, alive
        self._few, self._groups = len(parts) <= _FEW, deque([parts])
        self._failures: Counter[_Part] = Counter()
        self._asked = False
        self._due = Due()
        self._got = Fetched(tuple(part.ids[0] for part in parts[-_LAST:]))

    def fetched(self) -> Fetched:
        """What they bring."""
        while self._groups:
            self._api.errand(self._step)
        return self._got

    def _step(self, api: Api) -> None:
        """One request. Raises Passing, to be called again, if there is something to pass by first, or nothing came."""
        self._due.tell()
        group = self._groups.popleft()
        answers = api.batch([part.ask(self._user) for part in group], _units(group))
        if isinstance(answers, Passing):
            if len(group) > 1 and not answers.crowded:
                self._groups += group[: len(group) // 2], group[len(group) // 2 :]
                raise answers
            answers = [answers] * len(group)
        self._take(group, answers)

    def _take(self, group: list[_Part], answers: list[Answer]) -> None:
        """Keep what came, and make ready to ask again for what did not. Raises Passing if nothing came."""
        again: list[_Part] = []
        troubles: list[Passing] = []
        for part, answer in zip(group, answers, strict=True):
            if isinstance(answer, dict) and not part.thread and answer.get("id") != part.ids[0]:
                answer = _ODD
            if isinstance(answer, Passing):
                troubles.append(answer)
                self._failures[part] += not answer.crowded
                again += part.singles() if part.thread and self._failures[part] > 1 else [part]
            else:
                again += self._keep(part, answer)
        if again := self._not_given_up(again):
            self._groups.append(again)
            if troubles:
                hint = max((one.hint for one in troubles if one.hint), default=None)
                trouble = Passing(str(troubles[0]), hint)
                if len(troubles) == len(group):
                    raise trouble
                self._due.keep(trouble)

    def _keep(self, part: _Part, answer: dict[str, Any] | NotThere) -> list[_Part]:
        """Keep an answer; returns what it lacks and is to be asked for one by one."""
        resources = () if isinstance(answer, NotThere) else answer.get("messages", ()) if part.thread else (answer,)
        found = {one["id"]: one for one in resources}
        self._got.messages |= {id: found[id] for id in part.ids if id in found}
        if part.thread:
            return [single for single in part.singles() if single.ids[0] not in found]
        self._got.gone += [id for id in part.ids if id not in found]
        return []

    def _not_given_up(self, parts: list[_Part]) -> list[_Part]:
        """Those to ask for again: all but the messages that fail time and again while Gmail does answer."""
        poison = {part for part in parts if self._failures[part] >= _TRIES}
        if poison and not (self._got.messages or self._got.gone):
            if not self._asked:
                self._asked = True
                self._alive()
            if not self._few:
                return parts
        self._got.refused += [id for part in parts if part in poison for id in part.ids]
        return [part for part in parts if part not in poison]
