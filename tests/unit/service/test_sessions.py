import pytest

from service.adapters.database import DatabaseRepository
from service.codec import encode_todos
from service.domain import Account, AccountChange, NewAccount, TodoChange, TodoId, TokenId
from service.errors import InvalidToken, NotFound, RevokedToken
from service.outcomes import PAGED
from service.security import Claims
from service.sessions import Session
from service.trace import begin
from tests.fakes import FakeTodos, FakeUsers, new_todo

TOKEN = TokenId("token")
NO_TODO = TodoId("0" * 24)
MILK = new_todo("Milk", "")


@pytest.fixture
def users() -> FakeUsers:
    return FakeUsers()


@pytest.fixture
def todos() -> FakeTodos:
    return FakeTodos()


@pytest.fixture
async def ada(users: FakeUsers) -> Account:
    return await users.insert(NewAccount("Ada", "ada@example.com", "hash"))


@pytest.fixture
def session(users: FakeUsers, todos: FakeTodos, ada: Account) -> Session:
    return Session(Claims(ada.id, TOKEN, 0.0, 0), DatabaseRepository(users, todos), todos)


OPERATIONS = {
    "account": lambda session: session.account(),
    "todo_list": lambda session: session.todo_list(),
    "todo_page": lambda session: session.todo_page(NO_TODO),
    "todo": lambda session: session.todo(NO_TODO),
    "create_todo": lambda session: session.create_todo(MILK),
    "update_todo": lambda session: session.update_todo(NO_TODO, TodoChange({})),
    "delete_todo": lambda session: session.delete_todo(NO_TODO, if_revs=None),
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


async def test_a_later_page_is_read_from_the_database_and_says_so(
    session: Session, todos: FakeTodos, ada: Account
) -> None:
    first, second = [await todos.insert(ada.id, MILK) for _ in range(2)]
    listed = await session.todo_list()
    trace = begin()
    answer = await session.todo_page(first.id)

    assert (listed.body, listed.rest_after) == (encode_todos((first, second)), None)
    assert answer.body == encode_todos((second,))
    assert PAGED in trace.outcomes.values()


async def test_todos_can_be_created_changed_and_removed(session: Session) -> None:
    created = await session.create_todo(MILK)
    changed = await session.update_todo(created.id, TodoChange({"completed": True}))
    read = await session.todo(created.id)
    await session.delete_todo(created.id, if_revs={changed.rev})

    assert read == changed
    assert changed.completed
    assert (await session.todo_list()).body == b"[]"
    with pytest.raises(NotFound):
        await session.todo(created.id)
