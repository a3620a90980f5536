"""Settings from the environment; a wrong one stops the start with its name and what it takes."""

import os
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    AnyHttpUrl,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.networks import IPvAnyNetwork
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    SettingsConfigDict,
)
from pymongo import MongoClient
from pymongo.uri_parser import split_options

from service.redis_url import read_redis_url

T = TypeVar("T")

ENV_FILE = ".env"
MIN_SECRET_BYTES = 32
MIN_SECRET_SYMBOLS = 8
_TAKES_SECRET = (
    f"takes at least {MIN_SECRET_BYTES} random bytes, for example from `openssl rand -base64 48` "
    "(only ENVIRONMENT=development"
)
PERIODS_S = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_TAKES = {"bool_parsing": "takes true or false", "int_parsing": "takes a whole number"}
_NO_COPIES = "was removed: copies in a process saved nothing and cost each write 40 ms; unset it"
REMOVED = {
    "CACHE_LOCAL": _NO_COPIES,
    "CACHE_LOCAL_SECONDS": _NO_COPIES,
    "CACHE_LOCAL_ENTRIES": _NO_COPIES,
    "CACHE_MONITOR_SHARE": "was removed: `fivefold verify` compares reads with writes; unset it",
}
# What a URL may say of these: with anything else an acknowledged write could be lost or unseen.
PROMISED = {
    "journal": True,
    "readConcernLevel": "majority",
    "readPreference": "primary",
    "w": "majority",
}
TAKES_URL = (
    "takes a URL such as {}, with options that the client knows, and files and a database that are "
    "there; a special character in a name or password is written as a percent sign and two hex "
    "digits"
)
REDIS_URL_EXAMPLE = "redis://host:6379/0"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_Protocol = Literal["http/protobuf"]
_RATE = re.compile(r"([1-9]\d{0,5})/(second|minute|hour|day)")


class ConfigurationError(Exception):
    """One line per wrong setting: its name, what is wrong with it, what it takes."""


class Settings(BaseSettings):
    """The environment of the service; the variable names are these fields in upper case."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    environment: Literal["production", "development"] = "production"
    mongodb_url: SecretStr = SecretStr("mongodb://localhost:27017/")
    mongodb_database: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,38}$")] = "fivefold"
    redis_url: SecretStr = SecretStr("redis://localhost:6379/0")
    cache_enabled: bool = True
    cache_lease_seconds: Annotated[float, Field(ge=0.1, le=60)] = 0.9
    cache_entry_max_bytes: Annotated[int, Field(ge=1024, le=16 * 1024 * 1024)] = 256 * 1024
    cache_heal_seconds: Annotated[float, Field(ge=0.1, le=600)] = 3.0
    redis_deadline_seconds: Annotated[float, Field(ge=0.001, le=10)] = 0.05
    database_deadline_seconds: Annotated[float, Field(ge=0.2, le=60)] = 5.0
    jwt_secret: SecretStr = SecretStr("")
    access_token_expire_minutes: Annotated[int, Field(ge=1, le=60 * 24 * 30)] = 60
    password_workers: Annotated[int, Field(ge=0, le=64)] = 0
    user_ttl_seconds: Annotated[int, Field(ge=1, le=86_400)] = 600
    todos_ttl_seconds: Annotated[int, Field(ge=1, le=86_400)] = 300
    rate_limit_login: str = "5/minute"
    rate_limit_register: str = "3/hour"
    rate_limit_enabled: bool = True
    admin_token: SecretStr | None = None
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("*", mode="before")
    @classmethod
    def _utf_8(cls, text: object) -> object:
        # Python keeps bytes of the environment that are no UTF-8 as surrogates, for the first
        # that encodes them to stumble over.
        try:
            str(text).encode()
        except UnicodeEncodeError:
            raise ValueError("takes text in UTF-8") from None
        return text

    @field_validator("mongodb_url")
    @classmethod
    def _mongodb(cls, url: SecretStr) -> SecretStr:
        options = _read(_mongodb_options, url, "mongodb://host:27017/")
        for name, promised in PROMISED.items():
            if options.get(name.lower(), promised) != promised:
                raise ValueError(
                    f"takes no {name} but {str(promised).lower()}: with another one a write that "
                    "was acknowledged could be lost, or not be seen"
                )
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: SecretStr) -> SecretStr:
        _read(read_redis_url, url, REDIS_URL_EXAMPLE)
        return url

    @field_validator("rate_limit_login", "rate_limit_register")
    @classmethod
    def _rate(cls, text: str) -> str:
        if not _RATE.fullmatch(text):
            raise ValueError("takes COUNT/PERIOD such as 5/minute (second, minute, hour or day)")
        return text

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, text: object) -> object:
        if isinstance(text, str):
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return text

    @field_validator("admin_token")
    @classmethod
    def _no_empty_admin_token(cls, token: SecretStr | None) -> SecretStr | None:
        return token if token and token.get_secret_value() else None

    @model_validator(mode="after")
    def _strong_secrets(self) -> Self:
        development = self.environment == "development"
        secret = self.jwt_secret.get_secret_value()
        if not (development and not secret) and _guessable(secret):
            raise ValueError(f"JWT_SECRET: {_TAKES_SECRET} may leave it out)")
        token = self.admin_token.get_secret_value() if self.admin_token else ""
        if token and not development and _guessable(token):
            raise ValueError(f"ADMIN_TOKEN: {_TAKES_SECRET} takes any)")
        return self


class _FromFile(Settings):
    """The same, with :data:`ENV_FILE` for what the environment does not name."""

    model_config = SettingsConfigDict(env_file=ENV_FILE)


class _TraceSettings(BaseSettings):
    """The variables of a traced service that FastAPI's exporter cannot follow everywhere."""

    model_config = SettingsConfigDict(env_ignore_empty=True, hide_input_in_errors=True)

    otel_exporter_otlp_endpoint: AnyHttpUrl | None = None
    otel_exporter_otlp_traces_endpoint: AnyHttpUrl | None = None
    otel_exporter_otlp_protocol: _Protocol | None = None
    otel_exporter_otlp_traces_protocol: _Protocol | None = None
    otel_traces_exporter: Literal["otlp", "none"] | None = None


def _guessable(secret: str) -> bool:
    return len(secret.encode()) < MIN_SECRET_BYTES or len(set(secret)) < MIN_SECRET_SYMBOLS


def _mongodb_options(url: str) -> Mapping[str, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Asks nothing of the network, not even the addresses of mongodb+srv.
        client: MongoClient[dict[str, object]] = MongoClient(url, connect=False)
        client.close()
        return split_options(query) if (query := url.partition("?")[2]) else {}


def _read(parse: Callable[[str], T], url: SecretStr, example: str) -> T:
    """Return what a URL says; refuse one on which its parser breaks in any way."""
    try:
        return parse(url.get_secret_value())
    except Exception:  # noqa: BLE001 - drivers do not foresee every value
        # What a parser says quotes the URL, and so the password in it.
        raise ValueError(TAKES_URL.format(example)) from None


def load_settings() -> Settings:
    """Read the environment, and :data:`ENV_FILE` for what it does not name.

    Raises ``ConfigurationError`` with a line per wrong setting.
    """
    try:
        given = _environment()
    except (OSError, UnicodeError):
        raise ConfigurationError(f"{ENV_FILE}: takes text in UTF-8 that can be read") from None
    problems = [f"{name}: {REMOVED[name]}" for name in sorted(REMOVED.keys() & set(given))]
    try:
        if is_traced(os.environ):
            _TraceSettings()
    except ValidationError as error:
        problems += _explain(error)
    try:
        settings = _FromFile()
    except ValidationError as error:
        problems += _explain(error)
    if problems:
        raise ConfigurationError("\n".join(problems)) from None
    return settings


def is_traced(environ: Mapping[str, str]) -> bool:
    """Tell whether the environment names where to send traces.

    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """
    off = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    none = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
    return any(map(environ.get, _ENDPOINTS)) and not (off or none)


def _environment() -> list[str]:
    """Return the names that are set to something, as pydantic-settings compares them."""
    given = {**DotEnvSettingsSource(_FromFile).env_vars, **os.environ}
    return [name.upper() for name, value in given.items() if value]


def _explain(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]).upper() + ": " if problem["loc"] else ""
        takes = _TAKES.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        lines.append(name + takes)
    return lines
