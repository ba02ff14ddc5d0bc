"""The JSON files that Google's console gives out, and the addresses in them."""

import json
from pathlib import Path
from typing import Any

from mailcare.servers.options import unusable
from mailcare.servers.trust import secure


def client(path: Path) -> dict[str, Any]:
    """The OAuth client of a desktop app. Raises MailcareError where it is none."""
    return _checked("client_file", path, "installed", ("client_id", "client_secret", "auth_uri", "token_uri"))


def service_key(path: Path) -> dict[str, Any]:
    """The key of a service account. Raises MailcareError where it is none."""
    return _checked("service_account_file", path, "", ("client_email", "private_key", "token_uri"))


def _checked(key: str, path: Path, kind: str, names: tuple[str, ...]) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        entries = content[kind] if kind else content
        found = {name: entries[name] for name in names}
    except (OSError, ValueError, LookupError, TypeError):
        wanted = 'an OAuth client of the type "Desktop app"' if kind else "a service account's key"
        raise unusable(key, f"{path} is not {wanted}", "Download it as JSON from Google's console.") from None
    for name in names:
        if name.endswith("_uri"):
            secure(f"{key}: {name}", str(found[name]))
    return dict(entries)
