"""coder_agreement(): how far coders of open answers agree, dimension by dimension and code by code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgsurvey.answers.coding import Coding
from sgsurvey.answers.coding_frame import Dimension
from sgsurvey.errors import EstimationError
from sgsurvey.measurement.agreement import agreement, interval_head
from sgsurvey.measurement.agreement_sentences import of_coders
from sgsurvey.measurement.agreement_words import COEFFICIENTS
from sgsurvey.numerics.krippendorff import Level
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

FIRST = Text("主要意思", "Main idea")
UNITS = Text(
    "“主要意思”比较各回答第一个意思的编码；各编码比较回答的任一意思中有无该编码。两名以上编码员时κ取各对的均值。",
    "Main idea: the code of each answer's first idea. Each code: whether any idea of an answer has it. With more than "
    "two coders κ is the mean over their pairs.",
)
ORDERED = Text(
    "κ把编码视为无序；有序的维度，主要意思的α按次序计距离。",
    "κ takes codes as unordered; α of the main idea takes the order of an ordered dimension into account.",
)
UNSEEDED = Text("未给种子（seed），α没有区间。", "Without a seed there is no interval of α.")
DRAWN = Text(
    "α的区间：回答重抽样{draws}次（种子{seed}），百分位法。",
    "Intervals of α: {draws} resamples of answers (seed {seed}), percentiles.",
)
COLUMNS = ("dimension", "level", "unit", "code", "label", "n", "agreement",
           "kappa", "kappa_low", "kappa_high", "alpha", "alpha_low", "alpha_high")  # fmt: skip


@dataclass(frozen=True)
class CoderAgreement(Result):
    """Agreement of coders over the answers that two or more of them coded.

    Attributes
    ----------
    frame : DataFrame
        Per dimension and level one row for the main idea, then one per code: ``dimension, level`` (1; 2 where codes are
        refined), ``unit`` (``first_idea`` or ``presence``), ``code`` (None for the main idea), ``label`` (Text), ``n``
        (answers), ``agreement`` (share of equal ones), ``kappa, kappa_low, kappa_high`` (Cohen; mean of pairs),
        ``alpha, alpha_low, alpha_high`` (Krippendorff; the interval needs a seed).  Coefficients are nan where all
        coders gave all answers the same.
    conf_level : float
    draws : int
    seed : int or None
    """

    conf_level: float
    draws: int
    seed: int | None

    def _table(self) -> Table:
        several = self.frame["level"].max() > 1
        heads = [
            (self.basis.label(name), Text(f"第{level}级", f"level {level}"))
            for name, level in zip(self.frame["dimension"], self.frame["level"], strict=True)
        ]
        words = [Text(f"{d.zh}（{lv.zh}）", f"{d.en} ({lv.en})") if several else d for d, lv in heads]
        frame = self.frame.assign(heading=pd.Series(words, self.frame.index, object))
        interval = interval_head(self.conf_level)
        columns = [
            Column("label", Text("编码", "Code"), "text"),
            Column("n", Text("回答数", "Answers"), "count"),
            Column("agreement", Text("一致（%）", "Equal %"), "percent"),
            Column("kappa", COEFFICIENTS["kappa"], "bounded"),
            Column("kappa_low:kappa_high", interval, "bounded_interval"),
            Column("alpha", COEFFICIENTS["krippendorff"], "bounded"),
        ]
        if self.seed is not None:
            columns.append(Column("alpha_low:alpha_high", interval, "bounded_interval"))
        drawn = UNSEEDED if self.seed is None else DRAWN.format(draws=self.draws, seed=self.seed)
        title = Text("编码员一致性", "Agreement of coders")
        notes = (UNITS, ORDERED, drawn)
        table = Table.from_frame(frame, columns, id="coder_agreement", title=title, notes=notes, group="heading")
        return table.telling(*of_coders(table, FIRST))

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Kappas with their intervals, dimension by dimension."""
        from sgsurvey.figures.forest import forest

        spoken = language or self.basis.language
        known = self.frame[self.frame["kappa"].notna()]
        shown = known.rename(columns={"kappa": "estimate", "kappa_low": "conf_low", "kappa_high": "conf_high"})
        shown = shown.assign(
            term=[label.to(spoken) for label in known["label"]],
            group=[self.basis.label(name).to(spoken) for name in known["dimension"]],
        )
        columns = ["group", "term", "estimate", "conf_low", "conf_high"]
        return forest(
            shown[columns], axis=COEFFICIENTS["kappa"], conf_level=self.conf_level, n=self.n, ax=ax, language=spoken
        )


def coder_agreement(
    coding: Coding, *, conf_level: float = 0.95, draws: int = 2000, seed: int | None = None
) -> CoderAgreement:
    """How far coders agree on each dimension, by Cohen's kappa and Krippendorff's alpha.

    Units are answers.  For a whole dimension the main (first) idea of each answer is compared; for each code whether
    any idea of an answer has it.  An answer counts for a dimension where two coders gave it a code there.

    Parameters
    ----------
    coding : Coding
        What ``read_coding`` gives, of two coders or more.
    conf_level : float
    draws : int
        Resamples of answers for the interval of alpha.
    seed : int, optional
        Decides the resamples; without it alpha has no interval.

    Raises
    ------
    EstimationError
        Fewer than two coders, or no dimension in which two of them coded two answers.

    Examples
    --------
    ``sg.coder_agreement(coding, seed=1).table(language="zh")``
    """
    rows = [
        row
        for dimension in coding.codes.dimensions
        for level in dimension.levels
        for row in _rows(coding, dimension, level, conf_level, draws, seed)
    ]
    if not rows:
        raise EstimationError(
            Text("没有两名编码员都编过的回答。", "no two coders coded the same answers."),
            where="coding",
            remedy=Text("请读入两名编码员的编码表。", "Read the sheets of two coders."),
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    coded = coding.frame[coding.frame[list(coding.codes.names)].notna().any(axis=1)]
    n = int((coded.groupby(["row", "item"])["coder"].nunique() > 1).sum())
    single = coding.n - n
    dropped = {**coding.dropped, **({"coded by one coder only": single} if single else {})}
    return CoderAgreement(frame, replace(coding.basis, n=n, dropped=dropped), conf_level, draws, seed)


def _rows(
    coding: Coding, dimension: Dimension, level: int, conf_level: float, draws: int, seed: int | None
) -> Iterator[dict[str, object]]:
    """The main idea's row and those of the codes; none where two coders have not two answers in common."""
    head = {"dimension": dimension.name, "level": level}
    order = {code.name: place for place, code in enumerate(dimension.at(level))}
    first = coding.first_ideas(dimension.name, level=level).apply(lambda codes: codes.map(order)).astype(float)
    kind: Level = "ordinal" if dimension.ordered else "nominal"
    if (found := _coefficients(first, kind, conf_level, draws, seed)) is not None:
        yield {**head, "unit": "first_idea", "code": None, "label": FIRST, **found}
    presence = coding.presence(dimension.name, level=level)
    for code in dimension.at(level):
        if (found := _coefficients(presence[code.name], "nominal", conf_level, draws, seed)) is not None:
            yield {**head, "unit": "presence", "code": code.name, "label": code.label, **found}


def _coefficients(
    ratings: pd.DataFrame, level: Level, conf_level: float, draws: int, seed: int | None
) -> dict[str, object] | None:
    """Share of equal answers, Cohen's kappa of unordered codes, and alpha with the distances of ``level``."""
    table = ratings.reset_index(drop=True).set_axis([f"coder_{k}" for k in range(ratings.shape[1])], axis=1)
    if table.shape[1] < 2 or (table.notna().sum(axis=1) > 1).sum() < 2:
        return None
    nominal = agreement(table, list(table), level="nominal", conf_level=conf_level, draws=draws, seed=seed)
    ranked = nominal
    if level != "nominal":
        ranked = agreement(table, list(table), level=level, conf_level=conf_level, draws=draws, seed=seed)
    equal, kappa = (nominal.frame.set_index("coefficient").loc[name] for name in ("agreement", "kappa"))
    alpha = ranked.frame.set_index("coefficient").loc["krippendorff"]
    low, high = (alpha[end] if seed is not None else np.nan for end in ("conf_low", "conf_high"))
    return {
        "n": nominal.n,
        "agreement": equal["estimate"],
        "kappa": kappa["estimate"],
        "kappa_low": kappa["conf_low"],
        "kappa_high": kappa["conf_high"],
        "alpha": alpha["estimate"],
        "alpha_low": low,
        "alpha_high": high,
    }
