"""The servers of the test run are real ones."""

import pytest
from redis import Redis


def test_redis_keeps_its_append_only_file(redis_server):
    with Redis.from_url(redis_server.url) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_a_turn_reaches_the_real_queue(queues, transactional_db):
    import django_rq

    django_rq.get_queue("trials").enqueue("experiments.jobs.nothing")
    assert django_rq.get_queue("trials").count == 1


@pytest.mark.browser
def test_chromium_opens_a_page_of_the_live_server(page, live_server):
    answer = page.goto(f"{live_server.url}/admin/login/")
    assert answer is not None
    assert answer.status == 200
