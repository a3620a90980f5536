"""Todos to the bytes of a body and back; they are made here and nowhere else."""

from pydantic import TypeAdapter, ValidationError

from service.domain import Todo

_todo = TypeAdapter(Todo)
_todos = TypeAdapter(tuple[Todo, ...])


class CorruptValue(ValueError):
    """Stored bytes that are not what should be there."""


def encode_todo(todo: Todo) -> bytes:
    """Return the body of one todo."""
    return _todo.dump_json(todo)


def encode_todos(todos: tuple[Todo, ...]) -> bytes:
    """Return the body of a list of todos."""
    return _todos.dump_json(todos)


def decode_todos(body: bytes) -> tuple[Todo, ...]:
    """Return the todos of a body; raises ``CorruptValue``."""
    try:
        return _todos.validate_json(body)
    except ValidationError as error:
        raise CorruptValue(str(error)) from error
