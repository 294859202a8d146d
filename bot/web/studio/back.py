"""Where a form of the studio's leads back to: one of its pages, as it was sought and filtered."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from bot.web.studio.page import HistoryPage, LibraryPage, StudioPage

_PAGES = (StudioPage.name, HistoryPage.name, LibraryPage.name)
_ASKED = ("find", "state", "engine", "page")
TOLD = "told"  # the name of an answer that the page shows


def way_back(at: str, told: str = "") -> str:
    """A path below the studio's root. `at` comes from a form and may be anything: nothing leads out of the studio."""
    name, _, query = at.partition("?")
    asked = {key: value for key, value in parse_qsl(query) if key in _ASKED} if name in _PAGES else {}
    return _joined(name if name in _PAGES else "", asked | ({TOLD: told} if told else {}))


def _joined(name: str, query: Mapping[str, str]) -> str:
    return "/studio" + (f"/{name}" if name else "") + (f"?{urlencode(query)}" if query else "")
