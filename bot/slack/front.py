"""The front end's parts, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.chat.assembly import Bot
from bot.chat.inbox import Inbox
from bot.chat.notifier import Notifier
from bot.slack import PLATFORM
from bot.slack.answers import Answers
from bot.slack.desk import Desk
from bot.slack.door import Door
from bot.slack.giving_up import GivingUp
from bot.slack.home import Home
from bot.slack.locales import Locales
from bot.slack.messages import Messages
from bot.slack.replies import Replies
from bot.slack.screen import SlackScreen
from bot.slack.threads import Threads
from bot.slack.videos import Videos
from bot.slack.web import Web
from heygem.base.settings import Settings
from heygem.base.tasks import end
from heygem.storage.layout import Storage


@asynccontextmanager
async def at_work(bot: Bot, web: Web, settings: Settings, me: str) -> AsyncIterator[tuple[Door, "asyncio.Task[None]"]]:
    """`me` is our own id. What takes requests, and the task that shows batches; both end with the block."""
    locales = Locales(web)
    videos = Videos(web, bot.redis, Storage(settings.data_dir), only_here=settings.web.only_here)
    deliver = videos.send if settings.sends(settings.slack.send_videos) else None
    notifier = Notifier(bot.store, bot.links, SlackScreen(web, me), deliver)
    answers = Answers(web, me, bot.sheets)
    home, threads = Home(web, bot.dialogue, locales, me), Threads(web, bot.redis, me)
    messages, replies = Messages(web, bot.redis, locales, me), Replies(web, bot.store, notifier, answers)
    desk = Desk(bot.dialogue, messages, replies, home, threads)
    giving_up = GivingUp(answers, locales, bot.people, settings.language)
    door = Door(Inbox(bot.redis, PLATFORM), desk.handle, giving_up.tell, me, web.dead)
    notifying = asyncio.create_task(notifier.run())
    try:
        yield door, notifying
    finally:
        await door.leave()
        await notifier.leave()
        await end([notifying])
