"""Your rhythm (docs/measures.md, "Your rhythm")."""

import numpy as np

from mailcare.hours.clock import at_work, local_times
from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Rhythm


def rhythm(box: Mailbox, since: int, until: int, weeks: int) -> Rhythm:
    """When you write: your messages by weekday and hour, in your own time zone.

    Human messages sent between two instants (seconds), the ``weeks`` of the trend.
    """
    messages = box.messages
    at = messages["at"].to_numpy()[(messages["sent"] & ~messages["automated"]).to_numpy()]
    at = at[(at >= since) & (at < until)]
    times = local_times(box.time, at)
    cells = np.zeros((7, 24), np.int64)
    np.add.at(cells, (times.day_of_week, times.hour), 1)
    return Rhythm(
        cells=tuple(tuple(int(count) for count in row) for row in cells),
        sent=len(at),
        outside=int((~at_work(box.time, at)).sum()),
        weeks=weeks,
    )
