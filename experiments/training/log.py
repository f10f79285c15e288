"""Output of a child as LogLine messages, truncated in the middle."""

from collections import deque

from experiments.training.messages import LogLine

HEAD_LIMIT = 2_000_000  # characters that pass as they come
TAIL_LIMIT = 200_000  # characters kept of what comes after
LINE_LIMIT = 4_000


class LogLines:
    """Bytes in, messages out; the owner says which execution is under way."""

    def __init__(self) -> None:
        self.execution = 0
        self._rest = b""
        self._passed = 0
        self._left_out = 0
        self._tail: deque[LogLine] = deque()
        self._tail_length = 0

    def feed(self, data: bytes) -> list[LogLine]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        while len(self._rest) > LINE_LIMIT:
            whole.append(self._rest[:LINE_LIMIT])
            self._rest = self._rest[LINE_LIMIT:]
        return [line for raw in whole for line in self._admit(raw)]

    def close(self) -> list[LogLine]:
        """Return what is left at the end: a last unfinished line, and the tail behind a gap."""
        lines = self._admit(self._rest) if self._rest else []
        self._rest = b""
        if self._left_out:
            words = f"[… {self._left_out} characters omitted …]"
            lines.append(LogLine(self.execution, words))
        lines += self._tail
        self._tail.clear()
        self._left_out = self._tail_length = 0
        return lines

    def _admit(self, raw: bytes) -> list[LogLine]:
        text = raw.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
        pieces = [text[i : i + LINE_LIMIT] for i in range(0, len(text), LINE_LIMIT)] or [""]
        lines = [LogLine(self.execution, piece.rstrip("\r")) for piece in pieces]
        passed = []
        for line in lines:
            length = len(line.text) + 1
            if self._passed + length <= HEAD_LIMIT:
                self._passed += length
                passed.append(line)
            else:
                self._keep_in_tail(line, length)
        return passed

    def _keep_in_tail(self, line: LogLine, length: int) -> None:
        self._passed = HEAD_LIMIT  # once something is left out, all later lines go to the tail
        self._tail.append(line)
        self._tail_length += length
        while self._tail_length > TAIL_LIMIT:
            lost = len(self._tail.popleft().text) + 1
            self._tail_length -= lost
            self._left_out += lost
