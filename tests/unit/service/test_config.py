import os
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.bootstrap import rule
from service.config import REMOVED, ConfigurationError, Settings, is_traced, load_settings
from service.domain import Rule

SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"
NOT_UTF_8 = os.fsdecode(b"\xff\xfe")

SECRETS = ("ADMIN_TOKEN", "JWT_SECRET", "MONGODB_URL", "REDIS_URL")
# Variable, wrong value, what the message says it takes.
WRONG = [
    ("ENVIRONMENT", "staging", "'production' or 'development'"),
    ("MONGODB_DATABASE", "five fold", "[A-Za-z0-9_-]{1,38}"),
    ("MONGODB_DATABASE", "x" * 39, "[A-Za-z0-9_-]{1,38}"),
    *(
        ("REDIS_URL", url, "takes a URL such as redis://host:6379/0, with options that the client")
        for url in (
            "localhost:6379",
            "redis://:hunt#er2@host:6379/0",
            "redis://:hunter2@host:port/0",
            "redis+sentinel://ann:hunter2@host:port/main",
        )
    ),
    *(
        ("MONGODB_URL", url, "takes a URL such as mongodb://host:27017/, with options that the")
        for url in (
            "http://localhost/",
            "mongodb://host:65536/",
            "mongodb://user:hunter2%@host/",
            "mongodb+srv://host.example.com:27017/",
            "mongodb://host/?no=option",
            "mongodb+srv://host.example.com/?no=option",
            "mongodb://host/?server_api=1",
            "mongodb://host/?maxStalenessSeconds=90",
            "mongodb://host/?compressors=zzz",
            "mongodb://host/?w=majority&w=1",
            "mongodb://host/?tls=true&tlsCAFile=/no/such/file",
        )
    ),
    *(
        ("MONGODB_URL", f"mongodb{srv}://host.example.com/?{option}", f"takes no {name} but")
        for srv in ("", "+srv")
        for option, name in (
            ("readPreference=secondaryPreferred", "readPreference"),
            ("readpreference=nearest", "readPreference"),
            ("w=1", "w"),
            ("tls=true&w=0", "w"),
            ("readConcernLevel=local", "readConcernLevel"),
            ("journal=false", "journal"),
        )
    ),
    *(
        (name, f"{start}{NOT_UTF_8}@host/", "takes text in UTF-8")
        for name, start in (
            ("REDIS_URL", "redis://:hunter2"),
            ("MONGODB_URL", "mongodb://user:hunter2"),
            ("ADMIN_TOKEN", SECRET),
            ("JWT_SECRET", SECRET),
        )
    ),
    ("CACHE_ENABLED", "maybe", "takes true or false"),
    ("CACHE_ENTRY_MAX_BYTES", "1023", "greater than or equal to 1024"),
    ("CACHE_LEASE_SECONDS", "0", "greater than or equal to 0.1"),
    ("CACHE_HEAL_SECONDS", "601", "less than or equal to 600"),
    ("REDIS_DEADLINE_SECONDS", "0", "greater than or equal to 0.001"),
    ("DATABASE_DEADLINE_SECONDS", "0.1", "greater than or equal to 0.2"),
    ("ACCESS_TOKEN_EXPIRE_MINUTES", "soon", "takes a whole number"),
    ("ACCESS_TOKEN_EXPIRE_MINUTES", "0", "greater than or equal to 1"),
    ("ACCESS_TOKEN_EXPIRE_MINUTES", "43201", "less than or equal to 43200"),
    ("PASSWORD_WORKERS", "65", "less than or equal to 64"),
    ("USER_TTL_SECONDS", "1.5", "takes a whole number"),
    ("USER_TTL_SECONDS", "0", "greater than or equal to 1"),
    ("TODOS_TTL_SECONDS", "86401", "less than or equal to 86400"),
    ("RATE_LIMIT_LOGIN", "5", "takes COUNT/PERIOD such as 5/minute"),
    ("RATE_LIMIT_LOGIN", "0/minute", "takes COUNT/PERIOD such as 5/minute"),
    ("RATE_LIMIT_REGISTER", "3/week", "second, minute, hour or day"),
    ("RATE_LIMIT_ENABLED", "2", "takes true or false"),
    ("TRUSTED_PROXIES", "10.0.0.0/8, localhost", "IPv4 or IPv6 network"),
    ("TRUSTED_PROXIES", "10.0.0.1/8", "IPv4 or IPv6 network"),
    ("LOG_LEVEL", "TRACE", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ("ADMIN_TOKEN", "a", "takes at least 32 random bytes"),
    ("ADMIN_TOKEN", "changeme" * 5, "takes at least 32 random bytes"),
    ("JWT_SECRET", "", "takes at least 32 random bytes"),
    ("JWT_SECRET", SECRET[:31], "takes at least 32 random bytes"),
    ("JWT_SECRET", "changeme" * 5, "takes at least 32 random bytes"),
]


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", SECRET)


def wrong(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as error:
        load_settings()
    return str(error.value)


@pytest.mark.parametrize(("name", "value", "takes"), WRONG)
def test_a_wrong_value_is_refused_with_the_name_and_what_it_takes(
    name: str,
    value: str,
    takes: str,
    monkeypatch: pytest.MonkeyPatch,
    recwarn: pytest.WarningsRecorder,
) -> None:
    [line] = wrong(monkeypatch, name, value).splitlines()

    assert line.startswith(f"{name}: ")
    assert takes in line
    assert "er2" not in line, "of a password"
    assert name not in SECRETS or len(value) < 2 or value not in line
    assert not recwarn.list


OTEL = "OTEL_EXPORTER_OTLP_"


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        *(
            (f"{OTEL}{which}", url, "Input should be a valid URL")
            for which in ("ENDPOINT", "TRACES_ENDPOINT")
            for url in ("collector", "http://", "http://collector:port")
        ),
        (f"{OTEL}ENDPOINT", "grpc://collector", "URL scheme should be 'http' or 'https'"),
        (f"{OTEL}PROTOCOL", "grpc", "Input should be 'http/protobuf'"),
        (f"{OTEL}TRACES_PROTOCOL", "http/json", "Input should be 'http/protobuf'"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "Input should be 'otlp' or 'none'"),
    ],
)
def test_a_wrong_variable_of_opentelemetry_stops_the_start_of_a_service_that_is_traced(
    name: str, value: str, takes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{OTEL}ENDPOINT", "https://collector/base")
    assert wrong(monkeypatch, name, value).startswith(f"{name}: {takes}")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    load_settings()


@pytest.mark.parametrize(
    ("environ", "traced"),
    [
        ({f"{OTEL}ENDPOINT": "http://127.0.0.1:9"}, True),
        ({f"{OTEL}TRACES_ENDPOINT": "https://collector/v1/traces"}, True),
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x", "OTEL_RESOURCE_ATTRIBUTES": "k8s.pod.name=x"}, False),
        ({f"{OTEL}ENDPOINT": ""}, False),
        ({f"{OTEL}ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": " True "}, False),
        ({f"{OTEL}ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_EXPORTER": " None"}, False),
    ],
)
def test_a_service_is_traced_where_the_environment_says_where_to(
    environ: dict[str, str], *, traced: bool
) -> None:
    assert is_traced(environ) is traced


def test_settings_can_be_printed_without_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {"MONGODB_URL": f"mongodb://ann:{SECRET}@db/", "REDIS_URL": f"redis://:{SECRET}@cache/"}
    for name, value in (urls | {"ADMIN_TOKEN": SECRET}).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    texts = [repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())]

    assert settings.jwt_secret.get_secret_value() == SECRET
    assert SECRET not in "".join(texts)


def test_every_setting_has_a_wrong_value_here() -> None:
    tested = {name.lower() for name, _, _ in WRONG}

    assert tested == Settings.model_fields.keys()


def test_a_file_in_the_folder_is_read_for_what_the_environment_does_not_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("USER_TTL_SECONDS=7\nTODOS_TTL_SECONDS=8\n")
    monkeypatch.setenv("TODOS_TTL_SECONDS", "9")
    read = load_settings()
    (tmp_path / ".env").write_text("USER_TTL_SECONDS=soon\nCACHE_LOCAL=true\n")
    lines = wrong(monkeypatch, "CACHE_ENABLED", "maybe").splitlines()
    named = [line.partition(":")[0] for line in lines]

    assert (read.user_ttl_seconds, read.todos_ttl_seconds) == (7, 9)
    assert named == ["CACHE_LOCAL", "CACHE_ENABLED", "USER_TTL_SECONDS"], "a line for each"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_in_the_folder_that_is_not_utf_8_is_refused_with_its_name(
    encoding: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("ADMIN_TOKEN=hünter2\n", encoding=encoding)

    assert wrong(monkeypatch, "LOG_LEVEL", "INFO") == ".env: takes text in UTF-8 that can be read"


PROMISED = "w=majority&journal=true&readPreference=primary&readConcernLevel=majority"
URL = f"mongodb://host/?{PROMISED}&retryWrites=true&directConnection=true"
NON_ASCII = "äöüßéèàç" * 2


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("MONGODB_URL", URL, SecretStr(URL)),
        ("JWT_SECRET", NON_ASCII, SecretStr(NON_ASCII)),
        ("ADMIN_TOKEN", "", None),
        (
            "TRUSTED_PROXIES",
            "10.0.0.0/8, 192.0.2.1,,2001:db8::/32 ",
            tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"))),
        ),
        ("log_level", "DEBUG", "DEBUG"),
        ("EDITOR", "ed", None),
    ],
)
def test_what_is_right_is_taken_in_any_case_of_its_name_and_what_is_of_others_is_not(
    name: str, value: str, taken: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    assert getattr(load_settings(), name.lower(), None) == taken


def test_development_may_leave_the_secret_out_and_have_any_operators_token_but_no_weak_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "development")
    monkeypatch.setenv("ADMIN_TOKEN", "a")
    monkeypatch.delenv("JWT_SECRET")

    assert load_settings().jwt_secret.get_secret_value() == ""
    assert load_settings().admin_token is not None
    assert "JWT_SECRET" in wrong(monkeypatch, "JWT_SECRET", "weak")


@pytest.mark.parametrize(
    ("text", "limit", "window_s"),
    [("1/second", 1, 1), ("5/minute", 5, 60), ("3/hour", 3, 3600), ("999999/day", 999_999, 86_400)],
)
def test_a_rate_is_a_limit_in_a_window(text: str, limit: int, window_s: int) -> None:
    settings = Settings(jwt_secret=SecretStr(SECRET), rate_limit_login=text)

    assert rule("login", settings.rate_limit_login) == Rule("login", limit, window_s)


@pytest.mark.parametrize("name", REMOVED)
def test_a_removed_setting_that_is_still_set_stops_the_start_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "")
    load_settings()

    assert wrong(monkeypatch, name.lower(), "false") == f"{name}: {REMOVED[name]}"
