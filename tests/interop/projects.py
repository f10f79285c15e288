"""KerasTuner projects that real releases wrote, and what each of them holds."""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "keras_tuner_projects"
NAMES = sorted(path.stem for path in (FOLDER / "expected").glob("*.json"))


def expected(name):
    return json.loads((FOLDER / "expected" / f"{name}.json").read_text())


def files(name):
    folder = FOLDER / name
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.json")
    }


def changed(name, path, change):
    """The files of a project, one of them edited by `change` as JSON."""
    found = files(name)
    source = json.loads(found[path])
    change(source)
    return found | {path: json.dumps(source).encode()}
