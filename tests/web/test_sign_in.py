import pytest


@pytest.fixture
def address():
    return "/sign-in/"


def test_a_first_visitor_is_told_where_the_password_is(client, db, address):
    assert b"make run" in client.get(address).content


def test_later_visitors_are_not(client, owner, address):
    client.post(address, {"username": "owner", "password": "pw"})
    client.post("/sign-out/")
    assert b"make run" not in client.get(address).content


def test_the_right_pair_opens_what_was_asked_for(client, owner, address):
    response = client.post(address, {"username": "owner", "password": "pw", "next": "/projects/"})
    assert (response.status_code, response["Location"]) == (302, "/projects/")


def test_a_wrong_pair_does_not_say_which_of_the_two_is_wrong(client, owner, address):
    wrong = client.post(address, {"username": "owner", "password": "no"})
    unknown = client.post(address, {"username": "nobody", "password": "no"})
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    told, told_too = (list(each.context["form"].non_field_errors()) for each in (wrong, unknown))
    assert told == told_too != []
    assert b'value="owner"' in wrong.content


@pytest.mark.parametrize(
    "next_address", ["//evil.example", "https://evil.example/", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site(client, owner, address, next_address):
    response = client.post(address, {"username": "owner", "password": "pw", "next": next_address})
    assert response["Location"] == "/"


def test_an_account_that_is_turned_off_stays_out(client, owner, address):
    owner.is_active = False
    owner.save()
    response = client.post(address, {"username": "owner", "password": "pw"})
    assert response.status_code == 422


def test_signing_out_takes_a_post_and_ends_at_the_door(client, owner):
    client.force_login(owner)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_a_forged_host_is_refused(client, db, address):
    assert client.get(address, headers={"host": "evil.example"}).status_code == 400
