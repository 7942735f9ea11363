"""Arithmetic on named parameters, as defined parameters and constraints need it: values and exact derivatives."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sgsurvey.errors import EstimationError
from sgsurvey.numerics.linalg import Array
from sgsurvey.text import Text

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
        functions = {id(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Name) and id(node) not in functions]
        return tuple(dict.fromkeys(node.id for node in sorted(found, key=lambda node: node.col_offset)))

    def value(self, known: Mapping[str, complex]) -> complex:
        """Its value where the parameters have the values ``known``.

        Raises
        ------
        EstimationError
            There it has none: a division by 0, the logarithm or root of a negative number, a number too large.
        """
        try:
            with np.errstate(all="ignore"):
                found = complex(_evaluated(self.tree, known))
        except ArithmeticError:
            found = complex("nan")
        # The step of a derivative is far smaller than this: what is left of it is no real number.
        if not np.isfinite(found) or abs(found.imag) > np.sqrt(STEP):
            raise EstimationError(
                Text(
                    f"公式“{self.text}”在估计值处没有值。", f"the formula '{self.text}' has no value at the estimates."
                ),
                where="model",
                remedy=Text(
                    "请检查除数是否为0、对数或平方根内是否为负。",
                    "Check for a division by 0, and for the logarithm or root of a negative number.",
                ),
            )
        return found

    def slope(self, known: Mapping[str, float], names: tuple[str, ...]) -> Array:
        """Derivatives with respect to ``names``; shape (len(names),)."""
        mine = set(self.names)
        moved = ({**known, name: known[name] + STEP * 1j} if name in mine else None for name in names)
        return np.array([0.0 if at is None else np.imag(self.value(at)) / STEP for at in moved])


def expression(text: str, where: Text) -> Expression:
    """Read a formula that stands at ``where``.

    Raises
    ------
    EstimationError
        When it holds anything else.
    """
    shown = "".join(text.split())
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except SyntaxError:
        raise _strange(shown, where) from None
    if not all(_known(node) for node in ast.walk(tree)):
        raise _strange(shown, where)
    return Expression(shown, tree)


def _strange(shown: str, where: Text) -> EstimationError:
    return EstimationError(
        Text(f"“{shown}”不是可用的公式。", f"'{shown}' is no formula that can be used."),
        where=where,
        remedy=Text(
            f"公式中只能有参数标签、数字、括号、+ - * / ^，以及{'、'.join(FUNCTIONS)}。",
            f"Use labels of parameters, numbers, brackets, + - * / ^ and {', '.join(FUNCTIONS)}.",
        ),
    )


def _known(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        named = isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
        return named and len(node.args) == 1 and not node.keywords
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.operator):
        return type(node) in BINARY
    return isinstance(node, ast.BinOp | ast.UnaryOp | ast.Name | ast.USub | ast.UAdd | ast.Load)


def _evaluated(node: ast.expr, known: Mapping[str, complex]) -> complex:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return complex(node.value)
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
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return FUNCTIONS[node.func.id](_evaluated(node.args[0], known))
    raise TypeError(f"expression() lets no {type(node).__name__} through")
