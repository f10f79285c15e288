"""Sessions open nothing of the API."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.outside import make_outside
from tests.web.doors import DOORS
from tests.web.test_access import nothing_is_written


@pytest.mark.parametrize(
    "name", sorted(name for name, door in DOORS.items() if door.least == "token")
)
def test_a_session_opens_nothing_of_the_api(name, project, owner):
    """Only a token does, so no other site can make a browser act; and no address tells what exists."""
    door = DOORS[name]
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    ids = {"code": make_outside(project).code, "trial": "0" * 32}
    address = reverse(name, args=[ids[each] for each in door.takes])
    with nothing_is_written():
        if door.method == "get":
            answer = client.get(address)
        else:
            answer = client.post(address, "{}", "application/json")
    assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer"
    assert "Authorization: Bearer" in answer.json()["error"]["message"]
