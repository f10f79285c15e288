"""Whatever bytes arrive, the answer is a dataset or a plain sentence, never another exception."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from experiments.ingest.errors import DataRefused
from experiments.ingest.formats import Source, check_start, inspect, prepare
from experiments.ingest.limits import Limits

SMALL = Limits(inflated_bytes=20_000_000, member_bytes=5_000_000, rows=5_000)


def csv() -> bytes:
    rows = (f'{i},{i / 3:.2f},{"ab"[i % 2]},"q, {i}"\n' for i in range(30))
    return ("id,size,label,note\n" + "".join(rows)).encode()


def npz() -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, x=np.arange(90.0).reshape(30, 3), y=np.arange(30) % 2)
    return stream.getvalue()


def parquet() -> bytes:
    import pandas as pd

    stream = io.BytesIO()
    pd.DataFrame({"a": [i * 7 % 11 for i in range(30)], "b": ["x", "y", None] * 10}).to_parquet(
        stream
    )
    return stream.getvalue()


def images() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for index in range(12):
            picture = io.BytesIO()
            kind = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")[index % 6]
            Image.new("RGB", (9, 7), (index * 20, 5, 9)).save(picture, kind)
            archive.writestr(f"{'ab'[index % 2]}/{index}.{kind.lower()}", picture.getvalue())
    return stream.getvalue()


WHOLE = {"csv": csv(), "npz": npz(), "parquet": parquet(), "images": images()}
CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12
)
HEALTH = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def take(path: Path, format_) -> None:
    """Everything that is done with an upload, with the proposal as the choice."""
    source = Source(path, format_)
    try:
        check_start(source, SMALL)
        found = inspect(source, SMALL)
        guess = found["guess"]
        prepare(source, {**guess, "uses": {}} if found["kind"] == "table" else guess, SMALL)
    except DataRefused as error:
        assert str(error)


@pytest.mark.parametrize("format_", WHOLE)
@settings(max_examples=120, deadline=None, suppress_health_check=HEALTH)
@given(changes=CHANGES, cut=st.floats(0, 1))
def test_changed_and_cut_files_are_taken_or_told(format_, changes, cut, tmp_path):
    content = bytearray(WHOLE[format_])
    for place, value in changes:
        content[int(place * len(content))] = value
    if cut > 0.7:
        content = content[: int(cut * len(content))]
    path = tmp_path / "file"
    path.write_bytes(bytes(content))
    take(path, format_)


@pytest.mark.parametrize("format_", WHOLE)
@settings(max_examples=60, deadline=None, suppress_health_check=HEALTH)
@given(content=st.binary(max_size=400))
def test_any_bytes_are_taken_or_told(format_, content, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(content)
    take(path, format_)


@settings(max_examples=150, deadline=None, suppress_health_check=HEALTH)
@given(
    text=st.text(alphabet='ab1.,;|\t\n\r" \0é-eIinfN', max_size=300),
    rows=st.integers(0, 3),
)
def test_any_text_is_taken_or_told_as_csv(text, rows, tmp_path):
    path = tmp_path / "file"
    path.write_text(text + "a,1\n" * rows * 6, encoding="utf-8", newline="")
    take(path, "csv")


@pytest.mark.parametrize("format_", WHOLE)
def test_the_whole_files_are_taken(format_, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(WHOLE[format_])
    found = inspect(Source(path, format_), SMALL)
    guess = found["guess"]
    choice = {**guess, "uses": {}} if found["kind"] == "table" else guess
    assert prepare(Source(path, format_), choice, SMALL).schema.rows in (12, 20, 30)
