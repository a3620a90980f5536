"""The service in plain Python: no cache, no database, no time. It predicts every answer."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tests.stateful.answers import CallAnswer, MadeCall
from tests.stateful.records import (
    ModelPerson,
    ModelTodo,
    ModelToken,
    found,
    message,
    profile,
    refused,
)

MALFORMED = "nonsense"
_HEX = frozenset("0123456789abcdef")
Predicted = tuple[MadeCall, CallAnswer]
_KEY_REUSED = CallAnswer(
    status=422,
    body={
        "detail": [
            {
                "type": "key_reused",
                "loc": ["header", "idempotency-key"],
                "msg": "was used for another todo",
            }
        ]
    },
)


class Model:
    """Every account, todo and token of one example; ``tag`` makes its e-mail addresses its own.

    Each method is an operation: it returns the request and the only right answer to it.
    """

    def __init__(self, tag: str) -> None:
        self.people: list[ModelPerson] = []
        self.tokens: list[ModelToken] = []
        self.todos: list[str] = []
        self._tag = tag

    def register(self, name: str, email: str = "") -> Predicted:
        """Register with this address, or with one that nobody has."""
        number = len(self.people) + 1
        person = ModelPerson(
            f"person {number}", name, email or self._email(number), f"password {number}"
        )
        body = {"name": name, "email": person.email, "password": person.password}
        if self._alive(person.email) is not None:
            taken = refused(409, "Email already registered")
            return MadeCall(method="POST", path="/auth/register", body=body), taken
        self.people.append(person)
        call = MadeCall(method="POST", path="/auth/register", body=body, makes=person.id)
        return call, CallAnswer(status=201, body=profile(person))

    def log_in(self, person: ModelPerson, password: str) -> Predicted:
        """Log in with the address of somebody, who may be gone."""
        body = {"email": person.email, "password": password}
        owner = self._alive(person.email)
        if owner is None or owner.password != password:
            wrong = refused(401, "Invalid email or password")
            return MadeCall(method="POST", path="/auth/login", body=body), wrong
        token = ModelToken(f"token {len(self.tokens) + 1}", owner, owner.generation)
        self.tokens.append(token)
        call = MadeCall(method="POST", path="/auth/login", body=body, makes=token.name)
        told = {"access_token": token.name, "token_type": "bearer", "expires_in": 3600}
        return call, CallAnswer(status=200, body=told)

    def log_out(self, token: ModelToken, *, everywhere: bool) -> Predicted:
        """Revoke one token, or all of its owner."""
        path = "/auth/logout-all" if everywhere else "/auth/logout"
        call = MadeCall(method="POST", path=path, token=token.name)
        if (refusal := token.refusal()) is not None:
            return call, refusal
        token.logged_out = True
        token.owner.generation += everywhere
        return call, message("Logged out successfully")

    def rename(self, token: ModelToken, name: str) -> Predicted:
        """Change the name."""
        call = MadeCall(method="PATCH", path="/auth/me", token=token.name, body={"name": name})
        if (refusal := token.refusal()) is not None:
            return call, refusal
        token.owner.name = name
        return call, CallAnswer(status=200, body=profile(token.owner))

    def change_password(self, token: ModelToken, current: str) -> Predicted:
        """Change the password, which ends every token."""
        person = token.owner
        new = f"{person.password}+"
        body = {"password": new, "current_password": current}
        call = MadeCall(method="PATCH", path="/auth/me", token=token.name, body=body)
        if (refusal := token.refusal()) is not None:
            return call, refusal
        if current != person.password:
            return call, refused(403, "Current password is missing or wrong")
        person.password = new
        person.generation += 1
        return call, CallAnswer(status=200, body=profile(person))

    def delete_account(self, token: ModelToken) -> Predicted:
        """Remove the account with everything it owns."""
        call = MadeCall(method="DELETE", path="/auth/me", token=token.name)
        if (refusal := token.refusal()) is not None:
            return call, refusal
        token.owner.alive = False
        token.owner.todos.clear()
        return call, message("Account deleted successfully")

    def profile(self, token: ModelToken) -> Predicted:
        call = MadeCall(method="GET", path="/auth/me", token=token.name)
        return call, token.refusal() or CallAnswer(status=200, body=profile(token.owner))

    def listed(self, token: ModelToken) -> Predicted:
        call = MadeCall(method="GET", path="/todo/", token=token.name)
        todos = [asdict(todo) for todo in token.owner.todos.values()]
        return call, token.refusal() or CallAnswer(status=200, body=todos)

    def one(self, token: ModelToken, todo: str, path: str = "/todo/{todo}") -> Predicted:
        """Read one todo; ``todo`` may be anybody's, nobody's or no id at all."""
        call = MadeCall(method="GET", path=path, token=token.name, todo=todo)
        if (early := _malformed(todo)) is not None:
            return call, early
        return call, token.refusal() or found(token.owner.todos.get(todo))

    def create(self, token: ModelToken, new: Mapping[str, Any], key: str = "") -> Predicted:
        """Create a todo, or find the one that the same key made of the same fields."""
        headers = {"Idempotency-Key": key} if key else {}
        call = MadeCall(method="POST", path="/todo/", token=token.name, body=new, headers=headers)
        if (refusal := token.refusal()) is not None:
            return call, refusal
        todos, keys = token.owner.todos, token.owner.keys
        of_key, made_of = keys.get(key, ("", None))
        earlier = todos.get(of_key)
        if earlier is not None:
            same = made_of == ModelTodo(id="", **new)
            return call, found(earlier, 201) if same else _KEY_REUSED
        name = f"todo {len(self.todos) + 1}"
        todo = ModelTodo(id=name, **new)
        self.todos.append(name)
        todos[name] = todo
        if key:
            keys[key] = name, ModelTodo(id="", **new)
        call = MadeCall(
            method="POST", path="/todo/", token=token.name, body=new, headers=headers, makes=name
        )
        return call, found(todo, 201)

    def update(
        self, token: ModelToken, todo: str, change: Mapping[str, object], if_match: str
    ) -> Predicted:
        """Change some fields of a todo."""
        call = _conditional("PUT", token, todo, if_match, change)
        own, refusal = self._to_write(token, todo, if_match)
        if own is None:
            return call, refusal
        for name, value in change.items():
            setattr(own, name, value)
        own.rev += 1
        updated = {"msg": "Todo updated successfully"}
        return call, CallAnswer(status=200, body=updated, etag=f'"{own.rev}"')

    def delete(self, token: ModelToken, todo: str, if_match: str) -> Predicted:
        """Remove a todo."""
        call = _conditional("DELETE", token, todo, if_match)
        own, refusal = self._to_write(token, todo, if_match)
        if own is None:
            return call, refusal
        del token.owner.todos[todo]
        return call, message("Todo deleted successfully")

    def _to_write(
        self, token: ModelToken, todo: str, if_match: str
    ) -> tuple[ModelTodo | None, CallAnswer]:
        """Return the todo that may be written, or else why not, in the service's order."""
        mismatch = refused(412, "Todo was changed meanwhile")
        if (early := _malformed(todo)) is not None:
            return None, early
        own = token.owner.todos.get(todo)
        refusal = token.refusal() or found(own)
        if own is None or refusal.status != 200:
            return None, refusal
        return (own, refusal) if if_match in {"", "*", f'"{own.rev}"'} else (None, mismatch)

    def _alive(self, email: str) -> ModelPerson | None:
        return next((p for p in self.people if p.alive and p.email == email), None)

    def _email(self, number: int) -> str:
        return f"{self._tag}-{number}@example.org"


def _conditional(
    method: str,
    token: ModelToken,
    todo: str,
    if_match: str,
    body: Mapping[str, object] | None = None,
) -> MadeCall:
    headers = {"If-Match": if_match} if if_match else {}
    return MadeCall(
        method=method, path="/todo/{todo}", token=token.name, todo=todo, body=body, headers=headers
    )


def _malformed(todo: str) -> CallAnswer | None:
    """Return what is said about an id before anybody asks whose the token is."""
    if todo.startswith("todo "):
        return None
    return None if len(todo) == 24 and set(todo) <= _HEX else refused(404, "Todo not found")
