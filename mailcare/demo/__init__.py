"""An invented mailbox with a known truth: twenty weeks of Amara Osei's mail, up to Sunday 20 September 2026.

``cast`` says who writes, ``weeks`` what an ordinary week brings, ``scenes`` the special conversations; ``talk`` records
the truth beside each message as it is invented, by its own plain reckoning (``worktime``), so that the pipeline can be
checked against it. ``mbox`` writes the file.
"""

import json
from pathlib import Path

from mailcare.demo.cast import AMARA, AMARA_BEFORE, CIRCLES, TOMASZ, TOMASZ_SHORT
from mailcare.demo.scenes import SCENES
from mailcare.demo.talk import Story, Truth
from mailcare.demo.weeks import ordinary_weeks
from mailcare.demo.worktime import AS_OF, AWAY
from mailcare.demo.writing import mboxrd

__all__ = ["AS_OF", "Truth", "make", "truth"]

_SEED = 241

_CONFIG = """\
# Amara Osei's mail: invented by `mailcare demo`.
data_dir = "data"

[[account]]
name = "demo"
owner_name = "Amara Osei"
connector = "files"
path = "mail.mbox"
addresses = {addresses}
time_zone = "Europe/Berlin"
working_hours = "Mon-Fri 09:00-17:00"
holidays = "DE"
days_off = {days_off}

[aliases]
"{TOMASZ.name}" = {aliases}

[circles]
{circles}
"""


def make(folder: Path) -> Path:
    """Writes ``mail.mbox`` and ``config.toml`` into the folder, which only its owner may read; returns the config.

    The mail must be read as at ``AS_OF``: seen from a day before it, dates lie in the future. Raises OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    config, mbox = folder / "config.toml", folder / "mail.mbox"
    story, _ = _tell()
    _write(mbox, mboxrd(sorted(story.mails + story.copies, key=lambda mail: mail.at)))
    _write(config, _config())
    return config


def truth() -> Truth:
    """What is in the mailbox that ``make`` writes."""
    return _tell()[1]


def _tell() -> tuple[Story, Truth]:
    story = Story(_SEED)
    ordinary_weeks(story)
    for scene in SCENES:
        scene(story)
    return story, story.end()


def _config() -> str:
    return _CONFIG.format(
        days_off=_toml([f"{AWAY[0]}/{AWAY[-1]}"]),
        addresses=_toml([AMARA.address, AMARA_BEFORE.address]),
        TOMASZ=TOMASZ,
        aliases=_toml([TOMASZ.address, TOMASZ_SHORT.address]),
        circles="\n".join(f"{name} = {_toml(domains)}" for name, domains in CIRCLES.items()),
    )


def _toml(value: object) -> str:
    """Strings and lists of them are written alike in JSON and TOML."""
    return json.dumps(value, ensure_ascii=False)


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8", newline="\n")
