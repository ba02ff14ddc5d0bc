"""The vault: secrets in the keyring, or in a file for the owner alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.null import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from mailcare.disk.vault import SERVICE, Vault
from mailcare.errors import Exit, MailcareError

SECRET = "correct horse"


class MemoryKeyring(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._unlocked()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._unlocked()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._unlocked()
        del self.entries[service, username]

    def _unlocked(self) -> None:
        if self.locked:
            raise KeyringLocked(f"cannot read {SECRET}")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.fixture
def ring() -> MemoryKeyring:
    ring = MemoryKeyring()
    keyring.set_keyring(ring)
    return ring


@pytest.fixture
def no_ring() -> None:
    keyring.set_keyring(NoKeyring())


def test_the_keyring_keeps_it_where_there_is_one(ring: MemoryKeyring, tmp_path: Path) -> None:
    Vault(tmp_path / "work.json").put("password", SECRET)
    assert ring.entries == {(SERVICE, "work/password"): SECRET}
    assert Vault(tmp_path / "work.json").get("password") == SECRET
    assert Vault(tmp_path / "home.json").get("password") is None
    assert SECRET not in (tmp_path / "work.json").read_text()


def test_where_the_keyring_is_out_of_reach_that_is_said(ring: MemoryKeyring, tmp_path: Path) -> None:
    Vault(tmp_path / "work.json").put("password", SECRET)
    keyring.set_keyring(NoKeyring())
    with pytest.raises(MailcareError, match="in a keyring that cannot be reached from here") as error:
        Vault(tmp_path / "work.json").get("password")
    assert error.value.code == Exit.LOGIN
    Vault(tmp_path / "work.json").put("password", "here")
    assert Vault(tmp_path / "work.json").get("password") == "here"


def test_cleared_it_holds_nothing_and_the_others_do(ring: MemoryKeyring, tmp_path: Path) -> None:
    for account in ("work", "home"):
        Vault(tmp_path / f"{account}.json").put("password", SECRET)
        Vault(tmp_path / f"{account}.json").put("store_key", SECRET)
    assert Vault(tmp_path / "work.json").names() == ["password", "store_key"]
    Vault(tmp_path / "work.json").clear()
    Vault(tmp_path / "work.json").clear()
    assert Vault(tmp_path / "work.json").names() == []
    assert sorted(ring.entries) == [(SERVICE, "home/password"), (SERVICE, "home/store_key")]
    assert [path.name for path in tmp_path.iterdir()] == ["home.json"]


def test_it_is_cleared_where_somebody_took_the_secret_out_of_the_keyring(ring: MemoryKeyring, tmp_path: Path) -> None:
    Vault(tmp_path / "work.json").put("password", SECRET)
    ring.entries.clear()
    Vault(tmp_path / "work.json").clear()
    assert list(tmp_path.iterdir()) == []


def test_what_the_file_replaced_goes_from_the_keyring_too(ring: MemoryKeyring, tmp_path: Path) -> None:
    Vault(tmp_path / "work.json").put("password", SECRET)
    keyring.set_keyring(NoKeyring())
    Vault(tmp_path / "work.json").put("password", "here")
    keyring.set_keyring(ring)
    Vault(tmp_path / "work.json").clear()
    assert ring.entries == {}


def test_what_an_unreachable_keyring_holds_is_not_said_to_be_gone(ring: MemoryKeyring, tmp_path: Path) -> None:
    Vault(tmp_path / "work.json").put("password", SECRET)
    keyring.set_keyring(NoKeyring())
    with pytest.raises(MailcareError, match="in a keyring that cannot be reached from here"):
        Vault(tmp_path / "work.json").clear()
    assert Vault(tmp_path / "work.json").names() == ["password"]


def test_a_keyring_that_does_not_load_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken() -> KeyringBackend:
        raise ModuleNotFoundError("no module named foo")

    monkeypatch.setattr(keyring, "get_keyring", broken)
    with pytest.raises(MailcareError, match="ModuleNotFoundError"):
        Vault(tmp_path / "work.json").get("password")


@pytest.mark.usefixtures("no_ring")
def test_without_a_keyring_a_file_for_the_owner_alone_keeps_it(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    vault = Vault(folder / "work.json")
    assert vault.get("password") is None
    vault.put("password", SECRET)
    vault.put("token", "t1")
    vault.put("token", "t2")
    assert (vault.get("password"), vault.get("token")) == (SECRET, "t2")
    assert [path.name for path in folder.iterdir()] == ["work.json"]
    assert ((folder / "work.json").stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_keyring_that_came_later_takes_over(ring: MemoryKeyring, tmp_path: Path) -> None:
    keyring.set_keyring(NoKeyring())
    Vault(tmp_path / "work.json").put("password", "old")
    Vault(tmp_path / "work.json").put("token", "other")
    keyring.set_keyring(ring)
    vault = Vault(tmp_path / "work.json")
    assert vault.get("password") == "old"
    vault.put("password", SECRET)
    assert vault.get("password") == SECRET
    assert json.loads((tmp_path / "work.json").read_text()) == {"password": None, "token": "other"}


@pytest.mark.usefixtures("no_ring")
def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    Vault(tmp_path / "work.json").put("password", SECRET)
    (tmp_path / "work.json").chmod(0o644)
    with pytest.raises(MailcareError, match="others may read") as error:
        Vault(tmp_path / "work.json").get("password")
    assert SECRET not in str(error.value)


@pytest.mark.usefixtures("no_ring")
@pytest.mark.parametrize("damage", ["", "{", '["correct horse"]', "5", "null", '{"password": 5}', b"\xff\xfe"])
def test_a_damaged_file_is_told(tmp_path: Path, damage: str | bytes) -> None:
    path = tmp_path / "work.json"
    path.write_bytes(damage if isinstance(damage, bytes) else damage.encode())
    path.chmod(0o600)
    with pytest.raises(MailcareError, match="damaged") as error:
        Vault(tmp_path / "work.json").get("password")
    assert SECRET not in str(error.value)


def test_a_locked_keyring_is_told_without_its_text(ring: MemoryKeyring, tmp_path: Path) -> None:
    ring.locked = True
    for use in (lambda vault: vault.get("password"), lambda vault: vault.put("password", SECRET)):
        with pytest.raises(MailcareError, match="KeyringLocked") as error:
            use(Vault(tmp_path / "work.json"))
        assert error.value.code == Exit.LOGIN
        assert SECRET not in str(error.value)


@pytest.mark.usefixtures("no_ring")
def test_nothing_secret_is_in_its_representation(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "work.json")
    vault.put("password", SECRET)
    assert SECRET not in repr(vault) + repr(vars(vault))


def test_what_is_forgotten_is_in_neither_keyring_nor_file(tmp_path: Path) -> None:
    ring = MemoryKeyring()
    keyring.set_keyring(ring)
    vault, other = Vault(tmp_path / "work.json"), Vault(tmp_path / "home.json")
    for one in (vault, other):
        one.put("password", SECRET)
    vault.clear()
    assert list(ring.entries) == [(SERVICE, "home/password")]
    assert [path.name for path in tmp_path.iterdir()] == ["home.json"]
    assert vault.get("password") is None
    vault.clear()


def test_what_is_forgotten_without_a_keyring_is_gone_from_the_file(tmp_path: Path) -> None:
    keyring.set_keyring(NoKeyring())
    vault = Vault(tmp_path / "work.json")
    vault.put("password", SECRET)
    vault.clear()
    assert list(tmp_path.iterdir()) == []
