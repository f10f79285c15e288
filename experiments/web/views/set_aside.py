"""Room: web. Leaving trials out of a search with a reason, and taking them back."""

from collections.abc import Iterable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from experiments import permissions
from experiments.models import Role
from experiments.services.trials import set_aside as services
from experiments.web.query_values import read_numbers
from experiments.web.refusals import refusal_shown

TABS = ("analysis", "trials")


@require_POST
def change(request: HttpRequest, code: UUID) -> HttpResponse:
    """`trials` are numbers with commas; `act` is "back", or they are set aside for `reason`.

    `back` in the address, as an undo button has it: these are taken back.
    """
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    by = permissions.signed_in(request)
    undone = request.GET.get("back", "")
    words = (undone or request.POST.get("trials", "")).replace(",", " ").split()
    numbers = read_numbers(words[: services.MOST + 1])
    is_back = bool(undone) or request.POST.get("act") == "back"
    tab = request.GET.get("tab", "") if undone else request.POST.get("tab", "")
    with refusal_shown(request):
        if is_back:
            changed = services.take_back(experiment, numbers, by=by)
        else:
            reason = request.POST.get("reason", "")
            changed = services.set_aside(experiment, numbers, reason, by=by)
        undo = "" if is_back or not changed else _undo(code, changed, tab)
        messages.info(request, _done(len(changed), is_back=is_back), extra_tags=undo)
    address = reverse(f"experiments:{tab if tab in TABS else 'trials'}", args=[code])
    # They stay chosen: what was done can be undone at once.
    return redirect(f"{address}?chosen={','.join(map(str, numbers))}" if numbers else address)


def _done(count: int, *, is_back: bool) -> str:
    if not count:
        return (
            "Nothing to do: no trial was set aside."
            if is_back
            else "Nothing to do: already set aside."
        )
    trials = f"{count} trial{'s' if count > 1 else ''}"
    if is_back:
        return f"Included {trials} again."
    return f"Set {trials} aside."


def _undo(code: UUID, numbers: Iterable[int], tab: str) -> str:
    """The address that takes back these alone: others may have been set aside before."""
    query = {"back": ",".join(map(str, numbers)), "tab": tab}
    return f"{reverse('experiments:set-aside', args=[code])}?{urlencode(query)}"
