"""What every connector says of itself: complete, true to its class, and had without loading it."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import connectors as folder
from connectors.exchange import about as exchange
from connectors.exchange.access import BUILDS
from connectors.graph import about as graph
from connectors.graph.connector import CLOUDS
from mailcare.mail.about import Choice, Command, File, Number, Paths, Secret, Text
from mailcare.mail.discovery import about, connectors
from mailcare.mail.links import Clues

ROOT = Path(__file__).parents[2]
HEAVY = {
    *("numpy", "pandas", "pyarrow", "scipy", "holidays", "cryptography", "keyring", "ssl", "sqlite3"),
    *("exchangelib", "googleapiclient", "google", "imapclient", "httpx", "msal", "requests"),
}
ADDRESS = "me@example.com"


@pytest.fixture(params=connectors())
def name(request):
    return request.param


def test_its_folder_is_its_registration(name):
    """And there is a class of that name in it, which can be checked and read."""
    assert {path.name for path in Path(folder.__path__[0]).iterdir() if (path / "connector.py").is_file()} == set(
        connectors()
    )
    made = getattr(import_module(f"connectors.{name}.connector"), name.capitalize())
    assert callable(made.check)
    assert callable(made.read)


def test_its_keys_are_all_explained_and_none_twice(name):
    keys = about(name).keys
    assert len({key.name for key in keys}) == len(keys)
    for key in keys:
        assert len(key.help) > 5, key.name
        assert "\n" not in key.explained + key.without, key.name
        match key:
            case Number(default=None):
                assert key.without, key.name
            case Number():
                assert key.least <= key.default <= key.most, key.name
            case Choice():
                assert len(key.choices) > 1, key.name


def test_what_is_shown_of_its_keys_would_be_right(name):
    for key in (key for key in about(name).keys if not isinstance(key, Secret)):
        value = tomllib.loads(key.shown)[key.name]
        assert value, key.name
        match key:
            case Number():
                assert key.least <= value <= key.most, key.name
            case Text() | Choice() | File() | Paths() | Command():
                assert isinstance(value, str), key.name


def test_init_asks_for_its_keys_and_leaves_out_none_that_is_needed(name):
    said = about(name)
    asked = {question.key: question for question in said.questions}
    assert {key.name for key in said.keys if key.needed} <= asked.keys() <= {key.name for key in said.keys}
    for question in asked.values():
        assert question.text or question.default
        assert "{" not in question.default.format(address=ADDRESS, domain="example.com")
        assert not question.there or question.key in said.paths


def test_each_is_offered_by_a_title_and_a_place_of_its_own():
    said = [about(name) for name in connectors()]
    assert len({one.title for one in said}) == len({one.order for one in said}) == len(said)


def test_its_messages_can_be_opened(name):
    """Once the server is known and has told its own addresses."""
    told = {"<a@b.example>": "https://mail.example.com/1"}
    link = about(name).link(Clues(ADDRESS, {"server": "mail.example.com"}, told))
    assert link("<a@b.example>", "AAMk=").startswith(("https://", "mid:"))
    assert link("<no at sign>", "no key") == ""


def test_what_tries_again_is_put_around_it_in_one_place(name):
    """Its parts ask once, and raise what may pass by (``servers.later``)."""
    parts = Path(folder.__path__[0], name).glob("*.py")
    knowing = {part.name for part in parts if "servers.patience" in part.read_text(encoding="utf-8")}
    assert knowing <= {"connector.py"}


def test_only_connectors_are_told_of():
    assert about("imapp") is None
    assert about("") is None
    assert about("../connectors/imap") is None


def test_what_is_told_without_the_library_is_what_the_library_has():
    assert set(exchange.VERSIONS) == BUILDS.keys()
    (cloud,) = (key for key in graph.ABOUT.keys if key.name == "cloud")
    assert list(cloud.choices) == list(CLOUDS)


def test_nothing_else_knows_its_name(name):
    """Neither the figures, nor the pages, nor who asks for a first configuration."""
    folders = [ROOT / part for part in ("mailcare/pipeline", "mailcare/measures", "mailcare/values", "reports")]
    sources = [path for part in folders for path in part.rglob("*.py")]
    assert len(sources) > 40
    asking = ROOT / "mailcare/commands/first_config.py"
    assert [path.name for path in [*sources, asking] if f'"{name}"' in path.read_text(encoding="utf-8")] == []


def test_listing_them_loads_none():
    code = "import sys; from mailcare.mail.discovery import connectors; connectors(); print(*sys.modules)"
    loaded = _printed("-c", code).split()
    assert [module for module in loaded if module.startswith("connectors.")] == []


def test_what_they_say_is_had_without_anything_heavy():
    code = "import sys; from mailcare.mail.discovery import about, connectors; [*map(about, connectors())]"
    loaded = _printed("-c", f"{code}; print(*sys.modules)").split()
    assert {module.partition(".")[0] for module in loaded} & HEAVY == set()
    assert [module for module in loaded if module.startswith("connectors.") and module.endswith(".connector")] == []


def test_a_misspelt_connector_is_told_without_loading_one_or_anything_heavy(tmp_path):
    """Nor what reads mail, counts or sends: the command is done at once."""
    (tmp_path / "config.toml").write_text(
        '[[account]]\nname = "work"\nconnector = "imapp"\naddresses = ["me@example.com"]\ntime_zone = "Europe/Berlin"\n'
        'working_hours = "Mon-Fri 09:00-17:00"\n[circles]\ncolleagues = ["example.com"]\n'
    )
    code = f"""
import sys
sys.argv = ["mailcare", "config", "check", "--config", {str(tmp_path / "config.toml")!r}]
from mailcare.cli import main
try:
    main()
except SystemExit as end:
    assert end.code == 2
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.endswith("no connector is called 'imapp'. Did you mean imap?\n")
    loaded = done.stdout.split()
    assert {module.partition(".")[0] for module in loaded} & HEAVY == set()
    assert [module for module in loaded if module.startswith("connectors.")] == []


def _printed(*arguments):
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout
