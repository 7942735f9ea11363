"""Hypotheses declared beforehand, each held against the line of a result that it is about (假设检验汇总)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from sgsurvey.causes.families import NAMES, check_adjustment
from sgsurvey.causes.hypothesis_sentences import of_hypotheses
from sgsurvey.errors import EstimationError, nearest_word
from sgsurvey.numerics.equivalence import two_one_sided
from sgsurvey.numerics.multiplicity import Adjustment, adjusted
from sgsurvey.tables.claims import NAMES as CLAIMS
from sgsurvey.tables.claims import ClaimLevel
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.overclaims import overclaims_in
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Cell, Column, Table
from sgsurvey.tables.telling import lines
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

Expectation = Literal["positive", "negative", "none"]
Verdict = Literal["supported", "small", "not supported", "undecided", "described", "not examined"]
EXPECTATIONS: dict[Expectation, Text] = {
    "positive": Text("正", "positive"),
    "negative": Text("负", "negative"),
    "none": Text("差别可忽略", "no difference that matters"),
}
VERDICTS: dict[Verdict, Text] = {
    "supported": Text("支持", "supported"),
    "small": Text("方向一致，但小于界值", "as expected, but within the margin"),
    "not supported": Text("不支持", "not supported"),
    "undecided": Text("尚不能判定", "undecided"),
    "described": Text("仅描述", "description only"),
    "not examined": Text("未检验", "not examined"),
}
NOT_MADE = Text("没有做这项分析", "this analysis was not made")
NO_LINE = Text("结果中没有这一项", "the result has no such line")
DESCRIBED = Text("{e}；两组的测量未证明可比，仅作描述", "{e}; not shown to be comparable, description only")
TOO_FEW = Text("人数过少，不予显示", "too few to be shown")


@dataclass(frozen=True)
class Hypothesis:
    """What is expected of one number, declared before the data came.

    Attributes
    ----------
    name : str
        ``H1``.
    statement : Text
        In words.
    result : str
        Name of the result that it is about.
    line : mapping of column to value
        Which line of the result's tidy frame: ``{"term": "MGT"}``; where there is none, it was not examined.
    expect : "positive", "negative" or "none"
        ``none``: a difference that is too small to matter.
    margin : float or None
        The smallest size that matters, in the units of the number; ``none`` needs one.

    Raises
    ------
    EstimationError
        An unknown expectation, a margin that is not above 0, or none where one is needed.
    """

    name: str
    statement: Text
    result: str
    line: Mapping[str, object]
    expect: Expectation = "positive"
    margin: float | None = None

    def __post_init__(self) -> None:
        if self.expect not in get_args(Expectation):
            raise EstimationError(
                Text(f"没有“{self.expect}”这种预期。", f"there is no expectation '{self.expect}'."),
                where=self.name,
                remedy=Text("请用positive、negative或none。", "Use positive, negative or none."),
            )
        if (self.margin is None and self.expect == "none") or (self.margin is not None and not self.margin > 0):
            raise EstimationError(
                Text("“差别可忽略”须有大于0的界值。", "that nothing matters needs a margin above 0."),
                where=self.name,
                remedy=Text("请事先声明多大的差别才算重要。", "Declare beforehand from which size on it matters."),
            )


# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HypothesisSummary(Result):
    """Hypotheses with their evidence and what it says of them.

    Attributes
    ----------
    frame : DataFrame
        One row per hypothesis: ``hypothesis, statement`` (Text), ``result, expect, estimate, std_error, df, conf_low,
        conf_high, p_value, p_adjusted`` (two-sided, of no difference), ``margin, p_equivalence,
        p_equivalence_adjusted`` (of a size within the margin; nan without one), ``evidence`` (Text, with the digits of
        the result's own table), ``verdict``.
    adjust : "holm", "BH" or "none"
        How the p-values of all hypotheses are adjusted together; those of equivalence are a family of their own.
    alpha : float
    beyond : tuple of str
        Hypotheses whose statements claim more than the design allows.
    """

    adjust: Adjustment
    alpha: float
    beyond: tuple[str, ...] = field(default=())

    def _table(self) -> Table:
        shown = self.frame.assign(
            expect=[EXPECTATIONS[expect] for expect in self.frame["expect"]],
            verdict=[VERDICTS[verdict] for verdict in self.frame["verdict"]],
        )
        columns = [
            Column("hypothesis", HEADS["hypothesis"], "text"),
            Column("statement", Text("内容", "Statement"), "text"),
            Column("expect", Text("预期", "Expected"), "text"),
            Column("evidence", HEADS["evidence"], "text"),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
        ]
        if self.frame["margin"].notna().any():
            columns += [
                Column("margin", Text("界值（±）", "Margin (±)")),
                Column("p_equivalence_adjusted", Text("等价检验p", "Equivalence p"), "p"),
            ]
        columns.append(Column("verdict", HEADS["verdict"], "text"))
        title = Text("假设检验汇总", "Summary of the hypotheses")
        table = Table.from_frame(shown, columns, id="hypotheses", title=title, notes=self._notes())
        return table.telling(*of_hypotheses(table, VERDICTS))

    def _notes(self) -> tuple[Text, ...]:
        """What decides, how far the words may go, and which statements go further."""
        tested, within = (int(self.frame[key].notna().sum()) for key in ("p_value", "p_equivalence"))
        notes = [
            Text(
                "方向假设：校正后p < {a}且符号相符者为支持；符号相反，或等价检验表明小于界值者为不支持；其余尚不能判定"
                "（不显著不等于没有差别）。“差别可忽略”由等价检验（两个单侧检验）判定。{how}：{m}个差异检验，{k}个等价检验；"
                "没有p值的，按置信区间判定。",
                "A direction is supported where adjusted p < {a} and the sign is as expected, not supported where the "
                "sign is the other or an equivalence test shows it to be within the margin, else undecided: not "
                "significant is not none. That nothing matters is shown by equivalence (two one-sided tests). {how}: "
                "{m} tests of difference, {k} of equivalence. What has no p is judged by its interval.",
            ).format(a=in_prose(self.alpha, "bounded", 2), how=NAMES[self.adjust], m=tested, k=within),
        ]
        if self.claim < 3:
            notes.append(
                Text(
                    "“支持”只说明数据与假设相符，属于“{c}”层级，不表示因果。",
                    "Supported says that the data are as stated; the level of the claim is {c}, never a cause.",
                ).format(c=CLAIMS[self.claim])
            )
        if self.beyond:
            notes.append(
                Text(
                    "{zh}的表述超出了研究设计所能支持的层级，应读作“相关联”。",
                    "The words of {en} claim more than the design allows: read them as 'is associated with'.",
                ).format(zh="、".join(self.beyond), en=", ".join(self.beyond))
            )
        return tuple(notes)


# Door -------------------------------------------------------------------------------------------------------


def hypothesis_summary(
    results: Mapping[str, Result | Text],
    hypotheses: Sequence[Hypothesis],
    *,
    adjust: Adjustment = "holm",
    alpha: float = 0.05,
) -> HypothesisSummary:
    """Hold each hypothesis against the line of the result that it is about.

    Parameters
    ----------
    results : mapping of name to Result, or to Text
        What was found; a Text is the reason why an analysis was not made, and so is a name that is missing.
    hypotheses : sequence of Hypothesis
        In the order of the table.
    adjust : "holm", "BH" or "none"
        How the p-values of the hypotheses are adjusted together.
    alpha : float

    Raises
    ------
    EstimationError
        No hypothesis, two of one name, a column that the result does not have, or several lines that fit.

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the
    equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics, 15, 657-680.

    Examples
    --------
    ``sg.hypothesis_summary({"regression": fit}, [sg.Hypothesis("H1", words, "regression", {"term": "MGT"})])``
    """
    check_adjustment(adjust)
    names = [hypothesis.name for hypothesis in hypotheses]
    if not names or len(set(names)) < len(names):
        raise EstimationError(
            Text("没有假设，或有两个假设同名。", "there is no hypothesis, or two have the same name."),
            where="hypotheses",
            remedy=Text("请为每个假设编号，如H1、H2。", "Number them: H1, H2."),
        )
    frame = pd.DataFrame([_line(one, results.get(one.result, NOT_MADE)) for one in hypotheses])
    for key in ("p_value", "p_equivalence"):
        frame[f"{key.removesuffix('_value')}_adjusted"] = adjusted(frame[key], adjust)
    frame["verdict"] = [_verdict(line, alpha) for line in frame.to_dict("records")]
    examined = [found for found in results.values() if isinstance(found, Result)]
    claim: ClaimLevel = min((found.claim for found in examined), default=1)
    beyond = tuple(h.name for h in hypotheses if any(overclaims_in(h.statement, claim=claim)))
    basis = replace(examined[0].basis, claim=claim) if examined else Basis(0, 0, claim=claim)
    # Each result says under its own table how many it used.
    return HypothesisSummary(frame, replace(basis, n=basis.n_in, dropped={}), adjust, alpha, beyond)


def _line(hypothesis: Hypothesis, found: Result | Text) -> dict[str, object]:
    """The numbers of one hypothesis; none where its analysis was not made."""
    line: dict[str, object] = {
        **{"hypothesis": hypothesis.name, "statement": hypothesis.statement, "result": hypothesis.result},
        **{"expect": hypothesis.expect, "margin": np.nan if hypothesis.margin is None else hypothesis.margin},
    }
    numbers = dict.fromkeys((*NUMBERS, "p_equivalence"), np.nan)
    row = found if isinstance(found, Text) else _one(found.frame, hypothesis)
    if isinstance(found, Text) or isinstance(row, Text):
        return {**line, **numbers, "examined": False, "comparable": True, "evidence": row}
    line |= {"examined": True, "comparable": bool(row.get("comparable", True))}
    cell = _cell(found, float(row.get("estimate", np.nan)))
    if cell is None:
        return {**line, **numbers, "evidence": TOO_FEW}
    numbers |= {key: float(row[key]) for key in NUMBERS if key in row}
    if "p_value" in row and "df" not in row:  # tests of structural models are z
        numbers["df"] = np.inf
    if (margin := hypothesis.margin) is not None:
        sides = two_one_sided(numbers["estimate"], numbers["std_error"], numbers["df"], -margin, margin)
        numbers["p_equivalence"] = max(sides)
    evidence = _evidence(numbers, found, cell)
    return {**line, **numbers, "evidence": evidence if line["comparable"] else DESCRIBED.format(e=evidence)}


NUMBERS = ("estimate", "std_error", "df", "conf_low", "conf_high", "p_value")


def _one(frame: pd.DataFrame, hypothesis: Hypothesis) -> pd.Series | Text:
    """The line that a hypothesis is about; words, where there is none."""
    if strange := [key for key in hypothesis.line if key not in frame]:
        near = nearest_word(strange[0], [str(column) for column in frame])
        raise EstimationError(
            Text(
                f"结果“{hypothesis.result}”没有“{strange[0]}”列。{near.zh}",
                f"the result '{hypothesis.result}' has no column '{strange[0]}'.{near.en}",
            ),
            where=hypothesis.name,
            remedy=Text(f"它的列：{'、'.join(map(str, frame))}。", f"Its columns: {', '.join(map(str, frame))}."),
        )
    rows = frame
    for key, value in hypothesis.line.items():
        rows = rows[rows[key] == value]
    if len(rows) > 1:
        said = ", ".join(f"{key}={value}" for key, value in hypothesis.line.items())
        raise EstimationError(
            Text(
                f"结果“{hypothesis.result}”中{said}有{len(rows)}行。",
                f"the result '{hypothesis.result}' has {len(rows)} lines of {said}.",
            ),
            where=hypothesis.name,
            remedy=Text("请写明恰好一行。", "Name exactly one."),
        )
    return NO_LINE if rows.empty else rows.iloc[0]


def _cell(found: Result, estimate: float) -> Cell | None:
    """The cell that shows the estimate in the result's own table; None where it is hidden there, or missing."""
    cells = [line.cells["estimate"] for line in lines(found.table()) if "estimate" in line.cells]
    own = next((cell for cell in cells if cell.value == estimate), None)
    hidden = np.isnan(estimate) or (own is None and any(cell.suppressed for cell in cells))
    return None if hidden else own or Cell(estimate, "estimate", 2)


def _evidence(numbers: Mapping[str, float], found: Result, cell: Cell) -> Text:
    """Estimate, interval and p, with the digits of the cell that shows the estimate."""
    level = f"{100 * getattr(found, 'conf_level', 0.95):g}"
    estimate, low, high = (
        in_prose(numbers[key], cell.kind, cell.digits) for key in ("estimate", "conf_low", "conf_high")
    )
    said = Text("{e}（{c}%置信区间[{low}, {high}]{p}）", "{e} ({c}% CI [{low}, {high}]{p})")
    p = in_prose(numbers["p_value"], "p")
    after = Text("", "") if np.isnan(numbers["p_value"]) else Text(f"，{p.zh}", f", {p.en}")
    return said.format(e=estimate, c=level, low=low, high=high, p=after)


def _verdict(line: Mapping[str, object], alpha: float) -> Verdict:
    """What the evidence says; by the interval where there is no p."""
    number = {key: float(str(line[key])) for key in (*NUMBERS, "margin", "p_adjusted", "p_equivalence_adjusted")}
    if not line["examined"]:
        return "not examined"
    if not line["comparable"]:
        return "described"
    low, high, margin = number["conf_low"], number["conf_high"], number["margin"]
    differs = number["p_adjusted"] < alpha if number["p_value"] == number["p_value"] else low > 0 or high < 0
    tested = number["p_equivalence_adjusted"] == number["p_equivalence_adjusted"]
    equal = number["p_equivalence_adjusted"] < alpha if tested else -margin < low and high < margin
    if line["expect"] == "none":
        return "supported" if equal else "not supported" if differs else "undecided"
    if (number["estimate"] > 0) == (line["expect"] == "positive"):
        return "small" if differs and equal else "supported" if differs else "not supported" if equal else "undecided"
    return "not supported" if differs or equal else "undecided"
