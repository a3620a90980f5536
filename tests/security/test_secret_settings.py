"""A service that does not start says which setting is wrong, and not what it was set to."""

import subprocess
import sys

from pydantic import SecretStr

from service.config import Settings
from tests.security.secret import (
    ADMIN_TOKEN,
    JWT_SECRET,
    MONGO_PASSWORD,
    REDIS_PASSWORD,
    Heard,
    environment,
    secrets_in,
)

BROKEN = {
    "JWT_SECRET": "short-jwt-s3Cr",
    "MONGODB_URL": f"mysql://ann:{MONGO_PASSWORD}@db/",
    "REDIS_URL": f"http://:{REDIS_PASSWORD}@cache/",
    "ADMIN_TOKEN": ADMIN_TOKEN,
    "RATE_LIMIT_LOGIN": "often",
}


def test_wrong_settings_are_named_and_not_repeated() -> None:
    ended = _start_and_end(BROKEN)

    assert ended.returncode == 2
    assert "MONGODB_URL" in ended.stderr
    assert [value for value in BROKEN.values() if value in ended.stdout + ended.stderr] == []
    assert secrets_in(ended.stdout + ended.stderr, Heard()) == []


def test_settings_can_be_printed() -> None:
    settings = Settings(
        jwt_secret=SecretStr(JWT_SECRET),
        admin_token=SecretStr(ADMIN_TOKEN),
        mongodb_url=SecretStr(f"mongodb://ann:{MONGO_PASSWORD}@db/"),
        redis_url=SecretStr(f"redis://:{REDIS_PASSWORD}@cache/"),
    )

    texts = [repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())]

    assert secrets_in("\n".join(texts), Heard()) == []
    assert settings.admin_token is not None
    assert settings.admin_token.get_secret_value() == ADMIN_TOKEN


def _start_and_end(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service", "--port", "0"],
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
