"""Endpoints of the API: token, body and errors, the same everywhere.

Tokens come in the Authorization header only: no cookie is read, so no other site can make a browser
act. Errors are JSON that names the field and the fix.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from experiments.search.problems import Problem, ProblemsError
from experiments.services.experiments.states import NotAllowed
from experiments.services.external.tokens import Bearer, TokenRefused, authenticate
from experiments.services.external.trials import ObjectiveMissing, TooMuch
from experiments.tuner.external_answers import NotOutside, NotYours, UnknownTrial

MOST_BYTES: Final = 1024**2
Answer = dict[str, Any]
Handler = Callable[..., Answer]
STATUS_OF_TOKEN: Final = {"foreign": 404, "no right": 403}  # others: 401


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """An authenticated request. absolute: makes an absolute address of a path."""

    bearer: Bearer
    body: Any
    absolute: Callable[[str], str]


class Refused(Exception):
    """An answer other than 200. code: for programs; the text: for people; problems: by field."""

    def __init__(
        self, status: int, code: str, text: str, problems: Sequence[Problem] = ()
    ) -> None:
        super().__init__(text)
        self.status, self.code, self.problems = status, code, problems


def endpoint(method: str) -> Callable[[Handler], Callable[..., JsonResponse]]:
    """Make a view of a handler, which takes an `ApiRequest` and returns its JSON."""

    def wrap(handler: Handler) -> Callable[..., JsonResponse]:
        @login_not_required  # the token is asked instead
        @csrf_exempt
        @never_cache
        @wraps(handler)
        def view(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
            try:
                if request.method != method:
                    raise Refused(405, "method", f"Expected {method}, got {request.method}.")
                bearer = authenticate(_token(request))
                body = _body(request) if method == "POST" else None
                call = ApiRequest(bearer, body, request.build_absolute_uri)
                return JsonResponse(handler(call, *args, **kwargs))
            except Exception as error:  # answered as JSON, or raised again
                return _error_answer(error)

        return view

    return wrap


def _error_answer(error: Exception) -> JsonResponse:
    """A refusal as JSON; other errors are raised again."""
    refused = _refused(error)
    if refused is None:
        raise error
    body: Answer = {"code": refused.code, "message": str(refused)}
    if refused.problems:
        body["problems"] = [{"path": p.path, "message": p.message} for p in refused.problems]
    answer = JsonResponse({"error": body}, status=refused.status)
    if refused.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def _refused(error: Exception) -> Refused | None:
    match error:
        case Refused():
            return error
        case TokenRefused() | ProblemsError():
            return _unusable(error)
        case ObjectiveMissing() | TooMuch():
            field = "epochs" if isinstance(error, TooMuch) else "metrics"
            return Refused(422, "not_usable", str(error), [Problem(field, str(error))])
        case UnknownTrial():
            return Refused(404, "unknown_trial", str(error))
        case NotYours():
            return Refused(409, "ended", str(error))
        case NotOutside() | NotAllowed():
            return Refused(409, "not_allowed", str(error))
    return None


def _unusable(error: TokenRefused | ProblemsError) -> Refused:
    if isinstance(error, TokenRefused):
        status = STATUS_OF_TOKEN.get(error.reason, 401)
        return Refused(status, f"token_{error.reason.replace(' ', '_')}", str(error))
    lines = [f"{p.path}: {p.message}" if p.path else p.message for p in error.problems]
    return Refused(422, "invalid", "; ".join(lines)[:1000], error.problems[:50])


def _token(request: HttpRequest) -> str:
    """The token out of the header. Raises Refused."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and text.strip():
        return text.strip()
    raise Refused(
        401,
        "token_missing",
        "Send the header “Authorization: Bearer TOKEN” with your access token.",
    )


def _body(request: HttpRequest) -> Any:
    """The body as JSON. Raises Refused."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(415, "encoding", "Send the body uncompressed.")
    if request.content_type != "application/json":
        raise Refused(415, "content_type", "Send the header “Content-Type: application/json”.")
    try:
        length = int(request.headers.get("Content-Length") or 0)
        raw = request.body if length <= MOST_BYTES else b"." * (MOST_BYTES + 1)
    except (RequestDataTooBig, ValueError):
        raw = b"." * (MOST_BYTES + 1)
    except UnreadablePostError:
        raise Refused(400, "cut_off", "The body is incomplete. Send it again.") from None
    if len(raw) > MOST_BYTES:
        raise Refused(
            413, "too_large", "The body is larger than 1 MB. Send fewer epochs at a time."
        )
    try:
        return json.loads(
            raw.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_repeats
        )
    except (UnicodeDecodeError, RecursionError):
        raise Refused(400, "not_json", "The body is not JSON in UTF-8.") from None
    except ValueError as error:
        raise Refused(400, "not_json", f"The body is not JSON: {error}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON. Write null for a value that is not finite.")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice!r} is given twice in one object.")
    return found
