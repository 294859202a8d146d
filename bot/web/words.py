"""What the page says, in every language."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.dialogue.text import Counted
from heygem.base.sentences import Language
from heygem.batches.model import ItemState


@dataclass(frozen=True, kw_only=True)
class Words:
    tag: str  # of the language, for HTML
    product: str
    done: Counted
    some_done: str
    working: str
    queued: str
    stopped: str
    voice: str
    own_voice: str
    download_all: str
    download_some: str
    zip_of: Counted
    partial: str
    more: Counted
    as_it_was: str
    expires: str
    warning: str
    download: str
    view: str  # what the two below are about
    grid: str
    list: str
    select: str
    select_all: str
    select_none: str
    selected: Counted  # filled in by the page's script
    download_selected: str
    copy_link: str
    copied: str
    not_copied: str
    compare: str
    before: str
    after: str
    reveal: str
    position: str
    play_both: str
    pause_both: str
    close: str
    no_before: str
    play: str  # read aloud to those who don't see the player
    failures: str
    several_faces: str
    transparent: str
    faces_missing: str
    subtitles_missing: str
    states: Mapping[ItemState, str]
    refreshes: str
    lost: str
    private: str
    private_own: str
    private_locked: str
    error: str
    retry: str
    no_such_page: str


ENGLISH = Words(
    tag="en",
    product="HeyGem Bot",
    done=Counted("{n} videos are ready", one="Your video is ready"),
    some_done="{done} of {n} videos are ready",
    working="{done} of {n} videos are ready so far",
    queued="{n} videos wait for their turn",
    stopped="{done} of {n} videos were ready when it was cancelled",
    voice="Voice: {name}",
    own_voice="speaks {name}",
    download_all="Download all",
    download_some="Download zip",
    zip_of=Counted("{n} videos · {size} · zip", one="1 video · {size} · zip"),
    partial="This zip holds what was finished when the link was made. Once all is ready, it is here as well.",
    more=Counted(
        "{n} more videos are ready since this link was made.", one="1 more video is ready since this link was made."
    ),
    as_it_was="The zip as it was then ({facts})",
    expires="The link works until",
    warning="This is a large file. If the download breaks off, start it again: it goes on where it stopped.",
    download="Download",
    view="How the videos are shown",
    grid="Grid",
    list="List",
    select="Select video {number}: {name}",
    select_all="Select all",
    select_none="Clear",
    selected=Counted("{n} videos selected · {size}", one="1 video selected · {size}"),
    download_selected="Download selected",
    copy_link="Copy link",
    copied="Link copied",
    not_copied="Please copy it from the address bar",
    compare="Compare with the template",
    before="Before",
    after="After",
    reveal="How much of the template shows",
    position="Position in the video",
    play_both="Play",
    pause_both="Pause",
    close="Close",
    no_before="The template can't be played here: it is no longer stored, or this browser does not know its format.",
    play="Video {number}: {name}",
    failures="Not made",
    several_faces="Several faces: the largest one speaks.",
    transparent="The template is transparent in places: those are white.",
    faces_missing="The original picture stays for {n} of {frames} frames where no face could be driven.",
    subtitles_missing="No subtitles: the words are not known.",
    states={
        ItemState.WAITING: "waiting",
        ItemState.RUNNING: "starting",
        ItemState.DONE: "ready",
        ItemState.FAILED: "failed",
        ItemState.CANCELLED: "cancelled",
    },
    refreshes="This page follows along by itself.",
    lost="The connection is away; trying again …",
    private="Whoever has this address can open it until it expires.",
    private_own=(
        "Whoever has this address can open it until it expires, and make and revoke links. Pass on shared ones instead."
    ),
    private_locked="Whoever has this address and its password can open it until it expires.",
    error="That didn't work",
    retry="Try again",
    no_such_page="There is nothing at this address.",
)

CHINESE = Words(
    tag="zh-Hans",
    product="HeyGem Bot",
    done=Counted("{n} 个视频已完成"),
    some_done="{n} 个视频中已完成 {done} 个",
    working="目前已完成 {done}/{n} 个视频",
    queued="{n} 个视频正在排队",
    stopped="已取消，取消前完成了 {done}/{n} 个视频",
    voice="配音：{name}",
    own_voice="配音：{name}",
    download_all="全部下载",
    download_some="下载压缩包",
    zip_of=Counted("{n} 个视频 · {size} · zip"),
    partial="压缩包只含生成链接时已完成的视频。其余视频完成后，可在本页下载全部。",
    more=Counted("生成此链接后，又有 {n} 个视频已完成。"),
    as_it_was="当时的压缩包（{facts}）",
    expires="链接有效期至",
    warning="文件较大。如果下载中断，重新开始即可从中断处继续。",
    download="下载",
    view="视频的显示方式",
    grid="网格",
    list="列表",
    select="选择视频 {number}：{name}",
    select_all="全选",
    select_none="清除",
    selected=Counted("已选择 {n} 个视频 · {size}"),
    download_selected="下载所选",
    copy_link="复制链接",
    copied="链接已复制",
    not_copied="请从地址栏复制",
    compare="与模板对比",
    before="原视频",
    after="结果",
    reveal="显示原视频的比例",
    position="播放位置",
    play_both="播放",
    pause_both="暂停",
    close="关闭",
    no_before="无法在此播放模板：它已不再保存，或此浏览器不支持其格式。",
    play="视频 {number}：{name}",
    failures="未能生成",
    several_faces="画面中有多张人脸，由最大的一张说话。",
    transparent="模板有透明的部分，已显示为白色。",
    faces_missing="{frames} 帧中有 {n} 帧无法驱动人脸，保留原画面。",
    subtitles_missing="没有字幕：不知道说了什么。",
    states={
        ItemState.WAITING: "等待中",
        ItemState.RUNNING: "即将开始",
        ItemState.DONE: "已完成",
        ItemState.FAILED: "失败",
        ItemState.CANCELLED: "已取消",
    },
    refreshes="页面会自动更新。",
    lost="连接已断开，正在重试……",
    private="在有效期内，任何拥有此网址的人都可以打开。",
    private_own="在有效期内，任何拥有此网址的人都可以打开本页，并创建或撤销链接。转发给他人时，请使用分享链接。",
    private_locked="在有效期内，任何拥有此网址和密码的人都可以打开。",
    error="出了点问题",
    retry="重试",
    no_such_page="该网址没有任何内容。",
)

WORDS: Mapping[Language, Words] = {"en": ENGLISH, "zh": CHINESE}
