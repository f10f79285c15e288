"""Image zips: classes by folder, every size and mode brought to one, broken ones named."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments.ingest.errors import DataRefused
from experiments.ingest.image_zip import ImageChoice, inspect_images, prepare_image_zip
from experiments.ingest.limits import USUAL, Limits
from tests.ingest.outcomes import found


def png(value=0, size=(8, 6), mode="RGB", kind="PNG", **options) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size, value).save(stream, kind, **options)
    return stream.getvalue()


def zipped(tmp_path, files: dict[str, bytes]) -> Path:
    path = tmp_path / "images.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def pets(prefix: str = "", count: int = 6) -> dict[str, bytes]:
    return {
        f"{prefix}{name}/{i}.png": png((20 * i, base, 0))
        for name, base in (("cat", 10), ("dog", 200))
        for i in range(count)
    }


def refused(tmp_path, files: dict[str, bytes], limits: Limits = USUAL) -> str:
    with pytest.raises(DataRefused) as error:
        inspect_images(zipped(tmp_path, {**pets(), **files}), limits)
    return str(error.value)


def test_folders_become_classes(tmp_path):
    path = zipped(tmp_path, pets("outer/"))
    facts = inspect_images(path)
    assert (facts.classes, facts.counts, facts.grey) == (("cat", "dog"), (6, 6), False)
    assert facts.proposed == (8, 6)
    prepared = prepare_image_zip(path, ImageChoice(8, 6, grey=False))
    assert prepared.arrays["x"].shape == (12, 6, 8, 3)
    assert prepared.arrays["y"].tolist() == [0] * 6 + [1] * 6
    assert prepared.arrays["x"][1, 0, 0].tolist() == [20, 10, 0]


def test_a_test_folder_becomes_the_sets_own_test_part(tmp_path):
    files = {**pets("train/"), **pets("test/", count=2)}
    prepared = prepare_image_zip(zipped(tmp_path, files), ImageChoice(8, 6, grey=True))
    assert (prepared.schema.rows, prepared.schema.test_rows) == (12, 4)
    assert prepared.test["x"].shape == (4, 6, 8, 1)
    assert "test_overlap" in found(prepared)


@pytest.mark.parametrize("folder", ["val", "valid", "Validation"])
@pytest.mark.parametrize("test_images", [0, 4])
def test_a_validation_folder_becomes_the_last_rows(tmp_path, folder, test_images):
    files = {**pets("train/"), **pets(f"{folder}/", count=3)}
    files |= pets("test/", count=2) if test_images else {}
    path = zipped(tmp_path, files)
    facts = inspect_images(path)
    assert (sum(facts.counts), facts.validation_images, facts.test_images) == (18, 6, test_images)
    prepared = prepare_image_zip(path, ImageChoice(8, 6, grey=True))
    schema = prepared.schema
    assert (schema.rows, schema.validation_rows, schema.test_rows) == (18, 6, test_images)
    assert prepared.arrays["y"].tolist() == [0] * 6 + [1] * 6 + [0] * 3 + [1] * 3


def test_every_mode_and_size_is_brought_to_the_chosen_one(tmp_path):
    deep = io.BytesIO()
    Image.fromarray(np.full((9, 9), 0x80FF, dtype=np.uint16)).save(deep, "PNG")
    files = {
        "cat/cmyk.jpg": png((0, 0, 0, 0), mode="CMYK", kind="JPEG"),
        "cat/deep.png": deep.getvalue(),
        "cat/clear.png": png((255, 0, 0, 0), mode="RGBA"),
        "dog/palette.png": png(3, mode="P"),
        "dog/grey.png": png(77, mode="L", size=(30, 30)),
        "dog/bits.png": png(1, mode="1"),
    }
    prepared = prepare_image_zip(
        zipped(tmp_path, {**pets(), **files}), ImageChoice(10, 10, grey=False)
    )
    assert prepared.schema.shape == (10, 10, 3)
    order = sorted({**pets(), **files})

    def row(name: str) -> list[int]:
        return prepared.arrays["x"][order.index(name), 5, 5].tolist()

    assert row("cat/deep.png") == [0x80] * 3
    assert row("cat/clear.png") == [255] * 3  # transparent is white
    assert row("dog/grey.png") == [77] * 3
    assert row("dog/bits.png") == [255] * 3
    assert min(row("cat/cmyk.jpg")) > 250


def test_grey_images_are_proposed_as_grey(tmp_path):
    files = {f"{name}/{i}.png": png(i, mode="L") for name in "ab" for i in range(6)}
    assert inspect_images(zipped(tmp_path, files)).grey


def test_photographs_are_turned_as_the_camera_held_them(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    files = {**pets(), "cat/turned.jpg": png((9, 9, 9), size=(20, 10), kind="JPEG", exif=exif)}
    assert (10, 20, 1) in inspect_images(zipped(tmp_path, files)).sizes


def test_what_finders_leave_behind_is_overlooked(tmp_path):
    files = {**pets(), "__MACOSX/cat/._1.png": b"x", "cat/.DS_Store": b"x", "README.md": b"hello"}
    facts = inspect_images(zipped(tmp_path, files))
    assert facts.left_out == ("README.md",)
    assert sum(facts.counts) == 12


def animated() -> bytes:
    stream = io.BytesIO()
    frames = [Image.new("RGB", (5, 5), (90 * i, 0, 0)) for i in range(3)]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    return stream.getvalue()


def wide(width: int, height: int) -> bytes:
    stream = io.BytesIO()
    Image.new("1", (width, height)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"cat/a.svg": b"<svg/>"}, "cat/a.svg isn't a PNG, JPEG"),
        ({"cat/a.png": b"<svg/>"}, "cat/a.png isn't a readable image"),
        ({"cat/a.gif": animated()}, "cat/a.gif is animated"),
        ({"cat/a.png": png(size=(80, 80))[:-40]}, "cat/a.png is damaged or truncated"),
        ({"a.png": png()}, "a.png isn't directly in a class folder"),
        ({"cat/deep/a.png": png()}, "cat/deep/a.png isn't directly in a class folder"),
        ({"cat/in.zip": b"PK"}, "archive inside"),
        ({"cat/run.exe": b"MZ"}, "cat/run.exe isn't a PNG"),
    ],
)
def test_each_image_that_can_not_be_used_is_named(tmp_path, files, told):
    assert told in refused(tmp_path, files)


@pytest.mark.parametrize("side", [20_000, 12_000])
def test_an_image_of_too_many_pixels_is_named(tmp_path, side):
    files = {"cat/a.png": wide(side, side)}
    assert "cat/a.png has more than 25 million pixels" in refused(tmp_path, files)


PEAK_OF_A_REFUSAL = """
import resource, sys
from pathlib import Path
from experiments.ingest.image_zip import inspect_images
from experiments.ingest.errors import DataRefused
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    inspect_images(Path(sys.argv[1]))
except DataRefused as refusal:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start, refusal)
"""


def test_a_picture_bomb_is_refused_before_it_takes_memory(tmp_path):
    path = zipped(tmp_path, {**pets(), "cat/a.png": wide(20_000, 20_000)})
    command = [sys.executable, "-c", PEAK_OF_A_REFUSAL, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kilobytes, message = told.split(" ", 1)
    assert "more than 25 million pixels" in message
    assert int(kilobytes) < 100_000  # unpacked it would take 400 MB


def test_one_class_or_few_images_are_refused(tmp_path):
    one = {f"cat/{i}.png": png() for i in range(12)}
    with pytest.raises(DataRefused, match=r"one class folder \(cat\)"):
        inspect_images(zipped(tmp_path, one))
    with pytest.raises(DataRefused, match="has 4 images; at least 10"):
        inspect_images(zipped(tmp_path, pets(count=2)))


def test_a_class_only_in_the_test_folder_is_refused(tmp_path):
    files = {**pets("train/"), "test/bird/1.png": png()}
    with pytest.raises(DataRefused, match="Class bird appears in the test folder only"):
        inspect_images(zipped(tmp_path, files))


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (ImageChoice(0, 8, grey=True), "between 1 and 1024"),
        (ImageChoice(8, 2000, grey=True), "between 1 and 1024"),
        (ImageChoice(1000, 1000, grey=False), "Choose a smaller size"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(tmp_path, choice, told):
    path = zipped(tmp_path, pets())
    with pytest.raises(DataRefused, match=told):
        prepare_image_zip(path, choice, Limits(inflated_bytes=20_000_000))
