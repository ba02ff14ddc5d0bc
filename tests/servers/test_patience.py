"""Waiting between tries, on a clock of its own."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.servers.later import Due, Later, retry_after
from mailcare.servers.patience import LONGEST, Patience, patient


@pytest.fixture
def waits() -> list[float]:
    return []


def test_each_wait_is_longer_up_to_a_limit(waits: list[float]) -> None:
    patience = Patience(tries=10, budget=1e6, sleep=waits.append)
    for _ in range(10):
        patience.wait("the server is busy")
    bounds = [min(2.0**n, LONGEST) for n in range(10)]
    assert all(bound / 2 <= wait <= bound for wait, bound in zip(waits, bounds, strict=True))


def test_a_hint_is_obeyed(waits: list[float]) -> None:
    Patience(sleep=waits.append).wait("the server is busy", 17)
    assert 17 <= waits[0] < 18


def test_it_ends_after_so_many_tries(waits: list[float]) -> None:
    patience = Patience(tries=2, sleep=waits.append)
    patience.wait("the server is busy")
    patience.wait("the server is busy")
    with pytest.raises(MailcareError, match="the server is busy") as error:
        patience.wait("the server is busy")
    assert (error.value.code, len(waits)) == (Exit.TEMPORARY, 2)


def test_it_ends_before_the_budget_is_overspent(waits: list[float]) -> None:
    patience = Patience(budget=100, sleep=waits.append)
    patience.wait("the server is busy", 60)
    with pytest.raises(MailcareError):
        patience.wait("the server is busy", 60)
    assert sum(waits) < 100


def test_an_hour_is_not_waited_for_but_told(waits: list[float]) -> None:
    with pytest.raises(MailcareError, match="asks to wait 3600 seconds"):
        Patience(sleep=waits.append).wait("the server is busy", 3600)
    assert waits == []


def test_progress_renews_it(waits: list[float]) -> None:
    patience = Patience(tries=1, sleep=waits.append)
    for _ in range(5):
        patience.wait("the server is busy")
        patience.progress()
    assert len(waits) == 5
    assert max(waits) <= 1


def test_progress_does_not_renew_the_whole_of_it(waits: list[float]) -> None:
    patience = Patience(budget=100, total=250, sleep=waits.append)
    for _ in range(2):
        patience.wait("the server is busy", 90)
        patience.progress()
    with pytest.raises(MailcareError):
        patience.wait("the server is busy", 90)
    assert sum(waits) < 250


class Server:
    """Answers after it has failed in these ways."""

    host = "mail.example.com"

    def __init__(self, *failures: Exception) -> None:
        self.left = list(failures)

    def answer(self, question: str) -> str:
        if self.left:
            raise self.left.pop(0)
        return f"{question}!"


def test_what_is_wrapped_is_asked_until_it_answers(waits: list[float]) -> None:
    server = patient(Server(Later("busy"), Later("busy", 17)), Patience(sleep=waits.append))
    assert (server.answer("well"), server.host) == ("well!", "mail.example.com")
    assert waits[0] <= 1
    assert 17 <= waits[1] < 18


def test_the_end_of_patience_names_the_server(waits: list[float]) -> None:
    server = patient(Server(*[Later("busy")] * 3), Patience(tries=2, sleep=waits.append), "mail.example.com")
    with pytest.raises(MailcareError, match=r"mail\.example\.com: busy") as error:
        server.answer("well")
    assert (error.value.where, error.value.code, len(waits)) == ("mail.example.com", Exit.TEMPORARY, 2)


def test_what_fails_as_often_as_it_may_is_given_up(waits: list[float]) -> None:
    """What is waited for beside does not count."""
    failures = Later("it fails", times=2), Later("busy"), Later("it fails", times=2)
    server = patient(Server(*failures), Patience(sleep=waits.append))
    with pytest.raises(Later, match="it fails"):
        server.answer("well")
    assert len(waits) == 2


def test_another_error_is_not_waited_for(waits: list[float]) -> None:
    with pytest.raises(ValueError, match="no"):
        patient(Server(ValueError("no")), Patience(sleep=waits.append)).answer("well")
    assert waits == []


def test_an_answer_renews_it(waits: list[float]) -> None:
    patience = Patience(tries=1, sleep=waits.append)
    for _ in range(3):
        assert patient(Server(Later("busy")), patience).answer("well") == "well!"
    assert len(waits) == 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("30", 30),
        (" 0 ", 0),
        ("soon", None),
        ("²", None),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
    ],
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert retry_after(value) == seconds


def test_retry_after_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    seconds = retry_after(later)
    assert seconds is not None
    assert 80 < seconds <= 90
    assert retry_after("Thu, 01 Jan 2026 00:00:00 GMT") == 0


def test_what_is_due_is_waited_for_once_before_the_next_try(waits: list[float]) -> None:
    due = Due()
    due.keep(Later("an earlier failure", 5))
    due.keep(Later("the connection broke", 17))
    Patience(sleep=waits.append).repeat(due.tell)
    assert [int(wait) for wait in waits] == [17]
