"""Predict with the model of this folder.

python predict.py rows.csv                    a table: one line of names, then rows
python predict.py one.png two.jpg             pictures
python predict.py rows.npy                    an array, rows first
python predict.py rows.csv --format json --output answers.json
python predict.py rows.csv --model model.onnx by another format, here without TensorFlow
python predict.py rows.csv --on-error skip    leave rows with problems out
python predict.py --self-test                 check files, and what each format predicts

Each prediction names its line of a table (the header is line 1), row of an array (from 0) or file.
An unseen category, a line with too few or too many cells, a text or an infinite number where a
number is expected: each is named with its line and column on standard error, and counted.

Exit status: 0 all rows were predicted; 1 the self-test failed; 2 nothing was predicted;
3 predicted, but some rows were left out.
"""

import argparse
import csv
import hashlib
import json
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent))  # also where Python runs isolated

import numpy as np
from read_rows import Refused, load_inputs

FOLDER = Path(__file__).resolve().parent
TOLERANCE = 1e-5  # of the largest prediction, where that is above 1
ROWS_LEFT_OUT = 3  # exit status
NO_PREDICTION = ("prediction that isn't finite", "predictions that aren't finite")


def read_json(name):
    """Read a JSON file of this folder."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def load_model():
    """Load the model; its own classes come from model_code.py."""
    import keras
    import model_code  # noqa: F401 - registers them

    return keras.models.load_model(FOLDER / "model.keras", compile=False)


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


def write(answers, rows, labels, kind, stream):
    """Write the answers as CSV or JSON, each with the place of its row."""
    if kind == "json":
        placed = [{rows.title: place} | answer for place, answer in zip(rows.places, answers)]
        json.dump(placed, stream, ensure_ascii=False, indent=1)
        stream.write("\n")
        return
    writer = csv.writer(stream)
    targets = labels.get("targets")
    if targets:
        titles = [f"{t['target']} {title}" for t in targets for title in columns(t)]
        table = [[c for t in targets for c in cells(row[t["target"]])] for row in answers]
    else:
        titles, table = columns(labels), [cells(answer) for answer in answers]
    writer.writerow([rows.title, *titles])
    writer.writerows([place, *row] for place, row in zip(rows.places, table))


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
    inputs = load_inputs([FOLDER / "sample" / stored["input"]], schema).inputs
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


def predicted(rows, model, on_error):
    """Return the model's outputs of the rows that the flag keeps. Raises Refused."""
    rows.keep(on_error)
    outputs = OUTPUTS[model](rows.inputs)
    for i in np.flatnonzero(~np.isfinite(outputs).all(axis=1)):
        problem = "the prediction isn't a finite number."
        rows.note(rows.places[i], NO_PREDICTION, problem, lost=True)
    return outputs[rows.keep(on_error)]


def main():
    """Read the arguments, predict, write; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("inputs", nargs="*", type=Path, help="CSV, images, .npy or .npz")
    parser.add_argument("--format", choices=["csv", "json"], default="csv")
    parser.add_argument("--model", choices=list(OUTPUTS), default="model.keras")
    parser.add_argument("--output", type=Path, help="file to write; default: standard output")
    parser.add_argument(
        "--on-error",
        choices=["stop", "skip", "missing"],
        default="stop",
        help="of rows with problems: predict nothing (default), leave these rows out, or take "
        "such values as missing, which leaves out only rows that still can't be predicted",
    )
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
        rows = load_inputs(arguments.inputs, schema)
        outputs = predicted(rows, arguments.model, arguments.on_error)
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    target, closes = arguments.output or 1, arguments.output is not None
    with open(target, "w", encoding="utf-8", newline="", closefd=closes) as stream:
        write(described(outputs, labels), rows, labels, arguments.format, stream)
    if rows.problems:
        print(rows.report(), file=sys.stderr)
    left_out = rows.read - len(rows.places)
    if left_out:
        were = "row was" if left_out == 1 else "rows were"
        print(f"{left_out:,} {were} left out.", file=sys.stderr)
    return ROWS_LEFT_OUT if left_out else 0


if __name__ == "__main__":
    sys.exit(main())
