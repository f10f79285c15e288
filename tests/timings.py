"""What tests cost by room: `python -m tests.timings FILE`, a file that `pytest --timings=FILE` wrote.

Processor time is that of the test's process and of children that it waited for, in seconds.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path


def table(lines: list[str]) -> str:
    """Tests, seconds and processor seconds of each room as a Markdown table, the dearest first."""
    rooms: dict[str, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for line in lines:
        test = json.loads(line)
        path = Path(test["id"].split("::")[0])
        costs = (1, test["wall"], test["cpu"] + test["children"])
        for name in (path.parts[1] if len(path.parts) > 2 else "directly in tests", "all"):
            rooms[name] = [old + new for old, new in zip(rooms[name], costs, strict=True)]
    rows = [
        f"| {name} | {count:,.0f} | {wall:.0f} | {cpu:.0f} |"
        for name, (count, wall, cpu) in sorted(rooms.items(), key=lambda item: -item[1][2])
    ]
    return "\n".join(["| Room | Tests | Wall, s | CPU, s |", "|---|---|---|---|", *rows])


if __name__ == "__main__":
    print(table(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()))
