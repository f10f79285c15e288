"""Pages that stay open are told what happens, as long as their viewers may look."""

import time
from contextlib import closing

import pytest

from experiments.stack.open_pages.hub import MOST_OF_A_SESSION, TICK_SECONDS
from tests.stack.open_pages.web import THREADS


def is_full(web, session, follow):
    page = follow(session)
    page.close()
    return page.status == 503


def test_a_page_is_told_at_once_what_it_lacks_and_then_what_happens(web, follow):
    page = follow(web.told["sessions"][0])
    assert page.answer.headers["Content-Type"] == "text/event-stream"
    assert "no-store" in page.answer.headers["Cache-Control"]
    first, cursor = page.news()
    assert first["trials"]["n"] == 5
    assert "cursor" not in first
    web.add_epoch()
    second, later = page.news()
    assert (second["trials"]["n"], second["trials"]["own"]["number"]) == (1, [4])
    assert later != cursor
    again = follow(web.told["sessions"][0], cursor=later)
    assert again.event() == {"": ""}  # a comment: it is up to date
    web.add_epoch()
    assert again.news()[0]["trials"]["n"] == 1
    assert "Traceback" not in web.site.said()


def test_what_a_report_repeats_is_not_sent_again(web, follow):
    page = follow(web.told["sessions"][1])
    page.news()
    web.add_epoch()
    page.news()
    before = page.bytes
    web.add_epoch()
    report, _ = page.news()
    assert report["experiment"]["counts"]["running"] == 1
    assert page.bytes - before < 300


def test_a_page_that_takes_no_compression_is_told_as_well(web, follow):
    page = follow(web.told["sessions"][1], compressed=False)
    assert page.answer.headers["Content-Encoding"] is None
    assert page.news()[0]["trials"]["n"] == 5


def test_silence_is_told_from_a_lost_link(web, follow):
    page = follow(web.told["sessions"][2])
    page.news()
    event = page.event()
    assert event == {"event": " beat", "data": ""}


@pytest.mark.thorough  # it waits until the hub has nothing to do
def test_a_page_that_comes_after_a_time_without_pages_stays(web, follow):
    page = follow(web.told["sessions"][2])
    page.news()
    with closing(web.connect()) as other:  # as a worker's: the database's file stays open
        other.cursor().execute("select count(*) from experiments_trial")
        other.rollback()
        assert page.event() == {"event": " beat", "data": ""}
        page.close()
        time.sleep(5 * TICK_SECONDS)  # the hub notices, and closes its connection to the database
        web.add_epoch()
        page = follow(web.told["sessions"][2])
        page.news()
        assert page.event() == {"event": " beat", "data": ""}


def test_a_page_that_speaks_is_let_go(web, follow):
    page = follow(web.told["sessions"][2])
    page.news()
    page.connection.sock.sendall(b"GET / HTTP/1.1\r\n")
    assert page.event() is None


def test_a_database_that_does_not_answer_lets_pages_go_until_it_does(web, follow):
    page = follow(web.told["sessions"][2])
    page.news()
    web.write("alter table experiments_experiment rename to experiments_away")
    assert page.event() is None
    web.write("alter table experiments_away rename to experiments_experiment")
    page = follow(web.told["sessions"][2])
    page.news()
    web.add_epoch()
    assert page.news()[0]["trials"]["n"] == 1


def test_open_pages_hold_no_thread_and_leave_a_browser_its_connections(web, follow):
    pages = [
        follow(session) for session in web.told["sessions"][3:] for _ in range(MOST_OF_A_SESSION)
    ]
    assert len(pages) > 2 * THREADS
    assert {page.status for page in pages} == {200}
    assert [page.news()[0]["trials"]["n"] for page in pages] == [5] * len(pages)
    web.site.wait(
        "one more is refused", lambda: is_full(web, web.told["sessions"][3], follow), seconds=5
    )
    assert web.site.get("/healthz") == 200
    web.add_epoch()
    assert [page.news()[0]["trials"]["n"] for page in pages] == [1] * len(pages)
    for page in pages:
        page.close()
    web.site.wait(
        "there is room again",
        lambda: not is_full(web, web.told["sessions"][3], follow),
        seconds=10,
    )


def test_a_stranger_gets_nothing(web, follow):
    page = follow(web.told["stranger"], compressed=False)
    assert page.status == 404
    assert follow("nobody", compressed=False).status == 302


def test_who_leaves_the_project_is_told_nothing_more(web, follow):
    page = follow(web.told["leaver"])
    page.news()
    web.write("delete from experiments_membership where user_id = %s", web.told["leaver_pk"])
    web.add_epoch()
    assert page.news() is None


def test_a_session_that_ends_closes_its_pages(web, follow):
    session = web.told["sessions"][1]
    page = follow(session)
    page.news()
    web.write("delete from django_session where session_key = %s", session)
    web.add_epoch()
    assert page.news() is None
