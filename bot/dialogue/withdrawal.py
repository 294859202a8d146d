"""Somebody takes back what they sent, on a platform that tells: it leaves a batch that is still collected.

Nothing is said to it: the status shows it.
"""

from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import Withdraw


async def _withdraw(context: Context, intent: Withdraw) -> Replies:
    await context.store.withdraw(context.place, intent.message)
    return []


HANDLERS: Handlers = {Withdraw: _withdraw}
