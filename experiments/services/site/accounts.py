"""Writes to accounts: the first administrator."""

import secrets

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction

FIRST_ADMINISTRATOR = "admin"


def create_first_administrator() -> tuple[User, str] | None:
    """A superuser with a random password, which is returned once; None where there is one already."""
    with transaction.atomic():
        if get_user_model().objects.filter(is_superuser=True).exists():
            return None
        password = secrets.token_urlsafe(12)
        user = get_user_model().objects.create_superuser(FIRST_ADMINISTRATOR, password=password)
    return user, password
