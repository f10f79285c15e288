"""The content security policy lets every page of the administration work: Chromium would complain."""

import pytest
from redis import Redis

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="a policy is the same on every database"),
]


@pytest.fixture
def administrator(django_user_model):
    return django_user_model.objects.create_superuser("root", password="pw")


def sign_in(page, live_server):
    page.goto(f"{live_server.url}/admin/login/")
    page.fill("[name=username]", "root")
    page.fill("[name=password]", "pw")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/")


def test_the_admin_works_under_the_policy(page, live_server, administrator):
    sign_in(page, live_server)
    for path in ("", "experiments/trial/", "experiments/experiment/", "auth/user/"):
        answer = page.goto(f"{live_server.url}/admin/{path}")
        assert answer.status == 200, path
        assert "unsafe" not in answer.headers["content-security-policy"], path


def test_the_job_pages_keep_their_own_scripts(browser, live_server, administrator, queues):
    import django_rq

    # django-rq's own scripts log errors of their own; here only the policy's refusals count.
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if "Security Policy" in m.text else None)

    django_rq.get_queue("short", commit_mode="auto").enqueue("experiments.jobs.prepare_dataset", 1)
    sign_in(page, live_server)
    for path in ("/admin/rq/", "/admin/rq/queues/1/", "/admin/rq/queues/0/"):
        answer = page.goto(f"{live_server.url}{path}")
        assert answer.status == 200, path
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self' 'unsafe-inline'" in policy
    assert "default-src 'none'" in policy
    page.close()
    assert refused == []
    with Redis.from_url(queues.url) as client:
        client.flushall()
