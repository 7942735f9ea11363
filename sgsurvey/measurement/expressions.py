"""Arithmetic on named parameters, as defined parameters and constraints need it: values and exact derivatives."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sgsurvey.numerics.linalg import Array

BINARY: dict[type[ast.operator], Callable[[complex, complex], complex]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
FUNCTIONS: dict[str, Callable[[complex], complex]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}
# The complex step: derivatives without differences, exact to rounding.  Squire and Trapp (1998), SIAM Review 40, 110.
STEP = 1e-100


@dataclass(frozen=True)
class Expression:
    """A formula of parameters: ``+ - * / ^``, brackets, numbers, exp, log and sqrt.

    Attributes
    ----------
    text : str
        As it was written.
    tree : ast.expr
    """

    text: str
    tree: ast.expr

    @property
    def names(self) -> tuple[str, ...]:
        """Parameters it speaks of, each once, in order."""
        called = {node.func.id for node in ast.walk(self.tree) if isinstance(node, ast.Call)}  # type: ignore[attr-defined]
        found = [node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id not in called]
        return tuple(dict.fromkeys(found))

    def value(self, known: Mapping[str, complex]) -> complex:
        """Its value where the parameters have the values ``known``."""
        return _evaluated(self.tree, known)

    def slope(self, known: Mapping[str, float], names: tuple[str, ...]) -> Array:
        """Derivatives with respect to ``names``; shape (len(names),)."""
        steps = ({**known, name: known[name] + STEP * 1j} for name in names)
        return np.array([np.imag(self.value(at)) / STEP if n in self.names else 0.0 for n, at in zip(names, steps)])  # noqa: B905


def expression(text: str) -> Expression:
    """Read a formula.

    Raises
    ------
    ValueError
        With what is wrong in it, as a clause without a full stop.
    """
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except SyntaxError:
        raise ValueError(f"'{text.strip()}' is no formula") from None
    for node in ast.walk(tree):
        _check(node, text.strip())
    return Expression(text.strip(), tree)


def _check(node: ast.AST, text: str) -> None:
    known = (ast.BinOp, ast.UnaryOp, ast.Name, ast.Call, ast.Constant, ast.operator, ast.USub, ast.UAdd, ast.Load)
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or len(node.args) != 1:
            raise ValueError(f"'{text}' calls a function other than {', '.join(FUNCTIONS)}")
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise ValueError(f"'{text}' holds {node.value!r}, which is no number")
    elif not isinstance(node, known) or (isinstance(node, ast.operator) and type(node) not in BINARY):
        raise ValueError(f"'{text}' holds more than + - * / ^, brackets, numbers and names of parameters")


def _evaluated(node: ast.expr, known: Mapping[str, complex]) -> complex:
    if isinstance(node, ast.Constant):
        return complex(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return known[node.id]
    if isinstance(node, ast.UnaryOp):
        inner = _evaluated(node.operand, known)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp):
        left, right = _evaluated(node.left, known), _evaluated(node.right, known)
        if isinstance(node.op, ast.Pow) and np.imag(right) == 0 and float(np.real(right)).is_integer():
            # Whole powers of negative numbers stay real.
            return complex(left) ** int(np.real(right))
        return BINARY[type(node.op)](left, right)
    call: ast.Call = node  # type: ignore[assignment]
    return FUNCTIONS[call.func.id](_evaluated(call.args[0], known))  # type: ignore[attr-defined]
