"""What the studio says beside the dialogue's own words, in every language."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.web.studio import making
from heygem.base.sentences import Language


@dataclass(frozen=True, kw_only=True)
class Words:
    tag: str  # of the language, for HTML
    product: str
    title: str
    new_batch: str
    add_files: str
    all_here: str
    templates: str
    settings: str
    live: str
    none_live: str
    past: str
    none_past: str
    none_found: str
    search: str
    seek: str
    answer: str
    say: str
    send: str
    progress: str
    move_up: str
    move_down: str
    rename: str
    new_name: str
    rename_yes: str
    own_voice_here: str
    making: making.Making
    refreshes: str
    lost: str
    sign_out: str
    enter: str
    enter_sure: str
    enter_yes: str


ENGLISH = Words(
    tag="en",
    product="HeyGem Bot",
    title="Studio",
    new_batch="New batch",
    add_files="Add files",
    all_here="All here. Press Generate when the batch is complete.",
    templates="Saved templates",
    settings="Settings",
    live="Under way",
    none_live="Nothing is under way. Begin a batch, and add one voice and any number of videos.",
    past="History",
    none_past="Finished batches will stand here.",
    none_found="No batch has “{sought}” in a name.",
    search="Find by the name of a video or a voice",
    seek="Find",
    answer="Answer",
    say="Type a command, as in the chat",
    send="Send",
    progress="{done} of {total}",
    move_up="Move “{name}” up",
    move_down="Move “{name}” down",
    rename="Rename",
    new_name="A new name for “{name}”",
    rename_yes="Save",
    own_voice_here="Its own voice",
    making=making.ENGLISH,
    refreshes="This page follows by itself.",
    lost="The connection is away; trying again …",
    sign_out="Sign out",
    enter="Sign in to the studio",
    enter_sure="This browser will act as you, {name} on {platform}, until you sign out. Not for a shared computer!",
    enter_yes="Sign in",
)

CHINESE = Words(
    tag="zh-Hans",
    product="HeyGem Bot",
    title="工作室",
    new_batch="新建批次",
    add_files="添加文件",
    all_here="全部上传完成。准备好后请点击“开始生成”。",
    templates="已保存的模板",
    settings="设置",
    live="进行中",
    none_live="没有进行中的批次。请新建批次，并添加一段声音和任意数量的视频。",
    past="历史记录",
    none_past="已完成的批次会显示在这里。",
    none_found="没有名称包含“{sought}”的批次。",
    search="按视频或声音的名称查找",
    seek="查找",
    answer="回复",
    say="输入命令，与聊天中相同",
    send="发送",
    progress="{done}/{total}",
    move_up="上移“{name}”",
    move_down="下移“{name}”",
    rename="改名",
    new_name="“{name}”的新名称",
    rename_yes="保存",
    own_voice_here="单独配音",
    making=making.CHINESE,
    refreshes="页面会自动更新。",
    lost="连接已断开，正在重试……",
    sign_out="退出登录",
    enter="登录工作室",
    enter_sure="登录后，此浏览器将以您（{platform} 上的 {name}）的身份操作，直到您退出登录。请勿在公用电脑上登录。",
    enter_yes="登录",
)

WORDS: Mapping[Language, Words] = {"en": ENGLISH, "zh": CHINESE}
