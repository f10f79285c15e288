"""Settings come from the environment; one that can't be used is refused in a sentence that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tuning_site.environment import Environment, SettingRefused

ROOT = Path(__file__).resolve().parents[1]


def test_an_empty_variable_counts_as_one_that_is_not_set():
    env = Environment({"PORT": "", "HOST": " ", "ALLOWED_HOSTS": "", "HTTPS": "", "REDIS_URL": ""})
    assert env.int("PORT", default=8000) == 8000
    assert env.text("HOST", default="127.0.0.1") == "127.0.0.1"
    assert env.list("ALLOWED_HOSTS", default=["localhost"]) == ["localhost"]
    assert env.bool("HTTPS", default=True) is True
    assert env.redis("REDIS_URL") == ""


def test_values_are_read():
    env = Environment(
        {
            "PORT": "9000",
            "LEASE_SECONDS": "2.5",
            "HTTPS": "Yes",
            "ALLOWED_HOSTS": "a.example, b.example,",
            "TIME_ZONE": "Europe/Vienna",
            "LOG_LEVEL": "debug",
            "REDIS_URL": "rediss://host:6379/1",
            "DATABASE_URL": "postgres://user:word@host:5432/name",
        }
    )
    assert env.int("PORT", default=8000) == 9000
    assert env.float("LEASE_SECONDS", default=30.0) == 2.5
    assert env.bool("HTTPS", default=False) is True
    assert env.list("ALLOWED_HOSTS", default=[]) == ["a.example", "b.example"]
    assert env.time_zone("TIME_ZONE", default="UTC") == "Europe/Vienna"
    assert env.level("LOG_LEVEL", default="INFO") == "DEBUG"
    assert env.redis("REDIS_URL") == "rediss://host:6379/1"
    assert env.database("DATABASE_URL", default="")["NAME"] == "name"


@pytest.mark.parametrize(
    ("variable", "value", "takes"),
    [
        ("PORT", "eighty", "PORT=eighty can't be used: it takes a whole number, 0 or more."),
        ("SLOTS", "0", "SLOTS=0 can't be used: it takes a whole number, 1 or more."),
        ("WEB_WORKERS", "-1", "WEB_WORKERS=-1 can't be used: it takes a whole number, 1 or more."),
        ("LEASE_SECONDS", "nan", "LEASE_SECONDS=nan can't be used: it takes a number above 0."),
        ("LEASE_SECONDS", "0", "LEASE_SECONDS=0.0 can't be used: it takes a number above 0."),
        ("HTTPS", "perhaps", "HTTPS=perhaps can't be used: it takes 1 or 0."),
        ("LOG_LEVEL", "loud", "it takes DEBUG, INFO, WARNING or ERROR."),
        ("LOG_FORMAT", "xml", "LOG_FORMAT=xml can't be used: it takes json or plain or console."),
        ("TIME_ZONE", "Mars/Olympus", "it takes a time zone such as Europe/Vienna."),
        ("TIME_ZONE", "../../etc/passwd", "it takes a time zone such as Europe/Vienna."),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is no address of a database."),
        ("DATABASE_URL", "mysql://u:secret@h/n", "DATABASE_URL is no address of a database."),
        ("DATABASE_URL", "postgres://u:secret@h:port/n", "DATABASE_URL is no address"),
        ("DATABASE_URL", "postgres://u:secret@h", "DATABASE_URL is no address of a database."),
        ("REDIS_URL", "http://:secret@h", "REDIS_URL is no address of a Redis."),
    ],
)
def test_a_command_with_an_unusable_setting_ends_with_one_line(variable, value, takes):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert takes in done.stderr
    assert "secret" not in done.stderr


def test_a_refusal_is_one_of_the_faults_that_django_knows():
    with pytest.raises(SettingRefused, match="WEB_THREADS=x"):
        Environment({"WEB_THREADS": "x"}).int("WEB_THREADS", default=8)
