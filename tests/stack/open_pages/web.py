"""The web server as the site runs it, and a page that follows an experiment without a browser."""

import http.client
import json
import os
import sqlite3
import subprocess
import sys
import zlib

import environ
import psycopg2

from tests.pace import crowd
from tests.stack.site import ROOT, Site

THREADS = 4


class Web:
    """One web server with few threads, on a database that holds one experiment that runs."""

    def __init__(self, folder, database_url):
        self.site = Site(folder, database_url)
        self.site.data_dir.mkdir(parents=True)
        self.site.environment |= {"SECRET_KEY": "of tests", "WEB_THREADS": str(THREADS)}
        filled = subprocess.run(
            [sys.executable, "-m", "tests.stack.open_pages.filled"],
            cwd=ROOT, env=self.site.environment, stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
        self.told = json.loads(filled.stdout.splitlines()[-1])
        self.page = f"/experiments/{self.told['code']}/"
        self.base = f"http://127.0.0.1:{self.site.port}"

    def start(self):
        """Serve until it answers."""
        bind = ["--bind", f"127.0.0.1:{self.site.port}"]
        settings = ["--config", "python:experiments.stack.gunicorn_settings"]
        with self.site.output.open("ab") as log:
            self.site.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "tuning_site.wsgi", *bind, *settings],
                cwd=ROOT, env=self.site.environment, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.site.wait("it answers", lambda: self.site.get("/healthz") == 200, seconds=30)
        return self

    def stop(self):
        self.site.process.terminate()
        self.site.process.wait(timeout=20 * crowd())

    def connect(self):
        """A connection of another process to the database."""
        options = environ.Env.db_url_config(self.site.environment["DATABASE_URL"])
        if options["ENGINE"].endswith("sqlite3"):
            return sqlite3.connect(options["NAME"], timeout=20)
        names = {"dbname": "NAME", "host": "HOST", "user": "USER", "password": "PASSWORD"}
        given = {key: options[name] for key, name in names.items()}
        return psycopg2.connect(**given, port=options["PORT"] or None)

    def write(self, sql, *values):
        """Change the database from outside, as a worker would; `sql` with %s for values."""
        self.write_together((sql, values))

    def write_together(self, *changes):
        """In one transaction, as workers do: the hub may look at any moment."""
        connection = self.connect()
        mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
        for sql, values in changes:
            connection.cursor().execute(sql.replace("%s", mark), values)
        connection.commit()
        connection.close()

    def add_epoch(self):
        """What live pages see of an epoch: the trial's row, and the experiment's serial."""
        rises = "update experiments_experiment set event_serial = event_serial + 1"
        ends = (
            "update experiments_trial set epochs = epochs + 1, event_serial ="
            " (select max(event_serial) from experiments_experiment) where id = %s"
        )
        self.write_together((rises, ()), (ends, (self.told["trial"],)))


class Follower:
    """Follows an experiment: reads events out of the answer that does not end."""

    def __init__(self, web, session, *, cursor="", compressed=True):
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", web.site.port, timeout=20 * crowd()
        )
        headers = {"Cookie": f"tuning_site_session={session}"}
        if compressed:
            headers["Accept-Encoding"] = "gzip"
        address = f"{web.page}live.events?cursor={cursor}"
        self.connection.request("GET", address, headers=headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.bytes = 0
        self.unpack = zlib.decompressobj(31).decompress if compressed else bytes
        self.text = ""

    def event(self):
        """The next event by its fields; None when the answer has ended."""
        while "\n\n" not in self.text:
            data = self.answer.read1(65536)
            if not data:
                return None
            self.bytes += len(data)
            self.text += self.unpack(data).decode()
        event, self.text = self.text.split("\n\n", 1)
        return dict(line.split(":", 1) for line in event.splitlines())

    def news(self):
        """The next report and its cursor; None when the answer has ended."""
        while (event := self.event()) is not None:
            if "data" in event and event["data"].strip():
                return json.loads(event["data"]), event["id"].strip()
        return None

    def close(self):
        self.connection.close()


def database_of(folder):
    """An address for a database of its own; empty for SQLite in the folder."""
    from tests.stack.site import new_postgres_database

    if os.environ["TUNING_SITE_TESTS"] != "postgres":
        return ""
    return new_postgres_database(f"open_pages_{os.getpid()}_{folder.name.replace('-', '_')}")
