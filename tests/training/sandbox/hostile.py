"""Code that means harm, as its author would paste it. `build` runs in a trial's child."""

MODEL = """
import keras

def model():
    net = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return net
"""
GOOD = MODEL + "\ndef build(hp):\n    return model()\n"


def building(*lines):
    """A model whose build does something first."""
    body = "\n".join(f"    {line}" for line in lines)
    return f"{MODEL}\ndef build(hp):\n{body}\n    return model()\n"


FORK_BOMB = building(
    "import os",
    "while True:",
    "    try:",
    "        os.fork()",
    "    except OSError:",
    "        pass",
)
ENDLESS = building("while True:", "    pass")
SLEEPS_ON_TERM = building(
    "import signal, time", "signal.signal(signal.SIGTERM, signal.SIG_IGN)", "time.sleep(600)"
)
HOG = building("kept = []", "while True:", "    kept.append(bytearray(b'x' * (20 << 20)))")
FAMILY_HOG = building(
    "import os, time",
    "for _ in range(8):",
    "    if os.fork() == 0:",
    "        os.setsid()",
    "        kept = bytearray(b'x' * (300 << 20))",
    "        time.sleep(60)",
    "time.sleep(60)",
)
PRINTS_A_GIGABYTE = building("line = 'x' * 1000", "for _ in range(1_000_000):", "    print(line)")
WRITES_A_GIGABYTE = building(
    "for n in range(20):",
    "    with open(f'big-{n}', 'wb') as file:",
    "        file.write(b'x' * (40 << 20))",
    "import time",
    "time.sleep(60)",
)
TOO_LARGE_A_FILE = building(
    "with open('big', 'wb') as file:", "    file.write(b'x' * (60 << 20))", "    file.flush()"
)
KILLS_ITS_PARENT = building(
    "import os, signal",
    "os.kill(os.getppid(), signal.SIGKILL)",
    "os.kill(1, signal.SIGSTOP)",
)
KILLS_EVERYONE = building("import os, signal", "os.kill(-1, signal.SIGKILL)")
LEAVES_BY_EXIT = building("import os", "os._exit(3)")
OUTLIVES = building(
    "import os, time",
    "if os.fork() == 0:",
    "    os.setsid()",
    "    if os.fork() == 0:",
    "        open('/tmp/left', 'w').write('for the next one')",
    "        time.sleep(600)",
    "    os._exit(0)",
    "while not os.path.exists('/tmp/left'):",
    "    time.sleep(0.01)",
)
LOOKS_BACK = building(
    "import os",
    "assert not os.path.exists('/tmp/left'), 'a file of the trial before'",
    "others = [n for n in os.listdir('/proc') if n.isdigit() and int(n) not in (1, os.getpid())]",
    "assert not others, others",
)
CHANNEL = """
import gc, json, struct
from experiments.training.child.channel import Channel

def tell(text):
    channel = next(each for each in gc.get_objects() if isinstance(each, Channel))
    sock = next(each for each in vars(channel).values() if hasattr(each, "sendall"))
    sock.sendall(struct.pack("!I", len(text)) + text.encode())
"""
EPOCH = '{"type": "EpochEnd", "execution": 1, "epoch": 1, "metrics": {METRICS}, "seconds": 0.1}'


def telling(metrics):
    """Code that tells the worker of an epoch by itself."""
    text = EPOCH.replace("{METRICS}", metrics)
    return CHANNEL + building(f"tell({text!r})")


TELLS_INFINITY = telling('{"val_loss": 1e999}')
TELLS_TOO_LARGE = telling('{"val_loss": 1' + "0" * 400 + "}")
TELLS_MANY = CHANNEL + building(
    "many = {f'metric-{n}': 0.5 for n in range(600)}",
    f"tell({EPOCH!r}.replace('{{METRICS}}', json.dumps(many)))",
)
LEAVES_HOLES = (
    MODEL
    + """
import os

class Sly(keras.Sequential):
    def save(self, path, *args, **kwargs):
        super().save(path, *args, **kwargs)
        os.truncate(path, 45 << 20)

def build(hp):
    net = Sly([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return net
"""
)
LINKS_A_SECRET = (
    MODEL
    + """
import os

class Sly(keras.Sequential):
    def save(self, path, *args, **kwargs):
        super().save(path, *args, **kwargs)
        os.unlink(path)
        os.symlink({secret!r}, path)

def build(hp):
    net = Sly([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return net
"""
)

HUNTS_DATASETS = """
import bz2, gzip, importlib.resources, lzma, os, re, sys, zipfile, zlib

LOADERS = ("load_iris", "load_digits", "load_wine", "load_breast_cancer", "load_diabetes")
SEARCHED = ("/usr", sys.prefix, sys.base_prefix, os.environ["PYTHONPATH"])
PLAIN = (".csv", ".tsv", ".txt", ".data", ".dat", ".json", ".arff", ".tab", ".names", "")
PACKED = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}

def tell(rows, where):
    print("FOUND" if rows else "nothing", rows, where)

def load():
    from sklearn import datasets
    for name in LOADERS:
        try:
            tell(len(getattr(datasets, name)().data), name)
        except ImportError as error:
            print("refused", name, error)

def paths():
    import sklearn.datasets
    folder = os.path.join(os.path.dirname(sklearn.datasets.__file__), "data")
    for name in FILES:
        try:
            tell(len(open(os.path.join(folder, name), "rb").read()), name)
        except OSError:
            print("refused", name)
        try:
            tell(len(importlib.resources.files("sklearn.datasets").joinpath("data", name).read_bytes()), name)
        except OSError:
            print("refused", name)
        try:
            tell(len(importlib.resources.files("sklearn.datasets.data").joinpath(name).read_bytes()), name)
        except (OSError, ImportError):
            print("refused", name)

def contents(path):
    ending = os.path.splitext(path)[1].lower()
    try:
        if ending in PACKED:
            with PACKED[ending](path) as packed:
                yield packed.read()
        elif ending in (".zip", ".npz", ".whl"):
            with zipfile.ZipFile(path) as packed:
                yield from (packed.read(name) for name in packed.namelist())
        elif ending in PLAIN and os.path.getsize(path) < 4 << 20:
            with open(path, "rb") as plain:
                yield plain.read()
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile):
        return  # what can't be unpacked holds no rows that code could read

def walk(tops):
    marks, files = [re.compile(mark.encode()) for mark in MARKS], 0
    for path in {os.path.join(at, name) for top in tops for at, _, names in os.walk(top) for name in names}:
        for content in contents(path):
            files += 1
            if found := sum(mark.search(content) is not None for mark in marks):
                tell(found, path)
    print("LOOKED INTO", files, "files")

def works():
    from sklearn.datasets import make_classification
    from sklearn.metrics import accuracy_score
    from sklearn.preprocessing import StandardScaler
    x, y = make_classification(60, random_state=0)
    print("WORKS", StandardScaler().fit_transform(x).shape, accuracy_score(y, y))

def build(hp):
    works()
    load()
    paths()
    if WALKS:
        walk(map(os.path.realpath, SEARCHED))
"""
