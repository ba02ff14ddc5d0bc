"""Dates as mail writes them: in RFC 5322's form, and in the others that mail programs left behind."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from mailcare.mail.addresses import without_comments
from mailcare.mail.encoded_words import decoded

LONGEST = 500
"""Characters of a date that are looked at."""

_USUAL = re.compile(
    r"\s*(?:[A-Za-z]{3},)?\s*(\d\d?)\s+([A-Za-z]{3})\s+(\d{4})\s+(\d\d):(\d\d)(?::(\d\d))?\s+([+-])([01]\d|2[0-3])([0-5]\d)\b"
)

_MONTHS_OF = (
    """jan january janvier janv januar januari janeiro enero ene gennaio gen gener styczeń stycznia sty leden ledna led
    ianuarie ian ocak oca január январь января янв січень січня січ tammikuu tammikuuta tammi ιανουαρίου ιαν 一月
    яну януари jaanuar jaan ינואר ינו يناير""",
    """feb february février févr februar februari febrero febbraio febrer febr fevereiro fev luty lutego lut únor února
    úno februarie február şubat şub февраль февраля фев лютий лютого лют helmikuu helmikuuta helmi φεβρουαρίου
    φεβ 二月
    февруари veebruar veebr פברואר פבר فبراير""",
    """mar march mars märz mrz maerz maart mrt marzo março març marzec marca březen března bře martie marec március
    márc mart март марта мар березень березня бер maaliskuu maaliskuuta maalis μαρτίου μαρ 三月
    maret märts מרץ مارس""",
    """apr april avril avr abril abr aprile kwiecień kwietnia kwi duben dubna dub aprilie április nisan nis апрель
    апреля апр квітень квітня кві huhtikuu huhtikuuta huhti απριλίου απρ 四月
    април aprill אפריל אפר أبريل""",
    """may mai maj mei mayo maggio mag maio maig maja květen května kvě máj május mayıs май мая травень травня тра
    toukokuu toukokuuta touko μαΐου μαι 五月
    מאי مايو""",
    """jun june juin juni junio giugno giu junho juny czerwiec czerwca cze červen června čer čvn iunie iun jún június
    haziran haz июнь июня июн червень червня чер kesäkuu kesäkuuta kesä ιουνίου ιουν 六月
    юни juuni יוני يونيو""",
    """jul july juillet juil juli julio luglio lug julho juliol lipiec lipca lip červenec července čvc iulie iul júl
    július temmuz tem июль июля июл липень липня лип heinäkuu heinäkuuta heinä ιουλίου ιουλ 七月
    юли juuli יולי يوليو""",
    """aug august août aou augustus augusti agosto ago agost sierpień sierpnia sie srpen srpna srp augusztus ağustos
    ağu август августа авг серпень серпня сер elokuu elokuuta elo αυγούστου αυγ 八月
    agustus agt avg אוגוסט אוג أغسطس""",
    """sep sept september septembre septiembre settembre sett set setembro setembre wrzesień września wrz září zář
    septembrie szeptember szept eylül eyl сентябрь сентября сент сен вересень вересня вер syyskuu syyskuuta syys
    σεπτεμβρίου σεπ 九月
    септември септ сеп ספטמבר ספט سبتمبر""",
    """oct october octobre oktober október okt octubre ottobre ott outubro out październik października paź říjen října
    říj octombrie ekim eki октябрь октября окт жовтень жовтня жов lokakuu lokakuuta loka οκτωβρίου οκτ 十月
    октомври אוקטובר אוק أكتوبر""",
    """nov november novembre noviembre novembro listopad listopada listopadu lis noiembrie noi kasım kas ноябрь ноября
    нояб ноя листопад листопада лис marraskuu marraskuuta marras νοεμβρίου νοε 十一月
    ноември ное נובמבר נוב نوفمبر""",
    """dec december décembre déc dezember dez diciembre dicembre dic dezembro desember des desembre grudzień grudnia gru
    prosinec prosince pro decembrie aralık ara декабрь декабря дек грудень грудня гру joulukuu joulukuuta joulu
    δεκεμβρίου δεκ 十二月
    декември detsember dets דצמבר דצמ ديسمبر""",
)
"""The months in the commonest languages, whole and abbreviated. One that names another month elsewhere is left out."""


def _plain(word: str) -> str:
    """The word without case and accents."""
    letters = unicodedata.normalize("NFKD", word.casefold().replace("ı", "i"))
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if not unicodedata.combining(letter)))


_MONTHS = {_plain(name): month for month, names in enumerate(_MONTHS_OF, 1) for name in names.split()}
_MONTHS |= {f"{month}{sign}": month for month in range(1, 13) for sign in "月월"}

_ZONES = {
    **dict.fromkeys(("ut", "utc", "gmt", "z", "wet"), 0),
    **dict.fromkeys(("cet", "met", "mez", "west", "bst", "wat"), 60),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "sast", "cat"), 120),
    **dict.fromkeys(("eest", "msk", "eat", "trt"), 180),
    **{"msd": 240, "pkt": 300, "ist": 330, "ict": 420, "wib": 420, "hkt": 480, "sgt": 480, "awst": 480},
    **{"jst": 540, "kst": 540, "acst": 570, "aest": 600, "acdt": 630, "aedt": 660, "nzst": 720, "nzdt": 780},
    **{"ndt": -150, "brt": -180, "art": -180, "adt": -180, "nst": -210, "ast": -240, "edt": -240},
    **{"est": -300, "cdt": -300, "cst": -360, "mdt": -360, "mst": -420, "pdt": -420, "pst": -480},
    **{"akdt": -480, "akst": -540, "hst": -600},
}
"""Zones by name, in minutes ahead of UTC: RFC 5322's, and what most mail means by the others."""
_CHANGING = {
    "est5edt": "America/New_York",
    "cst6cdt": "America/Chicago",
    "mst7mdt": "America/Denver",
    "pst8pdt": "America/Los_Angeles",
}
"""Names that mean winter or summer time, whichever the day has."""

_WINDOWS = {
    **{"gmt": "Europe/London", "w. europe": "Europe/Berlin", "central europe": "Europe/Budapest"},
    **{"central european": "Europe/Warsaw", "romance": "Europe/Paris", "fle": "Europe/Kyiv", "gtb": "Europe/Bucharest"},
    **{"russian": "Europe/Moscow", "turkey": "Europe/Istanbul", "israel": "Asia/Jerusalem", "india": "Asia/Kolkata"},
    **{"eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver"},
    **{"pacific": "America/Los_Angeles", "e. south america": "America/Sao_Paulo", "china": "Asia/Shanghai"},
    **{
        "tokyo": "Asia/Tokyo",
        "korea": "Asia/Seoul",
        "aus eastern": "Australia/Sydney",
        "new zealand": "Pacific/Auckland",
    },
}
"""Windows' names of zones, before "Standard Time" or "Daylight Time"; the day has one of them."""

_NAME = r"(?P<name>[^\W\d_]+|\d\d?[月월])\.?"
_DAY = r"(?<![\d:.])(?P<day>\d\d?)"
_YEAR = r"(?P<year>\d{4})(?![\d:])"
_BEFORE_YEAR = rf"(?=[\d:]{{4,8}} (?:[\w+:-]+ ){{0,2}}{_YEAR})"
_DAYS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})[-/.年] ?(?P<month>\d\d?)[-/.月] ?(?P<day>\d\d?)(?!\d)[T日]?",
        rf"{_DAY}\. ?(?P<month>\d\d?)\. ?{_YEAR}",
        rf"{_DAY}(?:st|nd|rd|th|er|º|\.)?[ -]?(?:de )?{_NAME},?[ -]?(?:de )?(?P<year>\d{{4}}|\d\d\d?)(?![\d:])",
        rf"{_DAY} (?P<month>\d\d?) {_YEAR}",
        rf"{_NAME} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}",
        rf"{_NAME} {_DAY} {_BEFORE_YEAR}",
        rf"{_DAY} {_NAME} {_BEFORE_YEAR}",
        rf"(?<![\d:.])(?P<day>1[3-9]|2\d|3[01])[-/](?P<month>\d\d?)[-/]{_YEAR}",
        rf"(?<![\d:.])(?P<month>\d\d?)[-/](?P<day>1[3-9]|2\d|3[01])[-/]{_YEAR}",
        rf"{_DAY}\.(?P<month>\d\d?)\.(?P<year>\d\d)(?![\d:.])",
    )
)
"""A day as ISO and China, Germany, RFC 5322, Java without a name for the month, America and asctime write it; in
numbers alone if these leave no doubt which is the month.
"""
_COMPACT = re.compile(r"\b((?:19|20)\d\d)(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)")
_TIME = re.compile(
    r"(?:(?P<late>下午|午後|오후)|上午|午前|오전)? ?(?<!\d)(?P<hour>\d\d?)(?:(?P<dots>\.)|: ?|h)(?P<minute>\d\d)"
    r"(?:(?(dots)\.|: ?)(?P<second>\d\d)(?:[.,]\d+)?)?(?!\d) ?(?:(?P<half>[ap])(?:\. ?)?m\b\.?)?",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r" ?(?:(?:[a-z]{1,4} ?)?(?P<sign>[-+−]) ?(?P<hours>\d\d?)(?::?(?P<minutes>[0-5]\d))?(?![\d:])"
    r"|(?P<ahead>(?:0\d|1[0-4])[0-5]\d)(?![\d:])|(?P<place>[a-z]+/[a-z_]+)\b"
    r"|(?P<windows>[a-z][a-z. ]{1,20}) (?:standard|daylight|summer) time\b"
    r"|(?P<changing>[a-z]{3}\d[a-z]{3})\b|(?P<name>[a-z]{1,4})\b(?P<summer> dst\b)?)",
    re.IGNORECASE,
)


def instant(text: str) -> datetime | None:
    """The moment that a date names, in UTC; None if it can't be read. Without a zone, or with one that is none, it is
    UTC."""
    if found := _USUAL.match(text):
        day, name, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
        offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
        try:
            local = datetime(
                int(year), _MONTHS[name.lower()], int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
            )
            return local - offset if sign == "+" else local + offset
        except (KeyError, ValueError, OverflowError):
            pass
    text = _COMPACT.sub(r"\1-\2-\3T\4:\5:\6", decoded(without_comments(text[:LONGEST])))
    for pattern in _DAYS:
        for found in pattern.finditer(text):
            if month := _month(found):
                return _moment(text, found, month)
    return None


def separated(line: str) -> datetime | None:
    """The moment that an mbox's separator names ("From ann@example.com Mon Sep 15 08:00:30 2025"); UTC if it names no
    zone; None if it names no moment."""
    return instant(line.partition(" ")[2].lstrip().partition(" ")[2])


def _month(day: re.Match[str]) -> int:
    """The month of a day, 0 if it names none."""
    parts = day.groupdict()
    return int(parts["month"]) if "month" in parts else _MONTHS.get(_plain(parts["name"]), 0)


def _moment(text: str, day: re.Match[str], month: int) -> datetime | None:
    """The moment of the text's time on the day that stands there."""
    before, after = text[: day.start()], text[day.end() :]
    if day.start("year") >= day.end():
        after = text[day.end() : day.start("year")] + text[day.end("year") :]
    rest = f"{before.rstrip()} {after.lstrip()}"
    time = _TIME.search(rest)
    if not time:
        return None
    half = "p" if time["late"] else (time["half"] or "").lower()
    hours = int(time["hour"]) % 12 + (12 if half == "p" else 0) if half else int(time["hour"])
    minute, second = int(time["minute"]), min(int(time["second"] or 0), 59)
    try:
        local = datetime(_year(day["year"]), month, int(day["day"]), hours, minute, second)
        return local.replace(tzinfo=_zone(rest, time.end())).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    """The year by two digits, three (RFC 5322: years since 1900) or four."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 69 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _zone(text: str, at: int) -> tzinfo:
    """The zone that stands there, UTC if none does."""
    found = _ZONE.match(text, at)
    if not found:
        return UTC
    if found["sign"]:
        minutes = int(found["hours"]) * 60 + int(found["minutes"] or 0)
        return timezone(timedelta(minutes=minutes if found["sign"] == "+" else -minutes)) if minutes < 24 * 60 else UTC
    if found["ahead"]:
        return timezone(timedelta(hours=int(found["ahead"][:2]), minutes=int(found["ahead"][2:])))
    if found["changing"] or found["windows"] or found["place"]:
        named = _CHANGING.get((found["changing"] or "").lower()) or _WINDOWS.get((found["windows"] or "").lower())
        return _zone_of(named or found["place"])
    return timezone(timedelta(minutes=_ZONES.get(found["name"].lower(), 0) + (60 if found["summer"] else 0)))


def _zone_of(place: str | None) -> tzinfo:
    """The zone of a place ("Europe/Berlin"), UTC if there is none of this name."""
    try:
        return ZoneInfo(place) if place else UTC
    except (KeyError, ValueError, OSError):
        return UTC
