"""Health and readiness addresses."""

import pytest


def test_healthz_answers_without_any_server(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_says_that_all_is_well(client, queues, db, settings):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        **dict.fromkeys(("status", "database", "queue", "data"), "ok"),
        "version": settings.VERSION,
    }


def test_readyz_names_what_is_away(client, db, settings, data_dir):
    settings.REDIS_URL = f"unix://{data_dir}/nowhere.sock"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["queue"] == "unreachable"
    assert answer.json()["database"] == "ok"


def test_readyz_notices_a_data_folder_that_takes_no_files(client, db, queues, settings, data_dir):
    settings.DATA_DIR = data_dir / "missing"
    assert client.get("/readyz").json()["data"].startswith("not writable")


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_answers_are_not_cached_and_carry_the_policy(client, db, queues, address):
    answer = client.get(address)
    assert "no-store" in answer["Cache-Control"]
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
