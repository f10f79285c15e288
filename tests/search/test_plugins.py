"""Samplers and pruners of one's own: what is found, what is refused and how, and the guide's examples."""

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from experiments.search import plugins
from experiments.search.declarations import declared
from experiments.search.plugins import PluginError, read_file
from experiments.search.pruner_rules import PRUNER_RULES
from experiments.search.sampler_rules import SAMPLER_RULES
from experiments.search.strategies import registry
from experiments.search.strategies.registry import PRUNERS, SAMPLERS, UnknownStrategy, add_plugins

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "plugins.md"
_, SAMPLER, PRUNER, _ = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    """A folder for plugins; what is in it leaves the registry with the test."""
    yield tmp_path
    add_plugins(tmp_path / "nothing")
    assert registry.OWN == [] and registry.TROUBLES == []


def put(folder, text, name="mine.py"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_guides_examples_keep_the_rules(folder):
    sampler = read_file(put(folder, SAMPLER)).kind()
    assert [words for words, rule in SAMPLER_RULES if not rule(sampler)] == []
    pruner = read_file(put(folder, PRUNER, "other.py")).kind()
    assert [words for words, rule in PRUNER_RULES if not rule(pruner)] == []


def test_a_dropped_file_is_registered_with_its_options_and_leaves_again(folder):
    path = put(folder, SAMPLER)
    put(folder, PRUNER, "pruner.py")
    assert add_plugins(folder) == ()
    assert [o.name for o in declared(SAMPLERS["near_the_best"])] == ["drawn"]
    assert registry.make_sampler("near_the_best", {"drawn": 3}).drawn == 3
    assert "no_numbers" in PRUNERS
    path.unlink()
    add_plugins(folder)
    assert "near_the_best" not in SAMPLERS and "no_numbers" in PRUNERS
    with pytest.raises(UnknownStrategy, match="PLUGINS_DIR"):
        registry.make_sampler("near_the_best", {})


def test_an_installed_package_brings_one(folder, monkeypatch):
    module = put(folder, SAMPLER, "of_a_package.py")
    monkeypatch.syspath_prepend(str(folder))
    point = EntryPoint("near", f"{module.stem}:NearTheBest", "tuning_site.samplers")
    broken = EntryPoint("gone", "no_such_package:Thing", "tuning_site.samplers")
    found = {"tuning_site.samplers": [point, broken]}
    monkeypatch.setattr(plugins, "entry_points", lambda group: found.get(group, []))
    troubles = add_plugins(folder / "nothing")
    assert SAMPLERS["near_the_best"].label == "Near the best"
    assert [trouble.source for trouble in troubles] == ["no_such_package:Thing"]
    assert "ModuleNotFoundError" in troubles[0].sentence
    monkeypatch.undo()


BARE = SAMPLER.partition("    drawn: int")[0]
REFUSED = {
    "broken": ("def (:", "Can't be loaded"),
    "empty": ("", "exactly one"),
    "two": (SAMPLER + PRUNER, "Has 2"),
    "raises": ("raise RuntimeError('no')", "RuntimeError: no"),
    "exits": ("import sys\nsys.exit(3)", "SystemExit"),
    "missing": ("import no_such_thing", "no_such_thing"),
    "heavy": ("def f():\n    import tensorflow.keras\n" + SAMPLER, "Imports tensorflow.keras"),
    "keras": ("from keras import layers\n" + SAMPLER, "Imports keras"),
    "taken": (SAMPLER.replace('"near_the_best"', '"random"'), "already used"),
    "slug": (SAMPLER.replace('"near_the_best"', '"Near 1"'), "slug"),
    "words": (SAMPLER.replace('label = "Near the best"', 'label = ""'), "label"),
    "lacking": (SAMPLER.replace("def problems", "def other"), "Missing: problems"),
    "mutable": (SAMPLER.replace("@dataclass(frozen=True)", "@dataclass"), "frozen"),
    "plain": (SAMPLER.replace("@dataclass(frozen=True)\n", ""), "frozen"),
    "option": (re.sub(r"option\(.*?\)", "8", SAMPLER, flags=re.DOTALL), "drawn"),
    "float": (SAMPLER.replace("        8, label", "        0.5, label"), "drawn"),
    "limits": (SAMPLER.replace("lowest=1", "smallest=1"), "options can't be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cant_be_used_is_one_sentence_and_nothing_else(folder, name):
    text, words = REFUSED[name]
    put(folder, text)
    before = dict(SAMPLERS)
    (trouble,) = add_plugins(folder)
    assert trouble.source == "mine.py" and words in trouble.sentence
    assert "\n" not in trouble.sentence and trouble.sentence.endswith(".")
    assert before == SAMPLERS


def test_bytes_and_a_folder_that_are_no_python_are_told(folder):
    (folder / "mine.py").write_bytes(b"\xff\x00")
    (folder / "dir.py").mkdir()
    put(folder, "raise SystemExit", "_left_alone.py")
    put(folder, "not python", "notes.txt")
    assert [trouble.source for trouble in add_plugins(folder)] == ["dir.py", "mine.py"]


def test_the_command_tells_each_rule_and_fails_on_a_broken_one(folder, capsys):
    call_command("check_strategy", str(put(folder, SAMPLER)))
    assert capsys.readouterr().out.count("ok ") == len(SAMPLER_RULES)
    forgetful = SAMPLER.replace("not in seen", "is not None")
    with pytest.raises(SystemExit):
        call_command("check_strategy", str(put(folder, forgetful)))
    out = capsys.readouterr().out
    assert (
        "BROKEN  never suggests a configuration twice" in out and "ok      gives a reason" in out
    )
    raising = SAMPLER.replace("best = history.best", "raise OSError('away')")
    with pytest.raises(SystemExit):
        call_command("check_strategy", str(put(folder, raising)))
    assert "(OSError: away)" in capsys.readouterr().out
    with pytest.raises(CommandError, match="can't be used"):
        call_command("check_strategy", str(put(folder, "")))


def test_reading_twice_gives_the_file_as_it_is_now(folder):
    put(folder, SAMPLER)
    read_file(folder / "mine.py")
    put(folder, SAMPLER.replace("Near the best", "Nearer"))
    assert read_file(folder / "mine.py").kind.label == "Nearer"
    with pytest.raises(PluginError):
        read_file(folder / "none.py")
