"""The server with a handlers that is told what to say: waiting, waking, refusing."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from experiments.chief.refusals import UPGRADE, Refused
from experiments.chief.server import Server
from experiments.interop.keras_tuner.proto import SERVICE, message
from tests.chief.calling import Client, serving


class Trouble(Exception):
    pass


def trial(status, trial_id=""):
    return message("TrialMessage", trial=message("Trial", trial_id=trial_id, status=status))


RUNNING, IDLE = 1, 2


class Handlers:
    """Gives `given` one after another; counts who asked."""

    trouble = (Trouble,)

    def __init__(self, *given):
        self.given = list(given)
        self.peers = []
        self.asked = threading.Event()
        self.ended = threading.Event()

    def close_broken_connections(self):
        pass

    def get_space(self, peer):
        self.peers.append(peer)
        return message("SpaceMessage")

    def update_space(self, hyperparameters, peer):
        return message("Nothing")

    def create_trial(self, tuner_id, peer):
        self.peers.append(peer)
        self.asked.set()
        if self.ended.is_set():
            return trial(RUNNING, "after")
        found = self.given.pop(0) if self.given else None
        if isinstance(found, Exception):
            raise found
        return found

    def idle_trial(self):
        return trial(IDLE)

    def update_trial(self, request, peer):
        return trial(RUNNING, request.trial_id)

    def end_trial(self, trial, peer):
        self.ended.set()
        return message("Nothing")

    def get_trial(self, trial_id, peer):
        raise Refused("unknown trial", f"There is no trial {trial_id}.")

    def get_best_trials(self, count, peer):
        raise KeyError("a mistake of ours")


@pytest.fixture
def clients():
    made = []

    def make(port):
        made.append(Client(port))
        return made[-1]

    yield make
    for client in made:
        client.close()


def status_of(call):
    with pytest.raises(grpc.RpcError) as refused:
        call.result()
    return refused.value.code(), refused.value.details()


def test_a_trial_is_handed_out_at_once(clients):
    with serving(Handlers(trial(RUNNING, "a"))) as port:
        assert clients(port).call("CreateTrial", tuner_id="x").trial.trial_id == "a"


def test_a_call_that_waits_is_woken_by_a_trial_that_ends(clients):
    handlers = Handlers()
    with serving(handlers) as port:
        waiting = clients(port).begin("CreateTrial", tuner_id="x")
        assert handlers.asked.wait(20)
        clients(port).call("EndTrial", trial=message("Trial", trial_id="a"))
        assert b"after" in waiting.result()


def test_a_call_that_waited_long_enough_is_told_to_ask_again(clients):
    with serving(Handlers(), hold_seconds=0.2) as port:
        assert clients(port).call("CreateTrial", tuner_id="x").trial.status == IDLE


def test_more_scripts_wait_than_there_are_threads_and_nobody_is_blocked(clients):
    with serving(Handlers()) as port:
        waiting = [clients(port).begin("CreateTrial", tuner_id=f"{n}") for n in range(40)]
        assert clients(port).call("UpdateTrial", trial_id="b").trial.trial_id == "b"
        assert not any(each.done() for each in waiting)
        clients(port).call("EndTrial", trial=message("Trial", trial_id="b"))
        assert all(b"after" in each.result() for each in waiting)


def test_trouble_of_our_own_is_waited_for(clients):
    handlers = Handlers(Trouble("the database restarts"), trial(RUNNING, "a"))
    with serving(handlers) as port:
        assert clients(port).call("CreateTrial", tuner_id="x").trial.trial_id == "a"
    assert len(handlers.peers) == 2


def test_each_connection_is_told_from_the_others(clients):
    handlers = Handlers()
    with serving(handlers) as port:
        one, other = clients(port), clients(port)
        for client in (one, other, one):
            client.call("GetSpace")
    assert handlers.peers[0] == handlers.peers[2] != handlers.peers[1]


def test_an_unknown_trial_is_not_found(clients):
    with serving(Handlers()) as port:
        code, words = status_of(clients(port).begin("GetTrial", trial_id="zz"))
    assert (code, words) == (grpc.StatusCode.NOT_FOUND, "There is no trial zz.")


def test_a_mistake_of_ours_is_told_without_its_insides(clients):
    with serving(Handlers()) as port:
        code, words = status_of(clients(port).begin("GetBestTrials", num_trials=1))
    assert code == grpc.StatusCode.INTERNAL
    assert "start the script again" in words
    assert "mistake" not in words


@pytest.mark.parametrize("trial_id", [b"0" * 32, b"ab" * 16, b"0"])
def test_the_end_of_a_trial_as_old_clients_tell_it_asks_for_an_upgrade(clients, trial_id):
    # Up to 1.1: 1 trial_id: string, 2 status: string.
    content = bytes([0x0A, len(trial_id)]) + trial_id + b"\x12\x09COMPLETED"
    with serving(Handlers()) as port:
        answer = status_of(clients(port).raw(f"/{SERVICE}/EndTrial", content))
    assert answer == (grpc.StatusCode.UNIMPLEMENTED, UPGRADE)


def test_the_package_name_of_the_oldest_clients_asks_for_an_upgrade(clients):
    with serving(Handlers()) as port:
        answer = status_of(clients(port).raw("/kerastuner.Oracle/CreateTrial", b""))
    assert answer == (grpc.StatusCode.UNIMPLEMENTED, UPGRADE)


@pytest.mark.parametrize("path", ["/keras_tuner.Oracle/Other", "/other.Service/GetSpace"])
def test_what_is_no_call_of_kerastuner_is_unimplemented(clients, path):
    with serving(Handlers()) as port:
        assert status_of(clients(port).raw(path, b""))[0] == grpc.StatusCode.UNIMPLEMENTED


def test_bytes_that_are_no_message_are_refused(clients):
    with serving(Handlers()) as port:
        code, _ = status_of(clients(port).raw(f"/{SERVICE}/CreateTrial", b"\x0a\xff"))
    assert code == grpc.StatusCode.INVALID_ARGUMENT


def test_a_second_server_does_not_share_the_port():
    async def second(port):
        server = Server(Handlers())
        with pytest.raises(RuntimeError):
            await server.start(f"127.0.0.1:{port}")
        await server.stop()

    # In a thread of its own: where a browser is open, this one's loop runs already.
    with serving(Handlers()) as port, ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, second(port)).result()


def test_who_waits_when_the_server_leaves_is_told_to_ask_again(clients):
    handlers = Handlers()
    with serving(handlers) as port:
        waiting = clients(port).begin("CreateTrial", tuner_id="x")
        assert handlers.asked.wait(20)
    assert waiting.result() == trial(IDLE).SerializeToString()
