"""All parts that custom code may have, in the order of the page."""

import ast
from types import ModuleType

from experiments.training.child.contracts.contract import Contract, Found
from experiments.training.child.contracts.functions import FUNCTIONS
from experiments.training.child.contracts.model import FIT, MODEL
from experiments.training.code_messages import CodePart

CONTRACTS: tuple[Contract, ...] = (MODEL, FIT, *FUNCTIONS)


def found_parts(module: ModuleType, tree: ast.Module) -> list[tuple[Contract, Found]]:
    """Everything that the code brings."""
    return [(kind, found) for kind in CONTRACTS for found in kind.find(module, tree)]


def parts_of(module: ModuleType, tree: ast.Module) -> list[CodePart]:
    """The same as messages."""
    return [
        CodePart(kind.kind, kind.label, found.name, found.line)
        for kind, found in found_parts(module, tree)
    ]
