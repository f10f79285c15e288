"""Separates a script's definitions from its statements.

A trial's source keeps the definitions and comments out the statements, so that it builds the model
anywhere; line numbers stay.
"""

import ast

from experiments.catalog.shipped_data import SHAPES

LOADS = ("load_data", "read_csv", "load", "loadtxt", "genfromtxt", "image_dataset_from_directory")
TRAINS = ("fit", "search", "evaluate", "predict", "fit_generator", "predict_classes")
SHAPES_MODEL = ("add", "compile")
TUNERS = ("RandomSearch", "BayesianOptimization", "Hyperband", "GridSearch", "Tuner")
DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def left_out(tree: ast.Module) -> list[tuple[int, int]]:
    """First and last lines of the statements at the outermost level that don't only define."""
    imported = {
        name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _bound(node)
    }
    tainted = set(SHAPES) if "load_data" in imported else {*SHAPES, "load_data"}
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    ranges = []
    for node in tree.body:
        if _defines(node, tainted - (own - {"load_data"})):
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.With):
            tainted |= _bound(node)
        ranges.append((node.lineno, node.end_lineno or node.lineno))
    return ranges


def _defines(node: ast.stmt, tainted: set[str]) -> bool:
    if isinstance(node, DEFINES) or _is_main_block(node) or _is_text(node):
        return True
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return not _touches(node, tainted)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        shapes = isinstance(called, ast.Attribute) and called.attr in SHAPES_MODEL
        return shapes and not _touches(node, tainted)
    return False


def _touches(node: ast.AST, tainted: set[str]) -> bool:
    """Whether it reads what was loaded, loads, trains or makes a tuner."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id in tainted and isinstance(each.ctx, ast.Load):
            return True
        if isinstance(each, ast.Call) and _called(each) in (*LOADS, *TRAINS, *TUNERS):
            return True
    return False


def _called(node: ast.Call) -> str:
    """The last part of the called name."""
    called = node.func
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _is_main_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def hypermodel_expression(tree: ast.Module, tuner: str, ranges: list[tuple[int, int]]) -> str:
    """The source of the tuner's hypermodel argument; empty where it uses names that aren't kept."""
    kept = [node for node in tree.body if (node.lineno, node.end_lineno) not in ranges]
    bound = {name for node in kept for name in _bound(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _called(node) != tuner:
            continue
        given = [each.value for each in node.keywords if each.arg == "hypermodel"] or node.args[:1]
        if not given:
            return ""
        first = given[0]
        names = {each.id for each in ast.walk(first) if isinstance(each, ast.Name)}
        return ast.unparse(first) if names <= bound else ""
    return ""


def reads_test_part(tree: ast.Module) -> bool:
    """Whether a script may read the second half of what `load_data()` of a named dataset returns.

    It doesn't where it unpacks it into names that it never reads, such as `_`.
    """
    read = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    loads = [node for node in ast.walk(tree) if _loads(node)]
    unread = 0
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Assign) and _loads(node.value)):
            continue
        for target in node.targets:
            halves = target.elts if isinstance(target, ast.Tuple) else []
            if len(halves) == 2 and _names(halves[1]) and not read & _names(halves[1]):
                unread += 1
    return unread < len(loads)


def _loads(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _called(node) == "load_data"


def _names(target: ast.expr) -> set[str]:
    """The names that a target binds; empty where it binds something else too."""
    nodes = [each for each in ast.walk(target) if isinstance(each, ast.expr)]
    names = {each.id for each in nodes if isinstance(each, ast.Name)}
    return names if all(isinstance(each, ast.Name | ast.Tuple) for each in nodes) else set()


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(each.asname or each.name).partition(".")[0] for each in node.names}
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
