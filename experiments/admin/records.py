"""The base of every list: read-only, with actions that ask before they act."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from experiments.number_words import plain
from experiments.services.experiments.states import NotAllowed

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin  # not subscriptable while it runs

Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]
CONFIRMED = "confirmed"
NAMED = 20  # rows that the question lists by name

admin.site.site_header = "Tuning Site administration"
admin.site.site_title = "Tuning Site"
admin.site.index_title = "Records"


class Records(_Admin):
    """A read-only list; its actions are for superusers and call a service for each row."""

    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: records are written by services alone."""
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        """Join the records that the columns name: a list asks the database once."""
        names = [name for name in self.list_display if isinstance(name, str)]
        fields = {name: get_fields_from_path(self.model, name)[-1] for name in names}
        return tuple(name for name, field in fields.items() if field.is_relation)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Superusers alone see the actions that are marked with `permissions=["act"]`."""
        return bool(request.user.is_active and request.user.is_superuser)


register = partial(admin.site.register, admin_class=Records)


def action(name: str, words: str, effect: str, act: Callable[..., object]) -> Action:
    """An action that asks before it acts, then reports how many rows it changed and why not the others.

    words: its label; effect: what the question says.
    act: a service, called with each row and `by`; False or NotAllowed: nothing was done.
    """

    def run(page: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        if CONFIRMED in request.POST:
            done = sum(_did(page, request, row, act) for row in rows)
            page.message_user(request, f"{done} done.")
            return None
        context = {
            **admin.site.each_context(request),
            "title": words,
            "effect": effect,
            "opts": page.model._meta,
            "rows": rows,
            "named": rows[:NAMED],
            "action": name,
            "checkbox": ACTION_CHECKBOX_NAME,
            "confirmed": CONFIRMED,
        }
        return TemplateResponse(request, "admin/confirm_action.html", context)

    run.__name__ = name
    return admin.action(run, description=words, permissions=["act"])


def _did(page: Any, request: HttpRequest, row: Any, act: Callable[..., object]) -> bool:
    try:
        refused = act(row, by=request.user) is False
    except NotAllowed as error:
        page.message_user(request, f"{row}: {error}", messages.WARNING)
        return False
    if refused:
        page.message_user(request, f"{row}: nothing to do.", messages.WARNING)
    return not refused


def rounded(name: str) -> Callable[[Any], str]:
    """A number in four significant digits; the record's page has all."""

    def show(row: Any) -> str:
        value = getattr(row, name)
        return "-" if value is None else plain(value)

    shown: Any = admin.display(show, description=name.replace("_", " "), ordering=name)
    shown.__name__ = name
    return cast(Callable[[Any], str], shown)


def archive(plural: str, service: Callable[..., object]) -> Action:
    """The action that archives rows."""
    effect = "They are hidden from lists. Nothing is deleted, and their links keep working."
    return action("archive", f"Archive selected {plural}", effect, service)
