"""The client of a Tuning Site: one file beside your script; Python 3.9 or later, nothing to install.

A training run that reports live (Keras):

    model.fit(x, y, callbacks=[TuningSite("http://site", token="…", experiment="my runs")])

A loop that asks what to try (any framework):

    site = TuningSite("http://site", token="…", experiment="my search")
    for trial in site.trials():
        with trial:
            trial.tell(train(**trial.values))

Everything is sent by a thread in the background. A site that is away neither stops nor slows a
training: epochs are kept (up to 10,000 of each trial) and sent when it is back.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import random
import socket
import sys
import threading
import time
import traceback as tracebacks
import urllib.error
import urllib.request
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

__version__ = "1"
__all__ = ["Best", "Expected", "Refused", "Trial", "TuningSite", "Unreachable"]

KEPT_EPOCHS = 10_000  # of each trial, while the site is away
SENT_AT_ONCE = 200
KEPT_TRIALS = 200
HEARTBEAT_SECONDS = 30.0
GATHER_SECONDS = 0.5  # quick epochs are sent together
REQUEST_SECONDS = 10.0
SLOWEST_RETRY_SECONDS = (
    10.0  # below what the site waits after its start before it takes trials back
)
AWAY = frozenset({408, 425, 429, 500, 502, 503, 504})
GONE = "The script ended before its training did."


class Refused(RuntimeError):
    """The site refuses: the text says why and what fixes it. problems: {field: text}."""

    def __init__(self, status: int, text: str, problems: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.problems = status, dict(problems or {})


class Unreachable(ConnectionError):
    """The site did not answer for longer than `patience` seconds."""


class _Away(Exception):
    """No usable answer now; the same request may work later."""


class _Link:
    """Requests to one site, as JSON. Thread-safe: it keeps nothing between them."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/") + "/api/v1/"
        self.token = token

    def send(self, address: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Raises Refused; _Away where it should be tried again."""
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        request = urllib.request.Request(self.url + address, data=data)
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", "application/json")
        request.add_header("User-Agent", f"tuning-client/{__version__}")
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:
                found = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except (OSError, ValueError, EOFError) as error:
            raise _Away(str(error)) from None
        except Exception as error:  # http.client has errors of its own for answers cut short
            raise _Away(repr(error)) from None
        if not isinstance(found, dict):
            raise _Away("no response from a Tuning Site")
        return found


def _refusal(error: urllib.error.HTTPError) -> Exception:
    if error.code in AWAY:
        return _Away(f"HTTP {error.code}")
    try:
        found = json.loads(error.read())["error"]
        problems = {each["path"]: each["message"] for each in found.get("problems", ())}
        return Refused(error.code, str(found["message"]), problems)
    except (OSError, ValueError, KeyError, TypeError):
        return Refused(error.code, f"HTTP {error.code} from a server that isn't a Tuning Site.")


class _Line:
    """What is still to be sent of one trial."""

    def __init__(self, key: str = "", run: dict[str, Any] | None = None) -> None:
        self.key, self.run = key, run
        self.number: int | None = None
        self.epochs: deque[dict[str, Any]] = deque(maxlen=KEPT_EPOCHS)
        self.ending: dict[str, Any] | None = None
        self.sent = time.monotonic()
        self.stop = ""  # why the site wants it to end
        self.answer: dict[str, Any] | None = None
        self.refusal: Refused | None = None
        self.done = threading.Event()

    def close(self, ending: dict[str, Any]) -> None:
        """Say how it ended; the first word counts."""
        if self.ending is None:
            self.ending = ending

    def due(self, now: float) -> float:
        """Seconds until something of it should be sent; 0 = now."""
        if not self.key or self.ending is not None:
            return 0.0
        after = GATHER_SECONDS if self.epochs else HEARTBEAT_SECONDS
        return max(0.0, self.sent + after - now)


class _Outbox:
    """The thread that sends, and what waits for it."""

    def __init__(self, site: TuningSite) -> None:
        self.site = site
        self.lines: list[_Line] = []
        self.changed = threading.Condition()
        self.is_away = self.hurries = False
        self.thread: threading.Thread | None = None
        self.process = 0

    def add(self, line: _Line) -> _Line:
        """Send this trial from now on."""
        with self.changed:
            if len(self.lines) >= KEPT_TRIALS:
                dropped = self.lines.pop(0)
                dropped.done.set()
                self.site._warn(
                    "The site has been unreachable for long: the oldest trial is dropped."
                )
            self.lines.append(line)
        self.wake()
        return line

    def wake(self) -> None:
        """Something new waits; after a fork the thread is started anew."""
        with self.changed:
            if self.thread is None or not self.thread.is_alive() or self.process != os.getpid():
                self.process = os.getpid()
                self.thread = threading.Thread(target=self._run, name="tuning-site", daemon=True)
                self.thread.start()
            self.changed.notify_all()

    def flush(self, seconds: float) -> bool:
        """Wait until all that has ended is sent; whether it was."""
        until = time.monotonic() + seconds
        self.hurries = True
        try:
            return all(
                line.ending is None or line.done.wait(max(0.0, until - time.monotonic()))
                for line in list(self.lines)
            )
        finally:
            self.hurries = False

    def _run(self) -> None:
        failures = 0
        while True:
            with self.changed:
                now = time.monotonic()
                line = min(self.lines, key=lambda each: each.due(now), default=None)
                wait = HEARTBEAT_SECONDS if line is None else line.due(now)
                if line is None or wait > 0:
                    self.changed.wait(wait)
                    continue
            try:
                self._step(line)
                failures, self.is_away = 0, False
            except _Away as away:
                failures, self.is_away = failures + 1, True
                if failures == 3:
                    self.site._warn(
                        f"{self.site.url} does not answer ({away}). Training continues; reports are kept."
                    )
                delay = min(SLOWEST_RETRY_SECONDS, 0.25 * 2.0**failures)
                self._rest(delay * (0.5 + random.random() / 2))
            except Refused as refused:
                self._end(line, refused=refused)
            except Exception as error:  # a fault of ours must not end the thread of a training
                self._end(line, refused=Refused(0, f"The client failed: {error!r}"))

    def _rest(self, seconds: float) -> None:
        """Before it is tried again; not for long while somebody waits for the last words."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.hurries:
            time.sleep(0.1)
        if self.hurries:
            time.sleep(0.25)

    def _step(self, line: _Line) -> None:
        """Send the next thing of a line: that it began, its epochs or a heartbeat, its end."""
        if not line.key:
            self._join(line)
        elif line.epochs or line.ending is None:
            batch = [line.epochs[place] for place in range(min(SENT_AT_ONCE, len(line.epochs)))]
            reply = self.site._link.send(f"trials/{line.key}/report/", {"epochs": batch})
            last = batch[-1]["epoch"] if batch else 0
            while line.epochs and line.epochs[0]["epoch"] <= last:
                line.epochs.popleft()
            line.sent = time.monotonic()
            if reply.get("stop"):
                line.stop = str(reply.get("why") or "stop requested by the site.")
        else:
            answer = self.site._link.send(f"trials/{line.key}/tell/", line.ending)
            self._end(line, answer=answer)

    def _join(self, line: _Line) -> None:
        assert line.run is not None
        code = self.site._experiment()["experiment"]
        try:
            trial = self.site._link.send(f"experiments/{code}/runs/", line.run)["trial"]
        except Refused as refused:
            names = [path[7:] for path in refused.problems if path.startswith("values.")]
            if not any(line.run["values"].pop(name, None) is not None for name in names):
                raise
            self.site._warn(f"Left out of the values: {refused}")
            return
        line.key, line.number, line.sent = trial["key"], trial["number"], time.monotonic()
        self.site._say(f"trial {trial['number']}: {trial['page']}")

    def _end(self, line: _Line, *, answer: Any = None, refused: Refused | None = None) -> None:
        line.answer, line.refusal = answer, refused
        if refused is not None:
            if line.run is not None or refused.status in (404, 409):
                self.site._warn(f"{refused} This trial is no longer reported.")
            if refused.status == 409:
                line.stop = line.stop or str(refused)
        with self.changed:
            if line in self.lines:
                self.lines.remove(line)
        line.done.set()


class _Hooks:
    """What Keras calls on a callback; keras is never imported here. Versions 2 and 3 take it by its methods."""

    model: Any = None
    params: Mapping[str, Any] | None = None
    _supports_tf_logs = False
    _chief_worker_only = None

    def set_model(self, model: Any) -> None:
        self.model = model

    def set_params(self, params: Mapping[str, Any]) -> None:
        self.params = params

    def _implements_train_batch_hooks(self) -> bool:
        return False

    _implements_test_batch_hooks = _implements_train_batch_hooks
    _implements_predict_batch_hooks = _implements_train_batch_hooks

    def _nothing(self, *args: Any, **more: Any) -> None:
        """Other moments of a training."""

    _nothing._is_default = True  # type: ignore[attr-defined]  # so Keras need not wait for it after each batch

    on_train_begin = on_train_end = on_epoch_begin = on_epoch_end = _nothing
    on_batch_begin = on_batch_end = on_train_batch_begin = on_train_batch_end = _nothing
    on_test_begin = on_test_end = on_test_batch_begin = on_test_batch_end = _nothing
    on_predict_begin = on_predict_end = on_predict_batch_begin = on_predict_batch_end = _nothing


@dataclass(frozen=True)
class Expected:
    """What a trial is expected to score on new rows, with its 95 % interval.

    value, low, high: None where the site could not compute them; why: what is missing, as a sentence.
    """

    value: float | None
    low: float | None
    high: float | None
    why: str


@dataclass(frozen=True)
class Best:
    """The trial with the best search score, and its values.

    score: of the search, so too good: the best of its epochs and of all trials. expected: without that
    luck; None until the site names a winner.
    """

    number: int
    score: float
    expected: Expected | None
    values: dict[str, Any]


class TuningSite(_Hooks):
    """A site, and one experiment of it whose trials run elsewhere; also a Keras callback.

    experiment: its name, made if there is none, or its code. values: what this training tries; else
    they are read from the optimizer. objective: the metric that ranks trials; left out, the site takes
    it from the metrics. space, sampler, max_trials, …: of an experiment that is made now, as in the
    guide. worker: what this script is called; the same name after a crash gets its trial back.
    patience: seconds that `ask` and `tell` wait for a site that is away. flush_seconds: the longest
    that the end of a training waits for the last words to be sent. stop_on_request: whether people
    may stop the training from the site. Nothing that goes wrong here is raised into a training.
    """

    def __init__(  # noqa: PLR0913 all of it is named where it is used
        self,
        url: str,
        token: str | None = None,
        experiment: str = "My runs",
        *,
        values: Mapping[str, Any] | None = None,
        objective: str | None = None,
        direction: str | None = None,
        space: Mapping[str, Any] | None = None,
        worker: str | None = None,
        patience: float = 600.0,
        flush_seconds: float = 10.0,
        stop_on_request: bool = True,
        raise_failures: bool = False,
        verbose: bool = True,
        **plan: Any,
    ) -> None:
        self._settings = {
            name: value
            for name, value in locals().items()
            if name not in ("self", "plan", "__class__")
        }
        self._settings.update(plan)
        self.url, self.name = url.rstrip("/"), experiment
        self._link = _Link(url, token or os.environ.get("TUNING_SITE_TOKEN", ""))
        self._values = None if values is None else dict(values)
        plan.update(objective=objective, direction=direction, space=space)
        self._plan = {name: value for name, value in plan.items() if value is not None}
        self.worker = worker or f"{socket.gethostname()}-{os.getpid()}"[:120]
        self._instance = uuid.uuid4().hex
        self.patience, self.flush_seconds = patience, flush_seconds
        self.stop_on_request, self.raise_failures = stop_on_request, raise_failures
        self._verbose, self._warned = verbose, set()  # type: ignore[var-annotated]
        self._known: dict[str, Any] | None = None
        self._outbox = _Outbox(self)
        self._line: _Line | None = None  # of the training that this callback follows
        self._epoch_began = time.monotonic()
        atexit.register(self._leave)

    def __deepcopy__(self, memo: Any) -> TuningSite:
        """KerasTuner copies callbacks: each copy follows trainings of its own."""
        return TuningSite(**self._settings)

    def __reduce__(self) -> Any:
        return _made_again, (self._settings,)

    # --- a training that reports live -----------------------------------------------------------

    def on_train_begin(self, logs: Any = None) -> None:
        self._carefully(self._begin)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch_began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._carefully(lambda: self._epoch(epoch, logs or {}))

    def on_train_end(self, logs: Any = None) -> None:
        self._carefully(self._finish)

    def _begin(self) -> None:
        if self._line is not None:
            self._line.close(_failed("The training was interrupted."))
        _watch_errors()
        values = self._values if self._values is not None else _values_of(self.model, self.params)
        plain = {str(name): _plain(value) for name, value in values.items()}
        run = {"worker": self.worker, "run": uuid.uuid4().hex}
        self._line = self._outbox.add(_Line(run={**run, "values": plain}))

    def _epoch(self, epoch: int, logs: Mapping[str, Any]) -> None:
        line = self._line
        if line is None:
            return
        line.epochs.append(_epoch_of(epoch + 1, logs, time.monotonic() - self._epoch_began))
        self._outbox.wake()
        if line.stop and self.stop_on_request and self.model is not None:
            self.model.stop_training = True

    def _finish(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        line.close({"stopped": line.stop[:300]} if line.stop and self.stop_on_request else {})
        self._outbox.wake()
        if not self._outbox.is_away:  # else the end of the script waits for it, once
            line.done.wait(self.flush_seconds)

    def flush(self, seconds: float | None = None) -> bool:
        """Wait until all trainings that ended are told; whether they were."""
        return self._outbox.flush(self.flush_seconds if seconds is None else seconds)

    # --- a loop that asks what to try -----------------------------------------------------------

    def trials(self) -> Iterator[Trial]:
        """Trials until the search is over."""
        while True:
            trial = self.ask()
            if trial is None:
                return
            yield trial

    def ask(self, *, wait: bool = True) -> Trial | None:
        """The next trial; None when the search is over, or there is none now and `wait` is false.

        Raises: Refused; Unreachable after `patience` seconds without an answer.
        """
        who = {"worker": self.worker, "instance": self._instance}
        while True:
            address = f"experiments/{self._patiently(self._experiment)['experiment']}/ask/"
            found = self._patiently(partial(self._link.send, address, who))
            if "trial" in found:
                return Trial(self, found["trial"])
            if "ended" in found:
                self._say(f"no further trial: {found['ended']['why']}")
                return None
            if not wait:
                return None
            self._say(f"waits: {found['wait']['why']}", once=True)
            time.sleep(float(found["wait"]["seconds"]))

    def best(self) -> Best | None:
        """The trial with the best search score so far; None before one has a score.

        The experiment is made if there is none of that name.
        Asks the site each time. Raises Refused; Unreachable after `patience` seconds without an answer.
        """
        code = self._patiently(self._experiment)["experiment"]
        found = self._patiently(partial(self._link.send, f"experiments/{code}/"))["best"]
        return None if found is None else _best_of(found)

    # --- what both use ---------------------------------------------------------------------------

    @property
    def objective(self) -> str:
        """The metric that ranks trials."""
        return str(self._patiently(self._experiment)["objective"])

    def _experiment(self) -> dict[str, Any]:
        """The experiment as the site knows it, made if there is none of that name."""
        if self._known is None:
            if _is_code(self.name):
                self._known = self._link.send(f"experiments/{self.name}/")
            else:
                self._known = self._link.send("experiments/", {"name": self.name, **self._plan})
        return self._known

    def _patiently(self, request: Any) -> dict[str, Any]:
        """The answer, however often it has to be asked for. Raises Refused, Unreachable."""
        until, failures = time.monotonic() + self.patience, 0
        while True:
            try:
                found: dict[str, Any] = request()
                return found
            except _Away as away:
                failures += 1
                if time.monotonic() > until:
                    raise Unreachable(f"{self.url} did not answer: {away}") from None
                if failures == 3:
                    self._warn(f"{self.url} does not answer ({away}). It is asked again.")
                time.sleep(min(SLOWEST_RETRY_SECONDS, 0.25 * 2.0**failures))

    def _carefully(self, act: Any) -> None:
        """A fault of ours is told once and never raised into a training."""
        try:
            act()
        except Exception as error:
            self._warn(f"The client failed: {error!r}. Training continues without it.")

    def _leave(self) -> None:
        """The script ends: trainings that did not come to their end failed with it."""
        if self._outbox.process != os.getpid():
            return
        for line in list(self._outbox.lines):
            if line.run is None and line.ending is None:
                continue  # an asked trial waits for this name to come back, or for its silence to be noticed
            line.close(_failed(GONE, _last_error()))
        if self._outbox.lines:
            self._outbox.wake()
            if not self.flush():
                self._warn("The site is still unreachable: the end of a training was not sent.")

    def _say(self, text: str, *, once: bool = False) -> None:
        if self._verbose and not (once and text in self._warned):
            self._warned.add(text)
            sys.stderr.write(f"TuningSite: {text}\n")

    def _warn(self, text: str) -> None:
        """Each warning once."""
        if text not in self._warned:
            self._warned.add(text)
            sys.stderr.write(f"TuningSite: {text}\n")


class Trial:
    """One trial of a loop: `values` to try; `report` while it runs; `tell` at its end.

    As a context manager it tells what was raised inside as its failure, with the traceback, prints it,
    and goes on (`raise_failures=True` raises it). A block that ends without `tell` is scored by its curve.
    """

    def __init__(self, site: TuningSite, given: Mapping[str, Any]) -> None:
        self.site = site
        self.number: int = given["number"]
        self.values: dict[str, Any] = dict(given["values"])
        self.is_probe: bool = bool(given.get("is_probe"))
        self._line = site._outbox.add(_Line(key=given["key"]))
        self._reported = 0
        self._began = time.monotonic()

    def __repr__(self) -> str:
        return f"Trial({self.number}, {self.values})"

    @property
    def should_stop(self) -> str:
        """Why the site wants it to end; empty to go on."""
        return self._line.stop

    def report(self, epoch: int, metrics: Mapping[str, Any]) -> str:
        """The metrics after an epoch, counted from 1; sent in the background. Returns `should_stop`."""
        now = time.monotonic()
        self._line.epochs.append(_epoch_of(int(epoch), metrics, now - self._began))
        self._began, self._reported = now, self._reported + 1
        self.site._outbox.wake()
        return self._line.stop

    def tell(self, result: Any = None) -> dict[str, Any] | None:
        """The end: a score, or metrics by name, or nothing to have its curve scored.

        Returns what became of it; None where the trial had been taken away. Raises Unreachable;
        Refused where the metrics lack the objective: tell it again with it.
        """
        if result is None or isinstance(result, Mapping):
            metrics = _metrics(result or {})
        else:
            metrics = _metrics({self.site.objective: result})
        return self._end({"metrics": metrics} if metrics else {})

    def fail(self, message: str, traceback: str = "") -> dict[str, Any] | None:
        """It could not go on."""
        return self._end(_failed(message, traceback))

    def stop(self, why: str = "") -> dict[str, Any] | None:
        """It was ended before its time; its curve stays."""
        return self._end({"stopped": (why or self._line.stop or "stopped by its script.")[:300]})

    def callback(self) -> _Hooks:
        """A Keras callback that reports the epochs of this trial: fit(callbacks=[trial.callback()])."""
        return _TrialHooks(self)

    def _end(self, ending: dict[str, Any]) -> dict[str, Any] | None:
        line = self._line
        if line.done.is_set() or line.ending is not None:
            return line.answer
        line.close(ending)
        self.site._outbox.wake()
        if not line.done.wait(self.site.patience):
            raise Unreachable(f"{self.site.url} did not accept the end of trial {self.number}.")
        if line.refusal is not None and line.refusal.status not in (404, 409):
            refusal = line.refusal
            self._line = self.site._outbox.add(_Line(key=line.key))
            raise refusal
        return line.answer

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is None:
            if self._line.ending is None and not self._line.done.is_set():
                self.tell() if self._reported else self.fail("The script reported no score.")
            return False
        if not isinstance(error, Exception):
            self.stop(f"its script was terminated by {type(error).__name__}.")
            return False
        text = "".join(tracebacks.format_exception(type(error), error, trace))
        if isinstance(error, (Refused, Unreachable)):
            return False
        self.fail(_line_of(error), text)
        if not self.site.raise_failures:
            sys.stderr.write(text)
        return not self.site.raise_failures


class _TrialHooks(_Hooks):
    """Reports the epochs of an asked trial."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial

    def __deepcopy__(self, memo: Any) -> _TrialHooks:
        return _TrialHooks(self.trial)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.trial.site._carefully(lambda: self.trial.report(epoch + 1, logs or {}))
        if self.trial.should_stop and self.trial.site.stop_on_request and self.model is not None:
            self.model.stop_training = True


def _best_of(found: Mapping[str, Any]) -> Best:
    """From `best` of an experiment, as the API answers it."""
    stored, expected = found.get("expected"), None
    if stored is not None:
        expected = Expected(stored["value"], stored["low"], stored["high"], stored["why"])
    return Best(found["number"], found["score"], expected, found["values"])


def _made_again(settings: Mapping[str, Any]) -> TuningSite:
    return TuningSite(**settings)


def _failed(message: str, traceback: str = "") -> dict[str, Any]:
    return {"failed": {"message": message[:1000] or "failed", "traceback": traceback[-40_000:]}}


def _line_of(error: BaseException) -> str:
    return "".join(tracebacks.format_exception_only(type(error), error)).strip()[:1000]


def _epoch_of(epoch: int, metrics: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    return {"epoch": epoch, "metrics": _metrics(metrics), "seconds": round(max(0.0, seconds), 4)}


def _metrics(found: Mapping[str, Any]) -> dict[str, float | None]:
    """Numbers by name, None for what is none that JSON holds; what is no number at all is left out."""
    metrics: dict[str, float | None] = {}
    for name, value in found.items():
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        metrics[str(name)[:60]] = (
            number if math.isfinite(number) and abs(number) <= 1e100 else None
        )
    return metrics


def _plain(value: Any) -> Any:
    """A value as JSON has it: numpy's numbers too; a text of whatever else it is."""
    if isinstance(value, (bool, int, float, str)):
        return value[:200] if isinstance(value, str) else value
    item = getattr(value, "item", None)
    if item is not None and getattr(value, "size", 1) == 1:
        return _plain(item())
    return str(value)[:200]


def _values_of(model: Any, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """What can be read of a compiled Keras model: optimizer, learning rate, epochs."""
    found: dict[str, Any] = {}
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None:
        found["optimizer"] = type(optimizer).__name__
        try:
            # A float32 of Keras, written with the digits that somebody typed.
            found["learning_rate"] = float(f"{float(optimizer.learning_rate):.7g}")
        except (TypeError, ValueError, AttributeError):
            found["learning_rate"] = type(getattr(optimizer, "_learning_rate", None)).__name__
    if params and params.get("epochs"):
        found["epochs"] = int(params["epochs"])
    return found


def _is_code(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name.lower()
    except ValueError:
        return False


_errors: list[str] = []


def _watch_errors() -> None:
    """Remember what ends the script, for the trial that it ends with it."""
    if getattr(sys.excepthook, "_of_tuning_site", False):
        return
    before = sys.excepthook

    def remember(kind: Any, error: BaseException, trace: Any) -> None:
        _errors.append("".join(tracebacks.format_exception(kind, error, trace)))
        before(kind, error, trace)

    remember._of_tuning_site = True  # type: ignore[attr-defined]
    sys.excepthook = remember


def _last_error() -> str:
    return _errors[-1] if _errors else ""
