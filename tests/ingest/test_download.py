"""Downloads against a server of this test: whole and checked, or nothing."""

import errno
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from experiments.ingest import download as module
from experiments.ingest.download import download
from experiments.ingest.download_sources import ORIGINS
from experiments.ingest.errors import DataRefused
from experiments.ingest.file_locations import Places
from tests.keras_files import expecting

CONTENT = bytes(range(256)) * 10_000  # 2.56 MB: three pieces


class Answers(BaseHTTPRequestHandler):
    """/whole, /short (breaks off), /long (more than it should), else 404."""

    def do_GET(self):
        if self.path == "/none":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if self.path == "/short":
            self.wfile.write(CONTENT[:1000])
        else:
            self.wfile.write(CONTENT)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def origin(url: str, **changes):
    return expecting(ORIGINS["mnist"][0], CONTENT, url=url, **changes)


def heard():
    seen = []
    return seen, lambda *told: seen.append(told)


def test_a_file_arrives_whole_and_tells_how_far_it_is(server, tmp_path):
    seen, tell = heard()
    target = tmp_path / "sources" / "mnist" / "mnist.npz"
    download(origin(f"{server}/whole"), target, tell)
    assert target.read_bytes() == CONTENT
    assert seen[0] == ("mnist.npz", 0, len(CONTENT))
    assert seen[-1] == ("mnist.npz", len(CONTENT), len(CONTENT))
    assert [path.name for path in target.parent.iterdir()] == ["mnist.npz"]


@pytest.mark.parametrize(
    ("path", "words"), [("/none", "returned 404"), ("/short", "an unexpected file")]
)
def test_nothing_half_written_is_left(server, tmp_path, path, words):
    with pytest.raises(DataRefused, match=words) as caught:
        download(origin(f"{server}{path}"), tmp_path / "own" / "mnist.npz", heard()[1])
    assert f"put the file at {tmp_path}/own/mnist.npz; its SHA-256 is" in str(caught.value)
    assert list((tmp_path / "own").iterdir()) == []


def test_other_content_than_expected_is_not_kept(server, tmp_path):
    wrong = expecting(ORIGINS["mnist"][0], b"something else", url=f"{server}/whole")
    with pytest.raises(DataRefused, match="sends more than"):
        download(wrong, tmp_path / "own" / "mnist.npz", heard()[1])
    assert list((tmp_path / "own").iterdir()) == []


def test_no_network_is_told_with_the_mend(tmp_path):
    with pytest.raises(DataRefused, match=r"can't be reached: .*put the file at"):
        download(
            origin("http://127.0.0.1:9/mnist.npz"), tmp_path / "own" / "mnist.npz", heard()[1]
        )


def test_a_full_disk_is_told(server, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_copy", full)
    with pytest.raises(DataRefused, match=r"No space for mnist\.npz"):
        download(origin(f"{server}/whole"), tmp_path / "own" / "mnist.npz", heard()[1])


def test_a_damaged_file_is_replaced_by_a_download(server, tmp_path, monkeypatch):
    monkeypatch.setitem(ORIGINS, "mnist", (origin(f"{server}/whole"),))
    places = Places(
        tmp_path, tmp_path, tmp_path / "keras", lambda o, target: download(o, target, heard()[1])
    )
    own = places.own_folder("mnist") / "mnist.npz"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"half")
    assert places.files("mnist") == [own]
    assert own.read_bytes() == CONTENT
