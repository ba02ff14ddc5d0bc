"""Why open turns are not left out: a simulated mailbox of which the true half-way point is known.

    python -m benchmarks.censoring

A quarter of the mail is never answered, and the mailbox ends while the last weeks' mail still waits. Prints the time by
which half of all the mail has an answer: the truth, the plain median of the answered turns, and Kaplan-Meier.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mailcare.measures.reply_latency import reply_latency

SEED = 2026
TURNS = 40_000
WEEKS, WEEK_HOURS, DAY_HOURS = 12, 40.0, 8.0
NEVER = 0.25
USUAL, SPREAD = 20.0, 1.4
"""Answers that come take 20 working hours at the median, by a log-normal law."""
HALF_OF_ALL = 0.5 / (1 - NEVER)
"""The share of the answers that come by when half of all the mail has one."""


@dataclass(frozen=True, slots=True)
class HalfWay:
    """Working hours until half of the mail has an answer."""

    truth: float
    answered_only: float
    kaplan_meier: float | None


def simulated(seed: int) -> HalfWay:
    """The half-way point, known from the law itself and as the two ways tell it from what was seen when the mailbox
    ended."""
    chance = np.random.default_rng(seed)
    left = chance.uniform(0, WEEKS * WEEK_HOURS, TURNS)
    takes = np.where(chance.random(TURNS) < NEVER, np.inf, chance.lognormal(np.log(USUAL), SPREAD, TURNS))
    answered = takes <= left
    turns = pd.DataFrame({"working": np.minimum(takes, left), "outcome": np.where(answered, "answered", "open")})
    law = np.random.default_rng(seed + 1).lognormal(np.log(USUAL), SPREAD, 2_000_000)
    return HalfWay(
        truth=float(np.quantile(law, HALF_OF_ALL)),
        answered_only=float(np.median(takes[answered])),
        kaplan_meier=reply_latency(turns, DAY_HOURS).quartiles[1],
    )


def main() -> None:
    seen = simulated(SEED)
    print(f"seed {SEED}, {TURNS:,} turns; the true half-way point is {seen.truth:.2f} working hours")
    for name, hours in (("median of the answered", seen.answered_only), ("Kaplan-Meier", seen.kaplan_meier)):
        print(f"{name:24} {hours:6.2f} h, {abs(hours / seen.truth - 1):6.1%} off" if hours else f"{name}: not reached")


if __name__ == "__main__":
    main()
