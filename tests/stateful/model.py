"""The service in plain Python: no cache, no database, no time. It predicts every answer.

Names mean the same on every side, such as ``todo 3``; each side has ids of its own for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

AS_TOLD = "as first told"
"""What stands for a time that is the one told before, or told for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCall:
    """A request; ``{todo}`` in the path is the todo."""

    method: str
    path: str
    token: str = ""
    todo: str = ""
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    makes: str = ""
    """The name of what the answer brings into the world, if all goes well."""

    def __str__(self) -> str:
        about = [self.token, self.todo, *self.headers.values(), "" if not self.body else self.body]
        said = ", ".join(str(part) for part in about if part)
        return f"{self.method} {self.path} ({said})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswer:
    """An answer as far as it must be the same on every side."""

    status: int
    body: object
    etag: str = ""
    challenge: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.body} {self.etag}".rstrip()


Predicted = tuple[MadeCall, CallAnswer]


@dataclass
class ModelTodo:
    """A todo."""

    id: str
    heading: str
    task: str
    completion_time: str | None = None
    completed: bool = False
    reminder_sent: bool = False
    rev: int = 1
    created_at: str = AS_TOLD
    updated_at: str = AS_TOLD


@dataclass
class ModelPerson:
    """An account; a deleted one stays here, as its tokens do."""

    id: str
    name: str
    email: str
    password: str
    alive: bool = True
    generation: int = 0
    todos: dict[str, ModelTodo] = field(default_factory=dict)

    def profile(self, status: int = 200) -> CallAnswer:
        """Return the profile as it is answered."""
        body = {"id": self.id, "name": self.name, "email": self.email, "created_at": AS_TOLD}
        return CallAnswer(status=status, body=body)


@dataclass
class ModelToken:
    """A token as it was issued, and whether it was logged out."""

    name: str
    owner: ModelPerson
    generation: int
    logged_out: bool = False

    @property
    def live(self) -> bool:
        return self.refusal() is None

    def refusal(self) -> CallAnswer | None:
        """Return what its bearer is told, if it does not count."""
        if not self.owner.alive:
            return _refused(401, "Invalid token")
        if self.generation == self.owner.generation and not self.logged_out:
            return None
        return _refused(401, "Token revoked")


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
        email = email or f"{self._tag}-{number}@example.org"
        person = ModelPerson(f"person {number}", name, email, f"password {number}")
        body = {"name": name, "email": email, "password": person.password}
        call = MadeCall(method="POST", path="/auth/register", body=body, makes=person.id)
        if self._alive(email) is not None:
            return call, _refused(409, "Email already registered")
        self.people.append(person)
        return call, person.profile(201)

    def log_in(self, person: ModelPerson, password: str) -> Predicted:
        """Log in with the address of somebody, who may be gone."""
        name, owner = f"token {len(self.tokens) + 1}", self._alive(person.email)
        body = {"email": person.email, "password": password}
        call = MadeCall(method="POST", path="/auth/login", body=body, makes=name)
        if owner is None or owner.password != password:
            return call, _refused(401, "Invalid email or password", challenge="Bearer")
        self.tokens.append(ModelToken(name, owner, owner.generation))
        told = {"access_token": name, "token_type": "bearer", "expires_in": 3600}
        return call, CallAnswer(status=200, body=told)

    def log_out(self, token: ModelToken, *, everywhere: bool) -> Predicted:
        """Revoke one token, or all of its owner."""

        def effect() -> CallAnswer:
            token.logged_out = True
            token.owner.generation += everywhere
            return _message("Logged out successfully")

        return _call(token, "POST", "/auth/logout-all" if everywhere else "/auth/logout", effect)

    def rename(self, token: ModelToken, name: str) -> Predicted:
        """Change the name."""

        def effect() -> CallAnswer:
            token.owner.name = name
            return token.owner.profile()

        return _call(token, "PATCH", "/auth/me", effect, body={"name": name})

    def change_password(self, token: ModelToken, current: str) -> Predicted:
        """Change the password, which ends every token."""
        person = token.owner
        new = f"{person.password}+"

        def effect() -> CallAnswer:
            if current != person.password:
                return _refused(403, "Current password is missing or wrong")
            person.password = new
            person.generation += 1
            return person.profile()

        body = {"password": new, "current_password": current}
        return _call(token, "PATCH", "/auth/me", effect, body=body)

    def delete_account(self, token: ModelToken) -> Predicted:
        """Remove the account with everything it owns."""

        def effect() -> CallAnswer:
            token.owner.alive = False
            token.owner.todos.clear()
            return _message("Account deleted successfully")

        return _call(token, "DELETE", "/auth/me", effect)

    def profile(self, token: ModelToken) -> Predicted:
        return _call(token, "GET", "/auth/me", token.owner.profile)

    def listed(self, token: ModelToken) -> Predicted:
        todos = [asdict(todo) for todo in token.owner.todos.values()]
        return _call(token, "GET", "/todo/", lambda: CallAnswer(status=200, body=todos))

    def one(self, token: ModelToken, todo: str) -> Predicted:
        """Read one todo; ``todo`` may be anybody's, or nobody's."""
        own = token.owner.todos.get(todo)
        return _call(token, "GET", "/todo/{todo}", lambda: _found(own), todo=todo)

    def create(self, token: ModelToken, new: Mapping[str, Any]) -> Predicted:
        """Create a todo."""
        name = f"todo {len(self.todos) + 1}"

        def effect() -> CallAnswer:
            todo = ModelTodo(id=name, **new)
            self.todos.append(name)
            token.owner.todos[name] = todo
            return _found(todo, 201)

        return _call(token, "POST", "/todo/", effect, body=new, makes=name)

    def update(
        self, token: ModelToken, todo: str, change: Mapping[str, object], only_if: str
    ) -> Predicted:
        """Change some fields of a todo."""

        def effect(own: ModelTodo) -> CallAnswer:
            for name, value in change.items():
                setattr(own, name, value)
            own.rev += 1
            body = {"msg": "Todo updated successfully"}
            return CallAnswer(status=200, body=body, etag=f'"{own.rev}"')

        return _write(token, "PUT", todo, only_if, effect, body=change)

    def delete(self, token: ModelToken, todo: str, only_if: str) -> Predicted:
        """Remove a todo."""

        def effect(own: ModelTodo) -> CallAnswer:
            del token.owner.todos[own.id]
            return _message("Todo deleted successfully")

        return _write(token, "DELETE", todo, only_if, effect)

    def _alive(self, email: str) -> ModelPerson | None:
        return next((p for p in self.people if p.alive and p.email == email), None)


def _call(
    token: ModelToken, method: str, path: str, effect: Callable[[], CallAnswer], **more: Any
) -> Predicted:
    """Return a request with this token, and the answer: the effect is had if the token counts."""
    call = MadeCall(method=method, path=path, token=token.name, **more)
    return call, token.refusal() or effect()


def _write(
    token: ModelToken,
    method: str,
    todo: str,
    only_if: str,
    effect: Callable[[ModelTodo], CallAnswer],
    *,
    body: Mapping[str, object] | None = None,
) -> Predicted:
    """Write a todo, ``only_if`` its revision is the ``right`` one, or the ``wrong`` one."""
    own = token.owner.todos.get(todo)
    rev = own.rev if own else 1
    revisions = {"right": f'"{rev}"', "wrong": f'"{rev + 1}"'}
    headers = {"If-Match": revisions[only_if]} if only_if else {}

    def checked() -> CallAnswer:
        if own is None:
            return _found(None)
        if only_if == "wrong":
            return _refused(412, "Todo was changed meanwhile")
        return effect(own)

    return _call(token, method, "/todo/{todo}", checked, todo=todo, body=body, headers=headers)


def _found(todo: ModelTodo | None, status: int = 200) -> CallAnswer:
    """Return the todo as it is answered, or that there is none."""
    if todo is None:
        return _refused(404, "Todo not found")
    return CallAnswer(status=status, body=asdict(todo), etag=f'"{todo.rev}"')


def _refused(
    status: int, detail: str, *, challenge: str = 'Bearer error="invalid_token"'
) -> CallAnswer:
    challenge = challenge if status == 401 else ""
    return CallAnswer(status=status, body={"detail": detail}, challenge=challenge)


def _message(text: str) -> CallAnswer:
    return CallAnswer(status=200, body={"msg": text})
