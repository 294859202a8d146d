"""Says things where an answer goes, however Slack lets us."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import httpx

from bot.chat.delivery import DeliveryError, RefusedError
from bot.chat.retry import ANSWER_S, Policy, patiently
from bot.dialogue.message import Say
from bot.previews.sheets import Sheets
from bot.slack.blocks import Block, say_blocks, say_text
from bot.slack.fetch import trusted
from bot.slack.spot import Spot
from bot.slack.upload import upload
from bot.slack.web import Web

_log = logging.getLogger(__name__)

_SECONDS = 10.0
_ANSWERING = Policy(pauses=(1.0, 3.0, 9.0, 20.0), longest=ANSWER_S)  # said twice rather than never
_SHEET = "templates.jpg"
_BESIDE_LINES = 30  # pictures that one message takes; more are one sheet


class Answers:
    def __init__(self, web: Web, bot_user: str, sheets: Sheets) -> None:
        self._web = web
        self._bot_user = bot_user
        self._sheets = sheets

    async def say(self, spot: Spot, say: Say, pressed: str = "") -> None:
        """`pressed`: the address at which a menu takes the place of the message whose button was pressed."""
        if say.pictures and (len(say.pictures) > _BESIDE_LINES or not self._web.pictures.shown):
            await self._upload(spot, say)
            say = replace(say, pictures=())
        text = say_text(say, self._bot_user)
        blocks = say_blocks(say, self._bot_user)
        if say.again and pressed and await self._respond(pressed, text, blocks, again=True):
            return
        await self.show(spot, text, blocks)

    async def _upload(self, spot: Spot, say: Say) -> None:
        """One picture of all of them; a file can't be shown to one person of a channel alone."""
        alone = bool(spot.user) and not spot.channel.startswith("D")
        if alone and not (say.shared and spot.below):
            return
        try:
            if sheet := await self._sheets.of(say.pictures):
                await upload(self._web, spot.channel, spot.below if alone else spot.thread, _SHEET, sheet)
        except DeliveryError as error:
            _log.warning("pictures in %s were not shown: %s", spot.channel, error)

    async def show(self, spot: Spot, text: str, blocks: Sequence[Block]) -> None:
        """An answer that can't be given is logged; what was asked for is done all the same."""
        try:
            if spot.respond and await self._respond(spot.respond, text, await self._web.pictures.filled(blocks)):
                return
            await patiently(partial(self._send, replace(spot, respond=""), text, list(blocks)), _ANSWERING)
        except DeliveryError as error:
            _log.warning("an answer in %s was not given: %s", spot.channel, error)

    async def _send(self, spot: Spot, text: str, blocks: list[Block]) -> None:
        if not spot.user:
            await self._web.post(spot.channel, spot.thread, text, blocks)
            return
        try:
            await self._web.whisper(spot.channel, spot.thread, spot.user, text, blocks)
        except RefusedError:  # not in this channel: in our own conversation then
            await self._web.post(spot.user, "", text, blocks)

    async def _respond(self, url: str, text: str, blocks: list[Block], *, again: bool = False) -> bool:
        """The way for answers to commands: it works where we are no member. Slack takes five within half an hour.

        `again`: instead of the message whose button was pressed, which may be seen by one person alone.
        """
        if not trusted(url, self._web.hosts):
            return False
        try:
            async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
                kind = {} if again else {"response_type": "ephemeral"}
                body = {**kind, "replace_original": again, "text": text, "blocks": blocks}
                return (await client.post(url, json=body)).status_code == httpx.codes.OK
        except httpx.HTTPError as error:
            _log.info("a command's answer goes another way: %s", type(error).__name__)
            return False
