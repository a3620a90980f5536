"""One long trace of requests, and a recording of its answers that can be compared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.e2e.api_client import PASSWORD, Api

NEW_PASSWORD = "another horse entirely"
UNKNOWN = "0123456789abcdef01234567"
# What may differ: clocks, what was spent before, and what tells the variants apart on purpose.
_MAY_DIFFER = {
    "date", "server-timing", "cache-status", "ratelimit", "content-length", "x-request-id",
}  # fmt: skip
_ID = re.compile(r"\b[0-9a-fA-F]{24}\b")
_VARYING = {
    "access_token", "created_at", "updated_at",
    "state", "epoch", "counters", "fences", "hit_ratio", "not_hit", "info",
}  # fmt: skip


@dataclass
class TraceRecorder(Api):
    """A caller that notes every exchange, with ids numbered as they appear."""

    exchanges: list[str] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> httpx2.Response:
        answer = super().call(method, path, json, **headers)
        is_json = answer.headers.get("content-type") == "application/json"
        body = _without_varying(answer.json()) if is_json else answer.text
        kept = {k: v for k, v in sorted(answer.headers.items()) if k not in _MAY_DIFFER}
        exchange = f"{method} {path} {json} -> {answer.status_code} {kept} {body}"
        self.exchanges.append(_ID.sub(self._numbered, exchange))
        return answer

    def _numbered(self, match: re.Match[str]) -> str:
        return self._ids.setdefault(match[0].lower(), f"<id {len(self._ids) + 1}>")


def play(api: Api, ann: dict[str, str], admin_token: str) -> None:
    """Play the trace: two registrations and five logins, so that no rate limit is reached."""
    _strangers(api)
    api.register(ann)
    api.register(ann)
    api.log_in(ann | {"password": "a guess"})
    api.log_in(ann)
    first_token = api.token
    todo_ids = _creates(api)
    _reads(api, todo_ids)
    _changes(api, todo_ids)
    _account(api, ann)
    _logouts(api, ann, first_token)
    _operations(api, admin_token)


def _strangers(api: Api) -> None:
    for authorization in ("", "Bearer", "Bearer junk", "Basic YTpi"):
        api.get("/todo/", authorization=authorization)
    api.get("/auth/me")
    api.post("/auth/logout")
    api.get("/nowhere")
    api.call("PATCH", "/todo/")


def _creates(api: Api) -> list[str]:
    new: list[dict[str, object]] = [
        {"heading": "one", "task": "first"},
        {"heading": "two", "task": "", "completion_time": "2030-05-06T07:08:09.123456+05:00"},
        {"heading": "drei 🐌 \u0000", "task": "x" * 10_000, "completion_time": None},
    ]
    todo_ids = [api.post("/todo/", todo).json()["id"] for todo in new]
    for _ in range(2):
        api.post("/todo/", {"heading": "once", "task": ""}, idempotency_key="k-1")
    bad: list[object] = [
        {},
        [],
        {"heading": "no task"},
        {"heading": "", "task": ""},
        {"heading": "x" * 201, "task": ""},
        {"heading": "x", "task": "", "user_id": UNKNOWN},
        {"heading": {"$ne": None}, "task": ""},
        {"heading": "x", "task": "", "completion_time": "9999-12-31T23:59:59-05:00"},
        {"heading": "x", "task": "", "completion_time": "tomorrow"},
    ]
    for todo in bad:
        api.post("/todo/", todo)
    api.post("/todo/", {"heading": "x", "task": ""}, content_type="text/plain")
    api.post("/todo/", {"heading": "x", "task": "x" * 140_000})
    return todo_ids


def _reads(api: Api, todo_ids: list[str]) -> None:
    for _ in range(3):
        api.get("/todo/")
    for after in (todo_ids[0], todo_ids[-1], UNKNOWN, "f" * 24, "zzz"):
        api.get(f"/todo/?after={after}")
    for todo_id in (todo_ids[0], todo_ids[1].upper(), UNKNOWN, "zzz", "%00"):
        api.get(f"/todo/{todo_id}")


def _changes(api: Api, todo_ids: list[str]) -> None:
    one, two, three = (f"/todo/{todo_id}" for todo_id in todo_ids)
    changes: list[Mapping[str, object]] = [
        {"completed": True},
        {"heading": "renamed", "reminder_sent": True, "completion_time": None},
        {"completed": "yes"},
        {"$set": {"heading": "x"}},
        {},
    ]
    for change in changes:
        api.call("PUT", one, change)
        api.get("/todo/")
    for etag in ('"1"', '"3"', '"3"', "*", "W/nonsense"):
        api.call("PUT", one, {"heading": f"if {len(etag)}"}, if_match=etag)
    api.get(one)
    api.call("PUT", f"/todo/{UNKNOWN}", {"completed": True})
    api.call("DELETE", two, if_match='"7"')
    api.call("DELETE", two, if_match='"1"')
    for _ in range(2):
        api.call("DELETE", three)
    api.get("/todo/")


def _account(api: Api, ann: dict[str, str]) -> None:
    api.get("/auth/me")
    changes: list[dict[str, object]] = [
        {"name": "  Anna  "},
        {"name": ""},
        {"email": "nonsense"},
        {"email": ann["email"]},
        {"password": "short"},
        {"password": NEW_PASSWORD},
        {"password": NEW_PASSWORD, "current_password": "a guess"},
        {"role": "admin"},
        {},
    ]
    for change in changes:
        api.call("PATCH", "/auth/me", change)
        api.get("/auth/me")


def _logouts(api: Api, ann: dict[str, str], first_token: str) -> None:
    api.call("PATCH", "/auth/me", {"password": NEW_PASSWORD, "current_password": PASSWORD})
    api.get("/todo/")
    api.log_in(ann | {"password": NEW_PASSWORD})
    api.get("/todo/", authorization=f"Bearer {first_token}")
    api.post("/auth/logout")
    api.get("/todo/")
    api.post("/auth/logout")
    api.token = ""
    api.log_in(ann | {"password": NEW_PASSWORD})
    api.post("/auth/logout-all")
    api.post("/auth/logout-all")


def _operations(api: Api, admin_token: str) -> None:
    for path in ("/healthz", "/openapi.json"):
        api.get(path)
    if not admin_token:
        return
    for method, body in (("GET", None), ("PUT", {"enabled": False}), ("DELETE", None)):
        api.call(method, "/admin/cache", body, authorization="Bearer nonsense")
        api.call(method, "/admin/cache", body, authorization=f"Bearer {admin_token}")
    api.call("PUT", "/admin/cache", {"enabled": "no"}, authorization=f"Bearer {admin_token}")


def _without_varying(body: Any) -> Any:
    if isinstance(body, list):
        return [_without_varying(item) for item in body]
    if isinstance(body, dict):
        return {k: "..." if k in _VARYING else _without_varying(v) for k, v in body.items()}
    return body
