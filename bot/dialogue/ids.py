"""What people and places are called on each platform, as an admin types it: what can't be an id lets nobody in."""

import re
from collections.abc import Mapping

from heygem.batches.model import Person, Place

HERE = "here"
STUDIO = "studio"  # the platform of people who have no chat (`bot.inviting`)
_PEOPLE: Mapping[str, str] = {
    "telegram": r"[1-9][0-9]{0,19}",
    "slack": r"[UW][A-Z0-9]{4,20}",
    STUDIO: r"\w[\w.@-]{0,39}",
}
_PLACES: Mapping[str, str] = {"telegram": r"-[1-9][0-9]{0,19}", "slack": r"[CDG][A-Z0-9]{4,20}"}
_NOBODY = r"(?!)"


def meant(argument: str, place: Place) -> Person | Place | None:
    """Whom "here", "telegram:123456" or an id of this platform means, said in `place`; None for what can't be an id.

    "here:telegram:123456" is a place, as lists have it, even where its id looks like a person's.
    """
    if argument == HERE:
        return place
    platform, _, known = argument.removeprefix(f"{HERE}:").rpartition(":")
    platform = platform or place.platform
    person = re.fullmatch(_PEOPLE.get(platform, _NOBODY), known) is not None
    if re.fullmatch(_PLACES.get(platform, _NOBODY), known) or (person and argument.startswith(HERE)):
        return Place(platform=platform, chat=known)
    return Person(platform=platform, id=known) if person else None
