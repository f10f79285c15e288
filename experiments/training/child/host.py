"""Program: the training host, which imports TensorFlow once and forks a child per order.

`python -m experiments.training.child.host <descriptor of the control socket>
[--die-with-parent] [--uid, limits: in a sandbox]`. It takes TrialOrder frames, each with the child's socket and the write end of
its log, and sends ChildForked and ChildExited. It ends with the worker, and ends its children.
"""

import ctypes
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from experiments.training import frames
from experiments.training.child import confinement
from experiments.training.messages import (
    ChildExited,
    ChildForked,
    HostReady,
    Order,
)

PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


RunChild = Callable[[Order, socket.socket, int], NoReturn]


class Host:
    """Serves one worker over its control socket until that closes."""

    def __init__(
        self, control: socket.socket, run_child: Callable[..., None], *, confined: bool = False
    ) -> None:
        """`run_child(order, socket, log)` runs in the forked child and never returns to here.

        confined: it is the first process of a sandbox.
        """
        self._confined = confined
        self._control = control
        self._run_child = run_child
        self._tokens: dict[int, str] = {}
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)

    def serve(self) -> None:
        """Take orders and report ends until the worker is gone."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        try:
            while True:
                control = self._control.fileno()
                ready, _, _ = select.select([control, self._wake_read], [], [])
                if self._wake_read in ready:
                    os.read(self._wake_read, 4096)
                    self._report_exits()
                if control in ready:
                    self._take_order()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._kill_everything()

    def _take_order(self) -> None:
        message, descriptors = frames.receive_with_descriptors(self._control, 2)
        if not isinstance(message, Order) or len(descriptors) != 2:
            raise EOFError(f"expected an order; got {type(message).__name__}")
        pid = os.fork()
        if pid == 0:
            self._become_child(message, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._tokens[pid] = message.token
        frames.send(self._control, ChildForked(message.token, pid))

    def _become_child(self, order: Order, descriptors: list[int]) -> None:
        host = os.getppid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        if self._confined:
            confinement.become_ordinary()
        os.setsid()
        die_with_parent(host)
        self._control.close()
        os.close(self._wake_read)
        os.close(self._wake_write)
        try:
            self._run_child(order, socket.socket(fileno=descriptors[0]), descriptors[1])
        # run_child ends the process itself. Its own mistakes must not unwind into the host's loop.
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(70)

    def _report_exits(self) -> None:
        while True:
            try:
                # Not reaped yet, so that its process group can be killed under its own number.
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            if found.si_pid in self._tokens:
                _kill_group(found.si_pid)
            _, status = os.waitpid(found.si_pid, 0)
            token = self._tokens.pop(found.si_pid, None)
            if token is None:
                continue  # a stray process that a child left behind
            if not self._tokens:
                self._clear_up()
            code = os.waitstatus_to_exitcode(status)
            frames.send(self._control, ChildExited(token, found.si_pid, code))

    def _clear_up(self) -> None:
        confinement.clear_up() if self._confined else _kill_strays()

    def _kill_everything(self) -> None:
        for pid in self._tokens:
            _kill_group(pid)
        for pid in self._tokens:
            os.waitpid(pid, 0)
        self._tokens.clear()
        self._clear_up()


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent thread ends."""
    _libc.prctl(confinement.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went away before the kernel knew
        os._exit(1)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it died before its own setsid


def _kill_strays() -> None:
    """Kill processes that outlived their trial by leaving its group; they are our children now."""
    while strays := Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        for pid in map(int, strays):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _leave_when_worker_goes(control: socket.socket, ready: threading.Event) -> None:
    """End the program when the worker closes while TensorFlow is still being imported."""
    poll = select.poll()
    poll.register(control, select.POLLRDHUP)
    while not ready.is_set():
        if poll.poll(200):
            os._exit(1)


def load_training() -> RunChild:
    """Import TensorFlow and all that a trial needs."""
    from experiments.training.child import preload

    preload.load()
    from experiments.training.child.process import run_child

    return run_child


def main(load: Callable[[], RunChild] = load_training) -> None:
    """Import what children need, say so, and serve."""
    started = time.monotonic()
    settings = confinement.options().parse_args()
    control = socket.socket(fileno=settings.control)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if settings.die_with_parent:
        die_with_parent(settings.die_with_parent)
    confined = settings.uid is not None
    if confined:
        confinement.confine(settings)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    ready = threading.Event()
    # A daemon: when TensorFlow can't be imported, the program must end, with its last words printed.
    watcher = threading.Thread(target=_leave_when_worker_goes, args=(control, ready), daemon=True)
    watcher.start()
    run_child = load()
    ready.set()
    watcher.join()  # no thread of ours may be there when it forks
    frames.send(control, HostReady(os.getpid(), time.monotonic() - started))
    Host(control, run_child, confined=confined).serve()


if __name__ == "__main__":
    main()
