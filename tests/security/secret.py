"""What nobody may read, where it might be read, and a search for the one in the other."""

import os
from dataclasses import dataclass, field

import httpx2

from benchmarks.stack.service import without_settings

JWT_SECRET = "jwt-q8Zr2vLk5tYw9xBn3mHc7dJf1gSp4aUe"
ADMIN_TOKEN = "admin-x7Qm2Rz9-kP4wVn8sJd3fHb6tYc1g"
REDIS_PASSWORD = "redis-h4Tn6Ky1"
MONGO_PASSWORD = "mongo-b5Vc8Lp3"
PASSWORDS = ["first-password-g2Ws", "second-password-k9Ed", "a-wrong-guess-p3Xf"]
EMAIL = "ann.private-z6Ju@example.org"
OTHER_EMAIL = "ann.moved-r1Oc@example.org"
NEVER = [JWT_SECRET, ADMIN_TOKEN, REDIS_PASSWORD, MONGO_PASSWORD, *PASSWORDS, "$argon2"]


@dataclass
class Heard:
    """Everything that a service said that is not the answer its caller asked for."""

    errors: list[httpx2.Response] = field(default_factory=list)
    pages: list[httpx2.Response] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    stored_hash: str = ""

    def text(self) -> str:
        """Return status lines, headers and bodies."""
        answers = [*self.errors, *self.pages]
        return "\n".join(f"{dict(answer.headers)} {answer.text}" for answer in answers)


def secrets_in(text: str, heard: Heard) -> list[str]:
    signatures = [token.rpartition(".")[2] for token in heard.tokens]
    known = [*NEVER, EMAIL, OTHER_EMAIL, heard.stored_hash, *heard.tokens, *signatures]
    return [secret for secret in known if secret and secret.lower() in text.lower()]


def environment(settings: dict[str, str]) -> dict[str, str]:
    return without_settings(os.environ) | settings
