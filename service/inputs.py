"""The bounded types of every field that clients set."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    EmailStr,
    Field,
    StrictStr,
    StringConstraints,
)

FIRST_YEAR, LAST_YEAR = 1970, 2199
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _must_be_text(value: object) -> object:
    # Digits alone would be taken for seconds since 1970.
    if not isinstance(value, str) or not _DATE.match(value):
        raise ValueError("takes an ISO 8601 date and time")
    return value


def _in_utc(instant: datetime) -> datetime:
    """Return the instant in UTC, cut to the millisecond that MongoDB keeps.

    BSON stores dates that Python cannot read back, so the range is bounded here.
    """
    try:
        utc = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range") from error
    if not FIRST_YEAR <= utc.year <= LAST_YEAR:
        raise ValueError(f"takes a date between {FIRST_YEAR} and {LAST_YEAR}")
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _lower(email: str) -> str:
    return email.lower()


Name = Annotated[StrictStr, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(_lower)]
NewPassword = Annotated[StrictStr, Field(min_length=8, max_length=128)]
GivenPassword = Annotated[StrictStr, Field(max_length=128)]
Heading = Annotated[StrictStr, Field(min_length=1, max_length=200)]
Task = Annotated[StrictStr, Field(max_length=10_000)]
Instant = Annotated[datetime, BeforeValidator(_must_be_text), AfterValidator(_in_utc)]
