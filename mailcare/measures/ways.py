"""The ten ways of caring together, in the contract's order (MEASURES section 4)."""

from mailcare.measures.accountability import accountability
from mailcare.measures.active_listening import active_listening
from mailcare.measures.continuous_learning import continuous_learning
from mailcare.measures.empathy import empathy
from mailcare.measures.engagement import engagement
from mailcare.measures.follow_through import follow_through
from mailcare.measures.inclusivity import inclusivity
from mailcare.measures.integrity import integrity
from mailcare.measures.proactiveness import proactiveness
from mailcare.measures.promptness import promptness
from mailcare.measures.window import Window
from mailcare.pipeline.tables_of import Mailbox
from mailcare.values import Way


def ten_ways(box: Mailbox, seen: Window, grace_days: dict[str, float]) -> tuple[Way, ...]:
    """All ten, each for itself; ``grace_days`` by circle."""
    return (
        active_listening(box, seen),
        engagement(box, seen),
        inclusivity(box, seen),
        promptness(box, seen),
        follow_through(box, seen),
        empathy(box, seen),
        proactiveness(box, seen, grace_days),
        accountability(box, seen, grace_days),
        continuous_learning(box, seen),
        integrity(box, seen),
    )
