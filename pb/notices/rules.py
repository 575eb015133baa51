"""When news is due, how it is said in a mail, and how feeds and calendars are written."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from textwrap import shorten
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vText

from pb.language import gettext as _
from pb.language import show_moment
from pb.mail import one_line
from pb.notices.models import REMINDERS, Notice, NoticeKind, Pace

GATHER = timedelta(minutes=2)  # what happens in this time comes in one mail
HOUR = time(8)  # of digests, in the city's zone
LONGEST = 500  # characters of somebody's own words in a mail; the page has them all


def cutoff(pace: Pace, now: datetime, zone: ZoneInfo) -> datetime:
    """What happened before this is due at `now`: until the last 8 o'clock, or Monday's, by the clock on the wall.

    So a server that was down at 8 sends when it is up again, and a change of pace holds from the next minute on.
    """
    if pace in (Pace.AT_ONCE, Pace.NEVER):
        return now - GATHER
    here = now.astimezone(zone)
    day = here.date() - timedelta(days=here.time() < HOUR)
    if pace is Pace.WEEKLY:
        day -= timedelta(days=day.weekday())
    return datetime.combine(day, HOUR, zone)


def sentence(kind: NoticeKind, detail: str) -> str:
    """What happened to a thing, in the current language; `detail` is the city's own words, or a reminder's time."""
    said = {
        NoticeKind.IDEA_PUBLISHED: _("The idea is published. Everybody can read and support it."),
        NoticeKind.IDEA_REFUSED: _("The idea was not published."),
        NoticeKind.IDEA_EDITED: _("The idea was changed."),
        NoticeKind.IDEA_MERGED: _("The idea was joined with another one like it."),
        NoticeKind.IDEA_PARTED: _("The idea stands on its own again."),
        NoticeKind.IDEA_ESTIMATED: _("The city has estimated the idea."),
        NoticeKind.APPEAL_ANSWERED: _("The city has answered the appeal."),
        NoticeKind.COMMENTED: _("There are new comments."),
        NoticeKind.ON_BALLOT: _("The idea is on the ballot."),
        NoticeKind.RESULT_PUBLISHED: _("The result is published."),
        NoticeKind.DELIVERY_MOVED: _("The work has moved on."),
        NoticeKind.VOTING_OPENS: _("Voting is open. It ends %(at)s."),
        NoticeKind.VOTING_ENDS_SOON: _("Voting ends %(at)s. If you have voted, you need not do anything."),
    }[kind]
    if kind in REMINDERS:
        return said % {"at": show_moment(datetime.fromisoformat(detail))}
    return f"{said} {shorten(detail, LONGEST, placeholder=' …')}".strip()


def title_of(notice: Notice) -> str:
    """What the notice is about, on one line; nothing of an idea that staff hid."""
    return one_line(notice.subject) or _("An idea that the city has hidden")


def write_mail(news: Sequence[Notice], address: str, stop_link: str) -> tuple[str, str]:
    """Subject and body of one mail with all of a person's news, oldest first, in the current language.

    Each thing stands once: its title, a line for each thing that happened, and the link to its page.
    """
    things: dict[tuple[str, str], list[Notice]] = {}
    for one in news:
        things.setdefault((title_of(one), one.path.partition("#")[0]), []).append(one)
    first = next(title for title, _path in things)
    said = _("News of %(title)s") if len(things) == 1 else _("News of %(title)s and other things you follow")
    subject = said % {"title": first}
    parts = []
    for (title, _path), happened in things.items():
        lines = dict.fromkeys(f"– {sentence(one.kind, one.detail)}" for one in happened)
        parts.append("\n".join([title, *lines, f"{address}{happened[-1].path}"]))
    why = _("You get this mail because you follow these. To stop these mails, or to get them more seldom, open:")
    return shorten(subject, 200, placeholder=" …"), "\n\n".join([*parts, f"-- \n{why}\n{stop_link}\n"])


@dataclass(frozen=True)
class Entry:
    """One thing in a feed; `id` stays the same for ever, `link` is a path."""

    id: UUID
    title: str
    text: str
    link: str
    updated: datetime


NOT_IN_XML = re.compile("[^\t\n\r\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Without control characters, which XML 1.0 (section 2.2) and RFC 5545 (section 3.3.11) do not let in."""
    return NOT_IN_XML.sub("", text)


@dataclass(frozen=True)
class PhaseTime:
    """A phase of a round for the calendar. `revision` counts how often it was moved, last at `revised`."""

    uid: str
    title: str
    text: str
    language: str
    opens: datetime
    closes: datetime
    link: str
    revision: int
    revised: datetime
    reminder: str  # what an alarm says a day before the close; empty: no alarm


def write_calendar(name: str, phases: Iterable[PhaseTime]) -> bytes:
    """The phases as iCalendar (RFC 5545; the name: RFC 7986), times in UTC; they keep nobody's day from being free."""
    calendar = Calendar()
    calendar.add("prodid", "-//Kukkaro//Kukkaro//EN")
    calendar.add("version", "2.0")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, legal(name))
    for phase in phases:
        calendar.add_component(write_event(phase))
    return calendar.to_ical()


def write_event(phase: PhaseTime) -> Event:
    event = Event()
    event.add("uid", phase.uid)
    event.add("dtstamp", phase.revised.astimezone(UTC))
    event.add("sequence", phase.revision)
    event.add("dtstart", phase.opens.astimezone(UTC))
    event.add("dtend", phase.closes.astimezone(UTC))
    event.add("summary", vText(legal(phase.title)), parameters={"LANGUAGE": phase.language})
    event.add("description", vText(legal(phase.text)))
    event.add("url", phase.link)
    event.add("transp", "TRANSPARENT")
    if phase.reminder:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", vText(legal(phase.reminder)))
        alarm.add("trigger", timedelta(days=-1), parameters={"RELATED": "END"})
        event.add_component(alarm)
    return event
