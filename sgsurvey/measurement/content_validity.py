"""Content validity: what a panel of experts says of each item's relevance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.measurement.content_validity_sentences import of_experts, of_items
from sgsurvey.numerics.intervals import wilson
from sgsurvey.numerics.linalg import Array
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.tables.conventions import I_CVI, I_CVI_OF_FEW, S_CVI_AVE
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Cell, Column, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

# Formulas ---------------------------------------------------------------------------------------------------


def chance_of_agreement(n: Array, relevant: Array) -> Array:
    """Probability that ``relevant`` of ``n`` experts agree by tossing coins; Polit, Beck and Owen (2007), p. 465."""
    return np.asarray(stats.binom.pmf(relevant, n, 0.5))


def modified_kappa(n: Array, relevant: Array) -> Array:
    """``(I-CVI - pc) / (1 - pc)`` with the chance above; Polit, Beck and Owen (2007), Research in Nursing 30, 459."""
    chance = chance_of_agreement(n, relevant)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((relevant / n - chance) / (1 - chance))


def least_i_cvi(n: Array) -> Array:
    """The I-CVI that n experts must give: all of up to five, .78 of six and more; Lynn (1986), Nursing Research 35."""
    return np.where(np.asarray(n) <= FEW_EXPERTS, I_CVI_OF_FEW.value, I_CVI.value)


# Result -----------------------------------------------------------------------------------------------------

FEW_EXPERTS, FEWEST_EXPERTS = 5, 3
GRADES = {
    "excellent": (0.75, Text("优", "excellent")),
    "good": (0.60, Text("良", "good")),
    "fair": (0.40, Text("一般", "fair")),
    "poor": (-np.inf, Text("差", "poor")),
}


@dataclass(frozen=True)
class ContentValidity(Result):
    """What experts say of the items' relevance.

    Attributes
    ----------
    frame : DataFrame
        One row per item: ``item, n_experts, n_relevant, i_cvi, conf_low, conf_high`` (Wilson), ``p_chance, kappa``
        (modified), ``grade`` (of kappa: excellent, good, fair, poor), ``least`` (the I-CVI that so many experts must
        give), ``acceptable``.
    summary : Series
        ``n_items, n_experts, s_cvi_ave`` (mean I-CVI), ``s_cvi_ua`` (share of items that all experts call relevant),
        ``kappa`` (mean).
    experts : DataFrame
        ``expert, n_items, relevant``: the share of items that each expert calls relevant.
    relevant : tuple of float
        Ratings that mean relevant.
    conf_level : float
    remarks : tuple of Text
    """

    summary: pd.Series
    experts: pd.DataFrame
    relevant: tuple[float, ...]
    conf_level: float
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        index = self.frame.index
        frame = self.frame.assign(
            item=pd.Series([self.basis.coded(code) for code in self.frame["item"]], index, object),
            grade=pd.Series([GRADES[g][1] if g else None for g in self.frame["grade"]], index, object),
        )
        columns = [
            Column("item", HEADS["item"], "text"),
            Column("n_experts", Text("专家数", "Experts"), "count"),
            Column("n_relevant", Text("评为相关的人数", "Relevant"), "count"),
            Column("i_cvi", same("I-CVI"), "bounded", 2),
            Column("conf_low:conf_high", Text(f"{self.conf_level * 100:g}%置信区间", f"{self.conf_level * 100:g}% CI"),
                   "bounded_interval", 2),
            Column("p_chance", Text("偶然一致概率", "Chance"), "bounded"),
            Column("kappa", Text("修正κ", "Modified κ"), "bounded", 2),
            Column("grade", Text("κ评价", "Grade of κ"), "text"),
            Column("acceptable", Text("达到标准", "Acceptable"), "text"),
        ]  # fmt: skip
        marks = "、".join(f"{r:g}" for r in self.relevant), ", ".join(f"{r:g}" for r in self.relevant)
        notes = [
            Text(
                f"评{marks[0]}分为相关；达到标准：专家不多于5人时I-CVI须为1.00，6人及以上时须≥0.78；"
                "修正κ扣除偶然一致（Polit、Beck和Owen，2007）：>0.74优，0.60–0.74良，0.40–0.59一般。",
                f"Rated {marks[1]}: relevant. Acceptable: I-CVI of 1.00 with five experts or fewer, of .78 with six or "
                "more; κ is modified for chance (Polit, Beck & Owen, 2007): above .74 excellent, .60 good, .40 fair.",
            ),
            *self.remarks,
        ]
        title = Text("内容效度", "Content validity")
        table = Table.from_frame(frame, columns, id="content_validity", title=title, notes=notes)
        lines = (
            (Text("S-CVI/Ave（平均）", "S-CVI/Ave"), self.summary["s_cvi_ave"]),
            (Text("S-CVI/UA（全体一致）", "S-CVI/UA"), self.summary["s_cvi_ua"]),
        )
        rest = [Cell()] * (len(columns) - 4)
        table = table.extended(
            Row((Cell(word), Cell(), Cell(), Cell(float(value), "bounded", 2), *rest), "stat") for word, value in lines
        )
        table = table.telling(*of_items(table))
        few = self.summary["n_experts"] <= FEW_EXPERTS
        return table.with_thresholds({"i_cvi": I_CVI_OF_FEW if few else I_CVI}).with_thresholds(
            {"i_cvi": S_CVI_AVE}, head=Text("S-CVI/Ave的参考标准", "Convention for S-CVI/Ave")
        )

    def experts_table(self, *, language: Language | None = None) -> Table:
        """How each expert rates: one who calls everything relevant says little."""
        columns = [
            Column("expert", Text("专家", "Expert"), "text"),
            Column("n_items", HEADS["n_items"], "count"),
            Column("relevant", Text("评为相关（%）", "Relevant %"), "percent"),
        ]
        title = Text("各专家的评价", "Ratings of each expert")
        table = Table.from_frame(self.experts, columns, id="content_validity_experts", title=title)
        return self.page(table.telling(*of_experts(table)), language)


# Door -------------------------------------------------------------------------------------------------------


def content_validity(
    data: pd.DataFrame,
    experts: Sequence[str] | None = None,
    *,
    item: str | None = None,
    relevant: Sequence[float] = (3, 4),
    questionnaire: Questionnaire | None = None,
    conf_level: float = 0.95,
    language: Language = "zh",
) -> ContentValidity:
    """Content validity indices of items that a panel of experts rated from 1 (not relevant) to 4 (highly relevant).

    Parameters
    ----------
    data : DataFrame
        One row per item, one column per expert; an item that an expert did not rate is missing.
    experts : sequence of str, optional
        The experts' columns; all but ``item`` when None.
    item : str, optional
        Column with the names of the items; the index when None.
    relevant : sequence of float
        Ratings that mean relevant.
    questionnaire : Questionnaire, optional
        Words for the items.
    conf_level : float
        Of the interval of the I-CVI (Wilson's).
    language : "zh" or "en"
        In which the result shows itself unless told otherwise.

    Raises
    ------
    DataError
        A column is missing, an item is there twice, or a rating is none of 1, 2, 3, 4.
    EstimationError
        Fewer than two experts, or no item that anybody rated.
    """
    names, ratings = _panel(data, experts, item)
    x = ratings.to_numpy(dtype=float, na_value=np.nan)
    given = ~np.isnan(x)
    n = given.sum(axis=1)
    if x.shape[1] < 2 or not n.any():
        raise EstimationError(
            Text("至少要有两位专家的评分。", "content validity needs the ratings of two experts or more."),
            remedy=Text("请核对专家的列。", "Check the experts' columns."),
        )
    agreed = np.isin(x, list(relevant)) & given
    frame = _each_item(names, n, agreed.sum(axis=1), conf_level)
    rated = n > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        of_expert = agreed.sum(axis=0) / given.sum(axis=0)
    each = {"expert": [str(c) for c in ratings], "n_items": given.sum(axis=0), "relevant": of_expert}
    unrated = int((~rated).sum())
    basis = Basis(
        len(names), int(rated.sum()), {"rated by nobody": unrated} if unrated else {}, language=language,
        labels={} if questionnaire is None else questionnaire.labels,
    )  # fmt: skip
    summary, remarks = _scale(frame[rated], x.shape[1]), tuple(_remarks(frame, x))
    return ContentValidity(frame, basis, summary, pd.DataFrame(each), tuple(relevant), conf_level, remarks)


def _each_item(names: Sequence[str], n: Array, count: Array, conf_level: float) -> pd.DataFrame:
    """Indices of each item that ``n`` experts rated and ``count`` call relevant."""
    with np.errstate(divide="ignore", invalid="ignore"):
        i_cvi = np.where(n > 0, count / n, np.nan)
        kappa = np.where(n > 0, modified_kappa(n, count), np.nan)
    low, high = wilson(i_cvi, n, conf_level)
    least = np.where(n > 0, least_i_cvi(n), np.nan)
    return pd.DataFrame(
        {
            **{"item": names, "n_experts": n, "n_relevant": count, "i_cvi": i_cvi, "conf_low": low, "conf_high": high},
            "p_chance": np.where(n > 0, chance_of_agreement(n, count), np.nan),
            **{"kappa": kappa, "grade": [_grade(k) for k in kappa], "least": least, "acceptable": i_cvi >= least},
        }
    )


def _scale(rated: pd.DataFrame, experts: int) -> pd.Series:
    """The indices of the scale, over the items that somebody rated."""
    i_cvi = rated["i_cvi"]
    return pd.Series(
        {
            **{"n_items": len(rated), "n_experts": experts, "s_cvi_ave": float(i_cvi.mean())},
            **{"s_cvi_ua": float((i_cvi == 1).mean()), "kappa": float(rated["kappa"].mean())},
        }
    )


def _panel(data: pd.DataFrame, experts: Sequence[str] | None, item: str | None) -> tuple[list[str], pd.DataFrame]:
    """Names of the items, and the ratings, checked."""
    chosen = [c for c in data if c != item] if experts is None else list(experts)
    for column in [*chosen, *([item] if item else [])]:
        if column not in data:
            near = did_you_mean(str(column), [str(c) for c in data])
            raise DataError(
                Text(f"专家评分表没有“{column}”列。{near}", f"the ratings have no column '{column}'.{near}"),
                remedy=Text("请核对列名。", "Name one of its columns."),
            )
    names = [str(name) for name in (data.index if item is None else data[item])]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(
            Text(
                f"有题项出现不止一次：{'、'.join(twice)}。",
                f"these items are there more than once: {', '.join(twice)}.",
            ),
            remedy=Text("每个题项只留一行。", "Keep one row for each."),
        )
    ratings = data[chosen].apply(pd.to_numeric, errors="coerce")
    wrong = (ratings.isna() & data[chosen].notna()) | ~(ratings.isin([1, 2, 3, 4]) | ratings.isna())
    if wrong.any(axis=None):
        column = wrong.any().idxmax()
        row = wrong[column].to_numpy().argmax()
        found = data[column].iloc[row]
        raise DataError(
            Text(f"评分“{found}”不在1至4之间。", f"the rating '{found}' is none of 1, 2, 3, 4."),
            where=Text(f"“{column}”列，题项{names[row]}", f"column '{column}', item {names[row]}"),
            remedy=Text("请按1至4分评分，没有评分的留空。", "Rate from 1 to 4; leave empty what was not rated."),
        )
    return names, ratings


def _grade(kappa: float) -> str:
    """Fleiss' (1981) and Cicchetti and Sparrow's (1981) words for a kappa, at the two digits in which they speak."""
    if np.isnan(kappa):
        return ""
    return next(name for name, (least, _) in GRADES.items() if round(float(kappa), 2) >= least)


def _remarks(frame: pd.DataFrame, x: Array) -> list[Text]:
    said = []
    experts = x.shape[1]
    if experts < FEWEST_EXPERTS:
        said.append(
            Text(f"专家只有{experts}人，少于最低要求的3人。", f"{experts} experts are fewer than the least of three.")
        )
    elif experts <= FEW_EXPERTS:
        said.append(
            Text(
                f"专家{experts}人：任何一人不认可，该题项即不达标；I-CVI的区间很宽。",
                f"With {experts} experts one dissent is enough to fail an item; intervals of the I-CVI are wide.",
            )
        )
    gaps = int(np.isnan(x).sum())
    if gaps:
        said.append(
            Text(
                f"有{gaps}个评分缺失，各题项按实际评分的专家数计算。",
                f"{gaps} rating(s) are missing: each item by the experts that rated it.",
            )
        )
    below = frame.loc[(frame["n_experts"] > 0) & ~frame["acceptable"], "item"].tolist()
    if below:
        said.append(Text(f"未达标准：{'、'.join(below)}。", f"Below the convention: {', '.join(below)}."))
    return said
