import httpx2

WHO = {"name": "Ada", "email": "Ada@Example.com", "password": "correct horse"}


async def test_registration_answers_the_profile_and_an_email_is_taken_in_any_case(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.post("/auth/register", json=WHO)
    again = await client.post("/auth/register", json=WHO | {"email": "ADA@example.com"})

    assert answer.status_code == 201
    assert answer.json().keys() == {"id", "name", "email", "created_at"}
    assert answer.json()["email"] == "ada@example.com"
    assert (again.status_code, again.json()) == (409, {"detail": "Email already registered"})


async def test_login_answers_a_bearer_token_and_its_lifetime(client: httpx2.AsyncClient) -> None:
    await client.post("/auth/register", json=WHO)
    credentials = {"email": WHO["email"], "password": WHO["password"]}
    answer = (await client.post("/auth/login", json=credentials)).json()

    assert answer.keys() == {"access_token", "token_type", "expires_in"}
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)


async def test_neither_a_login_nor_a_registration_tells_what_it_waited_for(
    client: httpx2.AsyncClient,
) -> None:
    for path in ("register", "login"):
        fields = WHO if path == "register" else {key: WHO[key] for key in ("email", "password")}
        answer = await client.post(f"/auth/{path}", json=fields)
        assert answer.is_success

        assert answer.headers["server-timing"].startswith("cache;dur=0.000, db;dur=0.000, app;dur=")
