"""The methods this fake knows, with the parameters and types of Telegram's own documentation.

! marks what is required. A test compares them with the published specification where it is at hand.
"""

_SENDING = (
    "business_connection_id:String chat_id!:Integer|String message_thread_id:Integer direct_messages_topic_id:Integer "
    "disable_notification:Boolean protect_content:Boolean allow_paid_broadcast:Boolean message_effect_id:String "
    "suggested_post_parameters:SuggestedPostParameters reply_parameters:ReplyParameters "
    "reply_markup:InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply "
)
_METHODS = {
    "getMe": "",
    "getUpdates": "offset:Integer limit:Integer timeout:Integer allowed_updates:Array_of_String",
    "setWebhook": (
        "url!:String certificate:InputFile ip_address:String max_connections:Integer allowed_updates:Array_of_String "
        "drop_pending_updates:Boolean secret_token:String"
    ),
    "deleteWebhook": "drop_pending_updates:Boolean",
    "getWebhookInfo": "",
    "sendMessage": _SENDING
    + "text!:String parse_mode:String entities:Array_of_MessageEntity link_preview_options:LinkPreviewOptions",
    "editMessageText": (
        "business_connection_id:String chat_id:Integer|String message_id:Integer inline_message_id:String text:String "
        "parse_mode:String entities:Array_of_MessageEntity link_preview_options:LinkPreviewOptions "
        "rich_message:InputRichMessage reply_markup:InlineKeyboardMarkup"
    ),
    "deleteMessage": "chat_id!:Integer|String message_id!:Integer",
    "answerCallbackQuery": ("callback_query_id!:String text:String show_alert:Boolean url:String cache_time:Integer"),
    "getFile": "file_id!:String",
    "sendVideo": _SENDING
    + (
        "video!:InputFile|String duration:Integer width:Integer height:Integer thumbnail:InputFile|String "
        "cover:InputFile|String start_timestamp:Integer caption:String parse_mode:String "
        "caption_entities:Array_of_MessageEntity show_caption_above_media:Boolean has_spoiler:Boolean "
        "supports_streaming:Boolean"
    ),
    "sendPhoto": _SENDING
    + (
        "photo!:InputFile|String caption:String parse_mode:String caption_entities:Array_of_MessageEntity "
        "show_caption_above_media:Boolean has_spoiler:Boolean"
    ),
    "sendMediaGroup": (
        "business_connection_id:String chat_id!:Integer|String message_thread_id:Integer "
        "direct_messages_topic_id:Integer media!:Array_of_InputMediaAudio|Array_of_InputMediaDocument"
        "|Array_of_InputMediaLivePhoto|Array_of_InputMediaPhoto|Array_of_InputMediaVideo disable_notification:Boolean "
        "protect_content:Boolean allow_paid_broadcast:Boolean message_effect_id:String reply_parameters:ReplyParameters"
    ),
    "sendChatAction": (
        "business_connection_id:String chat_id!:Integer|String message_thread_id:Integer action!:String"
    ),
    "setMyCommands": "commands!:Array_of_BotCommand scope:BotCommandScope language_code:String",
    "getMyCommands": "scope:BotCommandScope language_code:String",
    "setMyDescription": "description:String language_code:String",
    "getMyDescription": "language_code:String",
    "setMyShortDescription": "short_description:String language_code:String",
    "getMyShortDescription": "language_code:String",
}

# Objects that callers build: their fields, ! marks what is required.
OBJECTS = {
    "MessageEntity": "type! offset! length! url user language custom_emoji_id unix_time date_time_format",
    "LinkPreviewOptions": "is_disabled url prefer_small_media prefer_large_media show_above_text",
    "ReplyParameters": (
        "message_id! chat_id allow_sending_without_reply quote quote_parse_mode quote_entities quote_position "
        "checklist_task_id poll_option_id"
    ),
    "InlineKeyboardMarkup": "inline_keyboard!",
    "InlineKeyboardButton": (
        "text! icon_custom_emoji_id style url callback_data web_app login_url switch_inline_query "
        "switch_inline_query_current_chat switch_inline_query_chosen_chat copy_text callback_game pay"
    ),
    "BotCommand": "command! description!",
    "InputMediaPhoto": "type! media! caption parse_mode caption_entities show_caption_above_media has_spoiler",
    "InputMediaVideo": (
        "type! media! thumbnail cover start_timestamp caption parse_mode caption_entities show_caption_above_media "
        "width height duration supports_streaming has_spoiler"
    ),
    "InputMediaDocument": ("type! media! thumbnail caption parse_mode caption_entities disable_content_type_detection"),
    "InputMediaAudio": "type! media! thumbnail caption parse_mode caption_entities duration performer title",
    "InputMediaLivePhoto": (
        "type! media! photo! caption parse_mode caption_entities show_caption_above_media has_spoiler"
    ),
}


class Parameter:
    def __init__(self, text: str) -> None:
        name, _, types = text.partition(":")
        self.name = name.rstrip("!")
        self.required = name.endswith("!")
        self.types = tuple(kind.replace("_", " ") for kind in types.split("|"))


SIGNATURES = {method: {each.name: each for each in map(Parameter, text.split())} for method, text in _METHODS.items()}
