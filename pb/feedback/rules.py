"""By when feedback is answered."""

from datetime import date, datetime, timedelta

# A service provider answers feedback on accessibility within fourteen days: Act 306/2019 on the provision of digital
# services, section 8. The city promises the same for all other feedback.
ANSWER_WITHIN = timedelta(days=14)
MOST_FROM_ONE = 30  # messages a day from one network address, which a library's or a school's visitors share
MOST_WAITING = 5000  # unanswered messages of all: a flood from very many addresses is refused
DAY = timedelta(days=1)


def due(at: datetime) -> datetime:
    """The instant by which a message that came at `at` is answered."""
    return at + ANSWER_WITHIN


def days_left(due_day: date, today: date) -> int:
    """Whole days until `due_day`; negative when the answer is late."""
    return (due_day - today).days
