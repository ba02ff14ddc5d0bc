"""The files that are made from the program, or parts of them: ``python -m tests.docs.references`` writes them anew."""

from tests.docs import commands, configuration, connect, example, manual
from tests.docs.configuration import ROOT

MADE = {
    example.EXAMPLE: example.page,
    ROOT / "docs/commands.md": commands.page,
    ROOT / "docs/configuration.md": configuration.page,
    ROOT / "docs/connect.md": connect.page,
    ROOT / "docs/mailcare.1": manual.page,
}

if __name__ == "__main__":
    for path, page in MADE.items():
        path.write_text(page(), encoding="utf-8")
