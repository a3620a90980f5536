"""Registration, login, logout and the profile."""

from fastapi import APIRouter, Request, Response

from service import trace
from service.api.deps import BackendsDep, SessionDep
from service.api.reads import JsonBytes
from service.api.request_guard import client_key
from service.api.schemas import (
    UNREADABLE,
    AccountOut,
    LoginIn,
    Message,
    ProfileIn,
    RegisterIn,
    TokenOut,
    problems,
    with_headers,
)

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/register", status_code=201, responses=problems(*UNREADABLE, 409, 429, 503))
async def register(new: RegisterIn, backends: BackendsDep, request: Request) -> AccountOut:
    """Create an account."""
    trace.current().tells_total_only = True
    account = await backends.accounts.register(
        name=new.name, email=new.email, password=new.password, address=client_key(request.scope)
    )
    return AccountOut.model_validate(account)


@router.post("/login", responses=problems(*UNREADABLE, 401, 429, 503))
async def login(attempt: LoginIn, backends: BackendsDep, request: Request) -> TokenOut:
    """Exchange e-mail and password for a token."""
    trace.current().tells_total_only = True
    token = await backends.accounts.login(
        email=attempt.email, password=attempt.password, address=client_key(request.scope)
    )
    return TokenOut(access_token=token, expires_in=backends.tokens.lifetime_s)


@router.post("/logout", responses=problems(401, 413, 503))
async def logout(session: SessionDep, backends: BackendsDep) -> Message:
    """Revoke this token."""
    await backends.accounts.logout(session)
    return Message(msg="Logged out successfully")


@router.post("/logout-all", responses=problems(401, 413, 503))
async def logout_all(session: SessionDep, backends: BackendsDep) -> Message:
    """Revoke every token of the account."""
    await backends.accounts.logout_everywhere(session)
    return Message(msg="Logged out successfully")


@router.get(
    "/me",
    response_model=AccountOut,
    responses={200: with_headers("Cache-Status"), **problems(401, 503)},
)
async def read_profile(session: SessionDep) -> Response:
    """Return the profile."""
    profile = AccountOut.model_validate(await session.account())
    return JsonBytes(profile.model_dump_json().encode())


@router.patch("/me", responses=problems(*UNREADABLE, 401, 403, 409, 429, 503))
async def change_profile(
    change: ProfileIn, session: SessionDep, backends: BackendsDep
) -> AccountOut:
    """Change the profile; a new password ends every token issued so far.

    A new password or e-mail needs the present password.
    """
    changed = await backends.accounts.change(session, **change.model_dump())
    return AccountOut.model_validate(changed)


@router.delete("/me", responses=problems(401, 503))
async def delete_account(session: SessionDep, backends: BackendsDep) -> Message:
    """Remove the account with everything it owns."""
    await backends.accounts.delete(session)
    return Message(msg="Account deleted successfully")
