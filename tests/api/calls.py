"""Calls of the API as a script makes them, over Django's test client."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client


class Script:
    """A script with a token; `post` and `get` return the answer, `ok` its JSON or the test fails."""

    def __init__(self, token: str, worker: str = "laptop") -> None:
        self.token, self.worker = token, worker
        self.client = Client(enforce_csrf_checks=True)

    def post(self, address: str, body: Any = None, **headers: str) -> HttpResponse:
        text = body if isinstance(body, str | bytes) else json.dumps(body or {})
        return self.client.post(
            f"/api/v1/{address}",
            text,
            content_type=headers.pop("content_type", "application/json"),
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )

    def get(self, address: str) -> HttpResponse:
        return self.client.get(
            f"/api/v1/{address}", headers={"Authorization": f"Bearer {self.token}"}
        )

    def ok(self, address: str, body: Any = None) -> dict[str, Any]:
        answer = self.post(address, body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def ask(self, code: Any, **more: str) -> dict[str, Any]:
        return self.ok(f"experiments/{code}/ask/", {"worker": self.worker, **more})


def refusal(answer: HttpResponse, status: int) -> str:
    """The message of a refusal with this status, and the paths of its fields."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    error = answer.json()["error"]
    paths = " ".join(problem["path"] for problem in error.get("problems", ()))
    return f"{error['code']} {error['message']} {paths}"
