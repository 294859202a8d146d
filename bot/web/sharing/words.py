"""What is said of sharing, in every language."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.dialogue.text import Counted
from heygem.base.sentences import Language


@dataclass(frozen=True, kw_only=True)
class Words:
    tag: str  # of the language, for HTML
    product: str
    code: str  # the QR code
    code_of_page: str
    code_of_link: str
    only_here: str
    share: str
    about: str
    stays: str  # where the page loads itself anew
    lasts: str
    hour: str
    day: str
    week: str
    kept: str  # as long as the videos are
    lock: str
    lock_hint: str
    make: str
    too_late: str
    links: str
    none: str
    made: str
    until: str
    locked: str
    unlocked: str
    revoke: str
    revoke_this: str  # read aloud, with the time when it was made
    revoke_shared: Counted
    revoke_all: str
    revoke_all_sure: str
    revoke_all_yes: str
    revoked: str
    new: str
    new_once: str
    address: str
    copy: str
    copied: str
    not_copied: str
    lock_tell: str
    back: str
    locked_page: str  # what stands at a link with a password
    locked_ask: str
    locked_open: str


ENGLISH = Words(
    tag="en",
    product="HeyGem Bot",
    code="QR code",
    code_of_page="QR code of this page's address",
    code_of_link="QR code of the new link",
    only_here="This address opens on the machine itself only.",
    share="Share",
    about="A shared link shows these videos and lets people take them. It can't make or revoke links.",
    stays="This page loads itself anew. Make links here, where it stays as it is.",
    lasts="It works for",
    hour="1 hour",
    day="1 day",
    week="7 days",
    kept="as long as the videos are kept, until",
    lock="Password (optional)",
    lock_hint="{least} characters or more. Tell it to people in another way than the link.",
    make="Make a link",
    too_late="The videos are about to be deleted, so no further link can be made.",
    links="Shared links",
    none="None works at the moment.",
    made="Made",
    until="works until",
    locked="with a password",
    unlocked="without a password",
    revoke="Revoke",
    revoke_this="the link made",
    revoke_shared=Counted("Revoke all {n} shared links", one="Revoke all shared links"),
    revoke_all="Revoke this link too",
    revoke_all_sure=(
        "Every link to these videos stops working, the one that you opened this page with too. The videos stay: "
        "/export in your chat with the bot gives a new link."
    ),
    revoke_all_yes="Revoke all links",
    revoked="Done: what was revoked opens nothing any more.",
    new="Your new link",
    new_once="Copy it now. It is kept as a fingerprint only, so it can't be shown again.",
    address="Address",
    copy="Copy link",
    copied="Link copied",
    not_copied="Please copy it from the field",
    lock_tell="Whoever opens it is asked for the password that you chose. It can't be shown again either.",
    back="Back to the videos",
    locked_page="This page has a password",
    locked_ask="Password",
    locked_open="Open",
)

CHINESE = Words(
    tag="zh-Hans",
    product="HeyGem Bot",
    code="二维码",
    code_of_page="本页网址的二维码",
    code_of_link="新链接的二维码",
    only_here="此网址只能在运行服务的电脑上打开。",
    share="分享",
    about="通过分享链接可以观看和下载这些视频，但不能创建或撤销链接。",
    stays="本页会自动刷新。请在此处创建链接，该页面不会刷新。",
    lasts="有效时间",
    hour="1 小时",
    day="1 天",
    week="7 天",
    kept="与视频的保留时间相同，截至",
    lock="密码（可选）",
    lock_hint="至少 {least} 个字符。请通过其他方式告知对方，不要与链接一起发送。",
    make="创建链接",
    too_late="视频即将删除，无法再创建链接。",
    links="分享链接",
    none="目前没有有效的分享链接。",
    made="创建于",
    until="有效期至",
    locked="有密码",
    unlocked="无密码",
    revoke="撤销",
    revoke_this="此链接，创建于",
    revoke_shared=Counted("撤销全部 {n} 个分享链接"),
    revoke_all="同时撤销本链接",
    revoke_all_sure=(
        "指向这些视频的所有链接都将失效，包括您打开本页所用的链接。视频不会删除："
        "在与机器人的会话中发送 /export 即可获取新链接。"
    ),
    revoke_all_yes="撤销所有链接",
    revoked="已撤销，相关链接已无法打开。",
    new="新链接",
    new_once="请立即复制。系统只保存它的指纹，之后无法再次显示。",
    address="网址",
    copy="复制链接",
    copied="链接已复制",
    not_copied="请从输入框中复制",
    lock_tell="打开时需要输入您设置的密码。密码同样无法再次显示。",
    back="返回视频页面",
    locked_page="此页面设有密码",
    locked_ask="密码",
    locked_open="打开",
)

WORDS: Mapping[Language, Words] = {"en": ENGLISH, "zh": CHINESE}
