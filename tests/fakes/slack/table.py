"""The methods that the fake knows, with their arguments; everything else is refused."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """`json`: whether arguments may come as JSON. `per_minute` of the whole workspace; 0: special."""

    required: frozenset[str]
    optional: frozenset[str]
    per_minute: int
    scopes: frozenset[str] = frozenset()
    json: bool = True


def _method(required: str, optional: str, per_minute: int, scopes: str = "", *, json: bool = True) -> Method:
    return Method(
        frozenset(required.split()), frozenset(optional.split()), per_minute, frozenset(scopes.split()), json=json
    )


_HISTORY = "groups:history im:history mpim:history channels:history"
_READ = "groups:read im:read mpim:read channels:read"
_TIER_2, _TIER_3, _TIER_4, _TIER_5 = 20, 50, 100, 300

METHODS = {
    "apps.connections.open": _method("token", "", _TIER_3),
    "auth.test": _method("token", "", _TIER_5),
    "bots.info": _method("token", "bot team_id", _TIER_3, "users:read", json=False),
    "chat.delete": _method("token ts channel", "as_user", _TIER_3, "chat:write"),
    "chat.getPermalink": _method("token channel message_ts", "", _TIER_5, json=False),
    "chat.postEphemeral": _method(
        "token user channel",
        "as_user attachments blocks icon_emoji icon_url link_names markdown_text metadata parse text thread_ts "
        "username",
        _TIER_4,
        "chat:write",
    ),
    "chat.postMessage": _method(
        "token channel",
        "as_user attachments blocks current_draft_last_updated_ts icon_emoji icon_url link_names markdown_text "
        "metadata mrkdwn parse reply_broadcast text thread_ts unfurl_links unfurl_media username",
        0,
        "chat:write",
    ),
    "chat.update": _method(
        "token ts channel",
        "as_user attachments unfurled_attachments blocks markdown_text metadata link_names parse text reply_broadcast "
        "file_ids",
        _TIER_3,
        "chat:write",
    ),
    "conversations.history": _method(
        "token channel", "cursor include_all_metadata inclusive latest limit oldest", _TIER_3, _HISTORY, json=False
    ),
    "conversations.info": _method("token channel", "include_locale include_num_members", _TIER_3, _READ, json=False),
    "conversations.members": _method("token channel", "cursor limit", _TIER_4, _READ, json=False),
    "conversations.replies": _method(
        "token channel ts",
        "cursor include_all_metadata inclusive latest limit oldest",
        _TIER_3,
        _HISTORY,
        json=False,
    ),
    "files.completeUploadExternal": _method(
        "token files",
        "channel_id thread_ts channels initial_comment blocks username icon_url icon_emoji",
        _TIER_4,
        "files:write",
    ),
    "files.getUploadURLExternal": _method(
        "token length filename", "snippet_type alt_txt", _TIER_4, "files:write", json=False
    ),
    "files.info": _method("token file", "count cursor limit page", _TIER_4, "files:read", json=False),
    "reactions.add": _method("token name timestamp channel", "", _TIER_3, "reactions:write"),
    "users.info": _method("token user", "include_locale", _TIER_4, "users:read", json=False),
    "views.publish": _method("token user_id view", "hash interactivity_pointer", _TIER_4),
}
