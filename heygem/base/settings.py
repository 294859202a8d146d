"""One typed Settings object: defaults < `config/heygem.toml` < `.env` < environment (`HEYGEM_…`)."""

import re
from functools import cache
from json import JSONDecodeError
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.base.listening import address
from heygem.base.sentences import Language
from heygem.base.setting_files import ENV_FILE, read_config, require_env_file
from heygem.base.setting_group import Group
from heygem.base.setting_names import require_known, variable_with

_NO_URL = "it is no URL such as redis://:password@host:6379/0 (in a password # is written %23, / %2F, @ %40 and ? %3F)"
Port = Annotated[int, Field(ge=0, le=65535)]
# Finished videos also come into the chat where it takes their size; auto: where links open on our machine only.
SendVideos = bool | Literal["auto"]


class Quotas(Group):
    """What one person may have at a time, or in a day."""

    open_batches: int = 5
    templates_per_batch: int = 100
    minutes_per_day: float = 600
    stored_mb: int = 20_000
    concurrent_renders: int = 16


class Retention(Group):
    results_days: float = 7
    abandoned_days: float = 1
    cache_mb: int = 5000
    link_hours: float = 24


def opens_only_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "0.0.0.0", "::", "::1") or host.startswith("127.")  # noqa: S104 (not bound to)


class Web(Group):
    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""  # empty: http://host:port
    nginx: bool = False  # nginx stands in front and honours X-Accel-Redirect
    accel_above_mb: int = 1000
    warn_above_mb: int = 2000
    simultaneous_downloads: int = 8
    simultaneous_packs: int = 2
    simultaneous_uploads: int = 32
    upload_hours: float = 2  # how long an upload page works

    @property
    def base_url(self) -> str:
        return self.public_url.rstrip("/") or f"http://{address(self.host, self.port)}"

    @property
    def only_here(self) -> bool:
        """Whether links open nowhere but on this machine."""
        return opens_only_here(self.base_url)


class Api(Group):
    """The HTTP interface. A host of its own is fetched from over https at a public address; one with a scheme, such as
    http://10.0.0.5:9000, is a server of the operator's that may be anywhere.
    """

    allowed_hosts: list[str] = Field(default_factory=list)  # which files are fetched from; none: from nowhere
    streams_per_key: int = Field(default=8, ge=1)  # of events, at the same time


class Telegram(Group):
    """The token is HEYGEM_TELEGRAM_TOKEN. URLs may end before the token or hold `{token}`."""

    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = ""  # empty: beside base_url, as Telegram has it
    local_mode: bool = False  # base_url is a Bot API server started with --local, whose files we can read
    webhook_url: str = ""  # empty: long polling; else the address under which Telegram reaches us, with its path
    webhook_host: str = "127.0.0.1"
    webhook_port: Port = 8443
    send_videos: SendVideos = "auto"

    @property
    def api_url(self) -> str:
        """What a token follows: http://localhost:8081 means http://localhost:8081/bot<token>."""
        bare = urlsplit(self.base_url).path in ("", "/")
        return f"{self.base_url.rstrip('/')}/bot" if bare else self.base_url


class Slack(Group):
    """Beside the tokens, which are secrets of their own: HEYGEM_SLACK_BOT_TOKEN and so on."""

    api_url: str = "https://slack.com/api/"
    events_url: str = ""  # empty: Socket Mode; else the address under which Slack reaches us, with its path
    events_host: str = "127.0.0.1"
    events_port: Port = 8090
    send_videos: SendVideos = "auto"


class Gpu(Group):
    """Where and how the torch engines compute. "auto": the GPU in half precision where there is one."""

    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "float32", "float16", "bfloat16"] = "auto"


class MuseTalk(Group):
    batch: int = Field(default=16, ge=1, le=256)  # frames that go through the networks at once; 4 at most on a CPU


class LatentSync(Group):
    """Upstream's values. More steps look better and take longer; more guidance moves the mouth more."""

    steps: int = Field(default=20, ge=1, le=200)
    guidance: float = Field(default=1.5, ge=1.0, le=5.0)
    resolution: Literal[0, 256, 512] = 0  # 0: as the model folder's unet_config.yaml says; 256 for 1.5, 512 for 1.6


class Whisper(Group):
    """For words: subtitles, and lips that shut where the words say so."""

    model: str = "auto"  # file name without .pt in models_dir/whisper; auto: `speech.checkpoints` chooses; off: none


class DuixEndpoint(Group):
    """One running HeyGem (Duix-Avatar) service: one container, one GPU, a folder of its own."""

    url: HttpUrl  # http://127.0.0.1:8383
    folder: Path  # its `face2face/temp` as this machine sees it
    inside: str = ""  # the same folder inside the container, put before file names; empty: names only


class Duix(Group):
    """Times in seconds. What they guard against stands in docs/engines.md."""

    endpoints: list[DuixEndpoint] = Field(default_factory=list)
    enhance: bool = False  # its face restoration; about four times slower
    watermark: bool = False
    voice_seconds: float = 300  # longer voices are refused: the service gives up on what takes it over 600 s
    poll_seconds: float = 2
    grace_seconds: float = 20  # for a task that was accepted and is not found, and for a result that is still written
    stuck_seconds: float = 660  # without any progress; longer than the service's own patience
    unreachable_seconds: float = 60
    busy_seconds: float = 1800  # for how long every endpoint may be busy with others' tasks


class Settings(BaseSettings):
    """Everything that can be set; an unset value is the embedded default."""

    model_config = SettingsConfigDict(
        env_prefix="HEYGEM_",
        env_nested_delimiter="__",
        env_file=ENV_FILE,
        env_ignore_empty=True,  # a name without a value, as in .env.example and from docker-compose, is not set
        extra="ignore",
        hide_input_in_errors=True,  # it may be a password
    )

    data_dir: Path = Path("data")
    redis_url: SecretStr | None = None  # None: the embedded server in data_dir
    engine: str = "auto"
    models_dir: Path | None = None  # None: models in data_dir; each engine's files lie in a folder of its name
    language: Language = "en"
    telegram_token: SecretStr | None = None
    slack_bot_token: SecretStr | None = None  # xoxb-…
    slack_app_token: SecretStr | None = None  # xapp-…, for Socket Mode
    slack_signing_secret: SecretStr | None = None  # with slack.events_url, events come over HTTP instead
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    limits: Limits = Field(default_factory=Limits)
    quotas: Quotas = Field(default_factory=Quotas)
    retention: Retention = Field(default_factory=Retention)
    web: Web = Field(default_factory=Web)
    api: Api = Field(default_factory=Api)
    slack: Slack = Field(default_factory=Slack)
    telegram: Telegram = Field(default_factory=Telegram)
    gpu: Gpu = Field(default_factory=Gpu)
    musetalk: MuseTalk = Field(default_factory=MuseTalk)
    latentsync: LatentSync = Field(default_factory=LatentSync)
    duix: Duix = Field(default_factory=Duix)
    whisper: Whisper = Field(default_factory=Whisper)

    @field_validator("redis_url")
    @classmethod
    def _readable(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        from redis.connection import ConnectionPool  # not for every command
        from redis.exceptions import RedisError

        said = url.get_secret_value()
        try:
            ConnectionPool.from_url(said).make_connection()
            if not said.startswith("unix:") and not re.fullmatch(r"/?\d*/?", urlsplit(said).path):
                raise ValueError  # redis-py would take database 0
        except ValueError:  # its words may repeat part of a password
            raise ValueError(_NO_URL) from None
        except (TypeError, RedisError):
            raise ValueError("it has an option (behind the ?) that is not valid") from None
        return url

    def sends(self, wanted: SendVideos) -> bool:
        """Whether finished videos come into a chat, by what is set for it."""
        return self.web.only_here if wanted == "auto" else wanted

    @property
    def models(self) -> Path:
        return self.models_dir or self.data_dir / "models"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (fixed by the base class)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        table = read_config()
        require_known(settings_cls, table)
        return init_settings, env_settings, dotenv_settings, InitSettingsSource(settings_cls, dict(table))


@cache
def load_settings() -> Settings:
    """The process's settings, read once.

    Raises:
        HeygemError: BAD_SETTING with the setting's name and what is wrong with it, never its value. SETTINGS_FILE where
            what stands in a file can't be read.
    """
    require_env_file()
    try:
        return Settings()
    except ValidationError as error:
        raise _not_valid(error) from None
    except SettingsError as error:
        raise _no_json(error) from None


def _not_valid(error: ValidationError) -> HeygemError:
    first = error.errors(include_input=False, include_url=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        reason = "there is no such setting"
    return HeygemError(ErrorCode.BAD_SETTING, setting=".".join(map(str, first["loc"])), reason=reason)


def _no_json(error: SettingsError) -> HeygemError:
    """The error itself names the group only; what could not be read stands in its cause."""
    cause = error.__cause__
    name = variable_with(cause.doc) if isinstance(cause, JSONDecodeError) else None
    return HeygemError(ErrorCode.BAD_SETTING, setting=name or "HEYGEM_…", reason="it is not JSON")
