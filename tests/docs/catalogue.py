"""What the pages say: all their messages, and the catalogue of a language brought up to date with them.

``python -m tests.docs.catalogue fr`` makes or updates ``reports/locale/fr/LC_MESSAGES/mailcare.po``; what is then
empty in it is to be translated.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import reports
from mailcare.tables import QUALITY
from reports.language import Language

REPORTS = Path(reports.__path__[0])
IDLE = re.compile(
    r'^"(Project-Id-Version|Report-Msgid-Bugs-To|Last-Translator|Language-Team|[\w-]+-Date|Generated-By):.*\n',
    re.MULTILINE,
)
"""Lines of a catalogue's head that say nothing here, or another thing each time."""
METHODS = [("**.j2", "jinja2.ext:babel_extract"), ("**.py", "python")]
OPTIONS = {"**.j2": {"extensions": "jinja2.ext.i18n", "silent": "false"}}
for _option in ("trimmed", "newstyle_gettext", "trim_blocks", "lstrip_blocks", "keep_trailing_newline"):
    OPTIONS["**.j2"][_option] = "true"

FORBIDDEN = (
    "late, failed, failure, breach, overdue, score, rank, streak, red, green, great, excellent, perfect, well done,"
    " congratulations, poor, bad, kpi, sla"
)
"""Words that no page uses, in small letters."""
FORBIDDEN_CONTEXT = "words that no page uses: blame, marks, praise; separated by commas"


def forbidden(language: Language) -> list[str]:
    """The words that no page in this language uses."""
    return language.pgettext(FORBIDDEN_CONTEXT, FORBIDDEN).split(", ")


def template() -> Catalog:
    """Every message of the pages, untranslated: of the templates and the modules below ``reports``, the reasons in
    ``QUALITY``, and the forbidden words."""
    found = Catalog()
    for file, _, message, comments, context in extract_from_dir(
        REPORTS, METHODS, OPTIONS, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        found.add(message, locations=[(f"reports/{file}", 0)], auto_comments=comments, context=context)
    for reason in QUALITY.values():
        found.add(reason, locations=[("mailcare/tables.py", 0)])
    found.add(FORBIDDEN, locations=[("tests/docs/catalogue.py", 0)], context=FORBIDDEN_CONTEXT)
    return found


def path(code: str) -> Path:
    """Where the catalogue of a language is."""
    return REPORTS / "locale" / code / "LC_MESSAGES" / "mailcare.po"


def read(code: str) -> Catalog:
    """The catalogue of a language as it is; an empty one where there is none."""
    if not path(code).exists():
        return Catalog(locale=Locale.parse(code), header_comment=f"# mailcare's pages: {code}.", fuzzy=False)
    with path(code).open("rb") as file:
        return read_po(file, locale=code)


def update(code: str) -> int:
    """Bring the catalogue of a language up to date, and return how many of its messages are untranslated."""
    catalogue = read(code)
    catalogue.update(template(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path(code).parent.mkdir(parents=True, exist_ok=True)
    with path(code).open("wb") as file:
        write_po(file, catalogue, width=110, include_lineno=False)
    text = path(code).read_text(encoding="utf-8")
    path(code).write_text(IDLE.sub("", text), encoding="utf-8")
    return sum(not all(texts(one.string)) for one in catalogue if one.id)


def faults(catalogue: Catalog, wanted: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue: each message that is missing, fuzzy, not wanted any more, or whose placeholders
    or marks are not those of the original. A singular may do without the count."""
    for message in wanted:
        if not message.id:
            continue
        first, *more = texts(message.id)
        found = catalogue.get(message.id, message.context)
        if found is None or not all(texts(found.string)):
            yield f"untranslated: {first}"
        elif found.fuzzy:
            yield f"fuzzy: {first}"
        elif len(texts(found.string)) != (catalogue.num_plurals if more else 1):
            yield f"not its plural forms: {first}"
        elif not _same_marks(texts(message.id), texts(found.string)):
            yield f"other placeholders: {first}"
    for message in [*catalogue, *catalogue.obsolete.values()]:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"not said any more: {texts(message.id)[0]}"


def _same_marks(original: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Every plural form has the marks of the original's plural; the singular has those of its own, or the count too."""
    (first, *many), (singular, *plurals) = map(_marks, original), map(_marks, said)
    if not many:
        return singular == first
    return not first - singular and not singular - (first | many[0]) and all(one == many[0] for one in plurals)


def _marks(text: str) -> Counter[str]:
    return Counter(re.findall(r"%\(\w+\)s|%%|</?\w+>", text))


def texts(message: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """The forms of a message: one, or one for each plural."""
    return (message,) if isinstance(message, str) else tuple(message or ("",))


if __name__ == "__main__":
    sys.stdout.write(f"{path(sys.argv[1])}: {update(sys.argv[1])} messages to translate\n")
