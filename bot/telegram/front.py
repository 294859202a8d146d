"""The front end's parts, put together."""

from dataclasses import dataclass
from typing import Any, Self

from telegram import Update
from telegram.ext import Application, TypeHandler

from bot.chat.assembly import Bot
from bot.chat.notifier import Notifier
from bot.telegram.calls import Calls
from bot.telegram.connection import Connection
from bot.telegram.files import Files
from bot.telegram.giving_up import GivingUp
from bot.telegram.screen import TELEGRAM, TelegramScreen
from bot.telegram.signs import Signs
from bot.telegram.speaker import Speaker
from bot.telegram.talk import Talk, failed
from bot.telegram.turns import Turns
from bot.telegram.updates import Updates
from bot.telegram.videos import Videos
from heygem.base.settings import Settings
from heygem.batches.model import Place
from heygem.storage.layout import Storage

AnyApplication = Application[Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True)
class Front:
    application: AnyApplication
    connection: Connection
    updates: Updates
    turns: Turns
    notifier: Notifier
    files: Files

    @classmethod
    def of(cls, settings: Settings, token: str, house: Bot) -> Self:
        async def moved(old: str, new: str) -> None:
            before, after = Place(platform=TELEGRAM, chat=old), Place(platform=TELEGRAM, chat=new)
            await house.access.move(before, after)
            for batch_id in await house.store.move_place(before, after):
                notifier.show(batch_id)

        local = settings.telegram.local_mode
        connection = Connection(token, settings.telegram)
        calls = Calls(moved, connection.refused.set)
        storage = Storage(settings.data_dir)
        speaker = Speaker(connection, calls, house.sheets)
        screen = TelegramScreen(connection, calls, speaker)
        videos = Videos(connection, calls, speaker, storage, local=local, only_here=settings.web.only_here)
        deliver = videos.send if settings.sends(settings.telegram.send_videos) else None
        notifier = Notifier(house.store, house.links, screen, deliver)
        files = Files(connection, Signs(connection, calls).busy, local=local)
        giving_up = GivingUp(connection, files, speaker, house.people, settings.language)
        updates = Updates(house.redis, token.partition(":")[0], giving_up.tell)
        talk = Talk(connection, house, calls, speaker, files, notifier)
        turns = Turns(talk.arrived, updates.answer)
        builder = Application.builder().bot(connection).update_queue(updates).concurrent_updates(turns).job_queue(None)
        application: AnyApplication = builder.build()
        application.add_handler(TypeHandler(Update, talk.answer))
        application.add_error_handler(failed)
        return cls(application, connection, updates, turns, notifier, files)
