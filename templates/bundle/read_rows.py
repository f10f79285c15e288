"""Read the input of predict.py: tables, arrays and images, each row with its place and its problems."""

import csv
import io
import re
from collections import Counter

import numpy as np

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
MISSING = {"", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-", "#N/A"}
LARGEST = float(np.finfo("float32").max)
LISTED = 20  # problems named one by one
ADVICE = "--on-error skip leaves these rows out; --on-error missing takes such values as missing."

# Kinds of problems, of one and of several
UNSEEN = ("unseen category", "unseen categories")
RAGGED = ("line of another length", "lines of another length")
INFINITE = ("infinite number", "infinite numbers")
TEXT = ("text for a number", "texts for a number")
NO_DATE = ("text for a date", "texts for a date")
UNREADABLE = ("unreadable image", "unreadable images")
NOT_FINITE = ("row with NaN or infinity", "rows with NaN or infinity")
UNKNOWN_IDS = ("row with unknown token ids", "rows with unknown token ids")


class Refused(Exception):
    """Input that the model doesn't accept."""


class Rows:
    """Rows of the input as the model takes them, each with its place; and what is wrong with which.

    title: what a place is, a line, a row or a file. inputs: an array, or a dict of arrays of a
    table, in the order of places.
    """

    def __init__(self, title, source):
        self.title, self.source = title, source
        self.places, self.inputs = [], None
        self.read = 0
        self.problems, self.kinds = [], Counter()
        self.bad, self.lost = set(), set()
        self.written = {}  # what was read of each column of written numbers or dates

    def note(self, place, kind, text, column=None, *, lost=False):
        """Note a problem. lost: this row can't be predicted, also with missing values."""
        where = place if self.title == "file" else f"{self.source}, {self.title} {place}"
        where += "" if column is None else f", column {column}"
        self.problems.append((place, f"{where}: {text}"))
        self.kinds[kind] += 1
        self.bad.add(place)
        if lost:
            self.lost.add(place)

    def keep(self, on_error):
        """Leave out rows with problems, by the flag; raises Refused if it says stop or none is left."""
        if on_error == "stop" and self.problems:
            raise Refused(f"{self.report()}\nNothing was predicted. {ADVICE}")
        left_out = self.lost if on_error == "missing" else self.bad
        kept = [i for i, place in enumerate(self.places) if place not in left_out]
        if not kept:
            raise Refused(f"{self.report()}\nNothing was predicted: no row is left.")
        self.places = [self.places[i] for i in kept]
        if isinstance(self.inputs, dict):
            self.inputs = {name: rows[kept] for name, rows in self.inputs.items()}
        else:
            self.inputs = self.inputs[kept]
        return kept

    def report(self):
        """The first problems, one a line, and how many there are of each kind."""
        problems = self.problems  # of files as given, else by line
        if self.title != "file":
            problems = sorted(problems, key=lambda problem: problem[0])
        lines = [text for _, text in problems[:LISTED]]
        if len(self.problems) > LISTED:
            lines.append(f"and {len(self.problems) - LISTED:,} more")
        counts = ", ".join(f"{n:,} {kind[n != 1]}" for kind, n in self.kinds.items())
        rows = "row has" if self.read == 1 else "rows have"
        lines.append(f"{len(self.bad):,} of {self.read:,} {rows} problems: {counts}.")
        return "\n".join(lines)


def load_inputs(paths, schema):
    """Read the files; problems of single rows are noted. Raises Refused for a whole file's."""
    for path in paths:
        if not path.is_file():
            raise Refused(f"{path}: no such file.")
    if schema["kind"] == "image" and all(path.suffix.lower() in PICTURES for path in paths):
        return read_pictures(paths, schema)
    if len(paths) != 1:
        raise Refused("Expected one file; only images can be several.")
    return (
        read_table(paths[0], schema) if schema["kind"] == "table" else read_array(paths[0], schema)
    )


def read_pictures(paths, schema):
    """Read images; one that can't be read is a problem of its row."""
    rows, pictures = Rows("file", ""), []
    rows.read = len(paths)
    for path in paths:
        try:
            pictures.append(read_picture(path, schema))
            rows.places.append(str(path))
        except OSError as error:
            rows.note(str(path), UNREADABLE, f"not a readable image ({error}).", lost=True)
    rows.inputs = np.array(pictures)
    return rows


def read_picture(path, schema):
    """Read one image, converted to the size and colour mode of the training images."""
    from PIL import Image

    height, width, channels = schema["shape"]
    modes = {1: "L", 3: "RGB", 4: "RGBA"}
    if channels not in modes:
        raise Refused(f"The model takes {channels} channels. Give a .npy file.")
    with Image.open(path) as picture:
        picture = picture.convert(modes[channels])
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        pixels = np.asarray(picture, dtype="float32")
    scaled = pixels.reshape(height, width, channels) * (schema["scale"] / 255)
    return np.rint(scaled).astype("uint8") if schema["scale"] >= 2 else scaled


def read_array(path, schema):
    """Read an array from .npy, .npz (its x, or its only array) or, one list a line, from .csv."""
    if path.suffix.lower() == ".csv":
        rows = read_lines(path)
    else:
        rows = Rows("row", path)
        rows.inputs = stored_array(path)
    if not rows.inputs.size:
        raise Refused(f"{path}: has no rows.")
    rows.inputs = shaped(rows.inputs, tuple(schema["shape"]), path)
    count = len(rows.inputs)
    if rows.title == "row" or count != len(rows.places):  # the lines may be one row together
        if rows.problems:
            raise Refused(rows.report())
        rows.title, rows.places, rows.read = "row", list(range(count)), count
    check_finite(rows)
    if schema["kind"] == "text":
        check_token_ids(rows, schema["vocabulary"])
    return rows


def check_finite(rows):
    """Note rows of an array with a value that isn't finite, unless the file's line was noted."""
    if rows.inputs.dtype.kind == "f":
        axes = tuple(range(1, rows.inputs.ndim))
        for i in np.flatnonzero(~np.isfinite(rows.inputs).all(axis=axes)):
            if rows.places[i] not in rows.bad:
                problem = "holds NaN or an infinite number."
                rows.note(rows.places[i], NOT_FINITE, problem, lost=True)


def check_token_ids(rows, vocabulary):
    """Note rows with other than whole token ids below the vocabulary."""
    ids = np.nan_to_num(rows.inputs, nan=0, posinf=0, neginf=0)
    known = (ids >= 0) & (ids < vocabulary) & (ids == np.floor(ids))
    for i in np.flatnonzero(~known.all(axis=1)):
        problem = f"expected whole token ids from 0 to {vocabulary - 1}."
        rows.note(rows.places[i], UNKNOWN_IDS, problem, lost=True)
    rows.inputs = np.where(known, ids, 0).astype("int32")


def stored_array(path):
    """Read an array of NumPy's files."""
    try:
        rows = np.load(path, allow_pickle=False)
        if isinstance(rows, np.lib.npyio.NpzFile):
            names = rows.files
            if "x" not in names and len(names) != 1:
                raise Refused(f"{path}: has the arrays {', '.join(names)}. Name the input x.")
            rows = rows["x" if "x" in names else names[0]]
    except (ValueError, OSError, EOFError) as error:
        raise Refused(f"{path}: can't be read as an array of numbers.") from error
    if rows.dtype.kind not in "biuf":
        raise Refused(f"{path}: can't be read as an array of numbers.")
    return rows


def read_lines(path):
    """Read lines of numbers, without a header."""
    rows, cells, width = Rows("line", path), [], 0
    for line, texts in records(path, read_text(path), ","):
        rows.read += 1
        width = width or len(texts)
        if len(texts) != width:
            rows.note(
                line, RAGGED, f"{cells_of(texts)}, but the first line has {width}.", lost=True
            )
            continue
        rows.places.append(line)
        cells.append(
            [number(text, ",", rows, line, i + 1, lost=True) for i, text in enumerate(texts)]
        )
    rows.inputs = np.array(cells, dtype="float32")
    return rows


def shaped(rows, shape, path):
    """Return rows of the model's shape; one row alone and a missing channel axis are understood."""
    for candidate in (
        rows,
        rows[..., np.newaxis],
        rows[np.newaxis],
        rows[np.newaxis, ..., np.newaxis],
    ):
        if candidate.shape[1:] == shape:
            return candidate
    wanted = " × ".join(str(side) for side in shape)
    raise Refused(f"{path}: expected rows of {wanted}, got the shape {rows.shape}.")


def read_text(path):
    """Return a text file's content."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{path}: isn't UTF-8 text.") from error


def records(path, text, delimiter):
    """Each record of CSV text that isn't empty, with the number of its first line."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        why = f"{error}."
        if "end of data" in why:
            why += f" The quote that opens in line {unclosed(text)} is never closed."
        raise Refused(f"{path}, line {reader.line_num}: {why}") from error


def unclosed(text):
    """Return the line of the quote that is open at the end: after it, quotes stand in pairs alone."""
    odd = [run.start() for run in re.finditer('"+', text) if len(run[0]) % 2]
    return 1 + text.count("\n", 0, odd[-1])


def read_table(path, schema):
    """Read a CSV file by column name; other columns are ignored."""
    text = read_text(path)
    header = text.partition("\n")[0]
    delimiter = max(",;\t|", key=header.count)
    found = records(path, text, delimiter)
    _, names = next(found, (0, []))
    names = [name.strip() for name in names]
    wanted = list(dict.fromkeys(file_name(column) for column in schema["columns"]))
    absent = [name for name in wanted if name not in names]
    if absent:
        raise Refused(f"{path}: lacks the column {', '.join(absent)}. It has {', '.join(names)}.")
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise Refused(f"{path}: has the column {', '.join(twice)} twice.")
    rows, cells = Rows("line", path), []
    for line, row in found:
        rows.read += 1
        if len(row) != len(names):
            rows.note(
                line, RAGGED, f"{cells_of(row)}, but the header has {len(names)}.", lost=True
            )
            continue
        rows.places.append(line)
        cells.append(row)
    if not rows.read:
        raise Refused(f"{path}: has no rows under its header.")
    rows.inputs = {}
    for name, kind, dtype, read in (
        ("numbers", "number", "float32", number_column),
        ("categories", "category", "int32", category_column),
    ):
        columns = [column for column in schema["columns"] if column["type"] == kind]
        if columns:
            places = [names.index(file_name(column)) for column in columns]
            read_columns = [
                read([row[place] for row in cells], column, rows, delimiter)
                for column, place in zip(columns, places)
            ]
            rows.inputs[name] = np.array(read_columns, dtype=dtype).T
    return rows


def file_name(column):
    """Return the name of the file's column that one of the model's is computed from."""
    return column.get("source", column["name"])


def written_column(texts, column, rows):
    """Return what is read of written numbers, or a part of dates; None where nothing is."""
    import cells as code  # beside this file where a column needs it

    name = file_name(column)
    if name not in rows.written:
        rows.written[name] = [
            written(text, column, rows, line) for line, text in zip(rows.places, texts)
        ]
    if "part" not in column:
        return rows.written[name]
    return [m if m is None else code.part_of(m, column["part"]) for m in rows.written[name]]


def written(text, column, rows, line):
    """Return a written number, or the moment of a date; None for missing and what is noted."""
    import cells as code

    cell, read = text.strip(), column["read"]
    if cell in MISSING:
        return None
    if "part" in column:
        value, kind, expected = code.date_of(cell, read), NO_DATE, code.expected_date(read)
    else:
        value, kind, expected = code.number_of(cell, read), TEXT, f"with a decimal {read}"
        value = value if value is None or abs(value) <= LARGEST else None
    if value is None:
        what = f"a date such as {expected}" if kind is NO_DATE else f"a number {expected}"
        rows.note(line, kind, f"“{cell}” isn't {what}.", file_name(column))
    return value


def number_column(texts, column, rows, delimiter):
    """Return a column's numbers; missing is NaN."""
    if "read" in column:
        return [float("nan") if n is None else n for n in written_column(texts, column, rows)]
    name = column["name"]
    return [number(text, delimiter, rows, line, name) for line, text in zip(rows.places, texts)]


def category_column(texts, column, rows, delimiter):
    """Return the places of a column's texts among its categories; missing and unseen are -1."""
    known = {text: i for i, text in enumerate(column["categories"])}
    if "read" in column:
        return [known.get(part, -1) for part in written_column(texts, column, rows)]
    found = []
    for line, text in zip(rows.places, texts):
        cell = as_text(text)
        found.append(known.get(cell, -1))
        if cell not in known and cell not in MISSING:
            count = f"none of the {len(known):,} categories of the training data"
            rows.note(line, UNSEEN, f"“{cell}” is {count}.", column["name"])
    return found


def number(text, delimiter, rows, line, column, *, lost=False):
    """Return a cell as a number; missing is NaN, and so is what is noted as a problem.

    A comma is a decimal mark only where it doesn't separate columns: 1,234 may be a thousand.
    """
    cell = text.strip()
    if cell in MISSING:
        return float("nan")
    for candidate in (cell, cell if delimiter == "," else cell.replace(",", ".")):
        try:
            value = float(candidate.replace("_", "?"))  # Python alone reads 1_000
        except ValueError:
            continue
        if abs(value) <= LARGEST or value != value:
            return value
        rows.note(
            line, INFINITE, f"“{cell}” is infinite or beyond {LARGEST:.2g}.", column, lost=lost
        )
        return float("nan")
    rows.note(line, TEXT, f"“{cell}” isn't a number.", column, lost=lost)
    return float("nan")


def cells_of(row):
    """Return how many cells a line has, in words."""
    return f"{len(row)} cell{'s' * (len(row) != 1)}"


def as_text(cell):
    """Return a cell as categories are named: 1 for 1.0, true for True."""
    text = (cell or "").strip()
    if text in ("True", "TRUE", "False", "FALSE"):
        return text.lower()
    try:
        value = float(text)
    except ValueError:
        return text
    if value.is_integer() and "e" not in text.lower():
        return str(int(value))
    return text
