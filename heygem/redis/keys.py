"""Every Redis key name of ours. The Lua scripts get the same names from `LUA`.

One Redis, not a cluster: scripts build the keys they touch from ids.
"""

PREFIX = "heygem:"

# arq rings the bell; see `heygem.redis.bells`.
QUEUE = PREFIX + "bells"  # arq's queue (zset)
BELL = "bell"  # the one arq function

# one per installation
SEQUENCE = PREFIX + "sequence"  # string: numbers items in the order in which they became claimable
ENGINES = PREFIX + "engines"  # set of engines for which items wait
WORK = PREFIX + "work"  # zset owner → work served, in seconds
LEVEL = PREFIX + "level"  # string: the work of the owner served last; who arrives starts here
RUNNING = PREFIX + "running"  # hash owner → number of running items
LEASES = PREFIX + "leases"  # zset <batch>:<item> → Unix time when its lease ends
COLLECTING = PREFIX + "collecting"  # zset batch → Unix time of its last change
ENDED = PREFIX + "ended"  # zset batch → Unix time of its end: done, failed, cancelled
PAUSED = PREFIX + "paused"  # zset batch → Unix time since which it is paused
EXPIRED = PREFIX + "expired"  # zset batch → Unix time at which it expired
PACES = PREFIX + "paces"  # list: seconds that each second of the latest videos took, without Whisper's
LISTENINGS = PREFIX + "listenings"  # list: seconds that Whisper took for each second of the latest voices
BOTS = PREFIX + "bots"  # zset bot → Unix time until which it counts as alive
WORKERS = PREFIX + "workers"  # zset worker → Unix time until which it counts as alive
OFFERS = PREFIX + "offers"  # hash worker → which engines it serves (JSON)
HEARD = PREFIX + "heard"  # string: Unix time at which lost runs were last looked for
PATIENT = PREFIX + "patient"  # string: Unix time until which no run counts as lost, after Redis was away
OLD_READY = PREFIX + "ready"  # zset of owners in one line for all engines, as earlier versions left it
OLD_SLACK_INBOX = PREFIX + "slack:inbox"  # hash id → what came, as earlier versions left it
OLD_SLACK_TRIES = PREFIX + "slack:tries"  # hash that went with it

TRIAL = PREFIX + "trial"  # for a moment: whether Redis takes all that we need
ARQ_PREFIX = "arq:"  # arq's own records of a bell
ARQ_TRIAL = ARQ_PREFIX + "job:heygem-trial"  # the same among those

ADMINS = PREFIX + "access:admins"  # set of <platform>:<id>
ALLOWED_PEOPLE = PREFIX + "access:people"  # set of <platform>:<id>
ALLOWED_PLACES = PREFIX + "access:places"  # set of <platform>:<chat>
ADMISSION_REQUESTS = PREFIX + "access:requests"  # hash <platform>:<id> → name, language, Unix time (JSON)

PICTURE_SECRET = PREFIX + "picture-secret"  # string: what addresses of pictures are signed with

# prefixes, followed by the id named here
_BATCH = PREFIX + "batch:"  # hash, batch id
_ITEMS = PREFIX + "items:"  # zset item → arrival, batch id
_ITEM = PREFIX + "item:"  # hash, <batch>:<item>
_TAKEN = PREFIX + "taken:"  # set of message ids that this batch took, batch id
_MESSAGES = PREFIX + "messages:"  # hash message → <batch>:<item, or voice>, place
_PLACE = PREFIX + "place:"  # string: the place's collecting batch, place
_PLACE_BATCHES = PREFIX + "place-batches:"  # zset batch → creation, place
_CHAT_BATCHES = PREFIX + "chat-batches:"  # zset batch → creation, chat: of all places in it
_OWNER_BATCHES = PREFIX + "owner-batches:"  # zset batch → creation, owner
_OPEN = PREFIX + "open:"  # set of batches that have not ended, owner
_WAITING = PREFIX + "waiting:"  # zset <batch>:<item> → sequence, <owner>:<engine>
_LINES = PREFIX + "lines:"  # set of engines for which items of theirs wait, owner
_READY = PREFIX + "ready:"  # zset owner → rank: owners with waiting items, the one to serve first in front, engine
_FILE = PREFIX + "file:"  # set of what uses the file, <owner>:<sha256>
_DIRTY = PREFIX + "dirty:"  # hash batch → version of its latest change, platform
_BATCH_LINKS = PREFIX + "batch-links:"  # set of sha256 of tokens, batch id
_LINK = PREFIX + "link:"  # hash, sha256 of the token
_LINK_TRIES = PREFIX + "link-tries:"  # string: wrong passwords in the last minutes, sha256 of the token
_UPLOAD_LINK = PREFIX + "upload-link:"  # hash, sha256 of the token
_OWNER_UPLOAD_LINKS = PREFIX + "owner-upload-links:"  # set of sha256 of tokens, owner
_ARRIVALS = PREFIX + "arrivals:"  # hash id → file arriving in pieces (JSON), batch id
_UPLOAD_OFFER = PREFIX + "upload-offer:"  # string: the message that was answered with a link, <batch>:<purpose>
_ANNOUNCING = PREFIX + "announcing:"  # string, for seconds: somebody sends the final message, batch id
_API_KEY = PREFIX + "api-key:"  # string: whose it is (JSON), sha256 of the key
_OWNER_API_KEY = PREFIX + "owner-api-key:"  # string: sha256 of the key that is theirs now, owner
_SIGN_IN = PREFIX + "sign-in:"  # string: who a browser becomes (JSON), sha256 of the token
_OWNER_SIGN_IN = PREFIX + "owner-sign-in:"  # string: that sha256, owner
_BROWSER = PREFIX + "browser:"  # string: whom a signed-in browser acts as (JSON), sha256 of its cookie
_OWNER_BROWSERS = PREFIX + "owner-browsers:"  # set of those sha256, owner
_STUDIO_PRESSES = PREFIX + "studio-presses:"  # string, for a minute: forms sent, owner
_STUDIO_ANSWER = PREFIX + "studio-answer:"  # string, for minutes: sealed, <sha256 of its cookie>:<name>
_WEBHOOK = PREFIX + "webhook:"  # hash: whom to tell of a batch, and how far that is, batch id
_API_ANSWER = PREFIX + "api-answer:"  # string (JSON): what was answered, or who is at it, <owner>:<sha256 of its key>
_OWNER_API_ANSWERS = PREFIX + "owner-api-answers:"  # set of the names of such answers, owner
_PREFERENCES = PREFIX + "preferences:"  # string (JSON), owner
_TEMPLATES = PREFIX + "templates:"  # hash name → file (JSON), owner
_HANDLE = PREFIX + "handle:"  # string, for a day after it was told last: what the bot is called there, platform
_TROUBLE = PREFIX + "trouble:"  # string (JSON), while it counts as alive: what keeps it from working, bot
_CLAIM_CODE = PREFIX + "access:code:"  # string: sha256 of the claim code, platform
_CLAIM_TRIES = PREFIX + "access:tries:"  # string: codes tried by a person, or by all
_REFUSED = PREFIX + "access:refused:"  # string: that it was told, <platform>:<id>
_ASKED_ADMIN = PREFIX + "access:asked:"  # string: the message that asked, <platform>:<id>
_MINUTES = PREFIX + "minutes:"  # string: minutes of video spent, <owner>:<day>
_AWAITED_VOICE = PREFIX + "awaited-voice:"  # string: id of the item that a person's next voice is for, <batch>:<owner>
_UNCLEAR = PREFIX + "unclear:"  # string: a message that was not understood, <place>:<message>
_SLACK_SHARING = PREFIX + "slack:sharing:"  # string (JSON): which files are about to be shared, batch id
_SLACK_SENT = PREFIX + "slack:sent:"  # set: as what it would be withdrawn, for each message that it came with; file id
_SLACK_HEAD = PREFIX + "slack:parent:"  # string: ts of the message that a request was answered with, arrival id
_INBOX = PREFIX + "inbox:"  # hash id → what came and is not answered yet (JSON), front end
_INBOX_TRIES = PREFIX + "inbox-tries:"  # hash id → how often it was begun, front end
_INBOX_SEEN = PREFIX + "inbox-seen:"  # string: it came, <front end>:<id>

LUA = {
    "sequence": SEQUENCE,
    "engines": ENGINES,
    "workers": WORKERS,
    "bots": BOTS,
    "offers": OFFERS,
    "heard": HEARD,
    "patient": PATIENT,
    "old_ready": OLD_READY,
    "nothing": PREFIX + "nothing",
    "work": WORK,
    "level": LEVEL,
    "running": RUNNING,
    "leases": LEASES,
    "collecting": COLLECTING,
    "ended": ENDED,
    "expired": EXPIRED,
    "paused": PAUSED,
    "paces": PACES,
    "listenings": LISTENINGS,
    "batch": _BATCH,
    "items": _ITEMS,
    "item": _ITEM,
    "taken": _TAKEN,
    "messages": _MESSAGES,
    "place": _PLACE,
    "place_batches": _PLACE_BATCHES,
    "chat_batches": _CHAT_BATCHES,
    "owner_batches": _OWNER_BATCHES,
    "open": _OPEN,
    "waiting": _WAITING,
    "lines": _LINES,
    "ready": _READY,
    "file": _FILE,
    "dirty": _DIRTY,
    "batch_links": _BATCH_LINKS,
    "link": _LINK,
    "arrivals": _ARRIVALS,
    "templates": _TEMPLATES,
    "webhook": _WEBHOOK,
    "slack_sharing": _SLACK_SHARING,
    "inbox": _INBOX,
    "inbox_tries": _INBOX_TRIES,
    "inbox_seen": _INBOX_SEEN,
}


def batch(batch_id: str) -> str:
    return _BATCH + batch_id


def batch_links(batch_id: str) -> str:
    """Set of the sha256 of the batch's link tokens."""
    return _BATCH_LINKS + batch_id


def item(batch_id: str, item_id: str) -> str:
    return f"{_ITEM}{batch_id}:{item_id}"


def items(batch_id: str) -> str:
    return _ITEMS + batch_id


def messages(place_id: str) -> str:
    return _MESSAGES + place_id


def place_batches(place_id: str) -> str:
    return _PLACE_BATCHES + place_id


def chat_batches(chat_id: str) -> str:
    return _CHAT_BATCHES + chat_id


def owner_batches(owner: str) -> str:
    return _OWNER_BATCHES + owner


def waiting(owner: str, engine: str) -> str:
    return f"{_WAITING}{owner}:{engine}"


def ready(engine: str) -> str:
    return _READY + engine


def file(owner: str, sha256: str) -> str:
    return file_of(f"{owner}:{sha256}")


def file_of(file_key: str) -> str:
    """Like `file`, from the records' own <owner>:<sha256>."""
    return _FILE + file_key


def dirty(platform: str) -> str:
    return _DIRTY + platform


def link(token_sha256: str) -> str:
    """Hash: what a link opens, or `revoked`: 1 once its batch was deleted, `hand` when somebody closed it."""
    return _LINK + token_sha256


def link_tries(token_sha256: str) -> str:
    return _LINK_TRIES + token_sha256


def upload_link(token_sha256: str) -> str:
    """Hash: whose upload page it is, for which batch, and until when."""
    return _UPLOAD_LINK + token_sha256


def owner_upload_links(owner: str) -> str:
    return _OWNER_UPLOAD_LINKS + owner


def arrivals(batch_id: str) -> str:
    return _ARRIVALS + batch_id


def upload_offer(batch_id: str, purpose: str) -> str:
    return f"{_UPLOAD_OFFER}{batch_id}:{purpose}"


def announcing(batch_id: str) -> str:
    return _ANNOUNCING + batch_id


def api_key(key_sha256: str) -> str:
    return _API_KEY + key_sha256


def owner_api_key(owner: str) -> str:
    return _OWNER_API_KEY + owner


def api_answer(owner: str, key_sha256: str) -> str:
    return f"{_API_ANSWER}{owner}:{key_sha256}"


def owner_api_answers(owner: str) -> str:
    return _OWNER_API_ANSWERS + owner


def open_batches(owner: str) -> str:
    return _OPEN + owner


def sign_in(token_sha256: str) -> str:
    return _SIGN_IN + token_sha256


def owner_sign_in(owner: str) -> str:
    return _OWNER_SIGN_IN + owner


def browser(cookie_sha256: str) -> str:
    return _BROWSER + cookie_sha256


def owner_browsers(owner: str) -> str:
    return _OWNER_BROWSERS + owner


def studio_answer(cookie_sha256: str, name: str) -> str:
    return f"{_STUDIO_ANSWER}{cookie_sha256}:{name}"


def studio_presses(owner: str) -> str:
    return _STUDIO_PRESSES + owner


def webhook(batch_id: str) -> str:
    return _WEBHOOK + batch_id


def preferences(owner: str) -> str:
    return _PREFERENCES + owner


def templates(owner: str) -> str:
    return _TEMPLATES + owner


def handle(platform: str) -> str:
    return _HANDLE + platform


def trouble(bot: str) -> str:
    return _TROUBLE + bot


def claim_code(platform: str) -> str:
    return _CLAIM_CODE + platform


def claim_tries(who: str) -> str:
    return _CLAIM_TRIES + who


def refused(person: str) -> str:
    return _REFUSED + person


def asked_admin(person: str) -> str:
    return _ASKED_ADMIN + person


def minutes(owner: str, day: int) -> str:
    return f"{_MINUTES}{owner}:{day}"


def awaited_voice(batch_id: str, owner: str) -> str:
    return f"{_AWAITED_VOICE}{batch_id}:{owner}"


def unclear(place_id: str, message: str) -> str:
    return f"{_UNCLEAR}{place_id}:{message}"


def slack_sharing(batch_id: str) -> str:
    return _SLACK_SHARING + batch_id


def slack_sent(file_id: str) -> str:
    return _SLACK_SENT + file_id


def slack_head(request: str) -> str:
    return _SLACK_HEAD + request


def inbox(front_end: str) -> str:
    return _INBOX + front_end


def inbox_tries(front_end: str) -> str:
    return _INBOX_TRIES + front_end


def inbox_seen(front_end: str, event: str) -> str:
    return f"{_INBOX_SEEN}{front_end}:{event}"


def old_telegram_inbox(bot: str) -> str:
    """Hash update id → update (JSON), as earlier versions left it."""
    return f"{PREFIX}telegram:{bot}:waiting"
