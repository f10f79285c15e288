"""docs/architecture.md names every room, in the order in which arrows may point down."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NOT_ROOMS = {"apps.py", "migrations", "templatetags"}  # Django looks for these by name
ROOM = re.compile(r"^( +)([a-z_]+)(/|\.py) +\S")


def named_rooms() -> list[str]:
    """Paths below experiments/ that the page lists, for instance `search/space` and `plan.py`."""
    block = PAGE.split("```\n")[1].split("experiments/\n", 1)[1]
    rooms: list[str] = []
    parents: list[str] = []
    for line in block.splitlines():
        found = ROOM.match(line)
        assert found, f"not a room with its words: {line!r}"
        depth = len(found[1]) // 2
        parents[depth - 1 :] = [found[2]]
        rooms.append("/".join(parents) + (".py" if found[3] == ".py" else ""))
    return rooms


def rooms_of_the_tree() -> set[str]:
    """Folders that hold modules, and the modules that lie directly in experiments/."""
    app = ROOT / "experiments"
    modules = [path.relative_to(app) for path in app.rglob("*.py")]
    kept = [path for path in modules if path.parts[0] not in NOT_ROOMS]
    folders = {parent.as_posix() for path in kept for parent in path.parents}
    single = {path.name for path in kept if len(path.parts) == 1 and path.name != "__init__.py"}
    return (folders - {"."}) | single


def test_the_page_names_every_room_and_no_other():
    named = named_rooms()
    assert len(named) == len(set(named))
    assert set(named) == rooms_of_the_tree()


def test_the_page_lists_rooms_in_the_order_of_the_floors():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    floors = next(each for each in contracts["contracts"] if each["type"] == "layers")["layers"]
    floor_of = {room: n for n, floor in enumerate(floors) for room in floor.split(" | ")}
    top = [room.removesuffix(".py") for room in named_rooms() if "/" not in room]
    assert set(top) == set(floor_of)
    assert [floor_of[room] for room in top] == sorted(floor_of[room] for room in top)
