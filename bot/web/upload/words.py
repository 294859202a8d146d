"""What the upload page says, in every language."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.dialogue.text import Counted
from heygem.base.sentences import Language


@dataclass(frozen=True, kw_only=True)
class Words:
    tag: str  # of the language, for HTML
    product: str
    title: str
    usual: str
    as_voice: str
    as_item_voice: str
    choose: str
    folder: str
    all: str
    whole: str
    drop: str
    most: str
    batch: str
    no_voice: str
    voice: str
    no_template: str
    templates: Counted
    unfinished: str
    waiting: str
    sending: str
    lost: str
    checking: str
    added: str
    refused: str
    unreadable: str
    give_up: str
    keep_open: str
    back: str
    expires: str
    private: str
    needs_script: str


ENGLISH = Words(
    tag="en",
    product="HeyGem Bot",
    title="Send large files",
    usual="Videos and portraits become templates, a recording becomes the voice – just as in the chat.",
    as_voice="The sound of the file that you choose becomes the voice of this batch.",
    as_item_voice="The sound of the file that you choose becomes the voice of number {number}, “{name}”.",
    choose="Choose files",
    folder="Choose a folder",
    all="All files",
    whole="{done} of {n} files · {sent} of {size}",
    drop="or drop them here",
    most="up to {size} each",
    batch="In this batch",
    no_voice="no voice yet",
    voice="voice “{name}”",
    no_template="no template yet",
    templates=Counted("{n} templates", one="1 template"),
    unfinished="{percent} % are here already. Choose this file again and it goes on there.",
    waiting="waiting",
    sending="{sent} of {size}",
    lost="The connection is away. It goes on by itself where it stopped.",
    checking="All here. Looking at it …",
    added="Added to your batch.",
    refused="Not added: {sentence}",
    unreadable="The browser can't read this file any more. Please choose it again.",
    give_up="Remove",
    keep_open="Keep this page open until everything is here.",
    back="All done. You can go back to the chat.",
    expires="This page works until",
    private="What is sent here counts as yours: don't pass this address on.",
    needs_script="This page needs JavaScript to send files in pieces.",
)

CHINESE = Words(
    tag="zh-Hans",
    product="HeyGem Bot",
    title="上传大文件",
    usual="视频和人像会成为模板，录音会成为配音，与聊天中相同。",
    as_voice="所选文件的声音将作为本批次的配音。",
    as_item_voice="所选文件的声音将作为第 {number} 个“{name}”的配音。",
    choose="选择文件",
    folder="选择文件夹",
    all="全部文件",
    whole="{n} 个文件中已完成 {done} 个 · {sent} / {size}",
    drop="或拖放到这里",
    most="每个文件最大 {size}",
    batch="本批次",
    no_voice="还没有配音",
    voice="配音“{name}”",
    no_template="还没有模板",
    templates=Counted("{n} 个模板"),
    unfinished="已上传 {percent}%。重新选择该文件即可继续。",
    waiting="等待中",
    sending="{sent} / {size}",
    lost="连接已断开，恢复后将从断点自动继续。",
    checking="上传完成，正在检查……",
    added="已加入本批次。",
    refused="未能加入：{sentence}",
    unreadable="浏览器已无法读取该文件，请重新选择。",
    give_up="移除",
    keep_open="全部上传完成前，请保持此页面打开。",
    back="全部完成，可以返回聊天了。",
    expires="页面有效期至",
    private="在此上传的内容算作您发送的，请勿转发此网址。",
    needs_script="此页面需要 JavaScript 才能分段上传文件。",
)

WORDS: Mapping[Language, Words] = {"en": ENGLISH, "zh": CHINESE}
