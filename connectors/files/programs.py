"""Where mail programs keep their mail: a table, one program a row.

A place is a pattern below a base, the word in capitals (``nearby.bases``): ``*`` and ``?`` stand within one name, whose
case doesn't matter there.
"""

from enum import Enum, auto
from typing import NamedTuple


class Each(Enum):
    """What each match of a place is."""

    MAILBOX = auto()
    """A mailbox: a file, or a folder with all of its folders."""
    ACCOUNTS = auto()
    """A mailbox, or a folder with one for each account."""
    PART = auto()
    """A part of the mailbox that the files of this kind in its folder are together."""
    PROFILES = auto()
    """A folder with the profiles of a program of Mozilla's family."""


class Program(NamedTuple):
    """A mail program, or a way to export mail."""

    name: str
    """As its owner knows it; empty if several programs keep mail there, and the mail itself says more."""
    places: tuple[str, ...]
    each: Each = Each.MAILBOX
    todo: str = ""
    """What helps if such a place may not be read."""


class Unreadable(NamedTuple):
    """A mail program whose own files can't be read."""

    what: str
    places: tuple[str, ...]
    todo: str


_FULL_DISK_ACCESS = (
    "Let your terminal read it: System Settings › Privacy & Security › Full Disk Access; then run mailcare init again."
)

PROGRAMS = (
    Program(
        "Thunderbird",
        (
            *("HOME/.thunderbird", "HOME/.mozilla-thunderbird", "HOME/snap/thunderbird/common/.thunderbird"),
            *("HOME/.var/app/*hunderbird*/.thunderbird", "CONFIG/thunderbird", "HOME/Library/Thunderbird"),
            *("ROAMING/Thunderbird", "LOCAL/Packages/*Thunderbird*/LocalCache/Roaming/Thunderbird"),
        ),
        Each.PROFILES,
    ),
    Program(
        "Betterbird",
        (
            *("HOME/.betterbird", "HOME/.var/app/*betterbird*/.thunderbird", "HOME/.var/app/*betterbird*/.betterbird"),
            *("HOME/Library/Betterbird", "ROAMING/Betterbird"),
        ),
        Each.PROFILES,
    ),
    Program("Icedove", ("HOME/.icedove",), Each.PROFILES),
    Program(
        "SeaMonkey",
        (
            *("HOME/.mozilla/seamonkey", "HOME/Library/Application Support/SeaMonkey", "ROAMING/Mozilla/SeaMonkey"),
            "HOME/.var/app/*seamonkey*/.mozilla/seamonkey",
        ),
        Each.PROFILES,
    ),
    Program("Postbox", ("HOME/Library/Application Support/Postbox*", "ROAMING/Postbox*"), Each.PROFILES),
    Program(
        "Evolution",
        (
            "DATA/evolution/mail/*",
            "HOME/.evolution/mail/local",
            "HOME/.var/app/org.gnome.Evolution/data/evolution/mail/*",
        ),
    ),
    Program(
        "what Evolution has downloaded of a server's mail",
        ("CACHE/evolution/mail/*", "HOME/.var/app/org.gnome.Evolution/cache/evolution/mail/*"),
    ),
    Program(
        "KMail",
        (
            *("DATA/local-mail*", "DATA/akonadi_maildir_resource_*", "HOME/.var/app/org.kde.*/data/local-mail*"),
            *("HOME/.kde*/share/apps/kmail/mail", "HOME/.kde*/share/apps/kmail/dimap"),
            "HOME/.trinity/share/apps/kmail/mail",
        ),
    ),
    Program("what Claws Mail has downloaded of a server's mail", ("HOME/.claws-mail/imapcache/*/*",)),
    Program("what Sylpheed has downloaded of a server's mail", ("HOME/.sylpheed*/imapcache/*/*",)),
    Program(
        "Apple Mail",
        (
            "HOME/Library/Mail/V*",
            "HOME/Library/Mail/Mailboxes",
            "HOME/Library/Containers/com.apple.mail/Data/Library/Mail/V*",
        ),
        todo=_FULL_DISK_ACCESS,
    ),
    Program(
        "Outlook",
        (
            *("LOCAL/Microsoft/Outlook/*.ost", "LOCAL/Microsoft/Outlook/*.pst"),
            *("DOCUMENTS/*Outlook*/*.pst", "LOOSE/*.pst", "LOOSE/*.ost"),
        ),
        todo="Close Outlook, let your user read it, and run mailcare init again.",
    ),
    Program("an export of Outlook for Mac", ("LOOSE/*.olm",)),
    Program(
        "Windows Live Mail",
        ("LOCAL/Microsoft/Windows Live Mail", "LOCAL/Microsoft/Windows Mail"),
        Each.ACCOUNTS,
    ),
    Program("Eudora", ("ROAMING/Qualcomm/Eudora", "DOCUMENTS/Eudora Folder/Mail Folder")),
    Program(
        "",
        (
            *("HOME/Maildir", "HOME/Mail", "HOME/mail", "HOME/.maildir", "HOME/.mail", "HOME/.Mail", "HOME/Maildirs"),
            *("HOME/email", "HOME/Email", "HOME/.email", "HOME/mails", "HOME/.local/mail", "DATA/mail", "DATA/maildir"),
            *("HOME/mbox", "HOME/RMAIL", "MAIL", "MAILDIR"),
        ),
        Each.ACCOUNTS,
    ),
    Program(
        "Google Takeout",
        ("LOOSE/Takeout*/*/*.mbox", "LOOSE/takeout*/Takeout/*/*.mbox"),
        Each.PART,
    ),
    Program("Google Takeout's archive", ("LOOSE/takeout-*.zip", "LOOSE/takeout-*.tgz", "LOOSE/takeout-*.tar.gz")),
    Program(
        "an export of Proton's",
        ("LOOSE/*@*/mail_*", "LOOSE/proton*/*@*/mail_*", "LOOSE/proton*/mail_*", "LOOSE/mail_*_*"),
    ),
    Program("Got Your Back", ("LOOSE/GYB-GMail-Backup-*",)),
    Program("gmvault", ("HOME/gmvault-db", "LOOSE/gmvault*")),
    Program("", ("LOOSE/*.mbox", "LOOSE/*.mbx", "LOOSE/*.mbox.?z", "LOOSE/*.mbox.zst", "LOOSE/*.mbox.bz2")),
    Program(
        "",
        ("SAVED/*/*.mbox", "SAVED/*/*.mbx", "SAVED/*/*.eml", "SAVED/*/*.eml.gz", "SAVED/*/*.msg", "SAVED/*/*.emlx"),
        Each.PART,
    ),
)

UNREADABLE = (
    Unreadable(
        "Outlook for Mac keeps its mail in a database of its own",
        ("HOME/Library/Group Containers/UBF8T346G9.Office/Outlook",),
        "In Outlook: File (or Tools) › Export, mail alone; put the .olm into Downloads and run mailcare init again.",
    ),
    Unreadable(
        "the new Outlook for Windows leaves its mail on the server",
        ("LOCAL/Microsoft/Olk",),
        "Choose the server below, or export the folders to a .pst with the classic Outlook.",
    ),
    Unreadable(
        "Geary keeps its mail in a database of its own",
        ("DATA/geary/*/geary.db", "HOME/.var/app/org.gnome.Geary/data/geary/*/geary.db"),
        "Choose the IMAP server below.",
    ),
    Unreadable(
        "Mailspring keeps its mail in a database of its own",
        ("CONFIG/Mailspring/edgehill.db", "ROAMING/Mailspring/edgehill.db"),
        "Choose the IMAP server below.",
    ),
    Unreadable(
        "eM Client keeps its mail in a database of its own",
        ("ROAMING/eM Client",),
        "Choose the server below, or export the folders as .eml files.",
    ),
)

DOWNLOADS = """
    Downloads; Download; Téléchargements; Descargas; Descàrregues; Transferências; Downloads; Scaricati; Pobrane
    Stažené; Stiahnuté; Letöltések; Hämtningar; Hämtat; Nedlastinger; Overførsler; Hentede filer; Lataukset; Загрузки
    Завантаження; Изтегляния; Преузимања; Preuzimanja; Descărcări; İndirilenler; Λήψεις; 下载; 下載; ダウンロード
    다운로드; הורדות; التنزيلات; تنزيلات; Unduhan; Allalaadimised; Atsisiuntimai; Lejupielādes; Prenosi
"""
"""What the folder for downloads is called, if the system doesn't tell."""
DOCUMENTS = """
    Documents; My Documents; Dokumente; Documentos; Documents; Documenti; Documenten; Dokumenty; Dokumenti; Dokument
    Dokumenter; Dokumentumok; Asiakirjat; Документы; Документи; Documente; Belgeler; Έγγραφα; 文档; 文件; ドキュメント
    문서; מסמכים; المستندات; مستندات; Dokumen; Dokumendid; Dokumentai
"""
DESKTOPS = """
    Desktop; Schreibtisch; Bureau; Escritorio; Escriptori; Área de Trabalho; Ambiente de Trabalho; Scrivania; Bureaublad
    Pulpit; Plocha; Asztal; Skrivbord; Skrivebord; Työpöytä; Рабочий стол; Стільниця; Masaüstü; 桌面; デスクトップ
"""
