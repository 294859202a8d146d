"""What the first page says, in every language."""

from collections.abc import Mapping
from dataclasses import dataclass

from heygem.base.sentences import Language


@dataclass(frozen=True, kw_only=True)
class Words:
    tag: str  # of the language, for HTML
    called: str  # the language, by those who speak it
    product: str
    title: str
    promise: str
    sign_in: str
    sign_in_how: str
    sample: str
    before: str
    before_shows: str  # read aloud to those who don't see the picture
    after: str
    after_shows: str
    drawn: str
    steps_title: str
    steps: tuple[tuple[str, str, str], ...]  # the drawing, what to do, what that means
    access: str
    access_unnamed: str  # where its name is not known
    whole_link: str


ENGLISH = Words(
    tag="en",
    called="English",
    product="HeyGem Bot",
    title="One voice, many faces",
    promise="Send the bot one recording and any number of videos of people. Everyone in them says it, and you get all "
    "of the new videos in one zip.",
    sign_in="Sign in",
    sign_in_how="Send /web to the bot in your chat with it: it answers with a link that signs you in.",
    sample="What becomes of a video",
    before="The video that was sent",
    before_shows="A drawn person with closed lips.",
    after="The same person, speaking",
    after_shows="The same drawn person, mouth open, teeth between the lips.",
    drawn="A drawing stands in for somebody's face here.",
    steps_title="How it works",
    steps=(
        ("step-voice.svg", "Send one voice", "A voice note, a recording, or the sound of a video."),
        ("step-faces.svg", "Send the faces", "Videos and portraits, as many as you like, in any order."),
        ("step-zip.svg", "Take one zip", "Press Generate. When all is ready, a link comes: every video, and one zip."),
    ),
    access="It serves invited people only.",
    access_unnamed="It serves invited people only. Whoever runs it, or gave you this address, can tell you its name.",
    whole_link="If you got a link to videos, open the whole link: this address alone has none.",
)

CHINESE = Words(
    tag="zh-Hans",
    called="中文",
    product="HeyGem Bot",
    title="一段声音，多张面孔",
    promise="把一段录音和任意数量的人物视频发给机器人，视频里的每个人都会说出这段话，所有新视频打包成一个压缩包交给您。",
    sign_in="登录",
    sign_in_how="在与机器人的聊天中发送 /web，它会回复一个登录链接。",
    sample="视频会变成什么样",
    before="发送的视频",
    before_shows="一个绘制的人物，闭着嘴。",
    after="同一个人开口说话",
    after_shows="同一个绘制的人物，张着嘴，露出牙齿。",
    drawn="这里用绘制的人物代替真人的脸。",
    steps_title="使用步骤",
    steps=(
        ("step-voice.svg", "发送一段声音", "语音消息、录音，或者视频里的声音。"),
        ("step-faces.svg", "发送人物", "视频和人像照片，数量不限，顺序不限。"),
        ("step-zip.svg", "领取压缩包", "点击“开始生成”。全部完成后会收到一个链接：逐个观看，或一次下载全部。"),
    ),
    access="它只为获准的人服务。",
    access_unnamed="它只为获准的人服务。它的名称请询问管理员或给您此网址的人。",
    whole_link="如果您收到了视频链接，请打开完整的链接：仅此网址没有视频。",
)

WORDS: Mapping[Language, Words] = {"en": ENGLISH, "zh": CHINESE}
