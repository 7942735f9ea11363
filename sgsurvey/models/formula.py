"""Formulas over constructs, items and columns: what may be written, and how it is written out.

A formula is read here, word by word; formulaic only ever sees neutral names (``f0 + f1 * f2``), so that nothing a study
file holds is run as code, and a column may be called anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import pandas as pd
from formulaic import Formula as FormulaicFormula
from formulaic.errors import FormulaParsingError, FormulaSyntaxError

from sgsurvey.errors import DataError, did_you_mean

Treatment = Literal["as_is", "category", "centred", "standardised"]
FUNCTIONS: dict[str, Treatment] = {"C": "category", "center": "centred", "standardise": "standardised"}
TOKEN = re.compile(r"(?P<name>`[^`]+`|[^\W\d][\w.]*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[~+\-:*()])")


@dataclass(frozen=True, slots=True)
class Factor:
    """A variable as a formula treats it: ``FUN``, ``C(age5)``, ``center(FUN)``."""

    name: str
    variable: str
    treatment: Treatment = "as_is"


@dataclass(frozen=True)
class Formula:
    """A formula that was read: its outcome, its factors, and its right side over ``f0, f1 …`` for formulaic."""

    text: str
    outcome: Factor
    factors: tuple[Factor, ...]
    right: str

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of all variables, the outcome first."""
        return tuple(dict.fromkeys([self.outcome.variable, *(f.variable for f in self.factors)]))


# Reading ----------------------------------------------------------------------------------------------


def read_formula(text: str) -> Formula:
    """Read ``"SAT ~ FUN + C(age5)"``.

    Allowed are names (in backticks if they hold blanks), ``~ + - : * ( )``, ``0`` and ``1`` for the intercept, and
    ``C()``, ``center()``, ``standardise()`` around one name.

    Raises
    ------
    DataError
        Anything else; said with the place.
    """
    if not isinstance(text, str) or text.count("~") != 1:
        raise DataError(
            "a formula has one '~' between outcome and predictors.",
            where=f"formula '{text}'",
            remedy="Write it like 'SAT ~ FUN + C(age5)'.",
        )
    left, right = text.split("~")
    outcome = list(_pieces(left, text))
    if len(outcome) != 1 or not isinstance(outcome[0], Factor) or outcome[0].treatment == "category":
        raise DataError(
            "the left side is one numeric variable.", where=f"formula '{text}'", remedy="Name one outcome before '~'."
        )
    factors: list[Factor] = []
    words: list[str] = []
    for piece in _pieces(right, text):
        if isinstance(piece, Factor):
            if piece not in factors:
                factors.append(piece)
            words.append(f"f{factors.index(piece)}")
        else:
            words.append(piece)
    _refuse_numbers_in_products(words, text)
    if outcome[0].variable in {f.variable for f in factors}:
        raise DataError(
            f"'{outcome[0].variable}' stands on both sides.",
            where=f"formula '{text}'",
            remedy="Take it out on the right.",
        )
    return Formula(text.strip(), outcome[0], tuple(factors), " ".join(words))


def _pieces(side: str, text: str) -> Iterator[Factor | str]:
    """Factors, signs and numbers of one side, in order."""
    tokens = list(_tokens(side, text))
    at = 0
    while at < len(tokens):
        kind, word = tokens[at]
        if kind != "name":
            yield word
            at += 1
        elif at + 1 < len(tokens) and tokens[at + 1] == ("sign", "("):
            argument = tokens[at + 2 : at + 4]
            if word not in FUNCTIONS:
                raise DataError(
                    f"'{word}()' is not a function of formulas.{did_you_mean(word, list(FUNCTIONS))}",
                    where=f"formula '{text}'",
                    remedy=f"Use {', '.join(f'{name}()' for name in FUNCTIONS)}, or compute the column before.",
                )
            if len(argument) != 2 or argument[0][0] != "name" or argument[1][1] != ")":
                raise DataError(
                    f"{word}() holds one name.",
                    where=f"formula '{text}'",
                    remedy=f"Write {word}(name) for one variable.",
                )
            variable = argument[0][1]
            yield Factor(f"{word}({variable})", variable, FUNCTIONS[word])
            at += 4
        else:
            yield Factor(word, word)
            at += 1


def _tokens(side: str, text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(side):
        if side[at].isspace():
            at += 1
            continue
        found = TOKEN.match(side, at)
        if found is None:
            raise DataError(
                f"'{side[at]}' has no meaning in a formula.",
                where=f"formula '{text}'",
                remedy="Use names, + - : * ( ) and C(); put names with blanks in backticks.",
            )
        yield cast(str, found.lastgroup), found[0].strip("`")
        at = found.end()


def _refuse_numbers_in_products(words: Sequence[str], text: str) -> None:
    """``0`` and ``1`` stand for the intercept alone; other numbers, and numbers in products, have no meaning here."""
    for i, word in enumerate(words):
        if word[0].isdigit():
            before, after = words[i - 1] if i else "+", words[i + 1] if i + 1 < len(words) else "+"
            if word not in ("0", "1") or before not in "+-" or after not in "+-":
                raise DataError(
                    f"the number {word} has no meaning here.",
                    where=f"formula '{text}'",
                    remedy="Only '+ 0', '- 1' (no intercept) and '+ 1' are allowed; compute other columns before.",
                )


def expand(formula: Formula, factors: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[int, ...]]]:
    """The design matrix of ``factors`` (columns ``f0, f1 …``), and the columns of each of its terms.

    Products are written out and categories coded against their first level, in full where the formula has no intercept.
    """
    try:
        matrix: Any = FormulaicFormula(formula.right).get_model_matrix(factors)
    except (FormulaParsingError, FormulaSyntaxError) as fault:
        raise DataError(
            "the right side cannot be read.",
            where=f"formula '{formula.text}'",
            remedy="Join terms with +, products with : or *, and close every parenthesis.",
        ) from fault
    spans = [tuple(columns) for columns in matrix.model_spec.term_indices.values() if len(columns)]
    return pd.DataFrame(matrix), spans
