"""What goes wrong between the Gmail connector and Google, on a clock that only waiting moves."""

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.servers.patience import Patience
from tests.counterparts.gmail.front import Front, Request, refusal
from tests.counterparts.gmail.memory import Memory
from tests.counterparts.gmail.server import GmailServer
from tests.counterparts.gmail.tools import Clock, asked, certificate, clean, contents, plain, trouble
from tests.counterparts.letters import OWNER, letter, mailbox
from tests.counterparts.log import NOW, Log


@pytest.fixture
def box() -> Iterator[GmailServer]:
    server = GmailServer(Memory)
    yield server
    server.close()


def told(box: GmailServer, **options: object) -> MailcareError:
    """The error with which a reading ends."""
    with pytest.raises(MailcareError) as error:
        Log().read(box.connector(**options))
    assert OWNER not in str(error.value)
    return error.value


@pytest.mark.parametrize("seed", range(6))
def test_one_request_in_ten_failing_changes_nothing(box, seed):
    for one in mailbox():
        box.put(one)
    plain(box, 100, start=100)
    wanted = clean(box)
    box.front.fault = trouble(0.1, seed)
    log = Log().read(box.connector(Clock().patience()))
    assert contents(log) == wanted
    assert not log.skipped
    box.expire()
    box.move(next(iter(box.ids)), "trash")
    log.read(box.connector(Clock().patience()))
    box.front.fault = lambda request: None
    assert contents(log) == clean(box)


@pytest.mark.parametrize("kind", ["profile", "labels", "messages", "batch", "message", "thread", "history"])
@pytest.mark.parametrize(
    ("status", "reason"), [(429, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (503, "backendError")]
)
def test_no_request_comes_before_the_time_that_was_asked_for(box, kind, status, reason):
    plain(box, 3)
    links = f"In-Reply-To: {letter(0).id}"
    for number in range(40, 44):
        box.put(letter(number, links))
    log, clock = Log(), Clock()
    if kind == "history":
        log.read(box.connector())
    times: list[tuple[float, str]] = []
    box.front.seen = lambda request: times.append((clock.now, request.kind))
    faults = iter([refusal(status, reason, **{"Retry-After": "90"})])
    box.front.fault = lambda request: next(faults, None) if request.kind == kind else None
    log.read(box.connector(clock.patience()))
    failed = next(n for n, (_, name) in enumerate(times) if name == kind)
    after = [time for time, _ in times[failed + 1 :] if time > times[failed][0]]
    assert min(after) >= 90
    assert contents(log) == clean(box)


def test_a_time_told_in_words_is_obeyed(box):
    plain(box, 1)
    clock = Clock()
    moment = datetime.now(UTC) + timedelta(seconds=200)
    faults = iter(
        [refusal(429, "rateLimitExceeded", f"User-rate limit exceeded.  Retry after {moment:%Y-%m-%dT%H:%M:%S}.000Z")]
    )
    box.front.fault = lambda request: next(faults, None)
    Log().read(box.connector(clock.patience()))
    assert 150 < clock.now < 210


def test_how_long_the_quota_makes_the_rest_take_is_told_and_true(box):
    clock, told = Clock(), list[tuple[float, float]]()
    plain(box, 200)
    for batch in box.connector(clock.patience(), quota_per_minute=1000).read(Log(), NOW):
        told.append((clock.now, batch.seconds))
    end = clock.now
    assert end > 120
    assert all(seconds <= end - at <= seconds + 60 for at, seconds in told)


def test_the_quota_holds_in_every_minute(box):
    plain(box, 200)
    clock, spent = Clock(), []
    costs = {"profile": 1, "labels": 1, "messages": 5, "message": 20}
    box.front.seen = lambda request: spent.append((clock.now, costs.get(request.kind, 0)))
    Log().read(box.connector(clock.patience(), quota_per_minute=1000))
    for start, _ in spent:
        assert sum(units for time, units in spent if start <= time < start + 60) <= 1000
    assert sum(units for _, units in spent) == box.front.units() > 4000
    assert 240 <= clock.now < 300


def test_patience_ends_and_what_was_read_is_kept(box):
    plain(box, 100)
    log = Log()
    box.front.fault = lambda request: refusal(503, "backendError") if request.number > 60 else None
    with pytest.raises(MailcareError) as error:
        log.read(box.connector(Clock().patience()))
    assert error.value.code == Exit.TEMPORARY
    assert len(log.messages()) >= 25
    assert not log.skipped
    box.front.fault = lambda request: None
    assert contents(log.read(box.connector())) == clean(box)


def test_messages_that_all_fail_are_an_outage_not_poison(box):
    plain(box, 30)
    box.front.fault = lambda request: refusal(500, "backendError") if request.kind == "message" else None
    log = Log()
    with pytest.raises(MailcareError) as error:
        log.read(box.connector(Clock().patience()))
    assert error.value.code == Exit.TEMPORARY
    assert not log.batches


def test_cut_at_every_request_and_started_again_ends_equal(box):
    plain(box, 30)
    wanted = clean(box)
    start = len(box.front.requests)
    Log().read(box.connector())
    for last in range(len(box.front.requests) - start):
        log, begin = Log(), len(box.front.requests)
        box.front.fault = lambda request, end=begin + last: ConnectionResetError() if request.number >= end else None
        with pytest.raises(MailcareError) as error:
            log.read(box.connector())
        assert error.value.code == Exit.TEMPORARY
        box.front.fault = lambda request: None
        assert contents(log.read(box.connector())) == wanted


def poison(box: GmailServer, number: int, whole: bool = False) -> str:
    """Have one message fail for ever; ``whole``: with the connection of any batch that it is in."""
    id = list(box.ids.values())[number]
    failing = {("message", id), ("thread", box.front.backend.messages[id]["threadId"])}
    failure = ConnectionResetError() if whole else refusal(500, "backendError")
    box.front.fault = lambda request: failure if (request.kind, request.id) in failing else None
    return id


@pytest.mark.parametrize("whole", [False, True])
def test_one_poisonous_message_keeps_none_of_the_others(box, whole):
    plain(box, 60)
    wanted = clean(box)
    id = poison(box, 30, whole)
    log = Log().read(box.connector())
    assert contents(log) == {key: message for key, message in wanted.items() if key != id}
    assert log.skipped == {"refused": 1}
    assert log.positions[""].complete
    plain(box, 1, start=300)
    log.read(box.connector())
    assert log.skipped == {"refused": 1}
    assert len(log.messages()) == 60
    box.front.fault = lambda request: None
    log.read(box.connector())
    assert contents(log) == clean(box)
    assert +log.skipped == {}


def test_a_poisonous_message_in_a_thread_keeps_none_of_the_others(box):
    plain(box, 1)
    for number in range(1, 6):
        box.put(letter(number, f"In-Reply-To: {letter(0).id}"))
    wanted = clean(box)
    id = poison(box, 3)
    log = Log().read(box.connector())
    assert contents(log) == {key: message for key, message in wanted.items() if key != id}


def test_a_poisonous_message_that_is_deleted_is_counted_no_more(box):
    letters = plain(box, 4)
    poison(box, 2)
    log = Log().read(box.connector())
    box.remove(letters[2])
    log.read(box.connector())
    assert +log.skipped == {}
    assert contents(log) == clean(box)


@pytest.mark.parametrize(
    "odd",
    [
        {"payload": {}},
        {"payload": {"headers": [{}, {"name": "Subject"}, {"value": "x"}]}},
        {"internalDate": "soon"},
        {"internalDate": "9" * 30},
    ],
)
def test_an_odd_message_is_a_message(box, odd):
    plain(box, 5)
    id = list(box.ids.values())[2]
    box.front.fault = lambda request: (200, {}, {"id": id, "threadId": id} | odd) if request.id == id else None
    log = Log().read(box.connector())
    assert contents(log).keys() == set(box.ids.values())
    assert not log.skipped


def test_an_answer_that_is_another_message_is_not_taken(box):
    plain(box, 5)
    ids = list(box.ids.values())
    box.front.fault = lambda request: (200, {}, {"id": ids[0]}) if request.id == ids[2] else None
    log = Log().read(box.connector())
    assert sorted(contents(log)) == sorted({*ids} - {ids[2]})
    assert log.skipped == {"refused": 1}


@pytest.mark.parametrize("answer", [{}, {"labels": [{}]}, {"messages": [{}]}, {"messages": 5}])
def test_a_server_that_is_not_gmail_is_told_so(box, answer):
    box.front.fault = lambda request: (200, {}, answer and {"historyId": "1"} | answer)
    error = told(box)
    assert error.code == Exit.ERROR
    assert "api_endpoint" in str(error)


@pytest.mark.parametrize(
    ("status", "reason", "code", "words"),
    [
        (403, "dailyLimitExceeded", Exit.TEMPORARY, "quota for today"),
        (403, "accessNotConfigured", Exit.USAGE, "not switched on"),
        (403, "insufficientPermissions", Exit.LOGIN, "lacks the permission gmail.metadata.*mailcare login NAME"),
        (403, "domainPolicy", Exit.LOGIN, "administrator"),
        (403, "forbidden", Exit.LOGIN, "may not read the mailbox.*mailcare login NAME"),
        (400, "failedPrecondition", Exit.USAGE, "no Gmail mailbox"),
        (404, "notFound", Exit.USAGE, "no such mailbox"),
        (401, "authError", Exit.LOGIN, "does not accept the login.*mailcare login NAME"),
        (418, "teapot", Exit.ERROR, "418 teapot"),
    ],
)
def test_each_refusal_has_its_own_line(box, status, reason, code, words):
    box.front.fault = lambda request: refusal(status, reason, f"Delegation denied for {OWNER}")
    error = told(box)
    assert error.code == code
    assert re.search(words, str(error))
    assert len(box.front.requests) <= 2


def test_a_new_kind_of_error_is_read_by_its_details(box):
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]
    answer = {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED", "details": details}}
    box.front.fault = lambda request: (403, {}, answer)
    assert "not switched on" in str(told(box))


def test_another_users_mailbox_is_refused(box):
    assert told(box, user="other@home.example").code == Exit.LOGIN


def test_no_redirect_is_followed(box):
    elsewhere = Front(Memory(), OWNER)
    box.front.fault = lambda request: (302, {"Location": f"{elsewhere.address}/gmail/v1/users/me/profile"}, {})
    try:
        assert "302" in str(told(box))
        assert elsewhere.requests == []
    finally:
        elsewhere.close()


@pytest.mark.parametrize(
    ("endpoint", "words"), [("http://127.0.0.1:1", "refused"), ("https://nowhere.invalid", "no such host")]
)
def test_an_unreachable_host_is_named(box, endpoint, words):
    error = told(box, api_endpoint=endpoint)
    assert error.code == Exit.TEMPORARY
    assert words in str(error)
    assert endpoint.split("//")[1].partition(":")[0] in str(error)


def test_a_silent_server_is_left_after_the_timeout(box):
    answered = Event()
    box.front.fault = lambda request: refusal(500, "late") if answered.wait(30) else None
    try:
        error = told(box, patience=Patience(tries=0), timeout=1)
    finally:
        answered.set()
    assert error.code == Exit.TEMPORARY
    assert "no answer in time" in str(error)


@pytest.mark.parametrize(
    ("host", "trusted", "words"),
    [
        ("127.0.0.1", False, "not trusted.*ca_file"),
        ("elsewhere.example", True, "for another host"),
        ("127.0.0.1", True, ""),
    ],
)
def test_a_certificate_is_checked(box, tmp_path, host, trusted, words):
    file, context = certificate(tmp_path, host)
    plain(box, 1)
    secure = Front(box.front.backend, OWNER, box.front.oauth, raws=box.front.raws, tls=context)
    options = {"api_endpoint": secure.address} | ({"ca_file": str(file)} if trusted else {})
    try:
        if words:
            assert re.search(words, str(told(box, **options)))
        else:
            assert len(Log().read(box.connector(**options)).messages()) == 1
    finally:
        secure.close()


def test_the_token_expires_at_any_request_and_is_renewed_once(box):
    plain(box, 30)
    for number in range(40, 44):
        box.put(letter(number, f"In-Reply-To: {letter(0).id}"))
    wanted = clean(box)
    total, k = len(box.front.requests), 0
    while k < total:
        begin, calls = len(box.front.requests), len(box.front.oauth.calls)

        def expire(request: Request, at: int = begin + k) -> None:
            if request.number == at:
                box.front.oauth.expire()

        box.front.seen = expire
        assert contents(Log().read(box.connector())) == wanted
        assert len(box.front.oauth.calls) - calls == 2, k
        k += 1
    assert len(asked(box, "message")) > 0


@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, "failedPrecondition"), (400, "badRequest"), (403, "forbidden"), (410, "gone"), (413, "large")],
)
def test_what_only_one_message_meets_with_stops_no_other(box, status, reason):
    letters = plain(box, 30)
    odd = box.ids[letters[7]]
    box.front.fault = lambda request: refusal(status, reason) if request.id == odd else None
    log = Log().read(box.connector(Clock().patience()))
    assert sorted(log.ids()) == sorted(one.id for one in letters if box.ids[one] != odd)
    assert log.skipped == {"refused": 1}
    box.front.fault = lambda request: None
    log.read(box.connector())
    assert (len(log.ids()), log.skipped) == (30, {})


def test_a_quota_that_is_used_up_is_no_wrong_login(box):
    plain(box, 1)
    box.front.fault = lambda request: refusal(403, "quotaExceeded")
    with pytest.raises(MailcareError, match="quota is used up") as error:
        Log().read(box.connector())
    assert error.value.code == Exit.TEMPORARY


def test_a_permission_withdrawn_from_all_messages_is_told_as_such(box):
    plain(box, 30)
    box.front.fault = lambda request: (
        refusal(403, "domainPolicy") if request.number > 5 and request.kind != "batch" else None
    )
    error = told(box, patience=Clock().patience())
    assert (error.code, error.what) == (Exit.LOGIN, "the Google domain's administrator does not allow this access")


@pytest.mark.parametrize("status", [400, 413])
def test_what_is_refused_only_together_is_asked_for_in_halves(box, status):
    plain(box, 30)
    wanted = clean(box)
    faults = iter([refusal(status, "invalidArgument")] * 2)
    box.front.fault = lambda request: next(faults, None) if request.kind == "batch" else None
    log = Log().read(box.connector(Clock().patience()))
    assert contents(log) == wanted
    assert not log.skipped


@pytest.mark.parametrize(("status", "code"), [(400, Exit.TEMPORARY), (404, Exit.ERROR), (405, Exit.ERROR)])
def test_an_endpoint_that_takes_nothing_together_is_named(box, status, code):
    plain(box, 30)
    box.front.fault = lambda request: refusal(status, "invalidArgument") if request.kind == "batch" else None
    error = told(box, patience=Clock().patience())
    assert "api_endpoint" in str(error)
    assert error.code == code


def test_a_host_that_was_never_there_is_told_at_once(box):
    for endpoint in ("http://127.0.0.1:1", "https://nowhere.invalid"):
        clock = Clock()
        assert told(box, patience=clock.patience(), api_endpoint=endpoint).code == Exit.TEMPORARY
        assert clock.now == 0


def test_a_host_that_answered_before_is_waited_for(box, monkeypatch):
    plain(box, 30)
    clock, errors = Clock(), iter([ConnectionRefusedError(), socket.gaierror(socket.EAI_NONAME, "no name")])
    resolve = socket.getaddrinfo
    broken = [False]

    def getaddrinfo(*arguments: object, **more: object) -> object:
        if broken[0] and (error := next(errors, None)):
            raise error
        return resolve(*arguments, **more)

    def drop(request: Request) -> OSError | None:
        broken[0] = request.kind == "labels"
        return ConnectionResetError() if broken[0] and clock.now == 0 else None

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    box.front.fault = drop
    log = Log().read(box.connector(clock.patience()))
    assert next(errors, None) is None
    assert clock.now > 0
    assert len(log.messages()) == 30
