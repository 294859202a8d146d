"""What the studio says beside the dialogue's own words, in every language."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.dialogue.text import Counted
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
    pages: str
    library: str
    settings: str
    live: str
    none_live: str
    latest: str
    past: str
    whole_past: Counted
    none_past: str
    none_found: str
    search: str
    seek: str
    found: Counted
    state: str
    all_states: str
    some_done: str
    some_missing: str
    engine: str
    all_engines: str
    newer: str
    older: str
    page_of: str
    kept: str
    space: str
    library_lead: str
    library_space: str
    none_saved: str
    none_saved_found: str
    search_saved: str
    use: str
    rename: str
    new_name: str
    save: str
    save_as: str
    stands: str
    go_there: str
    answer: str
    say: str
    send: str
    progress: str
    remove: str
    move_up: str
    move_down: str
    rename_yes: str
    own_voice_here: str
    making: making.Making
    refreshes: str
    lost: str
    sign_out: str
    enter: str
    enter_sure: str
    enter_guest: str
    enter_yes: str


ENGLISH = Words(
    tag="en",
    product="HeyGem Bot",
    title="Studio",
    new_batch="New batch",
    add_files="Add files",
    all_here="All here. Press Generate when the batch is complete.",
    pages="Pages of the studio",
    library="Library",
    settings="Settings",
    live="Under way",
    none_live="Nothing is under way. Begin a batch, and add one voice and any number of videos.",
    latest="Ended last",
    past="History",
    whole_past=Counted("All {n} in the history", one="It stands in the history"),
    none_past="Finished batches will stand here.",
    none_found="No batch is like that.",
    search="Find by the name of a video or a voice",
    seek="Find",
    found=Counted("{n} batches", one="1 batch"),
    state="What became of it",
    all_states="All",
    some_done="With finished videos",
    some_missing="Failed or cancelled",
    engine="Engine",
    all_engines="All engines",
    newer="Newer",
    older="Older",
    page_of="Page {page} of {pages}",
    kept="kept for another {time}",
    space="Your files take {used} of {most}.",
    library_lead="Videos that you use again and again. They are kept until you delete them.",
    library_space="Together {used}.",
    none_saved="Nothing is saved yet. Begin a batch, add videos, and save them here under a name.",
    none_saved_found="Nothing that is saved has “{sought}” in its name.",
    search_saved="Find by a name",
    use="Add to the batch",
    rename="Rename",
    new_name="New name for “{name}”",
    save="Save",
    save_as="Save the videos of your current batch as",
    stands="The batch stands in the studio.",
    go_there="Go there",
    answer="Answer",
    say="Type a command, as in the chat",
    send="Send",
    progress="{done} of {total}",
    remove="Take “{name}” out",
    move_up="Move “{name}” up",
    move_down="Move “{name}” down",
    rename_yes="Save",
    own_voice_here="Its own voice",
    making=making.ENGLISH,
    refreshes="This page follows by itself.",
    lost="The connection is away; trying again …",
    sign_out="Sign out",
    enter="Sign in to the studio",
    enter_sure="This browser will act as you, {name} on {platform}, until you sign out. Not for a shared computer!",
    enter_guest="This browser will act as {name} until you sign out. Not for a shared computer!",
    enter_yes="Sign in",
)

CHINESE = Words(
    tag="zh-Hans",
    product="HeyGem Bot",
    title="工作室",
    new_batch="新建批次",
    add_files="添加文件",
    all_here="全部上传完成。准备好后请点击“开始生成”。",
    pages="工作室页面",
    library="模板库",
    settings="设置",
    live="进行中",
    none_live="没有进行中的批次。请新建批次，并添加一段声音和任意数量的视频。",
    latest="最近结束",
    past="历史记录",
    whole_past=Counted("查看全部 {n} 个历史批次"),
    none_past="已完成的批次会显示在这里。",
    none_found="没有符合条件的批次。",
    search="按视频或声音的名称查找",
    seek="查找",
    found=Counted("{n} 个批次"),
    state="结果",
    all_states="全部",
    some_done="有已完成的视频",
    some_missing="有失败或取消的",
    engine="引擎",
    all_engines="全部引擎",
    newer="较新的",
    older="较早的",
    page_of="第 {page} 页，共 {pages} 页",
    kept="还会保留 {time}",
    space="您的文件已占用 {used}，上限 {most}。",
    library_lead="您反复使用的视频，会一直保留到您删除为止。",
    library_space="共占用 {used}。",
    none_saved="还没有保存的模板。请新建批次、添加视频，然后在这里起个名称保存。",
    none_saved_found="没有名称包含“{sought}”的模板。",
    search_saved="按名称查找",
    use="加入批次",
    rename="改名",
    new_name="“{name}”的新名称",
    save="保存",
    save_as="把当前批次的视频保存为",
    stands="该批次在工作室中。",
    go_there="前往查看",
    answer="回复",
    say="输入命令，与聊天中相同",
    send="发送",
    progress="{done}/{total}",
    remove="移除“{name}”",
    move_up="上移“{name}”",
    move_down="下移“{name}”",
    rename_yes="保存",
    own_voice_here="单独配音",
    making=making.CHINESE,
    refreshes="页面会自动更新。",
    lost="连接已断开，正在重试……",
    sign_out="退出登录",
    enter="登录工作室",
    enter_sure="登录后，此浏览器将以您（{platform} 上的 {name}）的身份操作，直到您退出登录。请勿在公用电脑上登录。",
    enter_guest="登录后，此浏览器将以 {name} 的身份操作，直到您退出登录。请勿在公用电脑上登录。",
    enter_yes="登录",
)

WORDS: Mapping[Language, Words] = {"en": ENGLISH, "zh": CHINESE}
