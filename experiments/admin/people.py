"""People and groups: only superusers change rights.

Django lets everybody who may change people give rights away, their own included. Rights such as "May
add code" run programs on this machine.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

if TYPE_CHECKING:
    _Users = UserAdmin[User]
else:
    _Users = UserAdmin  # not subscriptable while it runs

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PeopleAdmin(_Users):
    """People. Rights, and whoever is a superuser, are for superusers to change."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show rights without letting others change them."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if request.user.is_superuser else (*fixed, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody else changes a superuser's name or password, or they could sign in as one."""
        protected = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not protected and super().has_change_permission(request, obj)


@admin.register(Group)
class GroupsAdmin(GroupAdmin):
    """Groups carry rights, so they are for superusers."""

    def has_add_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_change_permission = has_delete_permission = has_add_permission
