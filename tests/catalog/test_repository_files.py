"""A file of a repository and what it imports become one text that runs anywhere, as Python would run the file."""

import sys
import traceback
from importlib import import_module
from types import ModuleType

import pytest

from experiments.catalog.repository_files import TooManyFiles, composed, neighbours_of


def run(path, files):
    """The module of the composed text, as the child runs it."""
    neighbours = neighbours_of(path, files, files.__getitem__)
    text = composed(files[path], neighbours)
    module = ModuleType("trial_model")
    before, finders = set(sys.modules), list(sys.meta_path)
    try:
        exec(compile(text, "model.py", "exec"), module.__dict__)
    finally:
        sys.meta_path[:] = finders
        for name in set(sys.modules) - before:
            del sys.modules[name]
    return module, neighbours, text


def test_a_file_that_imports_nothing_of_its_repository_stays_as_it_is():
    files = {"net.py": "import math\nx = math.pi\n", "other.py": ""}
    assert run("net.py", files)[2] == files["net.py"]


def test_a_neighbour_is_imported_by_its_name():
    module, neighbours, text = run(
        "models/net.py",
        {"models/net.py": "from layers import width\n", "models/layers.py": "width = 8\n"},
    )
    assert module.width == 8 and neighbours.paths == ("models/layers.py",)
    assert "width = 8" in text.split("\n")  # a line of its own: a difference shows it


@pytest.mark.parametrize("top", ["", "src/"])
def test_a_package_is_imported_from_the_repositorys_top(top):
    files = {
        f"{top}nets/__init__.py": "from nets.sizes import SIZES\n",
        f"{top}nets/sizes.py": "from .parts import base\nSIZES = [base, base * 2]\n",
        f"{top}nets/parts/__init__.py": "base = 4\n",
        f"{top}nets/unused.py": "raise RuntimeError\n",
        "train/search.py": "import nets.sizes\nfrom nets import SIZES\nlast = nets.sizes.SIZES[-1]\n",
    }
    module, neighbours, _ = run("train/search.py", files)
    assert module.last == 8 and module.SIZES == [4, 8]
    assert f"{top}nets/unused.py" not in neighbours.paths and len(neighbours.paths) == 3


def test_relative_imports_begin_at_the_files_own_package():
    files = {
        "nets/__init__.py": "",
        "nets/deep/__init__.py": "",
        "nets/deep/net.py": "from ..sizes import size\nfrom . import shape\nfrom .shape import *\n",
        "nets/deep/shape.py": "__all__ = ['side']\nside = 3\n",
        "nets/sizes.py": "size = 5\n",
    }
    module, neighbours, _ = run("nets/deep/net.py", files)
    assert (module.size, module.side, module.shape.side) == (5, 3, 3)
    assert neighbours.package == "nets.deep"


def test_folders_without_an_init_and_imports_inside_of_functions_count():
    files = {
        "net.py": "def build():\n    from parts.inner import one\n    return one\n",
        "parts/inner.py": "one = 1\n",
    }
    _, neighbours, _ = run("net.py", files)
    assert set(neighbours.modules) == {"parts", "parts.inner"}


def test_circles_end():
    files = {"a.py": "import b\n", "b.py": "import c\nname = 'b'\n", "c.py": "import b\n"}
    assert run("a.py", files)[0].b.name == "b"


def test_the_first_words_of_a_file_stay_first():
    files = {
        "net.py": '"""A net.\n\nOf mine."""\nfrom __future__ import annotations\n\nfrom side import x\n\ny: Unknown = x\n',
        "side.py": "x = 1\n",
    }
    module, _, text = run("net.py", files)
    assert module.__doc__ == "A net.\n\nOf mine." and module.y == 1
    assert text.startswith('"""A net.')


@pytest.mark.parametrize(
    "text",
    [
        "x = '\\n\\\\'\n",
        "'''three'''\nx = '\\n\\\\'\n",
        "\"\"\"both\"\"\"\ny = '''three'''\nx = '\\n\\\\'\n",
        "'x'\nx = '\\n\\\\'",
        "# ends in a backslash \\\nx = '\\n\\\\'\n",
    ],
)
def test_every_text_travels_as_it_is(text):
    module, _, _ = run("net.py", {"net.py": "from side import x\n", "side.py": text})
    assert module.x == "\n\\"


def test_an_error_in_a_neighbour_names_its_file_and_line():
    files = {"net.py": "from side import f\n", "side.py": "def f():\n    return 1 / 0\n"}
    module, _, _ = run("net.py", files)
    with pytest.raises(ZeroDivisionError) as caught:
        module.f()
    told = "".join(traceback.format_exception(caught.value))
    assert 'File "side.py", line 2, in f\n    return 1 / 0' in told


def test_a_file_that_imports_a_whole_repository_is_refused():
    files = {f"m{n}.py": "" for n in range(61)}
    files["net.py"] = "".join(f"import m{n}\n" for n in range(61))
    with pytest.raises(TooManyFiles, match="more than 60 files"):
        neighbours_of("net.py", files, files.__getitem__)


# The names of packages that are installed here, of the standard library's, and of nobody's.
@pytest.mark.parametrize("name", ["numpy", "json", "sklearn"])
def test_a_folder_without_an_init_does_not_hide_what_is_installed(name):
    files = {"net.py": f"import {name}\n", f"{name}/config.py": "", f"{name}/more/deep.py": ""}
    module, neighbours, _ = run("net.py", files)
    assert neighbours.modules == {} and vars(module)[name].__file__.endswith("__init__.py")


@pytest.mark.parametrize("name", ["tests", "benchmarks", "docs"])
def test_nor_do_folders_of_this_site_hide_those_of_a_repository(name):
    files = {"net.py": f"from {name}.sizes import size\n", f"{name}/sizes.py": "size = 3\n"}
    assert neighbours_of("net.py", files, files.__getitem__).paths == (f"{name}/sizes.py",)


def test_a_package_of_the_repository_comes_before_a_folder_of_its_name():
    files = {
        "train/search.py": "from nets import size\n",
        "train/nets/notes.py": "",
        "nets/__init__.py": "size = 4\n",
    }
    module, neighbours, _ = run("train/search.py", files)
    assert module.size == 4 and neighbours.paths == ("nets/__init__.py",)


def test_folders_of_one_name_are_one_namespace():
    files = {
        "train/search.py": "from parts.near import near\nfrom parts.far import far\n",
        "train/parts/near.py": "near = 1\n",
        "parts/far.py": "far = 2\n",
    }
    module, _, _ = run("train/search.py", files)
    assert (module.near, module.far) == (1, 2)


@pytest.mark.parametrize("place", ["", "a/", "a/b/", "src/"])
def test_the_standard_library_is_hidden_by_the_files_own_folder_alone(place):
    files = {"a/b/net.py": "import random, colorsys\n", f"{place}colorsys.py": "x = 1\n"}
    own = place == "a/b/"
    assert neighbours_of("a/b/net.py", files, files.__getitem__).paths == (
        ("a/b/colorsys.py",) if own else ()
    )


def test_what_is_built_into_python_is_hidden_by_nothing():
    files = {"net.py": "import time, sys\n", "time.py": "", "sys.py": ""}
    assert neighbours_of("net.py", files, files.__getitem__).paths == ()


def test_a_folder_between_gives_what_nothing_else_has():
    files = {
        "project/train/search.py": "import numpy, sizes\n",
        "project/sizes.py": "",
        "project/numpy.py": "raise RuntimeError\n",
    }
    found = neighbours_of("project/train/search.py", files, files.__getitem__)
    assert found.paths == ("project/sizes.py",)


def test_what_only_a_type_checker_or_a_program_imports_stays_away():
    files = {
        "net.py": "import typing\nif typing.TYPE_CHECKING:\n    import kinds\nimport side\n",
        "side.py": 'if __name__ == "__main__":\n    import shell\nelse:\n    import other\n',
        "kinds.py": "",
        "shell.py": "",
        "other.py": "",
    }
    assert neighbours_of("net.py", files, files.__getitem__).paths == ("other.py", "side.py")


def test_a_program_that_was_chosen_brings_what_it_imports_as_one():
    files = {"net.py": 'if __name__ == "__main__":\n    import shell\n', "shell.py": ""}
    assert neighbours_of("net.py", files, files.__getitem__).paths == ("shell.py",)


# Of packages that are installed, of the standard library, and of this site: its child has loaded them.
@pytest.mark.parametrize(
    ("name", "part"), [("numpy", "linalg"), ("json", "decoder"), ("experiments", "catalog")]
)
@pytest.mark.parametrize("has_init", [True, False])
def test_a_relative_import_inside_a_folder_named_as_something_installed_is_the_repositorys(
    name, part, has_init
):
    files = {
        f"{name}/net.py": f"import {name}\nfrom .{part} import width\nfrom . import {part}\n",
        f"{name}/{part}.py": "from .sizes import width\n",
        f"{name}/sizes.py": "width = 8\n",
    }
    if has_init:
        files[f"{name}/__init__.py"] = ""
    installed = import_module(f"{name}.{part}")
    module, neighbours, _ = run(f"{name}/net.py", files)
    assert module.width == vars(module)[part].width == 8
    assert set(neighbours.paths) == set(files) - {f"{name}/net.py"}
    assert vars(module)[name].__file__ == import_module(name).__file__
    assert import_module(f"{name}.{part}") is installed
