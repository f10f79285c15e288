"""Predict with the model of this folder.

python predict.py rows.csv                    a table: one line of names, then rows
python predict.py one.png two.jpg             pictures
python predict.py rows.npy                    an array, rows first
python predict.py rows.csv --format json --output answers.json
python predict.py rows.csv --model model.onnx by another format, here without TensorFlow
python predict.py --self-test                 check files, and what each format predicts
"""

import argparse
import csv
import hashlib
import importlib.util
import io
import json
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

FOLDER = Path(__file__).resolve().parent
PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
MISSING = {"", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-", "#N/A"}
TOLERANCE = 1e-5  # of the largest prediction, where that is above 1


class Refused(Exception):
    """Input that the model doesn't accept."""


def read_json(name):
    """Read a JSON file of this folder."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def load_model():
    """Load the model; its own classes come from model_code.py."""
    import keras

    spec = importlib.util.spec_from_file_location("model_code", FOLDER / "model_code.py")
    code = importlib.util.module_from_spec(spec)
    sys.modules["model_code"] = code
    spec.loader.exec_module(code)
    return keras.models.load_model(FOLDER / "model.keras", compile=False)


def load_inputs(paths, schema):
    """Read the files and return the input of the model."""
    for path in paths:
        if not path.is_file():
            raise Refused(f"{path}: no such file.")
    if schema["kind"] == "image" and all(path.suffix.lower() in PICTURES for path in paths):
        return np.stack([read_picture(path, schema) for path in paths])
    if len(paths) != 1:
        raise Refused("Expected one file; only images can be several.")
    return (
        read_table(paths[0], schema) if schema["kind"] == "table" else read_array(paths[0], schema)
    )


def read_picture(path, schema):
    """Read one image, converted to the size and colour mode of the training images."""
    from PIL import Image, UnidentifiedImageError

    height, width, channels = schema["shape"]
    modes = {1: "L", 3: "RGB", 4: "RGBA"}
    if channels not in modes:
        raise Refused(f"The model takes {channels} channels. Give a .npy file.")
    try:
        with Image.open(path) as picture:
            picture = picture.convert(modes[channels])
            if picture.size != (width, height):
                picture = picture.resize((width, height), Image.Resampling.BILINEAR)
            pixels = np.asarray(picture, dtype="float32")
    except (UnidentifiedImageError, OSError) as error:
        raise Refused(f"{path}: not a readable image ({error}).") from error
    scaled = pixels.reshape(height, width, channels) * (schema["scale"] / 255)
    return np.rint(scaled).astype("uint8") if schema["scale"] >= 2 else scaled


def read_array(path, schema):
    """Read an array from .npy, .npz (its x, or its only array) or, one list a row, from .csv."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            rows = np.loadtxt(path, delimiter=",", ndmin=2, dtype="float32")
        else:
            rows = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise Refused(f"{path}: can't be read as an array of numbers.") from error
    if isinstance(rows, np.lib.npyio.NpzFile):
        names = rows.files
        if "x" not in names and len(names) != 1:
            raise Refused(f"{path}: has the arrays {', '.join(names)}. Name the input x.")
        rows = rows["x" if "x" in names else names[0]]
    rows = shaped(rows, tuple(schema["shape"]), path)
    return word_numbers(rows, schema, path) if schema["kind"] == "text" else rows


def word_numbers(rows, schema, path):
    """Return rows of a text's word numbers; one that the model doesn't know is refused."""
    if not ((rows >= 0) & (rows < schema["vocabulary"]) & (rows == np.floor(rows))).all():
        raise Refused(f"{path}: expected whole token ids from 0 to {schema['vocabulary'] - 1}.")
    return rows.astype("int32")


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


def read_table(path, schema):
    """Read a CSV file by column name; other columns are ignored."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{path}: isn't UTF-8 text.") from error
    header = text.partition("\n")[0]
    delimiter = max(",;\t|", key=header.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    names = [name.strip() for name in reader.fieldnames or []]
    absent = [column["name"] for column in schema["columns"] if column["name"] not in names]
    if absent:
        raise Refused(f"{path}: lacks the column {', '.join(absent)}. It has {', '.join(names)}.")
    reader.fieldnames = names
    rows = list(reader)
    if not rows:
        raise Refused(f"{path}: has no rows under its header.")
    numbers = [column for column in schema["columns"] if column["type"] == "number"]
    categories = [column for column in schema["columns"] if column["type"] == "category"]
    inputs = {}
    if numbers:
        cells = [
            [number(row, column["name"], i) for column in numbers] for i, row in enumerate(rows)
        ]
        inputs["numbers"] = np.array(cells, dtype="float32")
    if categories:
        found = [{t: i for i, t in enumerate(column["categories"])} for column in categories]
        cells = [
            [
                texts.get(as_text(row[column["name"]]), -1)
                for column, texts in zip(categories, found)
            ]
            for row in rows
        ]
        inputs["categories"] = np.array(cells, dtype="int32")
    return inputs


def number(row, name, index):
    """Return a cell as a number; missing is NaN."""
    cell = (row[name] or "").strip()
    if cell in MISSING:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        pass
    try:
        return float(cell.replace(",", "."))
    except ValueError as error:
        raise Refused(f"Row {index + 1}, {name}: “{cell}” isn't a number.") from error


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


def named(inputs):
    """Return the inputs by name, as every format but .keras takes them."""
    if not isinstance(inputs, dict):
        words = read_json("schema.json")["kind"] == "text"
        return {"rows": np.asarray(inputs, dtype="int32" if words else "float32")}
    kinds = {"numbers": "float32", "categories": "int32"}
    return {name: np.asarray(rows, dtype=kinds[name]) for name, rows in inputs.items()}


def keras_outputs(inputs):
    """Predict with Keras; several outputs stand beside one another, as in the other formats."""
    answers = load_model().predict(inputs, verbose=0)
    if isinstance(answers, dict):
        keys = [target["key"] for target in read_json("labels.json")["targets"]]
        answers = np.concatenate([answers[key] for key in keys], axis=1)
    return np.asarray(answers)


def saved_model_outputs(inputs):
    """Predict with TensorFlow alone."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(FOLDER / "saved_model"))
    tensors = {name: tf.constant(rows) for name, rows in named(inputs).items()}
    return np.asarray(loaded.serve(tensors.get("rows", tensors)))


def tflite_outputs(inputs):
    """Predict with TensorFlow Lite: its small package where there is one, else TensorFlow's."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        from tensorflow import lite

        Interpreter = lite.Interpreter
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's says that it moves to a package of its own
        interpreter = Interpreter(model_path=str(FOLDER / "model.tflite"))
    places = {place["name"]: place["index"] for place in interpreter.get_input_details()}
    for name, rows in named(inputs).items():
        interpreter.resize_tensor_input(places[name], rows.shape)
    interpreter.allocate_tensors()
    for name, rows in named(inputs).items():
        interpreter.set_tensor(places[name], rows)
    interpreter.invoke()
    return np.array(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


def onnx_outputs(inputs):
    """Predict with ONNX Runtime, without TensorFlow."""
    import onnxruntime

    path = str(FOLDER / "model.onnx")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, named(inputs))[0])


OUTPUTS = {
    "model.keras": keras_outputs,
    "saved_model": saved_model_outputs,
    "model.tflite": tflite_outputs,
    "model.onnx": onnx_outputs,
}


def described(outputs, labels):
    """Return one dict a row: the prediction, and probabilities by class.

    Of several targets it holds such a dict for each, by its name.
    """
    if labels.get("targets"):
        widths = [max(1, len(target["classes"])) for target in labels["targets"]]
        heads = np.split(outputs, np.cumsum(widths)[:-1], axis=1)
        answers = [described(head, target) for head, target in zip(heads, labels["targets"])]
        names = [target["target"] for target in labels["targets"]]
        return [dict(zip(names, row)) for row in zip(*answers)]
    if labels["task"] == "regression":
        return [{"prediction": float(row[0])} for row in outputs]
    classes = labels["classes"]
    if outputs.shape[1] == 1:
        outputs = np.concatenate([1 - outputs, outputs], axis=1)
    answers = []
    for row in outputs:
        best = int(np.argmax(row))
        shares = {name: float(share) for name, share in zip(classes, row)}
        answers.append(
            {"prediction": classes[best], "probability": float(row[best]), "probabilities": shares}
        )
    return answers


def write(answers, labels, kind, stream):
    """Write the answers as CSV or JSON."""
    if kind == "json":
        json.dump(answers, stream, ensure_ascii=False, indent=1)
        stream.write("\n")
        return
    writer = csv.writer(stream)
    targets = labels.get("targets")
    if targets:
        titles = [f"{t['target']} {title}" for t in targets for title in columns(t)]
        rows = [[c for t in targets for c in cells(row[t["target"]])] for row in answers]
    else:
        titles, rows = columns(labels), [cells(answer) for answer in answers]
    writer.writerow(["row", *titles])
    writer.writerows([i, *row] for i, row in enumerate(rows))


def columns(labels):
    """Return the column titles of one target's answers."""
    if labels["task"] == "regression":
        return ["prediction"]
    return ["prediction", "probability", *(f"p_{c}" for c in labels["classes"])]


def cells(answer):
    """Return the cells of one answer, under those titles."""
    if "probability" not in answer:
        return [repr(answer["prediction"])]
    shares = [f"{share:.6g}" for share in answer["probabilities"].values()]
    return [answer["prediction"], f"{answer['probability']:.6g}", *shares]


def check_files():
    """Compare every file with manifest.json; return what is wrong."""
    try:
        files = dict(read_json("manifest.json")["files"])
    except (OSError, ValueError, TypeError, KeyError):
        return ["manifest.json can't be read"]
    problems = []
    for name, digest in files.items():
        path = FOLDER / name
        if not path.is_file():
            problems.append(f"{name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            problems.append(f"{name} isn't the file that was exported")
    if not problems:
        print(f"manifest.json: {len(files)} files are as they were exported")
    return problems


def furthest(predicted, expected):
    """Return the largest difference, as a share of its column's largest value where above 1."""
    same = (predicted == expected) | (np.isnan(predicted) & np.isnan(expected))
    known = np.where(np.isfinite(expected), np.abs(expected), 0.0)
    off = np.where(same, 0.0, np.abs(predicted - expected))
    share = (off / np.maximum(1.0, known.max(axis=0, initial=0.0))).max(initial=0.0)
    return float("inf") if np.isnan(share) else float(share)


def check_predictions(schema, formats):
    """Predict the sample with every format that can run here; return what is wrong."""
    stored = read_json("sample/predictions.json")
    expected = np.array(stored["outputs"])
    inputs = load_inputs([FOLDER / "sample" / stored["input"]], schema)
    problems, ran = [], 0
    for name, found in formats.items():
        if "why_not" in found:
            print(f"{name}: not in this bundle. {found['why_not']}")
            continue
        try:
            difference = furthest(OUTPUTS[name](inputs), expected)
        except ImportError as error:
            print(f"{name}: not run, {error.name} isn't installed")
            continue
        except Exception as error:  # one that can't run hides no other
            problems.append(f"{name} can't be run: {type(error).__name__}: {error}")
            continue
        ran += 1
        print(f"{name}: largest difference from the stored predictions {difference:.2g}")
        if not difference <= TOLERANCE:
            problems.append(f"{name} predicts different values")
    if not ran and not problems:
        problems.append("no format can be run here, install requirements.txt")
    return problems


def self_test():
    """Check files, and only then predictions; return the exit status."""
    problems = check_files()
    if not problems:
        problems = check_predictions(
            read_json("schema.json"), read_json("manifest.json")["formats"]
        )
    for problem in problems:
        print(f"Self-test failed: {problem}.", file=sys.stderr)
    print("" if problems else "Self-test passed.")
    return 1 if problems else 0


def main():
    """Read the arguments, predict, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", nargs="*", type=Path, help="CSV, images, .npy or .npz")
    parser.add_argument("--format", choices=["csv", "json"], default="csv")
    parser.add_argument("--model", choices=list(OUTPUTS), default="model.keras")
    parser.add_argument("--output", type=Path, help="file to write; default: standard output")
    parser.add_argument("--self-test", action="store_true", help="check files and predictions")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    if not arguments.inputs:
        parser.error("give a file to predict, or --self-test")
    schema, labels = read_json("schema.json"), read_json("labels.json")
    try:
        if not (FOLDER / arguments.model).exists():
            raise Refused(f"{arguments.model} isn't in this bundle. MODEL_CARD.md says why.")
        inputs = load_inputs(arguments.inputs, schema)
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    answers = described(OUTPUTS[arguments.model](inputs), labels)
    target, closes = arguments.output or 1, arguments.output is not None
    with open(target, "w", encoding="utf-8", newline="", closefd=closes) as stream:
        write(answers, labels, arguments.format, stream)
    return 0


if __name__ == "__main__":
    sys.exit(main())
