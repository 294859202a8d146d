"""English."""

from collections.abc import Mapping

from heygem.base.errors import ErrorCode

NAMELESS = "this file"  # instead of a name in quotes

SENTENCES: Mapping[ErrorCode, str] = {
    ErrorCode.NOT_MEDIA: "“{name}” is neither sound nor video nor a picture.",
    ErrorCode.UNSUPPORTED_FORMAT: "“{name}” uses {format}, which I can't read. Please send one of: {allowed}.",
    ErrorCode.BROKEN_MEDIA: "“{name}” is broken or cut off; it can't be read to the end. Please send it again.",
    ErrorCode.PROBE_LIMIT: "“{name}” takes too much work just to open (limit: {limit_s} s), so I put it aside.",
    ErrorCode.NO_SOUND: "“{name}” has no sound, so it can't be the voice.",
    ErrorCode.SILENT_VOICE: "“{name}” is silent: nobody can be heard in its {actual_s} s.",
    ErrorCode.SOUND_RANGE: (
        "“{name}” has sound of {rate_hz} Hz in {channels} channels; "
        "{low_hz} to {high_hz} Hz in up to {limit} channels can be the voice."
    ),
    ErrorCode.NO_VIDEO: "“{name}” has no picture, so it can't be a template.",
    ErrorCode.NO_FACE: "No face was found in “{name}”. Please use a video that shows the speaker's face.",
    ErrorCode.FACE_TURNED: (
        "The face in “{name}” is turned away by at least {actual}° all the time; a mouth can be moved up to {limit}°. "
        "Please use a video that shows the face from the front."
    ),
    ErrorCode.FACE_HIDDEN: (
        "Something hides the mouth in “{name}” in all {frames} frames that show a face. "
        "Please use a video that shows the mouth."
    ),
    ErrorCode.FACE_SMALL: (
        "The face in “{name}” is only {actual} pixels wide; at least {limit} are needed. "
        "Please use a larger picture or one from nearer."
    ),
    ErrorCode.FACE_LATE: (
        "Nobody's mouth is to be seen in “{name}” before second {actual_s}, but the voice ends after {limit_s} s. "
        "Please cut the beginning off."
    ),
    ErrorCode.TOO_SHORT: "“{name}” lasts only {actual_s} s; at least {limit_s} s are needed.",
    ErrorCode.TOO_LONG: "“{name}” lasts {actual_s} s; the limit is {limit_s} s.",
    ErrorCode.TOO_LARGE: "“{name}” has {actual_mb} MB; the limit is {limit_mb} MB.",
    ErrorCode.TOO_MANY_PIXELS: "“{name}” is {width}x{height}; the limit is {limit_mp} megapixels.",
    ErrorCode.TOO_MANY_STREAMS: "“{name}” holds {actual} streams; the limit is {limit}.",
    ErrorCode.FILE_MISSING: "There is no file “{name}” (any more).",
    ErrorCode.FETCH_FAILED: "“{name}” could not be fetched from {service}. Please send it again.",
    ErrorCode.SCOPE_MISSING: (
        "“{name}” could not be fetched: the app lacks the permission {scope} here. "
        "An admin of {service} can add it and install the app again."
    ),
    ErrorCode.NO_FILE: (
        "“{name}” was written in {service} itself and is no file. Please send a recording, a video or a picture."
    ),
    ErrorCode.FILE_ELSEWHERE: (
        "“{name}” is only a link: the file lies in {service}, where I can't get it. "
        "Please download it there and send the file itself."
    ),
    ErrorCode.FILE_HIDDEN: (
        "{service} hides “{name}” because of the limits of this workspace's plan, from me too. "
        "If you still have it, please upload it anew."
    ),
    ErrorCode.FILE_DELETED: "“{name}” was deleted in {service} before it was fetched, so it is left out.",
    ErrorCode.FILE_UNSEEN: (
        "{service} does not let the app see “{name}”. Please save it on your device and send it from there."
    ),
    ErrorCode.FOLDER_MISSING: "There is no folder “{name}” to write into.",
    ErrorCode.NOT_TEXT: "“{name}” is not a text file in UTF-8.",
    ErrorCode.BAD_PAIRS: "Row {row} of “{name}” names no file in the column “{column}”.",
    ErrorCode.PAIRS_COLUMNS: (
        "Row 1 of “{name}” names no column “{missing}”. Call the columns audio and template, "
        "or leave the headings out: then the voice comes first, the template second."
    ),
    ErrorCode.BAD_USAGE: "This command is not right: {reason}",
    ErrorCode.NO_ACCESS: "“{name}” can't be read or written here. Please check what it is and who may use it.",
    ErrorCode.OUTPUT_IS_SOURCE: "“{name}” is one of the files that go in, and those are never written. Name another.",
    ErrorCode.OUTPUT_SUFFIX: "The output “{name}” must end in {suffix}.",
    ErrorCode.OUTPUT_BUSY: "Another command is making “{name}” at this moment.",
    ErrorCode.OUTPUT_FOLDER: "“{name}” holds other files. Remove them, or name a new folder to write into.",
    ErrorCode.WORDS_UNKNOWN: (
        "Subtitles “{subtitles}” need the words: give a transcript, or add a Whisper model to write them down."
    ),
    ErrorCode.DUPLICATE_TEMPLATE: "“{name}” is already in this batch as number {number}.",
    ErrorCode.BATCH_FULL: "This batch is full: {limit} templates at most.",
    ErrorCode.BATCH_STARTED: "This batch has already started, so nothing in it can be changed.",
    ErrorCode.BATCH_UNKNOWN: "There is no such batch any more.",
    ErrorCode.BUTTON_UNKNOWN: "This button is out of date. {cmd:status} shows where things are.",
    ErrorCode.NOT_INVITED: "I'm not in this channel yet. Type /invite {bot} here, then try again.",
    ErrorCode.NOT_POSTED: "{service} does not take my messages at the moment. Please try again soon.",
    ErrorCode.NOT_HERE: (
        "I'm not part of this conversation and can't be added to it. Open your own conversation with me ({bot}), "
        "or type {cmd:batch} in a channel that I am in."
    ),
    ErrorCode.VOICE_ASTRAY: "That video is not in the open batch. Without a reply, the voice is for all of them.",
    ErrorCode.BATCH_OPEN: "A batch is still open here. Generate or discard it first.",
    ErrorCode.NOT_ASKED: "That question was put to somebody else. Ask for yourself, then you can answer.",
    ErrorCode.ITEM_UNKNOWN: "There is no number {number} in this batch.",
    ErrorCode.VOICE_MISSING: "The voice is still missing. Send a voice note or an audio file.",
    ErrorCode.TEMPLATES_MISSING: "There is no template yet. Send at least one video of a person.",
    ErrorCode.NOTHING_TO_EXPORT: "Nothing is finished yet, so there is nothing to export.",
    ErrorCode.BAD_OPTION: "“{value}” doesn't fit {option}. Possible: {allowed}.",
    ErrorCode.NOT_ALLOWED: "This bot serves invited people only. Please ask its admin.",
    ErrorCode.NOT_YOURS: "Only the person who opened this batch, or an admin, can do that.",
    ErrorCode.KEY_UNKNOWN: "This key is not valid. Get a new one with {cmd:apikey} in a private chat with the bot.",
    ErrorCode.SIGN_IN_UNKNOWN: (
        "This sign-in link was used already or is too old. Get a new one with {cmd:web} in a private chat with the "
        "bot, or from whoever invited you."
    ),
    ErrorCode.SIGNED_OUT: (
        "You are not signed in. Say {cmd:web} to the bot in a private chat and open its link, or ask whoever "
        "invited you for a new one."
    ),
    ErrorCode.FORM_STALE: "This page is out of date. Open it again and repeat what you did.",
    ErrorCode.PATH_UNKNOWN: "There is no {method} {path} here. /api/v1/openapi.json lists what there is.",
    ErrorCode.BAD_REQUEST: "This request is not right: {reason}",
    ErrorCode.REQUEST_STALLED: "Nothing more of this request came within {limit_s} s. Please send it again.",
    ErrorCode.URL_REFUSED: "Nothing is fetched from “{host}”: only https, and only hosts that the operator allows.",
    ErrorCode.PRESSES_MANY: "More than {limit} presses came from you within a minute. Try again in {retry_s} s.",
    ErrorCode.STREAMS_MANY: "{limit} event streams of yours are open, which is the limit. Close one first.",
    ErrorCode.IDEMPOTENCY_BUSY: "A request with this Idempotency-Key is still at work. Try again in {retry_s} s.",
    ErrorCode.IDEMPOTENCY_MISMATCH: "This Idempotency-Key was used for another request. Choose a new one.",
    ErrorCode.QUOTA_BATCHES: (
        "You already have {actual} open batches; the limit is {limit}. Finish or delete one first."
    ),
    ErrorCode.QUOTA_MINUTES: "This needs {needed_min} minutes of video; {left_min} of your {limit_min} are left today.",
    ErrorCode.QUOTA_BYTES: "This needs {needed_mb} MB; {left_mb} MB of your {limit_mb} MB are left.",
    ErrorCode.LINK_UNKNOWN: (
        "This link is not valid, or not whole. Whoever sent it to you gets a new one with {cmd:export} in their chat "
        "with the bot."
    ),
    ErrorCode.LINK_EXPIRED: (
        "This link has expired. Whoever sent it to you gets a new one with {cmd:export} in their chat with the bot."
    ),
    ErrorCode.LINK_REVOKED: "This link has been withdrawn. The videos behind it were deleted.",
    ErrorCode.LINK_CLOSED: (
        "This link has been revoked by whoever made it. Ask whoever sent it to you for a new one: they make it on "
        "their page of these videos, which {cmd:export} opens in their chat with the bot."
    ),
    ErrorCode.SHARE_EXPIRED: (
        "This link has expired. Ask whoever sent it to you for a new one: they make it on their page of these "
        "videos, which {cmd:export} opens in their chat with the bot."
    ),
    ErrorCode.SHARE_ONLY: (
        "This link was shared with you: it shows the videos, but makes, shows and revokes no links. Whoever sent it to "
        "you can."
    ),
    ErrorCode.SHARES_MANY: "{limit} shared links of this batch work already, which is the limit. Revoke one first.",
    ErrorCode.PASSWORD_NEEDED: (
        "This link has a password. Open it in a browser, where you are asked for it; whoever sent you the link "
        "knows it."
    ),
    ErrorCode.PASSWORD_WRONG: "This is not the password. Tries left for now: {left}.",
    ErrorCode.PASSWORD_TRIES: "Too many wrong passwords were tried at this link. Try again in {retry_s} s.",
    ErrorCode.PASSWORD_UNFIT: "A password has {least} to {most} characters; this one has {actual}.",
    ErrorCode.TEMPLATE_UNSHOWN: "The template of number {number} can't be played: it is a picture, or is gone.",
    ErrorCode.SELECTION_UNCLEAR: "The address does not say which videos you want. Please select them again.",
    ErrorCode.DOWNLOADS_BUSY: "{limit} downloads are running, which is the limit. Try again in {retry_s} s.",
    ErrorCode.UPLOAD_UNKNOWN: "This upload link is not valid. Send the bot the file, and it answers with a new one.",
    ErrorCode.UPLOAD_EXPIRED: "This upload link has expired. Send the bot the file, and it answers with a new one.",
    ErrorCode.UPLOAD_CLOSED: "This batch takes no more files: it has started or ended. Send the file to the bot again.",
    ErrorCode.UPLOAD_LOST: "Nothing of this upload is here any more. Please choose the file again.",
    ErrorCode.UPLOAD_OFFSET: "This upload goes on at byte {offset}.",
    ErrorCode.UPLOADS_BUSY: "{limit} uploads are running, which is the limit. Yours goes on in {retry_s} s.",
    ErrorCode.UPLOADS_MANY: "{limit} files are on their way already, which is the limit. Let one of them finish first.",
    ErrorCode.DISK_FULL: "The disk is full: {needed_mb} MB are needed and {free_mb} MB are free.",
    ErrorCode.ENGINE_UNKNOWN: "There is no engine named “{engine}”. Possible: {allowed}.",
    ErrorCode.ENGINE_UNAVAILABLE: "The engine “{engine}” can't run here: {missing} is missing.",
    ErrorCode.ENGINE_FAILED: "The engine “{engine}” stopped on this video.",
    ErrorCode.OUT_OF_MEMORY: "Memory ran out while rendering this video.",
    ErrorCode.FONT_MISSING: "No font here can write “{signs}” into the picture. Please choose subtitles “on” instead.",
    ErrorCode.WEIGHTS_MISSING: "The model file “{file}” is missing. Please tell the admin.",
    ErrorCode.WEIGHTS_BROKEN: "The model file “{file}” is broken or cut off. Please tell the admin.",
    ErrorCode.WEIGHTS_UNSAFE: "The model file “{file}” wants to run a program, so I did not open it. Tell the admin.",
    ErrorCode.WEIGHTS_MISFIT: "The model file “{file}” is not the right one: “{part}” differs. Please tell the admin.",
    ErrorCode.SERVICE_UNREACHABLE: "No service of the engine “{engine}” answers. Please tell the admin.",
    ErrorCode.SERVICE_BUSY: "Every service of the engine “{engine}” was busy for {limit_s} s. Please try again later.",
    ErrorCode.SERVICE_STUCK: "The engine “{engine}” made no progress on “{name}” for {limit_s} s and was given up.",
    ErrorCode.SERVICE_LOST: "The engine “{engine}” forgot “{name}” {times} times. Please try again later.",
    ErrorCode.SERVICE_FAILED: "The engine “{engine}” gave up on “{name}”. It said: {reason}",
    ErrorCode.NO_INTERNET: "{host} can't be reached: fetch {file} where there is internet and put it into {folder}.",
    ErrorCode.RENDER_TIMEOUT: "Rendering took longer than {limit_s} s and was stopped.",
    ErrorCode.RENDER_MEMORY: "Rendering “{name}” took more than {limit_mb} MB of memory and was stopped.",
    ErrorCode.QUEUE_UNREACHABLE: "The queue can't be reached at the moment. Please try again soon.",
    ErrorCode.ALREADY_UP: "HeyGem Bot already runs on “{folder}”. Talk to it with `heygem chat`.",
    ErrorCode.REDIS_UNAVAILABLE: "No Redis server can be started: {missing} is missing.",
    ErrorCode.REDIS_REFUSED: "The Redis at HEYGEM_REDIS_URL can't be used: {reason}.",
    ErrorCode.PORT_TAKEN: "The port {port} of the {door} is taken by {holder}. Stop it, or set {setting}.",
    ErrorCode.WORKER_LOST: "The worker was lost {losses} times on this video, so it was given up.",
    ErrorCode.GIVEN_UP: (
        "What you sent stopped this bot {times} times, so it is left out. Please try another file, or tell the admin."
    ),
    ErrorCode.CANCELLED: "Cancelled.",
    ErrorCode.BAD_SETTING: "The setting {setting} is not valid: {reason}.",
    ErrorCode.SETTINGS_FILE: "The file of settings {name} can't be read: {reason}.",
    ErrorCode.CONNECTION_LOST: "Nothing is heard from {service}: the connection has been lost for {seconds} s.",
    ErrorCode.TOKEN_REFUSED: "{service} refuses the token in {setting}: {reason}.",
    ErrorCode.TOKEN_IN_USE: "Another program receives this bot's messages from {service}. Please stop one of the two.",
    ErrorCode.EXTRA_MISSING: "{service} needs packages that are missing. In the checkout: pip install -e '.[{extra}]'.",
    ErrorCode.INTERNAL: "Something went wrong on our side. The log has the details.",
}

# Said instead where nobody sends anything: on the command line and in ComfyUI.
LOCAL: Mapping[ErrorCode, str] = {
    ErrorCode.ENGINE_UNAVAILABLE: "The engine “{engine}” can't run here: {missing} is missing. See `heygem doctor`.",
    ErrorCode.UNSUPPORTED_FORMAT: "“{name}” is {format}, which can't be read. Possible: {allowed}.",
    ErrorCode.BROKEN_MEDIA: "“{name}” is broken or cut off; it can't be read to the end. Please try another copy.",
    ErrorCode.PROBE_LIMIT: "“{name}” takes too much work just to open (limit: {limit_s} s).",
    ErrorCode.FILE_MISSING: "There is no file “{name}”.",
    ErrorCode.FETCH_FAILED: "“{name}” could not be fetched from {service}. Please try again.",
    ErrorCode.VOICE_MISSING: "The voice is missing. Name it with --audio.",
    ErrorCode.TEMPLATES_MISSING: "There is no template. Name at least one video or picture of a person.",
    ErrorCode.WEIGHTS_MISSING: "The model file “{file}” is missing.",
    ErrorCode.WEIGHTS_BROKEN: "The model file “{file}” is broken or cut off.",
    ErrorCode.WEIGHTS_UNSAFE: "The model file “{file}” wants to run a program, so it was not opened.",
    ErrorCode.WEIGHTS_MISFIT: "The model file “{file}” is not the right one: “{part}” differs.",
    ErrorCode.SERVICE_UNREACHABLE: "No service of the engine “{engine}” answers.",
    ErrorCode.TOKEN_IN_USE: "Another program receives this bot's news from {service}. Please stop one of the two.",
}
