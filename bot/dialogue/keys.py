"""Keys for the HTTP interface: made and withdrawn where nobody else reads along."""

from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import MakeKey, RevokeKey


async def _make(context: Context, _: MakeKey) -> Replies:
    words = context.words.keys
    if not context.said.private:
        return context.say(words.private_only)
    key = await context.services.api_keys.create(context.said.person)
    return context.say(words.made.format(key=key, address=f"{context.settings.web.base_url}/api/v1"))


async def _revoke(context: Context, _: RevokeKey) -> Replies:
    words = context.words.keys
    if not context.said.private:
        return context.say(words.private_only)
    gone = await context.services.api_keys.revoke(context.said.person)
    return context.say(words.revoked if gone else words.none)


HANDLERS: Handlers = {MakeKey: _make, RevokeKey: _revoke}
