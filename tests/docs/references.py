"""The pages of ``docs`` that are made from the program: ``python -m tests.docs.references`` writes them anew."""

from tests.docs import commands, configuration, connect, manual
from tests.docs.configuration import ROOT

MADE = {
    ROOT / "docs/commands.md": commands.page,
    ROOT / "docs/configuration.md": configuration.page,
    ROOT / "docs/connect.md": connect.page,
    ROOT / "docs/mailcare.1": manual.page,
}

if __name__ == "__main__":
    for path, page in MADE.items():
        path.write_text(page(), encoding="utf-8")
