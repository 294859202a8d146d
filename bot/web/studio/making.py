"""What the studio says where a voice is recorded and a portrait is taken, in every language."""

from dataclasses import dataclass

# The words that scripts need.
_SCRIPTED = (
    "asking",
    "recording",
    "recorded",
    "longest",
    "nothing_heard",
    "nothing_recorded",
    "whose_gone",
    "microphone_refused",
    "microphone_missing",
    "microphone_busy",
    "camera_refused",
    "camera_missing",
    "camera_busy",
    "camera_closed",
    "recording_name",
    "portrait_name",
    "own",
)


@dataclass(frozen=True, kw_only=True)
class Making:
    record: str
    portray: str
    insecure: str
    level: str
    listen: str
    whose: str
    whole: str
    chip: str
    drag: str
    stop: str
    use: str
    again: str
    retake: str
    close: str
    mirror: str
    taken: str
    take: str
    asking: str
    recording: str
    recorded: str
    longest: str
    nothing_heard: str
    nothing_recorded: str
    whose_gone: str
    microphone_refused: str
    microphone_missing: str
    microphone_busy: str
    camera_refused: str
    camera_missing: str
    camera_busy: str
    camera_closed: str
    recording_name: str
    portrait_name: str
    own: str

    @property
    def scripted(self) -> tuple[str, ...]:
        return _SCRIPTED


ENGLISH = Making(
    record="Record a voice",
    portray="Take a portrait",
    insecure="Over https a voice could be recorded and a portrait taken here. Files can be sent all the same.",
    level="Loudness",
    listen="What was recorded",
    whose="For",
    whole="the whole batch",
    chip="🎤 This recording",
    drag="– drag it onto a video, and it is that one's own voice.",
    stop="Stop",
    use="Use it",
    again="Again",
    retake="Again",
    close="Close",
    mirror="The camera, as in a mirror",
    taken="The portrait that was taken",
    take="Take it",
    asking="The browser asks whether this page may do that.",
    recording="Recording …",
    recorded="Recorded: {time}.",
    longest="Stopped at {time}: no voice may be longer.",
    nothing_heard="Nothing is heard. Is the microphone muted, or another one meant?",
    nothing_recorded="Nothing was recorded. Please try again.",
    whose_gone="That video is in the batch no more. Whose voice is it?",
    microphone_refused="The browser doesn't let this page use the microphone. Allow that beside its address.",
    microphone_missing="There is no microphone here, so no voice can be recorded.",
    microphone_busy="The microphone can't be used. Perhaps another program holds it; close that and press again.",
    camera_refused="The browser doesn't let this page use the camera. Allow that beside its address.",
    camera_missing="There is no camera here, so no portrait can be taken.",
    camera_busy="The camera can't be used. Perhaps another program holds it; close that and press again.",
    camera_closed="The camera is off, since this page was out of sight.",
    recording_name="Recording {time}",
    portrait_name="Portrait {time}",
    own="{file} for {template}",
)

CHINESE = Making(
    record="录制声音",
    portray="拍摄人像",
    insecure="要在此录音或拍照，需通过 https 打开本页面。文件仍可照常上传。",
    level="音量",
    listen="录好的声音",
    whose="用于",
    whole="整个批次",
    chip="🎤 这段录音",
    drag="– 拖到某个视频上，就只给它用。",
    stop="停止",
    use="使用",
    again="重录",
    retake="重拍",
    close="关闭",
    mirror="摄像头画面（镜像）",
    taken="拍好的人像",
    take="拍照",
    asking="浏览器正在询问是否允许本页面使用。",
    recording="正在录音……",
    recorded="已录制 {time}。",
    longest="已在 {time} 处停止：声音最长只能这么长。",
    nothing_heard="没有听到声音。麦克风是否静音，或选错了设备？",
    nothing_recorded="没有录到内容，请重试。",
    whose_gone="那个视频已不在批次中，请重新选择。",
    microphone_refused="浏览器未允许本页面使用麦克风。请在地址栏旁允许后再试。",
    microphone_missing="没有找到麦克风，无法录音。",
    microphone_busy="无法使用麦克风，可能被其他程序占用。请关闭该程序后再试。",
    camera_refused="浏览器未允许本页面使用摄像头。请在地址栏旁允许后再试。",
    camera_missing="没有找到摄像头，无法拍照。",
    camera_busy="无法使用摄像头，可能被其他程序占用。请关闭该程序后再试。",
    camera_closed="页面不在前台，摄像头已关闭。",
    recording_name="录音 {time}",
    portrait_name="人像 {time}",
    own="{file}（用于 {template}）",
)
