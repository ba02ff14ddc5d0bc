"""What is found on a machine in the usual places."""

from pathlib import Path

from connectors.files.nearby import nearby


def test_mail_in_the_usual_places_is_found(tmp_path: Path) -> None:
    flatpak = ".var/app/org.mozilla.Thunderbird/.thunderbird/b.default/ImapMail/imap.example.com"
    for folder in (
        ".thunderbird/a.default/ImapMail/imap.example.com",
        ".thunderbird/a.default/Mail/Local Folders",
        flatpak,
    ):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "INBOX").write_text("")
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Mail/work" / part).mkdir(parents=True)
    (tmp_path / "Downloads/Takeout/Mail").mkdir(parents=True)
    (tmp_path / "Downloads/Takeout/Mail/All mail.mbox").write_text("")
    (tmp_path / "Documents").mkdir()
    (tmp_path / "Documents/other.mbox").write_text("")
    assert [Path(one.options["path"]).relative_to(tmp_path).as_posix() for one in nearby(tmp_path)] == [
        ".thunderbird/a.default/Mail/Local Folders",
        ".thunderbird/a.default/ImapMail/imap.example.com",
        flatpak,
        "Mail/work",
        "Downloads/Takeout/Mail/All mail.mbox",
    ]
