"""How a person is named to others."""

from pb.language import gettext as _
from pb.people.models import ShownName


def shown(name: str, unnamed: bool, choice: ShownName, area: str | None) -> str:
    """What everybody reads instead of a person: the name, its first word, or "a resident of `area`".

    `unnamed` is for children and for people under non-disclosure (Finnish Act 661/2009, section 36): their name
    is never shown, whatever they chose. `area` is the area's name, None for the whole city.
    """
    words = name.split()
    if words and not unnamed and choice is not ShownName.AREA:
        return words[0] if choice is ShownName.FIRST else " ".join(words)
    return _("a resident of %(area)s") % {"area": area} if area else _("a resident of the city")
