"""Working hours between instants: time zone, weekday hours, public holidays, days off."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When the owner works."""

    time_zone: str = "UTC"
    hours: str = "Mon-Fri 09:00-17:00"
    """Comma-separated spans of weekdays and local times; see ``parse_hours``."""
    holidays: str = ""
    """ISO 3166 country, or country-subdivision, such as ``DE`` or ``DE-BY``; empty for none."""
    days_off: tuple[tuple[date, date], ...] = ()
    """First and last day of each absence, both included."""
