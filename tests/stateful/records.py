"""What the model remembers, and what each of it looks like in an answer."""

from dataclasses import asdict, dataclass, field

from tests.stateful.answers import AS_TOLD, CallAnswer

_TOKEN_CHALLENGE = 'Bearer error="invalid_token"'


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
    keys: dict[str, tuple[str, ModelTodo]] = field(default_factory=dict)
    """The name of the todo that each Idempotency-Key made, and what it was made of."""


@dataclass
class ModelToken:
    """A token as it was issued, and whether it was logged out."""

    name: str
    owner: ModelPerson
    generation: int
    logged_out: bool = False

    @property
    def live(self) -> bool:
        return self.owner.alive and self._counts

    @property
    def _counts(self) -> bool:
        return self.generation == self.owner.generation and not self.logged_out

    def refusal(self) -> CallAnswer | None:
        """Return what its bearer is told, if it does not count."""
        if not self.owner.alive:
            return refused(401, "Invalid token")
        return None if self._counts else refused(401, "Token revoked")


def found(todo: ModelTodo | None, status: int = 200) -> CallAnswer:
    """Return the todo as it is answered, or that there is none."""
    if todo is None:
        return refused(404, "Todo not found")
    return CallAnswer(status=status, body=asdict(todo), etag=f'"{todo.rev}"')


def refused(status: int, detail: str) -> CallAnswer:
    """Return an error."""
    challenge = ""
    if status == 401:
        challenge = "Bearer" if detail.startswith("Invalid email") else _TOKEN_CHALLENGE
    return CallAnswer(status=status, body={"detail": detail}, challenge=challenge)


def message(text: str) -> CallAnswer:
    return CallAnswer(status=200, body={"msg": text})


def profile(person: ModelPerson) -> dict[str, object]:
    """Return the profile as it is answered."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "created_at": AS_TOLD,
    }
