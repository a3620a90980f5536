import pytest

from service.adapters.database import DatabaseRepository
from service.domain import (
    Account,
    AccountChange,
    NewAccount,
    Revisions,
    TodoChange,
    TodoId,
    TokenId,
)
from service.errors import InvalidToken, RevokedToken
from service.security import Claims, Session
from tests.fakes import FakeTodos, FakeUsers, new_todo

TOKEN = TokenId("token")
NO_TODO = TodoId("0" * 24)
MILK = new_todo("Milk", "")


@pytest.fixture
async def ada(users: FakeUsers) -> Account:
    return await users.insert(NewAccount("Ada", "ada@example.com", "hash"))


@pytest.fixture
def session(users: FakeUsers, todos: FakeTodos, ada: Account) -> Session:
    return Session(Claims(ada.id, TOKEN, 0.0, 0), DatabaseRepository(users, todos), todos)


OPERATIONS = {
    "account": lambda session: session.account(),
    "todo_list": lambda session: session.todo_list(),
    "todo_page": lambda session: session.todo_page(after=NO_TODO, limit=None, completed=None),
    "todo": lambda session: session.todo(NO_TODO),
    "create_todo": lambda session: session.create_todo(MILK),
    "update_todo": lambda session: session.update_todo(NO_TODO, TodoChange({})),
    "delete_todo": lambda session: session.delete_todo(NO_TODO, Revisions()),
}


def test_no_operation_of_a_session_is_forgotten_here() -> None:
    public = {name for name in vars(Session) if not name.startswith("_")}

    assert public == OPERATIONS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_revoked_token_may_do_nothing(
    name: str, session: Session, users: FakeUsers, todos: FakeTodos, ada: Account
) -> None:
    await users.revoke(ada.id, TOKEN, 0.0)
    with pytest.raises(RevokedToken):
        await OPERATIONS[name](session)
    await users.update(ada.id, AccountChange(end_tokens=True))
    with pytest.raises(RevokedToken):
        await OPERATIONS[name](session)
    await users.delete(ada.id)
    with pytest.raises(InvalidToken) as error:
        await OPERATIONS[name](session)

    assert not isinstance(error.value, RevokedToken)
    assert todos.calls.keys() <= {"page", "find"}
