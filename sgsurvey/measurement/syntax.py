"""A structural model as it is written: factors, regressions, covariances, intercepts, labels, constraints.

The words are those of lavaan's model syntax (Rosseel 2012, Journal of Statistical Software 48(2), 1-36), read by a
parser of our own::

    quality =~ FUN1 + FUN2 + a*FUN3        # a factor and its items; a label
    trust ~ b*quality + age                # a regression
    FUN1 ~~ FUN2                           # a covariance of residuals
    FUN1 ~ 1                               # an intercept
    indirect := a*b                        # a defined parameter
    a == b                                 # a linear constraint

A modifier is a number (fixed), NA (free), a word (a label: equal labels are one parameter), start(0.8), or c(...) with
one of these for each group; several are joined by ``*``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

from sgsurvey.errors import EstimationError
from sgsurvey.measurement.expressions import Expression, expression
from sgsurvey.text import Text

Fixed = float | None

MODEL = Text("模型", "model")
RELATIONS = ("=~", "~~", "~")
TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\f]+) | (?P<comment>[\#!][^\n]*) | (?P<end>[\n;]) |
    (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])) |
    (?P<operator>=~|~~|:=|==|<~|~\*~|[~+*(),<>|/^-]) |
    (?P<quoted>`[^`\n]+`|"[^"\n]*"|'[^'\n]*') |
    (?P<name>[^\W\d][\w.]*)
    """,
    re.VERBOSE,
)
# What lavaan has and this parser does not, with the way round.
REFUSED = {
    "<~": ("composites", "复合变量", "Give the composite a score of its own, as a column.", "请先把合成得分算成一列。"),
    "~*~": ("scaling factors", "尺度因子", "Leave the line out.", "请删去这一行。"),
    "|": ("thresholds", "阈值", "Leave them out: they are estimated.", "请删去这一行：阈值会自动估计。"),
    "<": (
        "inequalities",
        "不等式约束",
        "Use '==', or look at the estimate's sign.",
        "请改用“==”，或直接看估计值的符号。",
    ),
    ">": (
        "inequalities",
        "不等式约束",
        "Use '==', or look at the estimate's sign.",
        "请改用“==”，或直接看估计值的符号。",
    ),
}


@dataclass(frozen=True)
class Term:
    """One relation of two variables.

    Attributes
    ----------
    lhs, op, rhs : str
        ``op`` is ``=~``, ``~~``, ``~`` or ``~1`` (``rhs`` empty).
    fixed : tuple of float or None
        One for each group, or one for all; None leaves the parameter free; empty where nothing was said.
    labels : tuple of str
        Likewise; "" for none.
    starts : tuple of float or None
    where : str
        Line and column.
    """

    lhs: str
    op: str
    rhs: str
    fixed: tuple[Fixed, ...] = ()
    labels: tuple[str, ...] = ()
    starts: tuple[Fixed, ...] = ()
    where: Text = field(default=Text("", ""), compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it one parameter: a covariance is the same in either order."""
        if self.op == "~~":
            first, second = sorted((self.lhs, self.rhs))
            return first, self.op, second
        return self.lhs, self.op, self.rhs


@dataclass(frozen=True)
class Defined:
    """``name := formula``."""

    name: str
    formula: Expression
    where: Text = field(default=Text("", ""), compare=False)


@dataclass(frozen=True)
class Constraint:
    """``left == right``."""

    left: Expression
    right: Expression
    where: Text = field(default=Text("", ""), compare=False)

    @property
    def text(self) -> str:
        """As it was written."""
        return f"{self.left.text} == {self.right.text}"


@dataclass(frozen=True)
class Written:
    """A model as it was written, each relation once."""

    terms: tuple[Term, ...]
    defined: tuple[Defined, ...] = ()
    constraints: tuple[Constraint, ...] = ()

    @property
    def latent(self) -> tuple[str, ...]:
        """Factors, in order."""
        return tuple(dict.fromkeys(term.lhs for term in self.terms if term.op == "=~"))

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables, in order; factors among them."""
        found = [name for term in self.terms for name in (term.lhs, term.rhs) if name]
        return tuple(dict.fromkeys(found))

    @property
    def observed(self) -> tuple[str, ...]:
        """What must be among the data, the items of factors first."""
        latent = set(self.latent)
        items = [term.rhs for term in self.terms if term.op == "=~"]
        return tuple(name for name in dict.fromkeys([*items, *self.variables]) if name not in latent)

    def measured(self, items: Mapping[str, Sequence[str]]) -> Written:
        """The same model with more factors, each measured by its items; their lines come first."""
        more = tuple(Term(factor, "=~", item) for factor, group in items.items() for item in group)
        return replace(self, terms=(*more, *self.terms))


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    line: int
    column: int

    @property
    def where(self) -> Text:
        return Text(f"模型第{self.line}行第{self.column}列", f"model, line {self.line}, column {self.column}")


def parse(text: str) -> Written:
    """Read a model.

    Raises
    ------
    EstimationError
        With line and column of what cannot be read.
    """
    terms: dict[tuple[str, str, str], Term] = {}
    defined: list[Defined] = []
    constraints: list[Constraint] = []
    for line in _statements(text):
        at = _relation(line)
        left, sign, right = line[:at], line[at], line[at + 1 :]
        if sign.text in REFUSED:
            what, chinese, remedy, mend = REFUSED[sign.text]
            _refuse(sign, f"“{sign.text}”（{chinese}）不能使用", f"'{sign.text}' ({what}) is not taken", mend, remedy)
        if not left or not right:
            _refuse(sign, f"“{sign.text}”的一侧是空的", f"one side of '{sign.text}' is empty")
        if sign.text == ":=":
            if len(left) != 1 or left[0].kind != "name":
                _refuse(left[0], "“:=”左侧须是一个名称", "the left side of ':=' must be one name")
            defined.append(Defined(left[0].text, _formula(right), left[0].where))
        elif sign.text == "==":
            constraints.append(Constraint(_formula(left), _formula(right), left[0].where))
        else:
            for term in _terms(left, sign, right):
                terms[term.key] = _joined(terms.get(term.key), term)
    if not terms:
        raise EstimationError(
            Text("模型是空的。", "the model is empty."),
            where=MODEL,
            remedy=Text("请写出至少一个因子，如 F =~ x1 + x2 + x3。", "Write a factor, as in F =~ x1 + x2 + x3."),
        )
    return Written(tuple(terms.values()), tuple(defined), tuple(constraints))


def from_factors(factors: Mapping[str, Sequence[str]]) -> Written:
    """The model of ``{factor: [items]}``: every item measures one factor."""
    for factor, items in factors.items():
        if isinstance(items, str) or not items:
            raise EstimationError(
                Text(f"因子“{factor}”须给出题项列表。", f"factor '{factor}' needs a list of items."),
                where=MODEL,
                remedy=Text("如 {'F': ['x1', 'x2', 'x3']}。", "As in {'F': ['x1', 'x2', 'x3']}."),
            )
    return Written(()).measured(factors)


def _tokens(text: str) -> Iterator[_Token]:
    at, line, line_start = 0, 1, 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            token = _Token("unknown", text[at], line, at - line_start + 1)
            _refuse(token, f"不能识别字符“{text[at]}”", f"the character '{text[at]}' means nothing here")
        kind, found = str(match.lastgroup), match.group()
        if kind not in ("space", "comment"):
            shown = found[1:-1] if kind == "quoted" else found
            yield _Token("name" if kind == "quoted" else kind, shown, line, at - line_start + 1)
        if found == "\n":
            line, line_start = line + 1, match.end()
        at = match.end()


def _statements(text: str) -> Iterator[list[_Token]]:
    """Lines that belong together: one goes on after an operator, inside brackets, or when the next begins with one."""
    statement: list[_Token] = []
    depth, tokens = 0, list(_tokens(text))
    for place, token in enumerate(tokens):
        if token.kind != "end":
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "operator" else 0
            statement.append(token)
            continue
        following = next((t for t in tokens[place + 1 :] if t.text != "\n"), None)
        goes_on = following is not None and following.kind == "operator" and following.text in ("+", "*", ")")
        open_ = bool(statement) and statement[-1].kind == "operator" and statement[-1].text != ")"
        if token.text == "\n" and statement and (open_ or goes_on or depth > 0):
            continue
        if statement:
            yield statement
        statement, depth = [], 0
    if statement:
        yield statement


def _relation(line: list[_Token]) -> int:
    """Where the operator that relates both sides stands."""
    signs = [i for i, t in enumerate(line) if t.kind == "operator" and t.text in (*RELATIONS, ":=", "==", *REFUSED)]
    if not signs:
        _refuse(line[0], "这一行没有“=~”“~”“~~”“:=”或“==”", "this line has none of =~, ~, ~~, := and ==")
    if len(signs) > 1:
        again = line[signs[1]]
        _refuse(again, f"同一行有第二个关系符“{again.text}”", f"a second '{again.text}' stands in one line")
    return signs[0]


def _formula(tokens: list[_Token]) -> Expression:
    return expression(" ".join(t.text for t in tokens), tokens[0].where)


def _terms(left: list[_Token], sign: _Token, right: list[_Token]) -> Iterator[Term]:
    """All pairs of a variable on the left and one on the right, with the modifiers of the right."""
    names = []
    for part in _parts(left, sign):
        if len(part) != 1 or part[0].kind != "name":
            _refuse(part[0], "关系符左侧只能是变量名", "only names of variables may stand on the left side")
        names.append(part[0].text)
    for part in _parts(right, sign):
        *modifiers, target = _split(part, "*")
        if len(target) != 1 or target[0].kind not in ("name", "number"):
            _refuse(target[0] if target else part[-1], "“*”之后须是变量名", "a variable's name must follow here")
        said = target[0]
        intercept = said.kind == "number"
        if intercept and (said.text != "1" or sign.text != "~"):
            _refuse(said, f"数字{said.text}不是变量", f"the number {said.text} is no variable")
        for name in names:
            op, rhs = ("~1", "") if intercept else (sign.text, said.text)
            if rhs == name and op != "~~":
                _refuse(said, f"“{name}”不能{'测量' if op == '=~' else '解释'}自己", f"'{name}' cannot explain itself")
            term = Term(name, op, rhs, where=said.where)
            for modifier in modifiers:
                term = _modified(term, modifier, said)
            yield term


def _parts(tokens: list[_Token], sign: _Token) -> list[list[_Token]]:
    parts = _split(tokens, "+")
    if not all(parts):
        _refuse(sign, "有一个“+”的一侧是空的", "a '+' has nothing on one side")
    return parts


def _split(tokens: list[_Token], mark: str) -> list[list[_Token]]:
    """Pieces between the marks outside brackets."""
    pieces: list[list[_Token]] = [[]]
    depth = 0
    for token in tokens:
        operator = token.kind == "operator"
        depth += {"(": 1, ")": -1}.get(token.text, 0) if operator else 0
        if operator and token.text == mark and depth == 0:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _modified(term: Term, tokens: list[_Token], target: _Token) -> Term:
    """``term`` with one modifier more."""
    if not tokens:
        _refuse(target, "“*”之前是空的", "nothing stands before '*'")
    call = len(tokens) > 2 and tokens[1].text == "(" and tokens[-1].text == ")"
    if call and tokens[0].text in ("start", "c"):
        inside = [_value(part, tokens[0]) for part in _split(tokens[2:-1], ",")]
        if tokens[0].text == "start":
            if any(isinstance(value, str) or value is None for value in inside):
                _refuse(tokens[0], "start()中须是数字", "start() takes numbers")
            return replace(term, starts=tuple(v for v in inside if not isinstance(v, str)))
        words = [isinstance(value, str) for value in inside]
        if any(words):
            return replace(term, labels=tuple(value if isinstance(value, str) else "" for value in inside))
        return replace(term, fixed=tuple(v for v in inside if not isinstance(v, str)))
    value = _value(tokens, tokens[0])
    return replace(term, labels=(value,)) if isinstance(value, str) else replace(term, fixed=(value,))


def _value(tokens: list[_Token], near: _Token) -> float | str | None:
    """A modifier: a number, a label, or None for NA."""
    sign = -1.0 if tokens and tokens[0].text == "-" and tokens[0].kind == "operator" else 1.0
    rest = tokens[1:] if sign < 0 else tokens
    if len(rest) != 1 or rest[0].kind not in ("name", "number"):
        _refuse(rest[min(1, len(rest) - 1)] if rest else near, "这个修饰不能识别", "this modifier is not understood")
    if rest[0].kind == "number":
        return sign * float(rest[0].text)
    return None if rest[0].text == "NA" else rest[0].text


def _joined(first: Term | None, second: Term) -> Term:
    """One relation said twice: later modifiers are added to earlier ones."""
    if first is None:
        return second
    return replace(
        first,
        fixed=second.fixed or first.fixed,
        labels=second.labels or first.labels,
        starts=second.starts or first.starts,
    )


def _refuse(token: _Token, chinese: str, english: str, mend: str = "", remedy: str = "") -> NoReturn:
    raise EstimationError(
        Text(f"{chinese}。", f"{english}."),
        where=token.where,
        remedy=Text(
            mend or "请按 F =~ x1 + x2、y ~ x、x1 ~~ x2、a := b*c 的写法改正。",
            remedy or "Write it as in F =~ x1 + x2, y ~ x, x1 ~~ x2, or a := b*c.",
        ),
    )
