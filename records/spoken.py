"""Reading days and times as people say them: `завтра 15`, `+3д`, `пн 10:00`, `15.05 9:30`.

Pure and in three languages at once. A line is a day, then a time; either may be
missing. A day without its year and a weekday mean the nearest one ahead; a bare time that has
passed is tomorrow's.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

LONGEST = 60
NEAR = {
    0: ("сегодня", "сьогодні", "today"),
    1: ("завтра", "tomorrow"),
    2: ("послезавтра", "післязавтра"),
    -1: ("вчера", "вчора", "yesterday"),
}
NEAR_DAYS = {word: shift for shift, words in NEAR.items() for word in words}
WEEKDAYS = (
    "пн|понедельник|понеділок|mon|monday",
    "вт|вторник|вівторок|tue|tuesday",
    "ср|среда|среду|середа|середу|wed|wednesday",
    "чт|четверг|четвер|thu|thursday",
    "пт|пятница|пятницу|п'ятниця|п'ятницю|fri|friday",
    "сб|суббота|субботу|субота|суботу|sat|saturday",
    "вс|нд|воскресенье|неділя|неділю|sun|sunday",
)
WEEKDAY = {word: number for number, words in enumerate(WEEKDAYS) for word in words.split("|")}
MONTHS = (
    "янв|січ|jan",
    "фев|лют|feb",
    "мар|бер|mar",
    "апр|кві|apr",
    "май|мая|тра|may",
    "июн|чер|jun",
    "июл|лип|jul",
    "авг|сер|aug",
    "сен|вер|sep",
    "окт|жов|oct",
    "ноя|лис|nov",
    "дек|гру|dec",
)
MONTH = {word: number for number, words in enumerate(MONTHS, 1) for word in words.split("|")}
UNITS = (
    (timedelta(minutes=1), r"м|мин\w*|хв\w*|min\w*"),
    (timedelta(hours=1), r"ч|час\w*|г|год|годин\w*|h|hours?"),
    (timedelta(days=1), r"д|дн\w*|день|дня|дней|d|days?"),
    (timedelta(weeks=1), r"н|нед\w*|т|тиж\w*|w|weeks?"),
)
SPAN = re.compile(r"(?:\+|через |за |in )\s*(\d{1,4}|an?)?\s*([a-zа-яіїєґ']+)")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DOTTED = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?(?![\d:])")
NAMED = re.compile(r"(\d{1,2}) ([a-zа-яіїєґ]{3,12})(?: (\d{4}))?(?![\d:])")
MONTH_FIRST = re.compile(r"([a-z]{3,9}) (\d{1,2})(?: (\d{4}))?(?![\d:])")
WORD = re.compile(r"(?:(?:во?|у|on) )?([a-zа-яёіїєґ']+)")
CLOCK = re.compile(r"(?:(?:в|о|об|у|at) )?(\d{1,2})(?:[:.](\d{2})(?::\d{2})?)? ?(am|pm)?")


def read_moment(text: str, now: datetime, usual: time = time(10, 0)) -> datetime:
    """The wall time meant, without a zone; `now` is the person's wall clock.

    A day alone is taken at the usual time. Raises ValueError for what is not understood.
    """
    line = _cleaned(text)
    moved = _span(line, now)
    if moved and moved[2] < timedelta(days=1) and not moved[1]:
        return (now + moved[2]).replace(second=0, microsecond=0)
    day, rest = _day(line, now.date(), moved)
    clock = _clock(rest)
    if day is None:
        if clock is None:
            raise ValueError(text)
        ahead = 0 if datetime.combine(now.date(), clock) > now else 1
        return datetime.combine(now.date() + timedelta(days=ahead), clock)
    wall = datetime.combine(day, clock or usual)
    word = WORD.match(line)
    is_weekday = word is not None and word[1] in WEEKDAY
    return wall + timedelta(weeks=1) if is_weekday and wall <= now else wall


def read_day(text: str, today: date) -> date:
    """The day meant; raises ValueError for what is not understood and for a time beside it."""
    line = _cleaned(text)
    moved = _span(line, datetime.combine(today, time()))
    if moved and moved[2] < timedelta(days=1):
        raise ValueError(text)
    day, rest = _day(line, today, moved)
    if day is None or rest:
        raise ValueError(text)
    return day


def _cleaned(text: str) -> str:
    line = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace(",", " ")
    line = re.sub(r"(?<=\d)t(?=\d)", " ", " ".join(line.split()))
    if not line or len(line) > LONGEST or not line.isprintable():
        raise ValueError(text)
    return line


def _span(line: str, now: datetime) -> tuple[date, str, timedelta] | None:
    """`+3д`, `через неделю`, `in 2 hours`: the day, what is left, and the span."""
    found = SPAN.match(line)
    if not found:
        return None
    count = int(found[1]) if (found[1] or "").isdecimal() else 1
    for unit, words in UNITS:
        if re.fullmatch(words, found[2]):
            try:
                return (now + unit * count).date(), line[found.end() :].strip(), unit * count
            except OverflowError as error:
                raise ValueError(line) from error
    raise ValueError(line)


def _day(
    line: str, today: date, moved: tuple[date, str, timedelta] | None
) -> tuple[date | None, str]:
    if moved:
        return moved[0], moved[1]
    for pattern, order in ((ISO, (1, 2, 3)), (DOTTED, (3, 2, 1)), (NAMED, (3, 2, 1))):
        found = pattern.match(line)
        if found and (pattern is not NAMED or found[2][:3] in MONTH):
            year, month, day = (found[place] for place in order)
            return _dated(year, month, day, today), line[found.end() :].strip()
    found = MONTH_FIRST.match(line)
    if found and found[1][:3] in MONTH:
        return _dated(found[3], found[1], found[2], today), line[found.end() :].strip()
    return _worded(line, today)


def _dated(year: str | None, month: str, day: str, today: date) -> date:
    number = int(month) if month.isdecimal() else MONTH[month[:3]]
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), number, int(day))
    this = date(today.year, number, int(day))
    return this if this >= today else date(today.year + 1, number, int(day))


def _worded(line: str, today: date) -> tuple[date | None, str]:
    found = WORD.match(line)
    word = found[1] if found else ""
    if found and word in NEAR_DAYS:
        return today + timedelta(days=NEAR_DAYS[word]), line[found.end() :].strip()
    if found and word in WEEKDAY:
        ahead = (WEEKDAY[word] - today.weekday()) % 7
        return today + timedelta(days=ahead), line[found.end() :].strip()
    return None, line


def _clock(rest: str) -> time | None:
    """`15`, `15:30`, `3pm`, `в 9`; None when nothing is said."""
    if not rest:
        return None
    found = CLOCK.fullmatch(rest)
    if not found:
        raise ValueError(rest)
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            raise ValueError(rest)
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return time(hour, minute)
