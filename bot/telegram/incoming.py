"""Updates of Telegram as what the dialogue understands."""

from telegram import CallbackQuery, Chat, MaybeInaccessibleMessage, Message, Update, User

from bot.dialogue.codec import decode, parse
from bot.dialogue.intents import AddFile, Intent
from bot.dialogue.message import Said
from bot.telegram.files import Files
from bot.telegram.screen import TELEGRAM
from bot.telegram.text import clean
from heygem.batches.model import Person, Place
from heygem.media.outside import may_be_media

WANTED = (Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY)  # the kinds of updates that we ask for


def place_of(message: MaybeInaccessibleMessage) -> Place:
    """The chat and its topic. In a group without topics `message_thread_id` is only a thread of replies."""
    thread = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
    return Place(platform=TELEGRAM, chat=str(message.chat.id), thread=str(thread or ""))


def place_of_update(update: Update) -> Place | None:
    """Where an update happened; None for one that we have no use for."""
    if (message := update.message or update.edited_message) is not None:
        return place_of(message)
    if update.callback_query is not None and update.callback_query.message is not None:
        return place_of(update.callback_query.message)
    return None


def read(update: Update, me: User, files: Files) -> tuple[Said, Intent] | None:
    """Who said what where, and what they want; None for what is not for us."""
    if (message := update.message or update.edited_message) is not None:
        return _said(message, me, files, edited=update.message is None)
    return _pressed(update.callback_query) if update.callback_query is not None else None


def _said(message: Message, me: User, files: Files, *, edited: bool) -> tuple[Said, Intent] | None:
    person = _person(message)
    text = clean(message.text or message.caption or "")
    if person is None or _service(message) or _for_another(text, me):
        return None
    answered = _answered(message)
    private = message.chat.type == Chat.PRIVATE
    direct = private or _mentions(text, me) or (answered is not None and _by(answered, me))
    attachment = files.attachment(message, place_of(message))
    if attachment is not None and not direct and not _may_be_media(message):
        return None
    said = Said(
        person=person,
        place=place_of(message),
        id=str(message.message_id),
        reply_to=str(answered.message_id) if answered is not None else None,
        language=message.from_user.language_code if message.from_user else None,
        private=private,
        direct=direct,
        name=_name(message.sender_chat or message.from_user),
        edited=edited,
    )
    return said, AddFile(attachment, text) if attachment is not None else parse(text)


def _pressed(query: CallbackQuery) -> tuple[Said, Intent] | None:
    if query.message is None or query.data is None:
        return None
    said = Said(
        person=Person(platform=TELEGRAM, id=str(query.from_user.id)),
        place=place_of(query.message),
        id=f"press-{query.id}",
        pressed=str(query.message.message_id),
        language=query.from_user.language_code,
        private=query.message.chat.type == Chat.PRIVATE,
        name=_name(query.from_user),
    )
    return said, decode(clean(query.data), said.person)


def _person(message: Message) -> Person | None:
    """Who speaks. An anonymous admin speaks as the group: all of them share one user id on all of Telegram."""
    if message.sender_chat is not None:
        return Person(platform=TELEGRAM, id=str(message.sender_chat.id))
    if message.from_user is None or message.from_user.is_bot:
        return None
    return Person(platform=TELEGRAM, id=str(message.from_user.id))


def _name(who: User | Chat | None) -> str:
    if who is None:
        return ""
    handle = f" @{who.username}" if who.username else ""
    return clean((who.full_name if isinstance(who, User) else who.title or "") + handle)


def _service(message: Message) -> bool:
    """Somebody joined, a title changed, a message was pinned: nothing that was said."""
    return not (message.text or message.caption or message.effective_attachment)


def _for_another(text: str, me: User) -> bool:
    """/start@another_bot"""
    head = (text.split(maxsplit=1) or [""])[0]
    _, at, name = head.partition("@")
    return head.startswith("/") and bool(at) and name.lower() != (me.username or "").lower()


def _mentions(text: str, me: User) -> bool:
    return f"@{me.username}".lower() in text.lower()


def _answered(message: Message) -> Message | None:
    """The message that this one replies to. In a topic every message "replies" to the topic's beginning."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created is not None:
        return None
    return None if message.is_topic_message and answered.message_id == message.message_thread_id else answered


def _by(message: Message, me: User) -> bool:
    return message.from_user is not None and message.from_user.id == me.id


def _may_be_media(message: Message) -> bool:
    """Whether a file that was merely overheard is worth fetching. What is said to us is always looked at."""
    if message.document is None or message.animation is not None:
        return True
    return may_be_media(message.document.mime_type or "", message.document.file_name or "")
