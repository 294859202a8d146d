"""Chinese: who may do what, and what is kept of whom."""

from bot.dialogue.text.catalogue import Counted, Doors, Keys, Privacy, Studio

PRIVACY = Privacy(
    sure="这会删除您的全部批次、视频、模板和设置，停止正在处理的任务，并让所有链接失效。此操作无法撤销。",
    forgotten="已清除，我不再保存您的任何数据。",
)

KEYS = Keys(
    made=(
        "您的程序可以凭此密钥代表您使用本机器人。密钥只显示这一次，您之前的密钥已失效：\n\n"
        "{key}\n\n接口地址是 {address}。请妥善保管；用 {cmd:apikey} revoke 可以撤销。"
    ),
    revoked="您的密钥已失效。",
    none="您没有密钥。",
    private_only="密钥只能给您一个人看，请在与我的私聊中获取。",
)

STUDIO = Studio(
    link=(
        "工作室在浏览器中显示您的批次：可一次拖入多个文件、查看进度、下载每个压缩包。"
        "此链接只能登录一个浏览器，在{time}内有效，仅可使用一次。用 {cmd:web} off 可退出所有浏览器。"
    ),
    signed_out=Counted("已退出 {n} 个浏览器。"),
    none="没有已登录的浏览器。",
    private_only="链接只能用您的身份登录，请在与我的私聊中获取。",
    guest_link="此链接可让对方登录一个浏览器，在{time}内有效，仅可使用一次：",
    guest_name="“{name}”不能用作名称：最多 40 个字母、文字或数字，第一个之后还可以有 . _ - @",
    guest_out=Counted("已退出对方的 {n} 个浏览器。"),
    no_guests="还没有按名称邀请任何人。",
)

DOORS = Doors(
    your_id="您的 ID 是 {person}。管理员可以用下面的命令让您使用：\n{cmd:allow} {person}",
    asks="{person}请求使用我。",
    calls_themselves="（自称“{name}”）",
    asked="已经转告管理员。获准后，我会在私聊里通知您。",
    asked_already="您已经请求过了，请等待管理员答复。每天可以请求一次。",
    asked_too_many="目前请求的人太多，暂时无法转告，请明天再试。",
    let_in="管理员已批准，您现在可以使用了。发来声音和视频即可，用法见 {cmd:help}。",
    stays_out="{who} 未获准。",
    claimed="欢迎！您现在是管理员了。可用命令见 {cmd:help}。",
    claim_wrong="口令不对。",
    claim_wait="输错次数太多，请 {time}后再试。",
    claim_closed="这个机器人已经有管理员了。",
    claim_code="还没有管理员。请向机器人发送：{cmd:claim} {code}",
    admins_only="只有管理员可以这样做。",
    allowed="{who} 现在可以使用了。",
    already_allowed="{who} 本来就可以使用。",
    denied="{who} 不能再使用了。",
    not_allowed_yet="{who} 不在名单上。",
    admin_stays="{who} 是管理员，不能移除。",
    list="可以使用的有：",
    list_empty="目前只有管理员可以使用。",
    usage={
        "telegram": (
            "用法：{cmd:allow} 后接用户或群组的数字 ID，例如 {cmd:allow} 123456789，"
            "或用 {cmd:allow} here 允许当前会话中的所有人；{cmd:deny} 用法相同。"
        ),
        "slack": (
            "用法：{cmd:allow} 后接一位成员或一个频道，例如 {cmd:allow} @anna 或 {cmd:allow} #studio，"
            "也可用 {cmd:allow} here 允许当前会话中的所有人；{cmd:deny} 用法相同。用户组不能整组加入。"
        ),
        "console": (
            "用法：{cmd:allow} telegram:123456789 或 {cmd:allow} slack:U012ABCDE，即用户或会话的 ID；"
            "{cmd:deny} 用法相同。"
        ),
    },
)
