"""Dates of terms, and the vendor's business days. Times are aware; nothing reads a clock."""

import calendar
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays as holiday_calendars

ONE_DAY: Final = timedelta(days=1)
MONDAY_TO_FRIDAY: Final = frozenset(range(5))
# A calendar without a business day in ten years is a mistake, not a long holiday.
_LONGEST_SEARCH_DAYS: Final = 3660

Pause = tuple[datetime, datetime | None]


def anniversary(first: date, months: int) -> date:
    """Return the day `months` months after `first`, on the same day of the month.

    In a shorter month it is that month's last day. Always counted from `first`, so that it never
    drifts: 31 January, 28 February, 31 March.
    """
    year, month_index = divmod(first.year * 12 + first.month - 1 + months, 12)
    last = calendar.monthrange(year, month_index + 1)[1]
    return date(year, month_index + 1, min(first.day, last))


def add_years(day: date, years: int) -> date:
    """Return the same day `years` years on; 29 February becomes 28 February where needed."""
    return anniversary(day, 12 * years)


def months_between(first: date, day: date, *, at_most: int) -> int:
    """Return how many monthly anniversaries of `first` lie on or before `day`, 0 to `at_most`."""
    return sum(anniversary(first, months) <= day for months in range(1, at_most + 1))


def last_day_included(ends_on: date) -> date:
    """Return the last day inside a period whose exclusive end is `ends_on`."""
    return ends_on - ONE_DAY


def local_today(at: datetime, time_zone: ZoneInfo) -> date:
    """Return the date in `time_zone` at the moment `at`. Raises ValueError if `at` is naive."""
    return _aware(at).astimezone(time_zone).date()


def local_midnight_utc(day: date, time_zone: ZoneInfo) -> datetime:
    """Return the first moment of `day` in `time_zone`, in UTC."""
    return datetime.combine(day, time.min, time_zone).astimezone(UTC)


@cache
def public_holidays(country: str, subdivision: str | None = None) -> Container[date]:
    """Return the public holidays of a country (ISO 3166-1) or a part of it: ("GB", "ENG").

    Years are worked out as they are asked for. Raises NotImplementedError for an unknown place.
    """
    return holiday_calendars.country_holidays(country, subdiv=subdivision)


class DueKind(StrEnum):
    """How a due time reads to people."""

    AT = "at"
    BY_CLOSE = "by_close"


@dataclass(frozen=True, slots=True)
class ShownDue:
    """A due time as people read it, in the vendor's zone: "at 16:00 on", or "by close on"."""

    kind: DueKind
    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """The vendor's working hours `[opens, closes)`, in its own time zone, without holidays.

    Hours are wall-clock hours: a change to summer time moves the moment, never the hour.
    A local time that does not exist on its day (the hour skipped in spring) is read with the
    offset before the change, one that happens twice as the first.
    """

    time_zone: ZoneInfo
    opens: time
    closes: time
    holidays: Container[date] = frozenset()
    working_weekdays: frozenset[int] = MONDAY_TO_FRIDAY

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("a business day must open before it closes")
        if not self.working_weekdays or not self.working_weekdays <= frozenset(range(7)):
            raise ValueError("working weekdays are numbers from 0 (Monday) to 6 (Sunday)")

    def is_business_day(self, day: date) -> bool:
        """Say whether the vendor works on `day`."""
        return day.weekday() in self.working_weekdays and day not in self.holidays

    def add_business_days(self, day: date, count: int) -> date:
        """Return the business day `count` business days after `day` (before it, if negative).

        `day` itself is not counted, and need not be a business day; 0 returns it unchanged.
        """
        step = ONE_DAY if count > 0 else -ONE_DAY
        for _ in range(abs(count)):
            day = self._first_business_day(day + step, step)
        return day

    def is_open(self, at: datetime) -> bool:
        """Say whether `at` lies in working hours; the closing time itself does not."""
        local = self._local(at)
        return self.is_business_day(local.date()) and self.opens <= local.time() < self.closes

    def next_opening(self, at: datetime) -> datetime:
        """Return the first opening at or after `at`, in UTC."""
        local = self._local(at)
        day = local.date() if local.time() <= self.opens else local.date() + ONE_DAY
        return self._moment(self._first_business_day(day, ONE_DAY), self.opens)

    def clock_start(self, at: datetime) -> datetime:
        """Return when a promise made at `at` starts to run, in UTC: at once, or when we open."""
        return _aware(at).astimezone(UTC) if self.is_open(at) else self.next_opening(at)

    def due_at(self, start: datetime, days: int = 1) -> datetime:
        """Return when `days` business days from `start` have passed, in UTC.

        The clock starts at `start` in working hours, else at the next opening, and ends at the
        same local time on the next business day (or so many later). Raises ValueError for a
        naive datetime.
        """
        begun = self._local(self.clock_start(start))
        return self._moment(self.add_business_days(begun.date(), days), begun.time())

    def due_after_pauses(
        self, start: datetime, pauses: Iterable[Pause], days: int = 1
    ) -> datetime | None:
        """Return the due time in UTC when the clock stood still during `pauses`.

        Only waiting for the customer stops the clock. Each pause `(from, to)` moves the due time
        by the working time inside it; nights and holidays in a pause move nothing. What overlaps
        counts once; a pause that began at or after the due time changes nothing, for the promise
        was already broken. An open pause (`to` is None) leaves no due time: None.
        """
        due = self.due_at(start, days)
        counted_to = _aware(start)
        for began, ended in sorted(pauses, key=_pause_began):
            began = max(_aware(began), counted_to)
            if began >= due:
                break
            if ended is None:
                return None
            if _aware(ended) > began:
                due = self.add_working_time(due, self.working_time(began, ended))
                counted_to = ended
        return due

    def working_time(self, begin: datetime, end: datetime) -> timedelta:
        """Return the working time between two moments, in wall-clock hours; never negative."""
        from_, to = self._wall(begin), self._wall(end)
        total = timedelta(0)
        day = from_.date()
        while day <= to.date():
            if self.is_business_day(day):
                opens, closes = self._hours(day)
                total += max(min(to, closes) - max(from_, opens), timedelta(0))
            day += ONE_DAY
        return total

    def add_working_time(self, at: datetime, amount: timedelta) -> datetime:
        """Return the earliest moment, in UTC, when `amount` of working time has passed."""
        if amount <= timedelta(0):
            return _aware(at).astimezone(UTC)
        wall = self._wall(at)
        day = self._first_business_day(wall.date(), ONE_DAY)
        while True:
            opens, closes = self._hours(day)
            begin = max(wall, opens)
            if begin + amount <= closes:
                return self._moment(day, (begin + amount).time())
            amount -= max(closes - begin, timedelta(0))
            day = self.add_business_days(day, 1)

    def shown_due(self, due: datetime) -> ShownDue:
        """Return a due time as people read it.

        A due time at an opening reads "by close on" the business day before, one at closing time
        "by close on" that day; any other is shown as it is.
        """
        local = self._local(due)
        if local.time() == self.opens:
            return ShownDue(DueKind.BY_CLOSE, self.add_business_days(local.date(), -1), local)
        kind = DueKind.BY_CLOSE if local.time() == self.closes else DueKind.AT
        return ShownDue(kind, local.date(), local)

    def _first_business_day(self, day: date, step: timedelta) -> date:
        for _ in range(_LONGEST_SEARCH_DAYS):
            if self.is_business_day(day):
                return day
            day += step
        raise ValueError("this calendar has no business days")

    def _local(self, at: datetime) -> datetime:
        return _aware(at).astimezone(self.time_zone)

    def _wall(self, at: datetime) -> datetime:
        return self._local(at).replace(tzinfo=None)

    def _hours(self, day: date) -> tuple[datetime, datetime]:
        return datetime.combine(day, self.opens), datetime.combine(day, self.closes)

    def _moment(self, day: date, wall_time: time) -> datetime:
        local = datetime.combine(day, wall_time.replace(fold=0), self.time_zone)
        return local.astimezone(UTC)


def _pause_began(pause: Pause) -> datetime:
    return pause[0]


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("a time without a time zone is refused")
    return at
