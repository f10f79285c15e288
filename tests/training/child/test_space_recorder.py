"""What a reading finds, and what it says where it could not try everything."""

from experiments.training.child.space_recorder import MOST_BUILDS, explore


def found(build):
    asked, notes = explore(build)
    return {each.name: each.conditions for each in asked}, notes


def test_a_plain_if_and_a_loop_give_conditions():
    def build(hp):
        for index in range(hp.Int("layers", 1, 3)):
            hp.Int(f"units_{index}", 8, 16)
        if hp.Boolean("drop"):
            hp.Float("rate", 0.1, 0.5)

    rows, notes = found(build)
    assert rows["units_0"] == []
    assert rows["units_2"] == [("layers", [3])]
    assert rows["rate"] == [("drop", [True])]
    assert notes == []


def test_choices_beyond_those_that_are_tried_count_as_asked_for():
    kinds = [f"kind_{index}" for index in range(20)]

    def build(hp):
        if hp.Choice("kind", kinds) in ("kind_1", "kind_19"):
            hp.Int("units", 8, 16)

    rows, notes = found(build)
    assert rows["units"] == [("kind", ["kind_1", *kinds[12:]])]
    assert "kind" in notes[0] and "12 values were tried" in notes[0]


def test_a_long_range_is_tried_at_its_ends_and_says_so():
    def build(hp):
        for index in range(hp.Int("layers", 1, 30)):
            if index > 28:
                hp.Int("last", 8, 16)
        if hp.Int("width", 1, 5000) > 4000:
            hp.Int("wide", 8, 16)

    rows, notes = found(build)
    assert rows["last"] == [("layers", list(range(2, 31)))]
    assert rows["wide"] == []
    assert len(notes) == 2 and "layers" in notes[0] and "width" in notes[1]


def test_a_reading_that_ends_early_says_what_it_did_not_try():
    def build(hp):
        chosen = [hp.Choice(f"kind_{index}", list("abcdefgh")) for index in range(12)]
        if chosen[0] == "c":
            hp.Int("early", 1, 4)
        if chosen[7] == "h":
            hp.Int("late", 1, 4)

    builds = []
    rows, notes = found(lambda hp: (builds.append(1), build(hp)))
    assert len(builds) <= MOST_BUILDS
    assert rows["early"] == [("kind_0", ["c"])]
    assert "late" not in rows
    (note,) = notes
    assert f"after {MOST_BUILDS} builds" in note and "kind_7" in note and "more" in note
    assert "kind_6" not in note


def test_a_condition_that_was_cut_short_holds_for_all_that_was_not_tried():
    def build(hp):
        chosen = [hp.Choice(f"kind_{index}", list("abcdefgh")) for index in range(9)]
        if chosen[7] == "b":
            hp.Int("some", 1, 4)

    rows, _ = found(build)
    assert rows["some"] == [("kind_7", ["b", "c", "d", "e", "f", "g", "h"])]
