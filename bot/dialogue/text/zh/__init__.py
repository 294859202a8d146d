"""中文。"""

from bot.dialogue.text.catalogue import (
    Buttons,
    Catalogue,
    Collecting,
    Counted,
    Ending,
    History,
    Slack,
    Status,
    Talk,
    Telegram,
    Templates,
    Terminal,
    Units,
)
from bot.dialogue.text.zh.access import DOORS, KEYS, PRIVACY, STUDIO
from bot.dialogue.text.zh.options import OPTIONS
from heygem.batches.model import BatchState, ItemState
from heygem.batches.workers import Stall

CHINESE = Catalogue(
    language="zh",
    units=Units(
        soon="不到 1 分钟",
        minutes=Counted("{n} 分钟"),
        hours=Counted("{n} 小时"),
        hours_minutes="{hours} 小时 {minutes} 分钟",
        days=Counted("{n} 天"),
        just_now="刚刚",
        minutes_ago=Counted("{n} 分钟前"),
        hours_ago=Counted("{n} 小时前"),
        days_ago=Counted("{n} 天前", one="昨天"),
        videos=Counted("{n} 个视频"),
        about="约 {value}",
        picture="图片",
        separator=" · ",
        comma="、",
        unnamed_voice="语音",
        unnamed_template="视频",
    ),
    buttons=Buttons(
        generate="开始生成",
        preview_picture="预览一张画面",
        preview_3s="预览 3 秒",
        try_one="先试一个",
        remove="移除一个",
        pictures="查看图片",
        options="选项",
        discard="放弃",
        discard_yes="确认放弃",
        cancel="取消",
        pause="暂停",
        resume="继续",
        put_first="优先处理",
        export_ready="导出已完成的",
        download="查看视频",
        new_link="新链接",
        show="查看",
        retry="重试失败的",
        reuse="同样的人，换语音",
        back="‹ 返回",
        more="更多 ›",
        delete="删除",
        keep="保留",
        clear_all="全部删除",
        clear_yes="确认全部删除",
        forget_yes="确认清除",
        not_transcript="这不是台词",
        new_batch="新建批次",
        upload="打开上传页面",
        own_voice="单独配音",
        drop_voice="取消单独配音",
        use_transcript="把说明文字当作台词",
        ask_admin="请求管理员批准",
        allow="允许",
        deny="拒绝",
        studio="打开工作室",
    ),
    talk=Talk(
        welcome=(
            "您好！发来一段声音和任意多个人物视频，我让视频里的每个人都说出这段话。\n\n"
            "1. 发一条语音或一个音频文件；\n"
            "2. 发人物视频（或人像照片）；\n"
            "3. 点“开始生成”。\n\n"
            "完成后，一个链接就能拿到全部视频。更多用法见 {cmd:help}"
        ),
        help=(
            "声音和视频先后随意，发齐后点“开始生成”。\n\n"
            "• 想用某个视频的声音作配音，发送时附上说明“声音”。\n"
            "• 想让某个视频单独用一段语音，点“单独配音”，选好视频，再发语音。\n"
            "• 发语音时附上台词（加上引号），口型会更准。\n\n"
            "{cmd:batch} – 新建批次，或查看当前批次\n"
            "{cmd:generate} – 开始生成\n"
            "{cmd:try} – 先试做一个，看看效果\n"
            "{cmd:preview} – 预览其中一个的前 3 秒；加 picture 只看一张画面\n"
            "{cmd:status} – 查看进度\n"
            "{cmd:export} – 获取已完成视频的链接\n"
            "{cmd:remove} 2 – 移除第 2 个\n"
            "{cmd:move} 3 1 – 把第 3 个移到最前面\n"
            "{cmd:rename} 3 小安 – 给第 3 个改名，生成的视频也用这个名字\n"
            "{cmd:pictures} – 按编号查看各个视频的样子\n"
            "{cmd:cancel} – 停止或放弃本批次\n"
            "{cmd:pause}、{cmd:resume} – 暂停批次，或继续处理\n"
            "{cmd:first} – 让本批次排到您其他批次的前面\n"
            "{cmd:history} – 历史批次：重新获取链接、删除\n"
            "{cmd:templates} – 保存常用模板，随时再用\n"
            "{cmd:settings} – 引擎、语言、清晰度、口型\n"
            "{cmd:apikey} – 供您的程序使用的密钥\n"
            "{cmd:web} – 在浏览器中查看您的批次\n"
            "{cmd:forget} – 清除我的全部数据"
        ),
        help_groups={
            "telegram": (
                "用语音回复某个视频，这段语音就只给它用。\n\n"
                "在群里，请以回复我的消息的方式发送文件，或把我设为管理员，否则我看不到。"
                "谁新建的批次由谁开始或取消；其他人都可以添加和导出。"
            ),
            "slack": (
                "在频道里，请先新建批次，再把文件发到它的消息列（回复）里。"
                "谁新建的批次由谁开始或取消；其他人都可以添加和导出。"
            ),
        },
        help_admin=(
            "管理员：{cmd:allow} 和 {cmd:deny} 后接成员，或用“here”表示当前会话。单独发送 {cmd:allow} 可查看名单。"
        ),
        not_taken="暂时无法连接队列，“{name}”没有收下，请稍后重发。",
        hint="把声音和视频发给我就行，其余交给我。用法见 {cmd:help}。",
        unknown_command="没有 {command} 这个命令，可用命令见 {cmd:help}。",
        wants_number="是第几个？请带上编号，例如 {cmd:remove} 2。",
        wants_place="移动哪一个，移到第几位？例如 {cmd:move} 3 1 会把第 3 个移到最前面。",
        wants_name="给哪一个改名，改成什么？例如 {cmd:rename} 3 小安。",
        kept="好的，什么都没删。",
    ),
    collecting=Collecting(
        next_batch="上一个批次已经在处理，这个放进了新的批次。",
        voice_replaced="已换成新的配音。",
        item_voice="好的，第 {number} 个“{template}”将使用“{voice}”。",
        own_voice_which="哪一个要单独配音？✓ 表示已有。",
        own_voice_next="请发送第 {number} 个“{template}”要说的语音。",
        own_voice_reply={"telegram": "在群里请以回复本消息的方式发送。"},
        own_voice_now="第 {number} 个“{template}”单独使用“{voice}”。现在可以发来另一段语音，也可以取消。",
        own_voice_dropped="第 {number} 个“{template}”不再单独配音。",
        transcript_taken="已把附带的文字当作台词，口型会更准。",
        transcript_dropped="好的，只按声音来。",
        transcript_offered="附带的文字是语音里说的话吗？如果是，请点下面的按钮，口型会更准；否则只按声音来。",
        transcript_used="已把附带的文字当作台词。",
        no_batch="这里还没有批次，用 {cmd:batch} 新建。",
        removed="已移除“{name}”。",
        moved="“{name}”现在是第 {number} 个。",
        renamed="第 {number} 个现在叫“{name}”。",
        none_left="模板都移除了。",
        remove_which="移除哪一个？",
        pictures="各个模板的样子：",
        started="开始了：{estimate}。",
        already_started="这个批次已经在处理了。",
        discard_sure=Counted("放弃这个批次和其中的 {n} 个视频？以后再用需要重新发送。"),
        discarded="已放弃这个批次。",
        cancelled="已取消，还没有完成的视频。",
        cancelled_some=Counted("已取消，完成的 {n} 个视频仍然保留。"),
        nothing_to_cancel="没有可以取消的批次。",
        nothing_to_pause="这里没有正在处理的批次。",
        nothing_to_resume="这里没有暂停的批次。",
        paused="已暂停。正在生成的视频会先做完。如果一直暂停，{time}后会自动取消。",
        resumed="继续处理。",
        put_first="本批次已排到您其他批次的前面。",
        item_cancelled="不再生成“{name}”。",
        large="压缩包会比较大，约 {size}。在 {cmd:settings} 中选择 720p 可以减小体积。",
        upload=(
            "“{name}”太大，无法从本聊天中获取。请改在此页面选择该文件：支持最大 {most} 的文件，"
            "连接中断后可从断点继续，上传完成后自动加入本批次。在该页面上传的文件算作您发送的。页面在 {time}内有效。"
        ),
        upload_too="“{name}”同样太大，无法从本聊天中获取。上面的页面可以上传多个文件。",
    ),
    status=Status(
        new="新批次",
        voice_next="下一步：发一条语音或一个音频文件。",
        templates_next="下一步：发要开口说话的人物视频。",
        ready="可以开始了",
        queued="排队中",
        paused="已暂停：完成 {done}/{total}",
        running="正在生成：{done}/{total}",
        all_done=Counted("{n} 个视频全部完成", one="视频已完成"),
        some_done="完成 {done}/{total} 个视频",
        failed="没有一个视频成功",
        cancelled="已取消，完成 {done}/{total} 个",
        discarded="已放弃",
        expired="这个批次太久没有动静，已过期",
        trial="试做：{title}",
        voice="配音：{name}，{length}",
        own_voices="配音：各用各的",
        row_voice="使用“{voice}”",
        row_states={
            ItemState.WAITING: "等待中",
            ItemState.RUNNING: "处理中",
            ItemState.DONE: "已完成",
            ItemState.FAILED: "失败",
            ItemState.CANCELLED: "已取消",
        },
        no_face="⚠️ 初步查看时没有看到人脸",
        several_faces="⚠️ 画面中有多人：由最大的一张脸说话",
        stages={
            "probe": "读取文件",
            "listen": "分析声音",
            "analyze": "识别人脸",
            "generate": "生成口型",
        },
        more=Counted("……还有 {n} 个"),
        ahead=Counted("前面还有 {n} 个视频"),
        next="马上轮到",
        stalls={
            Stall.NO_WORKER: "目前没有机器在工作。内容都在，机器一上线就继续。",
            Stall.ILL: "机器目前有故障。内容都在，恢复后自动继续。",
        },
        left="剩余{time}",
        estimate=Counted("{n} 个视频，每个 {length}", one="1 个视频，时长 {length}"),
        estimate_up_to="{videos}，最长 {length}",
        listening="其中听写{time}",
        zip="压缩包约 {size}",
    ),
    ending=Ending(
        all_done=Counted("好了！{n} 个视频全部完成。", one="好了！视频已完成。"),
        some_done="好了！完成 {done}/{total} 个视频。",
        none_done=Counted("抱歉，{n} 个视频都没有成功。", one="抱歉，视频没有成功。"),
        failure="{number}. {name}：{reason}",
        more_failures=Counted("……还有 {n} 个，压缩包中的 manifest.json 有完整清单。"),
        transparent="{names} 有透明的部分，已显示为白色。",
        several_faces="{names} 中有多张脸，由最大的一张说话。",
        faces_missing="{names} 中有些时刻看不到嘴部，这些画面保持原样。",
        subtitles_missing="{names} 没有字幕：不知道说了什么。请把说的内容写在语音的说明文字里。",
        tried="这是试做。点“开始生成”会以同样方式生成整个批次；在此之前仍可修改。",
        size="大小：{size}",
        expires="链接 {time}内有效，之后可用 {cmd:export} 重新获取。",
        large="文件较大（{size}），建议在网络稳定时下载；中断后可以续传。",
        partial="目前完成 {done}/{total} 个视频。",
        only_here="该链接只能在运行机器人的电脑上打开；管理员可以为它设置公网地址。",
        left_out="以下视频超过 {limit}，无法直接发送，请用上面的链接获取：{names}。",
        exports="这里可以导出：",
        export_some="已完成 {done}/{total} 个视频。",
        export_of=Counted("这是您的 {n} 个视频。"),
    ),
    history=History(
        title="历史批次，从新到旧：",
        empty="还没有批次，用 {cmd:batch} 新建第一个。",
        row="{number}. {when} · {videos} · {state}",
        first_of=Counted("{name} 及另外 {n} 个"),
        voice="配音：{name}",
        states={
            BatchState.COLLECTING: "未开始",
            BatchState.QUEUED: "排队中",
            BatchState.RUNNING: "生成中，已完成 {done} 个",
            BatchState.DONE: "完成 {done} 个",
            BatchState.FAILED: "失败",
            BatchState.CANCELLED: "已取消，完成 {done} 个",
            BatchState.EXPIRED: "已过期",
        },
        delete_sure="删除这个批次和其中的视频？相关链接将失效。（{batch}）",
        deleted="已删除。",
        clear_sure="删除全部历史批次和视频？相关链接将失效。",
        cleared=Counted("已删除 {n} 个批次。"),
        usage="用法：{cmd:history}、{cmd:history} 2、{cmd:history} delete 2 或 {cmd:history} clear。",
        no_such="没有第 {number} 个历史批次，用 {cmd:history} 查看列表。",
    ),
    templates=Templates(
        title="已保存的模板：",
        empty="还没有保存的模板。发一个视频，再用 {cmd:templates} save 小安 保存。",
        row="{number}. {name}（{kind}）",
        usage=(
            "{cmd:templates} save 小安 – 保存本批次中的视频，或您回复的那个；多个会存成一组\n"
            "{cmd:templates} use 小安 – 加入本批次\n"
            "{cmd:templates} rename 小安 to 小北 – 改名\n"
            "{cmd:templates} delete 小安"
        ),
        saved="已保存为“{name}”。",
        saved_set=Counted("已将 {n} 个模板保存为一组“{name}”。"),
        nothing_to_save="还没有可保存的模板，请先发一个视频。",
        used=Counted("已从“{name}”添加 {n} 个模板。", one="已添加“{name}”。"),
        unknown="没有名为“{name}”的模板，用 {cmd:templates} 查看全部。",
        renamed="“{name}”已改名为“{new}”。",
        taken="名称“{name}”已被使用。请换一个名称，或先删除原来的。",
        delete_sure="删除“{name}”（{kind}）？正在使用它的批次不受影响。",
        deleted="已删除“{name}”。",
        bad_name="名称请用 1 到 {limit} 个字符，不能含有“/”。",
        too_many="最多保存 {limit} 个模板，请先删除一些。",
    ),
    options=OPTIONS,
    privacy=PRIVACY,
    keys=KEYS,
    studio=STUDIO,
    doors=DOORS,
    terminal=Terminal(
        intro=(
            "输入文件路径，或把文件拖进来，例如：voice.m4a clips/*.mp4\n"
            "路径后面的文字是附带说明；@2 voice.wav 让第 2 个单独使用这段声音。\n"
            "用法见 {cmd:help}，按 Ctrl-D 退出。"
        ),
        you="您",
        bot="机器人",
        no_file="找不到文件 {path}。",
        choices="输入数字即可选择。",
        no_choice="目前没有选项 {number}。",
        looking="正在查看第 {number} 个文件，共 {n} 个 …",
        waiting="正在等待处理完成……",
        bye="再见，没做完的会留在队列里。",
        no_item="本批次中没有第 {number} 个模板。",
    ),
    slack=Slack(
        thread="请把语音和视频发到这条消息的消息列（回复）里。",
        opening="正在新建批次……",
    ),
    telegram=Telegram(
        about=(
            "一段声音，多张面孔：发来一段语音和任意多个人物视频，视频里的每个人都会说出这段话，"
            "全部结果用一个链接领取。\n\n发来声音和视频即可开始。"
        ),
        about_short="一段声音，多张面孔：让视频里的每个人都说出您录下的话。",
        reply="文件请以回复本消息的方式发送，否则我可能看不到。",
        moved="↓ 本批次的状态已移到下方。以回复这条消息的方式发送的文件仍会收到。",
    ),
    commands={
        "batch": "新建或查看当前批次",
        "generate": "开始生成",
        "try": "先只生成第一个视频",
        "preview": "预览一个视频的前 3 秒",
        "status": "查看进度",
        "export": "获取已完成视频的链接",
        "cancel": "停止或放弃本批次",
        "pause": "暂停批次",
        "resume": "继续处理暂停的批次",
        "first": "让本批次优先处理",
        "remove": "移除一个模板",
        "move": "调整模板的顺序",
        "rename": "给模板改名",
        "pictures": "按编号查看模板图片",
        "history": "历史批次",
        "templates": "已保存的模板",
        "settings": "引擎、语言和选项",
        "apikey": "供您的程序使用的密钥",
        "web": "在浏览器中查看您的批次",
        "forget": "清除我的全部数据",
        "help": "使用说明",
    },
)
