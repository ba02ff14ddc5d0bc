"""Whether an answer is expected, from the owner's own past (docs/measures.md, "p_answer" and "Checked")."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mailcare.measures.waiting_lists import quiet_count, waiting_lists
from mailcare.pipeline.expected import features, past_share
from mailcare.pipeline.messages import DAY
from tests.conversation import BERLIN, Tables, instant, log, seen, tables, told

NOW = "Mon 09:00"


def questions(number: int, *, days: int = 30, every: int = 0, per_day: int = 5, name: str = "q", to: str = "me") -> str:
    """So many questions, each from somebody else, that began ``days`` ago and before, so many a day. Answered two hours
    later, but for each ``every``-th."""
    lines = []
    for one in range(number):
        at = instant("Mon 10:00") - timedelta(days=days + one // per_day, minutes=one % per_day)
        lines.append(f"{at:%Y-%m-%d %H:%M}  {name}{one} -> {to}  [{name}{one}]")
        if not every or one % every:
            lines.append(f"{at + timedelta(hours=2):%Y-%m-%d %H:%M}  me -> {name}{one}  [r{name}{one} < {name}{one}]")
    return "\n".join(lines)


def thanks(number: int, *, days: int = 30) -> str:
    """So many questions, one a day, each answered within two hours; a quarter of an hour later comes a last word."""
    asked = questions(number, days=days, per_day=1, name="t").splitlines()
    last_words = []
    for one in range(number):
        at = instant("Mon 12:15") - timedelta(days=days + one)
        last_words.append(f"{at:%Y-%m-%d %H:%M}  t{one} -> me  [l{one} < rt{one}]")
    return "\n".join(asked + last_words)


def learnt_from(mail: str, **settings: object) -> int | None:
    """How many turns the model has learnt from; None where there is none."""
    model = tables(mail, NOW, **settings).mailbox.model
    return model.turns if model else None


def chance(mail: Tables) -> dict[str, float]:
    """p_answer by the ask's id."""
    return {ask.strip("<>"): p for ask, p in zip(mail.turns["ask_message_id"], mail.turns["p_answer"], strict=True)}


# Learnt from


def test_two_hundred_turns_are_enough_and_one_less_is_not() -> None:
    assert learnt_from(questions(200, every=4)) == 200
    few = tables(questions(199, every=4), NOW)
    assert few.mailbox.model is None
    assert few.turns["p_answer"].isna().all()


@pytest.mark.parametrize(("at", "turns"), [("2026-08-31 09:00", 201), ("2026-08-31 09:01", 200)])
def test_a_turn_has_to_have_had_fourteen_days(at: str, turns: int) -> None:
    assert learnt_from(f"{questions(200, every=4)}\n{at}  zoe -> me  [z1]") == turns


@pytest.mark.parametrize(
    ("more", "turns"),
    [
        ("2026-08-03 09:00  zoe -> me  [z1]", 201),
        ("2026-08-03 09:00  zoe -> me, kim  [z1]\n2026-08-05 09:00  kim -> zoe  [k1 < z1]", 200),
        ("2026-08-03 09:00  zoe -> me, kim  [z1]\n2026-08-20 09:00  kim -> zoe  [k1 < z1]", 201),
        ("2026-08-03 09:00  zoe -> me  [z1]\n2026-08-03 08:00  me -> zoe  [r1 < z1]", 200),
    ],
    ids=["open", "covered in that time", "covered later", "answered nobody knows when"],
)
def test_what_became_of_a_turn_has_to_be_known(more: str, turns: int) -> None:
    assert learnt_from(f"{questions(200, every=4)}\n{more}") == turns


@pytest.mark.parametrize(("settled", "turns"), [("Mon-5 09:00", 200), ("Mon-3 09:00", 201)])
def test_what_the_owner_settled_in_that_time_teaches_nothing(settled: str, turns: int) -> None:
    mail = f"{questions(200, every=4)}\n2026-08-03 09:00  zoe -> me  [z1]"
    assert learnt_from(mail, settled={"z1": settled}) == turns
    answered = f"{mail}\n2026-08-12 09:00  me -> zoe  [r1 < z1]"
    assert learnt_from(answered, settled={"z1": settled}) == 201


def test_an_answer_after_fourteen_days_is_none_in_time() -> None:
    late = ""
    for one in range(60):
        at = instant("Mon-5 09:00") - timedelta(days=one)
        late += f"{at:%Y-%m-%d %H:%M}  z{one} -> bob, me  [z{one}]\n"
        late += f"{at + timedelta(days=15):%Y-%m-%d %H:%M}  me -> z{one}  [rz{one} < z{one}]\n"
    mail = tables(f"{questions(200)}\n{late}", NOW)
    assert (mail.turns["outcome"] == "answered").all()
    assert chance(mail)["z7"] < 0.2 < 0.8 < chance(mail)["q7"]


@pytest.mark.parametrize("every", [0, 1], ids=["all answered", "none answered"])
def test_from_turns_that_all_ended_alike_nothing_is_learnt(every: int) -> None:
    assert learnt_from(questions(240, every=every)) is None


def test_where_nothing_can_be_checked_the_rule_stands() -> None:
    crowded = questions(240, every=4, per_day=20)
    assert learnt_from(crowded) is None  # twelve days: no turn was due when another began


def test_a_mailbox_without_turns_has_no_model() -> None:
    assert learnt_from("Mon-1 09:00  me -> ann") is None


# What a turn is judged by


@told(as_of="Mon+2 09:00")
def test_how_the_owner_was_addressed(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me                       [a1]
    Mon 09:00  bob -> me, cc ann               [b1]
    Mon 09:00  cho -> ann, me, cc bob, bcc kim [c1]
    """
    known = judged(mail)
    assert known["alone"].to_dict() == {"a1": True, "b1": False, "c1": False}
    assert known["first"].to_dict() == {"a1": True, "b1": True, "c1": False}
    assert np.expm1(known["recipients"]).round().to_dict() == {"a1": 1, "b1": 2, "c1": 3}


@told(as_of="Mon+3 09:00")
def test_where_in_the_thread_it_stands(mail: Tables) -> None:
    """
    Mon 09:00    ann -> me       [a1]
    Mon 10:00    me -> ann       [r1 < a1]
    Mon 10:30    ann -> me       [a2 < r1]
    Mon 11:00    me -> ann       [r2 < a2]
    Tue 10:00    bob -> me       [b1 < a1]
    Mon+1 10:00  cho -> me       [c1 < a1]
    Mon+1 11:00  dee -> me       [d1 < a1]
    Mon 12:00    zoe -> me       [z1]
    Mon 13:00    me -> zoe       [z2 < z1, machine]
    Tue 09:00    yan -> me       [y1 < z1]
    """
    known = judged(mail)
    assert np.expm1(known["turn"]).round().to_dict() == {
        "a1": 0, "a2": 1, "b1": 2, "c1": 3, "d1": 4, "y1": 1, "z1": 0,
    }  # fmt: skip
    wrote = known[[name for name in known if name.startswith("owner wrote")]]
    # half an hour, 7, 39 and 40 working hours; what the owner's machine sends is no word of the owner's
    assert dict(zip(known.index, wrote.to_numpy().argmax(axis=1), strict=True)) == {
        "a1": 4, "a2": 0, "b1": 1, "c1": 2, "d1": 3, "y1": 4, "z1": 4,
    }  # fmt: skip
    assert (wrote.sum(axis=1) == 1).all()


@told(as_of="Mon+2 09:00", working_time=BERLIN)
def test_when_it_began_and_who_asked(mail: Tables) -> None:
    """
    Mon 03:59        ann@client.example -> me  [a1]
    Tue 04:00        kim -> me                 [k1]
    Sat 10:00        bob -> me                 [b1]
    Sun 22:30        cho -> me                 [c1]
    """
    known = judged(mail)  # it is two hours later in Berlin

    def one_of(name: str) -> dict[str, str]:
        return known[[one for one in known if one.startswith(name)]].idxmax(axis=1).to_dict()

    assert one_of("weekday") == {"a1": "weekday 0", "k1": "weekday 1", "b1": "weekday 5", "c1": "weekday 0"}
    assert one_of("hours") == {"a1": "hours 0", "k1": "hours 1", "b1": "hours 2", "c1": "hours 0"}
    circles = known[["colleagues", "clients", "suppliers", "others"]]
    assert circles.idxmax(axis=1).to_dict() == {"a1": "clients", "k1": "colleagues", "b1": "others", "c1": "others"}
    assert (circles.sum(axis=1) == 1).all()


@pytest.mark.parametrize(("octets", "size"), [(0, 0), (1, 1), (4095, 1), (4096, 2), (16384, 3), (65535, 3), (65536, 4)])
def test_its_size(octets: int, size: int) -> None:
    table = log("Mon 09:00  ann -> me  [a1]")
    table = table.set_column(table.schema.get_field_index("size"), "size", pa.array([octets]))
    known = judged(tables(table, NOW.replace("Mon", "Tue")))
    assert [known[f"size {one}"].item() for one in range(5)] == [one == size for one in range(5)]


def test_the_askers_past_is_what_was_known_when_the_turn_began() -> None:
    mail = tables(
        """
        Mon-9 09:00   ann -> me   [a1]
        Mon-9 10:00   me -> ann   [r1 < a1]
        Tue-9 09:00   ann -> me   [a2]
        Mon-8 09:00   bob -> me   [b1]
        Tue-7 08:59   ann -> me   [a3]
        Tue-7 09:00   ann -> me   [a4]
        Wed-4 09:00   ann -> me   [a5]
        Wed-4 09:01   bob -> me   [b2]
        """,
        NOW,
    )
    turns = mail.mailbox.turns
    due = turns["asked_at"].to_numpy() + 14 * DAY
    answered = ((turns["outcome"] == "answered") & (turns["ended_at"] <= due)).to_numpy()
    past = past_share(turns, answered, due, np.arange(len(turns)))
    # With two more turns at the share of the whole mailbox, which begins at a half: (answered + 1) / (turns + 2)
    usual = {"a1": 1 / 2, "a2": 1 / 2, "b1": 1 / 2, "a3": 2 / 3, "a4": 2 / 4, "a5": 2 / 7, "b2": 2 / 7}
    theirs = {"a1": (0, 0), "a2": (0, 0), "b1": (0, 0), "a3": (1, 1), "a4": (1, 2), "a5": (1, 4), "b2": (0, 1)}
    assert dict(zip(turns["ask"].map(mail.mailbox.messages["id"]).str.strip("<>"), past, strict=True)) == pytest.approx(
        {name: (theirs[name][0] + 2 * usual[name]) / (theirs[name][1] + 2) for name in usual}
    )


# What follows from it


HISTORY = "\n".join([questions(150), questions(60, days=100, every=3, per_day=2, name="g", to="bob, me"), thanks(60)])
OPEN = """
2026-08-20 10:00  zoe -> me  [z1]
2026-08-20 12:00  me -> zoe  [z2 < z1]
2026-08-20 12:15  zoe -> me  [z3 < z2]
2026-08-20 12:30  yan -> zoe [z4 < z3]
2026-08-21 10:00  xia -> me  [x1]
2026-08-25 10:00  wim -> bob, me  [w1]
"""


def test_a_last_word_of_a_kind_that_is_never_answered_is_probably_closed() -> None:
    assert "z1 dropped" in seen(tables(OPEN, NOW).threads, "thread_id state")  # by the rule: something followed
    mail = tables(f"{HISTORY}\n{OPEN}", NOW)
    states = seen(mail.threads, "thread_id state")
    assert {"z1 probably_closed", "x1 dropped", "w1 dropped"} <= set(states)
    assert chance(mail)["z3"] < 0.2 < chance(mail)["w1"] < chance(mail)["x1"]


def test_within_its_grace_period_it_waits() -> None:
    recent = OPEN.replace("2026-08-20", "2026-09-10")
    mail = tables(f"{HISTORY}\n{recent}", NOW)
    assert chance(mail)["z3"] < 0.2
    assert "z1 waiting_on_you" in seen(mail.threads, "thread_id state")


def test_the_model_takes_the_rules_place() -> None:
    """All of these are closing words by the rule; the owner answers every one of them."""
    answered = "".join(
        f"{at:%Y-%m-%d} 12:30  me -> t{one}  [s{one} < l{one}]\n"
        for one in range(60)
        for at in [instant("Mon 12:15") - timedelta(days=30 + one)]
    )
    closing = "\n".join(line for line in OPEN.splitlines() if "z4" not in line)
    assert "z1 probably_closed" in seen(tables(closing, NOW).threads, "thread_id state")
    history = f"{questions(150, every=4)}\n{thanks(60)}\n{answered}"
    assert "z1 dropped" in seen(tables(f"{history}\n{closing}", NOW).threads, "thread_id state")


def test_what_went_quiet_is_listed_by_the_chance_of_an_answer() -> None:
    box = tables(f"{HISTORY}\n{OPEN}", NOW).mailbox
    said = waiting_lists(box)
    assert [one.contact.address.partition("@")[0] for one in said.quiet] == ["xia", "wim"]
    assert said.probably_closed == len([one for one in box.threads["state"] if one == "probably_closed"]) > 60 * 0.9
    few = waiting_lists(tables(OPEN, NOW).mailbox)
    assert [one.contact.address.partition("@")[0] for one in few.quiet] == ["wim", "xia", "zoe"]  # the newest first


def test_earlier_weeks_are_counted_by_the_same_model() -> None:
    box = tables(f"{HISTORY}\n{OPEN}", NOW).mailbox
    assert quiet_count(box, int(instant("Mon-1 09:00").timestamp())) == 2 - 1  # Wim's is too young
    few = tables(OPEN, NOW).mailbox
    assert quiet_count(few, int(instant("Mon-1 09:00").timestamp())) == 3 - 1


def test_later_mail_changes_nothing() -> None:
    later = "Mon 09:01  me -> xia  [y1 < x1]\nMon+4 09:00  zoe -> me  [y2]"
    now, then = tables(f"{HISTORY}\n{OPEN}", NOW), tables(f"{HISTORY}\n{OPEN}\n{later}", NOW)
    assert chance(now) == chance(then)
    assert now.mailbox.model == then.mailbox.model


def test_the_order_of_reading_changes_nothing() -> None:
    table = log(HISTORY + "\n" + OPEN)
    other = table.take(np.random.default_rng(7).permutation(len(table)))
    assert chance(tables(other, NOW)) == chance(tables(table, NOW))


# How well it foresees


def test_the_model_foresees_what_the_base_rate_does_not() -> None:
    model = tables(HISTORY, NOW).mailbox.model
    assert model is not None
    assert model.turns == 330
    assert model.brier < 0.1 < 0.2 < model.base_brier


def test_where_it_foresees_no_better_than_the_share_answered_the_rule_stands() -> None:
    chances = np.random.default_rng(3)
    asked = [line for line in questions(400).splitlines() if " -> me " in line or chances.random() < 0.5]
    assert learnt_from("\n".join(asked)) is None
    assert learnt_from(thanks(150)) == 300


def test_the_base_rate_is_the_share_answered_until_then() -> None:
    """Reckoned plainly: 300 turns in six parts of fifty; each from the turns that were due when it began."""
    mail = tables(questions(300, every=3, per_day=2), NOW)
    rows = mail.turns.sort_values("asked_at")
    asked = rows["asked_at"].tolist()
    answered = (rows["outcome"] == "answered").tolist()
    squares = []
    for start in range(50, 300, 50):
        known = [answered[one] for one in range(start) if asked[one] + timedelta(days=14) <= asked[start]]
        if known:
            squares += [(sum(known) / len(known) - answered[one]) ** 2 for one in range(start, start + 50)]
    assert mail.mailbox.model is not None
    assert mail.mailbox.model.base_brier == pytest.approx(sum(squares) / len(squares))


def judged(mail: Tables) -> pd.DataFrame:
    """The features by the ask's id."""
    box = mail.mailbox
    return features(box.messages, box.on, box.turns, box.time).set_index(
        box.turns["ask"].map(box.messages["id"]).str.strip("<>").to_numpy()
    )
