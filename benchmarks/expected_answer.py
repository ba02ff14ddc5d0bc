"""Is an answer expected? How well the model (docs/measures.md, "p_answer") foresees answers in real mail.

    python -m benchmarks.expected_answer NAME=PATH=ADDRESS[,ADDRESS…] …

Each mailbox is read from its file or folder. In order of time: every part is foreseen from the turns before it that
were due when it began. Beside the model stand the share answered until then, and the rule "the last message was not
mine", which expects an answer to every turn. Last, of the ten longest waits that were ``dropped`` when three quarters
of the mailbox's time were over: how many were answered after all, and how many of the ten longest by that rule.
"""

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from mailcare import weekly
from mailcare.config.settings import Account
from mailcare.owner import Owner
from mailcare.pipeline.expected import Checked, checked, learnable
from mailcare.pipeline.mailbox import Mailbox
from mailcare.place import Place

BINS = 10
LONGEST = 10
ROW = "{:22} {:>6} {:>7} {:>7} {:>8} {:>8} {:>7} {:>9} {:>9}"


def calibration_error(said: np.ndarray, came: np.ndarray) -> float:
    """The mean distance between what was said and the share that came, over ten bins, weighed by their turns."""
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    return float(sum(abs((said - came)[bins == one].sum()) for one in range(BINS)) / len(said))


def foreseen(box: Mailbox, as_of: datetime) -> Checked | None:
    """What the model says of each turn from those before it."""
    table, answered, rows, due = learnable(box.messages, box.on, box.turns, box.time, int(as_of.timestamp()))
    return checked(table[rows], answered[rows], box.turns["asked_at"].to_numpy()[rows], due[rows])


def answered_later(account: Account, place: Place, first: pd.Timestamp, last: pd.Timestamp) -> tuple[str, str]:
    """How many of the ten longest ``dropped``, and of the ten longest open turns, of a past moment were answered after
    it."""
    then = (first + (last - first) * 0.75).to_pydatetime()
    now, past = (weekly.tables(account, place, moment) for moment in (last.to_pydatetime(), then))
    came = set(now.turns["ask_message_id"][now.turns["outcome"] == "answered"])
    waiting = past.turns[(past.turns["outcome"] == "open") & (past.turns["asked_at"] >= then - timedelta(days=90))]
    waiting = waiting.sort_values("asked_at").drop_duplicates("thread_id")
    dropped = waiting["thread_id"].isin(past.threads["thread_id"][past.threads["state"] == "dropped"])
    lists = (rows["ask_message_id"][:LONGEST] for rows in (waiting[dropped], waiting))
    by_model, by_rule = (f"{asks.isin(came).sum()} of {len(asks)}" for asks in lists)
    return by_model, by_rule


def line(name: str, seen: Checked, dropped: str = "", rule: str = "") -> str:
    """A row of the table."""
    scores = [float(((said - seen.answered) ** 2).mean()) for said in (seen.said, seen.base, np.ones(len(seen.said)))]
    auc = roc_auc_score(seen.answered, seen.said)
    figures = (
        f"{auc:.3f}",
        *(f"{score:.4f}" for score in scores),
        f"{calibration_error(seen.said, seen.answered):.3f}",
    )
    return ROW.format(name, len(seen.said), *figures, dropped, rule)


def main(arguments: list[str]) -> None:
    print(ROW.format("mailbox", "turns", "AUC", "Brier", "base", "rule", "ECE", "dropped", "by rule"))
    everything: list[Checked] = []
    for argument in arguments:
        name, path, addresses = argument.split("=")
        account = Account(name, "files", Owner(tuple(addresses.split(",")), exclude_folders=()), {"path": path})
        with tempfile.TemporaryDirectory() as folder:
            place = Place(Path(folder))
            weekly.sync(account, place, datetime.now(UTC))
            tables = weekly.tables(account, place, datetime.now(UTC))
            first, last = tables.messages["at"].quantile([0.01, 1.0])
            made = weekly.tables(account, place, last.to_pydatetime())
            seen = foreseen(made.mailbox, last.to_pydatetime())
            if not seen:
                print(f"{name}: too few turns")
                continue
            everything.append(seen)
            print(line(name, seen, *answered_later(account, place, first, last)), flush=True)
    columns = (np.concatenate([getattr(one, part) for one in everything]) for part in ("answered", "said", "base"))
    print(line("all together", Checked(*columns, strength=0)))


if __name__ == "__main__":
    main(sys.argv[1:])
