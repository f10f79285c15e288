"""Reads the environment; a value that can't be used is one sentence that names the variable."""

import logging
import os
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

YES = ("1", "true", "yes", "on", "y", "ok")
NO = ("0", "false", "no", "off", "n")
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql", "psql", "pgsql")
REDIS_SCHEMES = ("redis://", "rediss://", "unix://")


class SettingRefused(ImproperlyConfigured):
    """The message is for the terminal: which variable, and what it takes."""


class Environment:
    """An empty variable counts as one that isn't set. Every reader raises SettingRefused."""

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        """Whatever the process was started with, unless a test gives something else."""
        self._variables = variables

    def text(self, name: str, *, default: str = "") -> str:
        return self._variables.get(name, "").strip() or default

    def list(self, name: str, *, default: list[str]) -> list[str]:
        """Texts with commas between."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()] or default

    def places(self, name: str, problem: Callable[[str], str]) -> tuple[str, ...]:
        """Addresses with commas between; none by default. problem: what is wrong with one, or nothing."""
        found = self.list(name, default=[])
        for place in found:
            wrong = problem(place)
            if wrong:
                raise SettingRefused(f"{name}: {place} can't be used: {wrong}.")
        return tuple(found)

    def choice(self, name: str, options: Sequence[str], *, default: str) -> str:
        value = self.text(name, default=default)
        if value not in (*options, default):
            raise SettingRefused(f"{name}={value} can't be used: it takes {' or '.join(options)}.")
        return value

    def int(self, name: str, *, default: int, least: int = 0) -> int:
        """A whole number."""
        takes = f"a whole number, {least} or more"
        value = self._parsed(name, int, default, takes)
        if value < least:
            raise SettingRefused(f"{name}={value} can't be used: it takes {takes}.")
        return value

    def float(self, name: str, *, default: float) -> float:
        takes = "a number above 0"
        value = self._parsed(name, float, default, takes)
        if not 0 < value < float("inf"):
            raise SettingRefused(f"{name}={value} can't be used: it takes {takes}.")
        return value

    def bool(self, name: str, *, default: bool) -> bool:
        return self._parsed(name, _yes_or_no, default, "1 or 0")

    def level(self, name: str, *, default: str) -> str:
        return self._parsed(name, _level, default, "DEBUG, INFO, WARNING or ERROR")

    def time_zone(self, name: str, *, default: str) -> str:
        """A name that this machine's time zones know."""
        return self._parsed(name, _time_zone, default, "a time zone such as Europe/Vienna")

    def redis(self, name: str) -> str:
        """The address of a Redis server, empty for none."""
        value = self.text(name)
        if value and not value.startswith(REDIS_SCHEMES):  # unsaid: it may hold a password
            raise SettingRefused(
                f"{name} is no address of a Redis. It looks like redis://host:6379/0; "
                "without it Tuning Site starts one of its own."
            )
        return value

    def database(self, name: str, *, default: str) -> dict[str, Any]:
        """Django's options for the address of a database."""
        value = self.text(name, default=default)
        options: dict[str, Any] = {}
        if value.split(":")[0] in DATABASE_SCHEMES:
            with suppress(ValueError):
                options = environ.Env.db_url_config(value)
        if not options.get("NAME"):
            raise SettingRefused(  # the value stays unsaid: it holds a password
                f"{name} is no address of a database. It looks like "
                "postgres://user:password@host:5432/name; without it SQLite is used."
            )
        return options

    def _parsed(self, name: str, parse: Callable[[str], T], default: T, takes: str) -> T:
        value = self.text(name)
        if not value:
            return default
        try:
            return parse(value)
        except ValueError:
            raise SettingRefused(f"{name}={value} can't be used: it takes {takes}.") from None


def _yes_or_no(value: str) -> bool:
    if value.lower() not in YES + NO:
        raise ValueError(value)
    return value.lower() in YES


def _level(value: str) -> str:
    if value.upper() not in logging.getLevelNamesMapping():
        raise ValueError(value)
    return value.upper()


def _time_zone(value: str) -> str:
    try:
        return zoneinfo.ZoneInfo(value).key
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(value) from error
