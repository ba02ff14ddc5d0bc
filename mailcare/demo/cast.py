"""Who writes in the invented mailbox. Every address ends in ``.example``: nobody can own one."""

from typing import NamedTuple


class Person(NamedTuple):
    """Somebody who writes or is written to."""

    name: str
    address: str
    utc_offset: int = 2
    """Of the clock on their desk, in hours."""

    @property
    def domain(self) -> str:
        return self.address.partition("@")[2]


AMARA = Person("Amara Osei", "amara.osei@fernhill.example")
AMARA_TAGGED = Person("Amara Osei", "Amara.Osei+fair@Fernhill.example")
AMARA_BEFORE = Person("Amara Osei", "a.osei@oldmill.example")
OWNER = (AMARA, AMARA_TAGGED, AMARA_BEFORE)

JONAS = Person("Jonas Weber", "jonas.weber@fernhill.example")
MEI = Person("Mei Tanaka", "mei.tanaka@fernhill.example")
YUSUF = Person("Yusuf Demir", "yusuf.demir@fernhill.example")
KLARA = Person("Klára Nováková", "klara.novakova@fernhill.example")
RUTH = Person("Ruth Adeyemi", "ruth.adeyemi@fernhill.example", 1)
SVEN = Person("Lindqvist, Sven", "sven.lindqvist@fernhill.example")
COLLEAGUES = (JONAS, MEI, YUSUF, KLARA, RUTH, SVEN)

TOMASZ = Person("Tomasz Zieliński", "tomasz.zielinski@oakline.example")
TOMASZ_SHORT = Person("Tomasz Zieliński", "tz@oakline.example")
AGNIESZKA = Person("Agnieszka Wójcik", "agnieszka.wojcik@oakline.example")
PIOTR = Person("Piotr Maj", "piotr.maj@oakline.example")
PRIYA = Person("Priya Raghunathan", "priya@harbour.example", 1)
DANIEL = Person("Daniel Okafor", "daniel@harbour.example", 1)
SIOBHAN = Person("Siobhán Byrne", "siobhan@harbour.example", 1)
LENA = Person("Lena Fischer", "lena.fischer@northshore.example")
HAKON = Person("Håkon Lie", "hakon.lie@northshore.example")
EMILE = Person("Émile Laurent", "emile.laurent@northshore.example")
CLIENTS = (TOMASZ, AGNIESZKA, PIOTR, PRIYA, DANIEL, SIOBHAN, LENA, HAKON, EMILE)

INES = Person("Inês Caldeira", "ines@caldeira.example", 1)
ROSA = Person("Rosa Marchetti", "rosa@papermill.example")
MATTEO = Person("Matteo Ricci", "matteo@papermill.example")
NOOR = Person("Noor Haddad", "noor@signworks.example", 3)
JURGEN = Person("Jürgen Groß", "juergen@xn--grnblick-75a.example")
SUPPLIERS = (INES, ROSA, MATTEO, NOOR, JURGEN)

GRACE = Person("Grace Lin", "grace.lin@townhall.example")
BEN = Person("Ben Carter", "ben@runners.example", 1)
ANA = Person("Dr. Ana Petrović", "ana.petrovic@institute.example")
OTHERS = (GRACE, BEN, ANA)

CIRCLES = {
    "colleagues": ["fernhill.example"],
    "clients": ["oakline.example", "harbour.example", "northshore.example"],
    "suppliers": ["caldeira.example", "papermill.example", "signworks.example", "grünblick.example"],
}

MAKERS = Person("Makers’ round table", "makers@lists.example")
READERS = Person("", "reading-rooms@lists.example")
POSTERS = (
    Person("Olu Bankole", "olu@workbench.example", 1),
    Person("Zoë van Dijk", "zoe@paperboat.example"),
    Person("山田 太郎", "taro@kiosk.example", 9),
    Person("Hannah Rose", "hannah@bindery.example", -4),
)

NEWSLETTERS = (
    Person("The Shelf", "hello@theshelf.example", 0),
    Person("Papier & Druck", "redaktion@papierdruck.example"),
    Person("Window Weekly", "editors@windowweekly.example", -4),
    Person("Oat & Rye", "shop@oatandrye.example"),
)
MACHINES = (
    Person("Tracker", "notifications@tracker.example", 0),
    Person("Parcel desk", "no-reply@parcels.example"),
    Person("", "alerts@uptime.example", 0),
    Person("Room booking", "booking-noreply@fernhill.example"),
)
POSTMASTER = Person("Mail Delivery System", "mailer-daemon@mx.fernhill.example")
