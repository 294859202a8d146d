"""Every reason for refusal or failure: a code and its parameters, never prose.

The sentences stand in `heygem/base/sentences/`, one catalogue per language. Parameter values are the numbers and
names that the sentence needs; they are JSON scalars so that an error can live in an item's record.
"""

from collections.abc import Mapping
from enum import StrEnum

Param = str | int | float


class ErrorCode(StrEnum):
    # what a file is
    NOT_MEDIA = "not_media"
    UNSUPPORTED_FORMAT = "unsupported_format"
    BROKEN_MEDIA = "broken_media"
    PROBE_LIMIT = "probe_limit"
    NO_SOUND = "no_sound"
    SILENT_VOICE = "silent_voice"
    SOUND_RANGE = "sound_range"
    NO_VIDEO = "no_video"
    NO_FACE = "no_face"
    FACE_TURNED = "face_turned"
    FACE_HIDDEN = "face_hidden"
    FACE_SMALL = "face_small"
    FACE_LATE = "face_late"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_STREAMS = "too_many_streams"
    FILE_MISSING = "file_missing"
    FETCH_FAILED = "fetch_failed"
    SCOPE_MISSING = "scope_missing"
    NO_FILE = "no_file"
    FILE_ELSEWHERE = "file_elsewhere"
    FILE_HIDDEN = "file_hidden"
    FILE_DELETED = "file_deleted"
    FILE_UNSEEN = "file_unseen"
    FOLDER_MISSING = "folder_missing"
    NOT_TEXT = "not_text"
    BAD_PAIRS = "bad_pairs"
    PAIRS_COLUMNS = "pairs_columns"
    BAD_USAGE = "bad_usage"
    NO_ACCESS = "no_access"
    OUTPUT_IS_SOURCE = "output_is_source"
    OUTPUT_SUFFIX = "output_suffix"
    OUTPUT_BUSY = "output_busy"
    OUTPUT_FOLDER = "output_folder"
    WORDS_UNKNOWN = "words_unknown"
    # what a batch allows
    DUPLICATE_TEMPLATE = "duplicate_template"
    BATCH_FULL = "batch_full"
    BATCH_STARTED = "batch_started"
    BATCH_UNKNOWN = "batch_unknown"
    ITEM_UNKNOWN = "item_unknown"
    BUTTON_UNKNOWN = "button_unknown"
    NOT_INVITED = "not_invited"
    NOT_POSTED = "not_posted"
    NOT_HERE = "not_here"
    VOICE_ASTRAY = "voice_astray"
    BATCH_OPEN = "batch_open"
    NOT_ASKED = "not_asked"
    VOICE_MISSING = "voice_missing"
    TEMPLATES_MISSING = "templates_missing"
    NOTHING_TO_EXPORT = "nothing_to_export"
    BAD_OPTION = "bad_option"
    # who may
    NOT_ALLOWED = "not_allowed"
    NOT_YOURS = "not_yours"
    KEY_UNKNOWN = "key_unknown"
    SIGN_IN_UNKNOWN = "sign_in_unknown"
    SIGNED_OUT = "signed_out"
    FORM_STALE = "form_stale"
    # what a program asks for
    PATH_UNKNOWN = "path_unknown"
    BAD_REQUEST = "bad_request"
    REQUEST_STALLED = "request_stalled"
    URL_REFUSED = "url_refused"
    STREAMS_MANY = "streams_many"
    PRESSES_MANY = "presses_many"
    IDEMPOTENCY_BUSY = "idempotency_busy"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    # how much one person may use
    QUOTA_BATCHES = "quota_batches"
    QUOTA_MINUTES = "quota_minutes"
    QUOTA_BYTES = "quota_bytes"
    # links and downloads
    LINK_UNKNOWN = "link_unknown"
    LINK_EXPIRED = "link_expired"
    LINK_REVOKED = "link_revoked"
    LINK_CLOSED = "link_closed"
    SHARE_EXPIRED = "share_expired"
    SHARE_ONLY = "share_only"
    SHARES_MANY = "shares_many"
    PASSWORD_NEEDED = "password_needed"  # noqa: S105
    PASSWORD_WRONG = "password_wrong"  # noqa: S105
    PASSWORD_TRIES = "password_tries"  # noqa: S105
    PASSWORD_UNFIT = "password_unfit"  # noqa: S105
    TEMPLATE_UNSHOWN = "template_unshown"
    SELECTION_UNCLEAR = "selection_unclear"
    DOWNLOADS_BUSY = "downloads_busy"
    UPLOAD_UNKNOWN = "upload_unknown"
    UPLOAD_EXPIRED = "upload_expired"
    UPLOAD_CLOSED = "upload_closed"
    UPLOAD_LOST = "upload_lost"
    UPLOAD_OFFSET = "upload_offset"
    UPLOADS_BUSY = "uploads_busy"
    UPLOADS_MANY = "uploads_many"
    # the machine
    DISK_FULL = "disk_full"
    ENGINE_UNKNOWN = "engine_unknown"
    ENGINE_UNAVAILABLE = "engine_unavailable"
    ENGINE_FAILED = "engine_failed"
    OUT_OF_MEMORY = "out_of_memory"
    FONT_MISSING = "font_missing"
    WEIGHTS_MISSING = "weights_missing"
    WEIGHTS_BROKEN = "weights_broken"
    WEIGHTS_UNSAFE = "weights_unsafe"
    WEIGHTS_MISFIT = "weights_misfit"
    SERVICE_UNREACHABLE = "service_unreachable"
    SERVICE_BUSY = "service_busy"
    SERVICE_STUCK = "service_stuck"
    SERVICE_LOST = "service_lost"
    SERVICE_FAILED = "service_failed"
    NO_INTERNET = "no_internet"
    RENDER_TIMEOUT = "render_timeout"
    RENDER_MEMORY = "render_memory"
    QUEUE_UNREACHABLE = "queue_unreachable"
    ALREADY_UP = "already_up"
    REDIS_UNAVAILABLE = "redis_unavailable"
    REDIS_REFUSED = "redis_refused"
    PORT_TAKEN = "port_taken"
    WORKER_LOST = "worker_lost"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"
    BAD_SETTING = "bad_setting"
    SETTINGS_FILE = "settings_file"
    CONNECTION_LOST = "connection_lost"
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    TOKEN_IN_USE = "token_in_use"  # noqa: S105
    EXTRA_MISSING = "extra_missing"
    INTERNAL = "internal"


class HeygemError(Exception):
    """A failure that a person is told about.

    Raised with keyword parameters only: ``HeygemError(ErrorCode.TOO_LONG, limit_s=600, actual_s=912.4)``.
    """

    def __init__(self, code: ErrorCode, /, **params: Param) -> None:
        super().__init__(code.value, params)
        self.code = code
        self.params: Mapping[str, Param] = params

    def __str__(self) -> str:
        return f"{self.code.value} {dict(self.params)}" if self.params else self.code.value

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.code, dict(self.params))


def _rebuild(code: ErrorCode, params: dict[str, Param]) -> HeygemError:
    return HeygemError(code, **params)
