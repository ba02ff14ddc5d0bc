"""Open turns that are left out make an owner look quick: the benchmark's simulated mailbox."""

from benchmarks.censoring import SEED, simulated


def test_the_plain_median_is_off_by_more_than_half_and_kaplan_meier_by_less_than_a_twentieth() -> None:
    seen = simulated(SEED)
    assert seen.kaplan_meier is not None
    assert abs(seen.answered_only / seen.truth - 1) > 0.5
    assert abs(seen.kaplan_meier / seen.truth - 1) < 0.05
