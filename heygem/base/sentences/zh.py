"""中文。"""

from collections.abc import Mapping

from heygem.base.errors import ErrorCode

NAMELESS = "该文件"  # 没有文件名时

SENTENCES: Mapping[ErrorCode, str] = {
    ErrorCode.NOT_MEDIA: "“{name}”既不是音频、视频，也不是图片。",
    ErrorCode.UNSUPPORTED_FORMAT: "“{name}”使用 {format} 格式，无法读取。请发送：{allowed}。",
    ErrorCode.BROKEN_MEDIA: "“{name}”已损坏或不完整，无法完整读取，请重新发送。",
    ErrorCode.PROBE_LIMIT: "“{name}”打开时耗费过多资源（上限 {limit_s} 秒），已放弃处理。",
    ErrorCode.NO_SOUND: "“{name}”没有声音，不能用作配音。",
    ErrorCode.SILENT_VOICE: "“{name}”的 {actual_s} 秒里没有人声。",
    ErrorCode.SOUND_RANGE: (
        "“{name}”的声音采样率为 {rate_hz} Hz、{channels} 声道；可用范围为 {low_hz} 至 {high_hz} Hz，最多 {limit} 声道。"
    ),
    ErrorCode.NO_VIDEO: "“{name}”没有画面，不能用作模板。",
    ErrorCode.NO_FACE: "“{name}”中没有找到人脸，请使用能看到说话人脸部的视频。",
    ErrorCode.FACE_TURNED: (
        "“{name}”中的人脸始终侧转至少 {actual}°；侧转不超过 {limit}° 才能驱动嘴部。请换一段正面拍摄的视频。"
    ),
    ErrorCode.FACE_HIDDEN: "“{name}”中有人脸的 {frames} 帧里，嘴部全被遮住了。请换一段能看到嘴的视频。",
    ErrorCode.FACE_SMALL: "“{name}”中的人脸只有 {actual} 像素宽，至少需要 {limit} 像素。请换更大或更近的画面。",
    ErrorCode.FACE_LATE: "“{name}”到第 {actual_s} 秒才能看到嘴部，而语音只有 {limit_s} 秒。请剪掉开头。",
    ErrorCode.TOO_SHORT: "“{name}”只有 {actual_s} 秒，至少需要 {limit_s} 秒。",
    ErrorCode.TOO_LONG: "“{name}”长 {actual_s} 秒，上限为 {limit_s} 秒。",
    ErrorCode.TOO_LARGE: "“{name}”有 {actual_mb} MB，上限为 {limit_mb} MB。",
    ErrorCode.TOO_MANY_PIXELS: "“{name}”的尺寸为 {width}x{height}，上限为 {limit_mp} 百万像素。",
    ErrorCode.TOO_MANY_STREAMS: "“{name}”含有 {actual} 条流，上限为 {limit} 条。",
    ErrorCode.FILE_MISSING: "找不到文件“{name}”。",
    ErrorCode.FETCH_FAILED: "无法从 {service} 获取“{name}”，请重新发送。",
    ErrorCode.SCOPE_MISSING: (
        "无法获取“{name}”：应用在这里缺少权限 {scope}。请让 {service} 的管理员添加该权限并重新安装应用。"
    ),
    ErrorCode.NO_FILE: "“{name}”是在 {service} 中编写的内容，不是文件。请发送录音、视频或图片。",
    ErrorCode.FILE_ELSEWHERE: (
        "“{name}”只是一个链接：文件存放在 {service}，无法从那里获取。请先下载，再发送文件本身。"
    ),
    ErrorCode.FILE_HIDDEN: (
        "由于此工作区套餐的限制，{service} 隐藏了“{name}”，无法读取。如果您还有原文件，请重新上传。"
    ),
    ErrorCode.FILE_DELETED: "“{name}”在获取之前已在 {service} 中被删除，因此没有加入。",
    ErrorCode.FILE_UNSEEN: "{service} 不允许应用查看“{name}”。请先保存到您的设备，再从设备发送。",
    ErrorCode.FOLDER_MISSING: "找不到要写入的文件夹“{name}”。",
    ErrorCode.NOT_TEXT: "“{name}”不是 UTF-8 文本文件。",
    ErrorCode.BAD_PAIRS: "“{name}”第 {row} 行的“{column}”列没有文件。",
    ErrorCode.PAIRS_COLUMNS: (
        "“{name}”第 1 行没有“{missing}”列。请把列名写成 audio 和 template，或省去标题行：先声音，后模板。"
    ),
    ErrorCode.BAD_USAGE: "命令写法有误：{reason}",
    ErrorCode.NO_ACCESS: "无法读写“{name}”，请检查它是什么以及访问权限。",
    ErrorCode.OUTPUT_IS_SOURCE: "“{name}”是输入文件之一，输入文件从不改写，请换一个输出名。",
    ErrorCode.OUTPUT_SUFFIX: "输出“{name}”必须以 {suffix} 结尾。",
    ErrorCode.OUTPUT_BUSY: "另一条命令正在生成“{name}”。",
    ErrorCode.OUTPUT_FOLDER: "“{name}”里有其他文件，请移走它们或换一个新的文件夹。",
    ErrorCode.WORDS_UNKNOWN: "字幕“{subtitles}”需要文字：请提供文稿，或添加 Whisper 模型来听写。",
    ErrorCode.DUPLICATE_TEMPLATE: "“{name}”已在本批次中，是第 {number} 个。",
    ErrorCode.BATCH_FULL: "本批次已满，最多 {limit} 个模板。",
    ErrorCode.BATCH_STARTED: "本批次已经开始，不能再更改。",
    ErrorCode.BATCH_UNKNOWN: "该批次已不存在。",
    ErrorCode.BUTTON_UNKNOWN: "这个按钮已失效，用 {cmd:status} 查看最新情况。",
    ErrorCode.NOT_INVITED: "我还不在这个频道里。请在此输入 /invite {bot}，然后再试一次。",
    ErrorCode.NOT_POSTED: "{service} 暂时不接收我的消息，请稍后再试。",
    ErrorCode.NOT_HERE: (
        "我不在这个会话里，也无法加入。请打开您与我（{bot}）的私聊，或在我所在的频道里输入 {cmd:batch}。"
    ),
    ErrorCode.VOICE_ASTRAY: "您回复的视频不在当前批次里。请直接发送语音（不要回复），即可用于整个批次。",
    ErrorCode.BATCH_OPEN: "这里还有一个未开始的批次，请先生成或放弃它。",
    ErrorCode.NOT_ASKED: "这个问题问的是另一个人。请自己发起后再回答。",
    ErrorCode.ITEM_UNKNOWN: "本批次中没有第 {number} 个。",
    ErrorCode.VOICE_MISSING: "还缺少配音，请发送一条语音或一个音频文件。",
    ErrorCode.TEMPLATES_MISSING: "还没有模板，请至少发送一个人物视频。",
    ErrorCode.NOTHING_TO_EXPORT: "还没有完成的视频，无法导出。",
    ErrorCode.BAD_OPTION: "“{value}”不能用于“{option}”，可选：{allowed}。",
    ErrorCode.NOT_ALLOWED: "本机器人仅供受邀人员使用，请联系管理员。",
    ErrorCode.NOT_YOURS: "只有创建该批次的人或管理员才能这样做。",
    ErrorCode.KEY_UNKNOWN: "密钥无效。请在与机器人的私聊中用 {cmd:apikey} 获取新密钥。",
    ErrorCode.SIGN_IN_UNKNOWN: (
        "此登录链接已被使用或已过期。请在与机器人的私聊中用 {cmd:web} 获取新链接，或向邀请您的人索取。"
    ),
    ErrorCode.SIGNED_OUT: (
        "您尚未登录。请在与机器人的私聊中发送 {cmd:web}，然后打开收到的链接；或向邀请您的人索取新链接。"
    ),
    ErrorCode.FORM_STALE: "页面已过期。请重新打开后再操作一次。",
    ErrorCode.PATH_UNKNOWN: "没有 {method} {path} 这个接口，可用接口见 /api/v1/openapi.json。",
    ErrorCode.BAD_REQUEST: "请求有误：{reason}",
    ErrorCode.REQUEST_STALLED: "{limit_s} 秒内没有收到请求的后续内容，请重新发送。",
    ErrorCode.URL_REFUSED: "不能从“{host}”获取：仅限 https，且仅限运营者允许的主机。",
    ErrorCode.PRESSES_MANY: "您在一分钟内的操作超过 {limit} 次，请 {retry_s} 秒后重试。",
    ErrorCode.STREAMS_MANY: "您已打开 {limit} 个事件流，达到上限。请先关闭其中一个。",
    ErrorCode.IDEMPOTENCY_BUSY: "使用该 Idempotency-Key 的请求仍在处理，请 {retry_s} 秒后重试。",
    ErrorCode.IDEMPOTENCY_MISMATCH: "该 Idempotency-Key 已用于另一个请求，请换一个新的。",
    ErrorCode.QUOTA_BATCHES: "您已有 {actual} 个未完成的批次，上限为 {limit} 个。请先完成或删除一个。",
    ErrorCode.QUOTA_MINUTES: "需要 {needed_min} 分钟视频额度；今天 {limit_min} 分钟中还剩 {left_min} 分钟。",
    ErrorCode.QUOTA_BYTES: "需要 {needed_mb} MB；{limit_mb} MB 中还剩 {left_mb} MB。",
    ErrorCode.LINK_UNKNOWN: (
        "链接无效。请检查链接是否完整；把它发给您的人可在与机器人的会话中用 {cmd:export} 获取新链接。"
    ),
    ErrorCode.LINK_EXPIRED: "链接已过期。把它发给您的人可在与机器人的会话中用 {cmd:export} 获取新链接。",
    ErrorCode.LINK_REVOKED: "链接已被撤回，其中的视频已删除。",
    ErrorCode.LINK_CLOSED: (
        "链接已被创建者撤销。请向把它发给您的人索取新链接："
        "对方可在与机器人的会话中用 {cmd:export} 打开视频页面，再重新分享。"
    ),
    ErrorCode.SHARE_EXPIRED: (
        "链接已过期。请向把它发给您的人索取新链接：对方可在与机器人的会话中用 {cmd:export} 打开视频页面，再重新分享。"
    ),
    ErrorCode.SHARE_ONLY: "这是分享给您的链接：可以查看视频，但不能创建、查看或撤销链接。把它发给您的人可以。",
    ErrorCode.SHARES_MANY: "此批次已有 {limit} 个有效的分享链接，达到上限。请先撤销一个。",
    ErrorCode.PASSWORD_NEEDED: "此链接设有密码。请在浏览器中打开并输入密码；密码可向把链接发给您的人询问。",
    ErrorCode.PASSWORD_WRONG: "密码不正确。目前还可以尝试 {left} 次。",
    ErrorCode.PASSWORD_TRIES: "此链接输错密码的次数过多，请 {retry_s} 秒后重试。",
    ErrorCode.PASSWORD_UNFIT: "密码应为 {least} 至 {most} 个字符，现在是 {actual} 个。",
    ErrorCode.TEMPLATE_UNSHOWN: "第 {number} 个的模板无法播放：它是图片，或已不存在。",
    ErrorCode.SELECTION_UNCLEAR: "网址没有说明您要哪些视频，请在页面上重新选择。",
    ErrorCode.DOWNLOADS_BUSY: "已有 {limit} 个下载在进行，达到上限。请 {retry_s} 秒后重试。",
    ErrorCode.UPLOAD_UNKNOWN: "上传链接无效。请把文件发给机器人，它会回复一个新链接。",
    ErrorCode.UPLOAD_EXPIRED: "上传链接已过期。请把文件发给机器人，它会回复一个新链接。",
    ErrorCode.UPLOAD_CLOSED: "该批次已开始或已结束，不再接收文件。请把文件重新发给机器人。",
    ErrorCode.UPLOAD_LOST: "该上传的内容已不存在，请重新选择文件。",
    ErrorCode.UPLOAD_OFFSET: "该上传从第 {offset} 字节继续。",
    ErrorCode.UPLOADS_BUSY: "已有 {limit} 个上传在进行，达到上限。{retry_s} 秒后自动继续。",
    ErrorCode.UPLOADS_MANY: "已有 {limit} 个文件正在上传，达到上限。请等其中一个完成。",
    ErrorCode.DISK_FULL: "磁盘已满：需要 {needed_mb} MB，剩余 {free_mb} MB。",
    ErrorCode.ENGINE_UNKNOWN: "没有名为“{engine}”的引擎，可选：{allowed}。",
    ErrorCode.ENGINE_UNAVAILABLE: "引擎“{engine}”无法在此运行：缺少 {missing}。",
    ErrorCode.ENGINE_FAILED: "引擎“{engine}”处理该视频时中止。",
    ErrorCode.OUT_OF_MEMORY: "处理该视频时内存不足。",
    ErrorCode.FONT_MISSING: "这里没有能把“{signs}”写进画面的字体。请把字幕改为“开”。",
    ErrorCode.WEIGHTS_MISSING: "缺少模型文件“{file}”，请告知管理员。",
    ErrorCode.WEIGHTS_BROKEN: "模型文件“{file}”已损坏或不完整，请告知管理员。",
    ErrorCode.WEIGHTS_UNSAFE: "模型文件“{file}”试图运行程序，因此没有打开，请告知管理员。",
    ErrorCode.WEIGHTS_MISFIT: "模型文件“{file}”不匹配：“{part}”不一致，请告知管理员。",
    ErrorCode.SERVICE_UNREACHABLE: "引擎“{engine}”的服务都没有应答，请告知管理员。",
    ErrorCode.SERVICE_BUSY: "引擎“{engine}”的所有服务已连续 {limit_s} 秒繁忙，请稍后再试。",
    ErrorCode.SERVICE_STUCK: "引擎“{engine}”处理“{name}”时 {limit_s} 秒没有进展，已放弃。",
    ErrorCode.SERVICE_LOST: "引擎“{engine}”{times} 次丢失了“{name}”的任务，请稍后再试。",
    ErrorCode.SERVICE_FAILED: "引擎“{engine}”放弃了“{name}”，它说：{reason}",
    ErrorCode.NO_INTERNET: "无法连接 {host}：请在有网络的机器上下载 {file}，再放进 {folder}。",
    ErrorCode.RENDER_TIMEOUT: "处理超过 {limit_s} 秒，已停止。",
    ErrorCode.RENDER_MEMORY: "处理“{name}”占用的内存超过 {limit_mb} MB，已停止。",
    ErrorCode.QUEUE_UNREACHABLE: "暂时无法连接队列，请稍后再试。",
    ErrorCode.ALREADY_UP: "HeyGem Bot 已在“{folder}”上运行，可用 `heygem chat` 与它对话。",
    ErrorCode.REDIS_UNAVAILABLE: "无法启动 Redis：缺少 {missing}。",
    ErrorCode.REDIS_REFUSED: "HEYGEM_REDIS_URL 指向的 Redis 不能使用：{reason}。",
    ErrorCode.PORT_TAKEN: "{door} 所需的端口 {port} 已被{holder}占用。请停掉它，或另设 {setting}。",
    ErrorCode.WORKER_LOST: "处理该视频时工作进程丢失了 {losses} 次，已放弃。",
    ErrorCode.GIVEN_UP: "您发送的内容 {times} 次使机器人中断，已将其跳过。请换一个文件，或告知管理员。",
    ErrorCode.CANCELLED: "已取消。",
    ErrorCode.BAD_SETTING: "设置 {setting} 无效：{reason}。",
    ErrorCode.SETTINGS_FILE: "无法读取设置文件 {name}：{reason}。",
    ErrorCode.CONNECTION_LOST: "收不到来自 {service} 的任何内容：连接已断开 {seconds} 秒。",
    ErrorCode.TOKEN_REFUSED: "{service} 拒绝了 {setting} 中的令牌：{reason}。",
    ErrorCode.TOKEN_IN_USE: "另一个程序正在从 {service} 接收本机器人的消息，请停掉其中一个。",
    ErrorCode.EXTRA_MISSING: "{service} 所需的软件包尚未安装：请在代码目录中运行：pip install -e '.[{extra}]'。",
    ErrorCode.INTERNAL: "我们这边出了问题，详情见日志。",
}

# 命令行和 ComfyUI 里没有“发送”，改说：
LOCAL: Mapping[ErrorCode, str] = {
    ErrorCode.ENGINE_UNAVAILABLE: "引擎“{engine}”无法在此运行：缺少 {missing}。运行 `heygem doctor` 可查看安装方法。",
    ErrorCode.UNSUPPORTED_FORMAT: "“{name}”是 {format} 格式，无法读取。可用：{allowed}。",
    ErrorCode.BROKEN_MEDIA: "“{name}”已损坏或不完整，无法完整读取，请换一份副本。",
    ErrorCode.FETCH_FAILED: "无法从 {service} 获取“{name}”，请重试。",
    ErrorCode.VOICE_MISSING: "缺少配音，请用 --audio 指定。",
    ErrorCode.TEMPLATES_MISSING: "没有模板，请至少指定一个人物视频或图片。",
    ErrorCode.WEIGHTS_MISSING: "缺少模型文件“{file}”。",
    ErrorCode.WEIGHTS_BROKEN: "模型文件“{file}”已损坏或不完整。",
    ErrorCode.WEIGHTS_UNSAFE: "模型文件“{file}”试图运行程序，因此没有打开。",
    ErrorCode.WEIGHTS_MISFIT: "模型文件“{file}”不匹配：“{part}”不一致。",
    ErrorCode.SERVICE_UNREACHABLE: "引擎“{engine}”的服务都没有应答。",
}
