"""Which messages expect an answer (docs/measures.md, "Which messages expect an answer")."""

from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Model


def answers_expected(box: Mailbox) -> Model | None:
    """Nothing of what a message says is read, so "thanks!" looks like a question. Once two hundred messages to you have
    had fourteen days, a model learns which of them you answer: from who wrote to whom, when and in reply to what, in
    your own past alone. A conversation past its grace period is counted and not listed where the model gives an answer
    less than one chance in five; with less history, where the last word is a single message soon after your answer and
    nothing followed it for five working days.

    None where there is too little history for the model.
    """
    return Model(box.model.turns, box.model.brier, box.model.base_brier) if box.model else None
