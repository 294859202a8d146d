"""A file as Slack tells of it, and why some of them can't be had."""

from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel

from bot.dialogue.names import shown_name
from heygem.base.errors import ErrorCode, HeygemError

Json = dict[str, Any]
# "page": written in Slack itself. "link": it lies in another service. "hidden": beyond what the workspace's plan shows.
Kind = Literal["file", "page", "link", "hidden", "deleted"]

_PAGES = frozenset({"post", "space", "canvas", "quip", "list"})  # as modes and as file types
_MODES: dict[str, Kind] = {
    **dict.fromkeys(_PAGES, "page"),
    "external": "link",
    "hidden_by_limit": "hidden",
    "tombstone": "deleted",
}
_REFUSED = {
    "page": ErrorCode.NO_FILE,
    "link": ErrorCode.FILE_ELSEWHERE,
    "hidden": ErrorCode.FILE_HIDDEN,
    "deleted": ErrorCode.FILE_DELETED,
}
_SERVICES = {"gdrive": "Google Drive", "dropbox": "Dropbox", "box": "Box", "onedrive": "OneDrive"}


class File(BaseModel, frozen=True):
    id: str
    name: str = ""
    size: int | None = None
    url: str = ""
    foreign: bool = False  # of another workspace (Slack Connect): `files.info` has the rest
    kind: Kind = "file"
    source: str = ""  # the service in which a "link" lies
    html: bool = False  # said to be a web page, so that one which comes is no refusal


def is_file(file: Any) -> bool:
    return isinstance(file, dict) and bool(file.get("id"))


def file_of(file: Json) -> File:
    size, kind = file.get("size"), _kind(file)
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    return File(
        id=str(file["id"]),
        name=str(file.get("name") or file.get("title") or ""),
        size=size if isinstance(size, int) else None,
        url=url,
        foreign=file.get("file_access") == "check_file_info",
        kind=kind,
        source=_source(file, url) if kind == "link" else "",
        html=file.get("mimetype") == "text/html",
    )


def refusal(file: File) -> HeygemError | None:
    """Why Slack has nothing for us to fetch, where that is known beforehand."""
    code = _REFUSED.get(file.kind)
    return HeygemError(code, name=shown(file), service=file.source or "Slack") if code else None


def shown(file: File) -> str:
    return shown_name(file.name)


def _kind(file: Json) -> Kind:
    known = _MODES.get(str(file.get("mode")))
    if known is not None:
        return known
    if file.get("is_external") is True:
        return "link"
    return "page" if file.get("filetype") in _PAGES else "file"


def _source(file: Json, url: str) -> str:
    told = str(file.get("external_type") or "")
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return _SERVICES.get(told) or host or told or "WWW"
