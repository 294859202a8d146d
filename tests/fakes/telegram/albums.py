"""Albums: several photos and videos in one call, each a message of its own."""

import json
from collections.abc import Callable
from typing import Any

from tests.fakes.telegram.check import check_caption
from tests.fakes.telegram.methods import Upload, photo_of, posted, spoken_to, video_of
from tests.fakes.telegram.refusals import bad
from tests.fakes.telegram.state import Json, State

_FEWEST, _MOST = 2, 10
_TOGETHER = {"photo", "video", "live_photo"}  # documents and audio files are among their own kind only


def attached(given: Json) -> Json:
    """The call with each file where the album names it as attach://."""
    try:
        media = json.loads(given["media"])
        named = {each["media"].removeprefix("attach://"): each for each in media if isinstance(each, dict)}
    except (KeyError, TypeError, ValueError, AttributeError):
        return given
    for name, each in named.items():
        if each["media"].startswith("attach://"):
            if not isinstance(given.get(name), Upload):
                raise bad("wrong file identifier/HTTP URL specified")
            each["media"] = given.pop(name)
    return given | {"media": media}


def send_media_group(state: State, given: Json) -> list[Json]:
    media = given["media"]
    if not _FEWEST <= len(media) <= _MOST:
        raise bad(f"an album has {_FEWEST} to {_MOST} items (only this fake says so)")
    kinds = {each["type"] for each in media}
    if kinds - _TOGETHER and len(kinds) > 1:
        raise bad(f"{min(kinds - _TOGETHER).title()} can't be mixed with other media types")
    room = spoken_to(state, given)
    group = str(state.number())
    made = [_content(state, each) | {"media_group_id": group} for each in media]
    state.count_send(room, len(made))
    return [posted(state, room, given, content) for content in made]


def _content(state: State, each: Json) -> Json:
    check_caption(each.get("caption", ""))
    make: Callable[[State, Any, Json], Any] = {"video": video_of, "photo": photo_of}[each["type"]]
    caption = {"caption": each.get("caption", "")}
    return caption | {each["type"]: make(state, each["media"], each), "streams": each.get("supports_streaming", False)}


ALBUMS: dict[str, Callable[[State, Json], Any]] = {"sendMediaGroup": send_media_group}
