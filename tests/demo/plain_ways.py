"""The ten ways of caring in the invented mailbox by a plain reading of the contract, one message after another.

It shares nothing with mailcare's measures: it reckons with the story's own truth (turns, replies, messages) and clock.
Each figure is (count, of) of the last week, or the count alone where the contract's figure is no share.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

from mailcare.demo.cast import CIRCLES, OWNER
from mailcare.demo.talk import HORIZON, Truth, Turn
from mailcare.demo.worktime import AS_OF, BERLIN, LAST_MONDAY, after, working_hours
from mailcare.demo.writing import Mail

DAY = 8.0
SINCE = datetime.combine(LAST_MONDAY, datetime.min.time(), BERLIN)
UNTIL = SINCE + timedelta(days=7)
GRACE = 3 * DAY


class Plain:
    """The story's last week."""

    def __init__(self, truth: Truth, mails: Iterable[Mail]) -> None:
        self.truth = truth
        self.mails = {mail.id: mail for mail in mails}
        self.human = sorted(
            (mail for mail in self.mails.values() if truth.kinds[mail.id] != "automated"), key=lambda mail: mail.at
        )
        self.thread_of = {one: thread.id for thread in truth.threads.values() for one in thread.message_ids}
        self.threads: dict[str, list[Mail]] = defaultdict(list)
        for mail in self.human:
            self.threads[self.thread_of[mail.id]].append(mail)
        self.turns = sorted(truth.turns.values(), key=lambda turn: turn.asked_at)

    def active_listening(self) -> tuple[int, int]:
        replies = [reply for reply in self.truth.replies.values() if SINCE <= reply.at < UNTIL]
        return sum(not reply.dropped for reply in replies), len(replies)

    def mean_coverage(self) -> float:
        replies = [reply for reply in self.truth.replies.values() if SINCE <= reply.at < UNTIL]
        return sum(len(reply.kept) / len(reply.audience) for reply in replies) / len(replies)

    def engagement(self) -> tuple[int, int]:
        back = asked = 0
        for mails in self.threads.values():
            first = mails[0]
            invited = {who.address for who in first.to if who not in OWNER}
            if not (first.sent and first.id in self.truth.threads and len(invited) >= 2):
                continue
            if not SINCE < after(first.at, 5 * DAY) <= UNTIL:
                continue
            limit = after(first.at, 5 * DAY)
            wrote = {mail.sender.address for mail in mails if working_hours(first.at, mail.at) <= 5 * DAY}
            asked += len(invited)
            back += len(invited & wrote)
            assert limit <= UNTIL
        return back, asked

    def inclusivity(self) -> tuple[int, int]:
        stayed = there = 0
        for mails in self.threads.values():
            lately = [mail for mail in mails if SINCE <= mail.at < UNTIL]
            if not lately or lately[-1] is mails[0]:
                continue
            first, last = _people(mails[0]), _people(lately[-1])
            if len(first) >= 3:
                others = first - {"owner"}
                there += len(others)
                stayed += len(others & last)
        return stayed, there

    def follow_through(self) -> tuple[int, int]:
        later = [turn for turn in self._this_week() if self._after_an_answer(turn)]
        return sum(turn.outcome == "answered" for turn in later), len(later)

    def empathy(self) -> tuple[int, int]:
        sent = [
            mail
            for mail in self.human
            if mail.sent
            and SINCE <= mail.at < UNTIL
            and any(_circle(who.address) == "colleagues" for who in _others(mail))
        ]
        outside = [mail for mail in sent if working_hours(mail.at, mail.at + timedelta(seconds=1)) == 0]
        return len(outside), len(sent)

    def proactiveness(self) -> tuple[int, int]:
        followed = waited = 0
        for mails in self.threads.values():
            for mail, following in zip(mails, [*mails[1:], None], strict=True):
                if not mail.sent or not _others(mail):
                    continue
                ends = min(following.at if following else AS_OF + timedelta(seconds=1), mail.at + HORIZON)
                if working_hours(mail.at, ends) > GRACE and after(mail.at, GRACE) < UNTIL and ends >= SINCE:
                    waited += 1
                    followed += bool(following and following.sent and following.at < UNTIL and ends == following.at)
        return followed, waited

    def accountability(self) -> tuple[int, int]:
        past = back = 0
        for turn in self.turns:
            ended = AS_OF + timedelta(seconds=1) if turn.outcome == "open" else self._ended(turn)
            ends = min(ended, turn.asked_at + HORIZON)
            if after(turn.asked_at, GRACE) < ends and after(turn.asked_at, GRACE) < UNTIL and ends >= SINCE:
                past += 1
                back += turn.outcome == "answered" and ends == ended and ends < UNTIL
        return back, past

    def continuous_learning(self) -> tuple[int, int]:
        turns = [turn for turn in self._this_week() if turn.outcome != "covered"]
        return sum(turn.outcome == "answered" for turn in turns), len(turns)

    def half(self) -> float | None:
        """Kaplan and Meier's product, step by step."""
        known = [turn for turn in self._this_week() if turn.working_hours is not None]
        left = 1.0
        for hours in sorted({turn.working_hours for turn in known if turn.outcome == "answered"}):
            waiting = sum(turn.working_hours >= hours for turn in known)
            left *= 1 - sum(turn.working_hours == hours and turn.outcome == "answered" for turn in known) / waiting
            if left <= 0.5:
                return hours
        return None

    def integrity(self) -> float:
        shares: dict[str, list[bool]] = defaultdict(list)
        for turn in self.turns:
            if turn.outcome == "covered" or not UNTIL - timedelta(weeks=12) <= turn.asked_at < UNTIL:
                continue
            if working_hours(turn.asked_at, AS_OF) >= DAY:
                quick = turn.outcome == "answered" and turn.working_hours is not None and turn.working_hours <= DAY
                shares[_circle(turn.asker)].append(quick)
        means = [sum(quick) / len(quick) for quick in shares.values() if len(quick) >= 20]
        return max(means) - min(means)

    def audience(self) -> float:
        sizes = [
            len({who.address for who in _others(mail)}) for mail in self.human if mail.sent and SINCE <= mail.at < UNTIL
        ]
        return median(size for size in sizes if size)

    def sent(self) -> int:
        return sum(mail.sent and UNTIL - timedelta(weeks=12) <= mail.at < UNTIL for mail in self.human)

    def _this_week(self) -> list[Turn]:
        return [turn for turn in self.turns if SINCE <= turn.asked_at < UNTIL]

    def _ended(self, turn: Turn) -> datetime:
        return self.mails[turn.by_id].at

    def _after_an_answer(self, turn: Turn) -> bool:
        thread = self.thread_of[turn.ask_id]
        return turn.outcome != "covered" and any(
            other.outcome == "answered"
            and self.thread_of[other.ask_id] == thread
            and self.mails[other.by_id].at < turn.asked_at
            for other in self.turns
        )


def _others(mail: Mail) -> list:
    return [who for who in (*mail.to, *mail.cc) if who not in OWNER]


def _people(mail: Mail) -> set[str]:
    return {"owner" if who in OWNER else who.address for who in (mail.sender, *mail.to, *mail.cc)}


def _circle(address: str) -> str:
    domain = address.rpartition("@")[2]
    return next((name for name, domains in CIRCLES.items() if domain in _ascii(domains)), "others")


def _ascii(domains: Iterable[str]) -> set[str]:
    return {domain.encode("idna").decode() for domain in domains}
