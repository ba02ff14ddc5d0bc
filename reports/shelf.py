"""The reports of an account on the disk: how they are named, which there are, and the page that lists them."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from mailcare.disk import deliver
from mailcare.hours.clock import local_days, monday_before, week_name
from mailcare.hours.worktime import WorkingTime
from mailcare.place import SHELF_PAGE, WEEK_PAGE
from mailcare.values.week import Contact
from reports import index
from reports.language import Language


def name_of(time: WorkingTime, as_of: datetime) -> str:
    """The file of the report on the last full week before ``as_of`` (aware), in the owner's time zone."""
    monday = monday_before(local_days(time, [as_of])[0].date()) - timedelta(weeks=1)
    return f"{week_name(monday)}.html"


def written(folder: Path) -> dict[date, str]:
    """The reports in a folder: Monday of the week → name of the file."""
    found = {}
    for page in folder.glob(WEEK_PAGE):
        with suppress(ValueError):
            found[date.fromisoformat(f"{page.stem}-1")] = page.name
    return found


def put(page: str, path: Path) -> None:
    """Write a report; a PDF of an earlier edition goes. Raises MailcareError if the disk fails."""
    if not path.is_file() or path.read_text("utf-8", "replace") != page:
        path.with_suffix(".pdf").unlink(missing_ok=True)
    deliver.write(path, page)


def list_reports(owner: Contact, folder: Path, language: Language) -> None:
    """Write the page that lists the reports in a folder."""
    deliver.write(folder / SHELF_PAGE, index.render(owner, written(folder), language=language))
