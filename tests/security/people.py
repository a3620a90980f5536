"""Those who call a running service."""

import uuid

import httpx2

ADMIN_TOKEN = "the-operator's-token-of-these-tests"
PASSWORD = "correct horse battery"


def sign_up(url: str) -> str:
    """Register somebody new at the service of this URL, log in, and return the token."""
    email = f"{uuid.uuid4().hex}@example.org"
    new = {"name": "Ann", "email": email, "password": PASSWORD}
    httpx2.post(f"{url}/auth/register", json=new).raise_for_status()
    attempt = {"email": email, "password": PASSWORD}
    answer = httpx2.post(f"{url}/auth/login", json=attempt).raise_for_status()
    return str(answer.json()["access_token"])
