"""Pooled: one result from those of several completed sets of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.numerics.intervals import logit_interval, symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.rubin import Combined, combine, imputations_needed, joint_test
from sgsurvey.tables.result import Basis, Result
from sgsurvey.tables.table import Column, Kind, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

CONSTANT = "Intercept"
# How estimates, and intervals around them, are shown where they have limits of their own.
SHOWN: dict[str, Kind] = {"proportion": "percent", "alpha": "bounded"}
PAIRS: dict[Kind, Kind] = {"percent": "percent_interval", "bounded": "bounded_interval"}
MEASURES = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high", "n")
RULES = Text(
    "按Rubin规则合并{m}组插补数据；自由度按Barnard与Rubin（1999）；FMI为缺失信息比例。",
    "Pooled over {m} imputations by Rubin's rules; df by Barnard and Rubin (1999); FMI is the fraction of missing "
    "information.",
)
ENOUGH = Text(
    "FMI最大为{fmi}；若要标准误可重复到5%以内，按von Hippel（2020）需m ≥ {needed}（本次m = {m}）。",
    "The largest FMI is {fmi}; standard errors that another run would repeat within 5% take m ≥ {needed} by von Hippel "
    "(2020); here m = {m}.",
)
BONETT = Text(
    "α在ln(1 - α)尺度上合并，区间按Bonett（2002）。", "Alphas are pooled as ln(1 - α); intervals by Bonett (2002)."
)
ON_LOGIT = Text("比例的置信区间在logit尺度上计算。", "Intervals of shares on the logit scale.")


class JointTest(NamedTuple):
    """A pooled test that several estimates are all 0."""

    statistic: float
    df1: int
    df2: float
    p_value: float


@dataclass(frozen=True)
class Pooled(Result):
    """What an analysis finds over all completed sets.

    Attributes
    ----------
    frame : DataFrame
        The columns that name the estimates (``term``, groups …), then ``estimate, std_error, statistic, df, p_value``
        (the test only where the analysis has one), ``conf_low, conf_high, within, between, increase, fmi, mc_error``
        (of the estimate, by the finite number of imputations), ``m_needed`` and ``n``.
    m : int
    estimates, variances : ndarray, shape (m, q)
        Of each completed set, on the scale on which they are pooled.
    covariances : ndarray or None, shape (m, q, q)
        Where the analysis gives them: joint tests need them.
    df_complete : ndarray, shape (q,)
        Degrees of freedom that the analysis has without missing answers.
    kind : str
        ``proportion`` and ``alpha`` have intervals of their own.
    conf_level : float
    words : tuple of Text
        The estimates in words.
    remarks : tuple of Text
        How the analysis came to its standard errors.
    """

    m: int
    estimates: Array
    variances: Array
    covariances: Array | None
    df_complete: Array
    kind: str
    conf_level: float
    words: tuple[Text, ...]
    remarks: tuple[Text, ...]

    def test(self, terms: Sequence[str] | None = None) -> JointTest:
        """F test that the estimates named are all 0 (D1); all but the constant when None.

        Raises
        ------
        EstimationError
            The analysis gives no covariance of its estimates.
        DataError
            There is no such term.
        """
        if self.covariances is None:
            raise EstimationError(
                Text("该分析没有给出估计值之间的协方差。", "the analysis gives no covariance of its estimates."),
                remedy=Text("请用ols、logit、ordered或mean等。", "Use ols, logit, ordered, mean and the like."),
            )
        known = [str(term) for term in self.frame["term"]]
        chosen = [term for term in known if term != CONSTANT] if terms is None else list(terms)
        unknown = [term for term in chosen if term not in known]
        if unknown or not chosen:
            wanted = unknown[0] if unknown else ""
            raise DataError(
                Text(f"没有“{wanted}”这一项。", f"there is no term '{wanted}'.{did_you_mean(wanted, known)}"),
                remedy=Text(f"可选：{'、'.join(known)}。", f"The terms are {', '.join(known)}."),
            )
        at = [j for j, term in enumerate(known) if term in chosen]
        df = float(self.df_complete[at].min())
        return JointTest(*joint_test(self.estimates[:, at], self.covariances[:, at][:, :, at], df))

    def _table(self) -> Table:
        kind = SHOWN.get(self.kind, "estimate")
        page = self.frame.assign(words=pd.Series(list(self.words), dtype=object))
        interval = Text(f"{self.conf_level * 100:g}%置信区间", f"{self.conf_level * 100:g}% CI")
        pair = PAIRS.get(kind, "interval")
        tested = "p_value" in page
        columns = [
            Column("words", HEADS["variable"], "text"),
            *([Column("n", HEADS["n"], "count")] if "n" in page else []),
            Column("estimate", HEADS["alpha"] if self.kind == "alpha" else HEADS["estimate"], kind),
            Column("std_error", HEADS["std_error"], kind),
            *([Column("statistic", HEADS["t"], "statistic")] if tested else []),
            Column("df", HEADS["df"], "df"),
            *([Column("p_value", HEADS["p_value"], "p")] if tested else []),
            Column("conf_low:conf_high", interval, pair),
            Column("fmi", same("FMI"), "bounded"),
        ]
        table = Table.from_frame(
            page,
            columns,
            id="pooled",
            title=Text("多重插补的合并结果", "Results pooled over imputations"),
            notes=(*self.remarks, *self._notes()),
        )
        if "n" not in page:
            return table
        few = page["n"].between(1, self.basis.smallest - 1)
        every = {part for column in columns[1:] for part in column.key.split(":")}
        return table.hiding([every if row else () for row in few])

    def _notes(self) -> list[Text]:
        largest, needed = self.frame["fmi"].max(), self.frame["m_needed"].max()
        notes = [RULES.format(m=self.m)]
        if largest > 0:
            notes.append(ENOUGH.format(fmi=f"{largest:.2f}", needed=f"{needed:g}", m=self.m))
        own = {"proportion": ON_LOGIT, "alpha": BONETT}.get(self.kind)
        return [*notes, own] if own else notes


@dataclass(frozen=True)
class _Found:
    """What one completed set gave."""

    keys: pd.DataFrame
    estimate: Array
    variance: Array
    df: Array
    covariance: Array | None
    n: Array | None
    kind: str


def pooled(results: Sequence[Any], *, conf_level: float) -> Pooled:
    """Pool results that have the same rows.

    Raises
    ------
    DataError
        A result has no estimates with standard errors.
    EstimationError
        Completed sets do not give the same estimates.
    """
    if not 0 < conf_level < 1:
        raise DataError(
            Text(f"conf_level={conf_level}不在0与1之间。", f"conf_level={conf_level} is not between 0 and 1."),
            remedy=Text("例如0.95。", "Such as 0.95."),
        )
    found = [_read(result) for result in results]
    _refuse_others(found)
    first, m = found[0], len(found)
    estimates, variances = np.array([f.estimate for f in found]), np.array([f.variance for f in found])
    lost = np.isnan(estimates) | np.isnan(variances)
    # Neither number in any set: hidden as of few people, whatever was filled in.
    hidden = np.isnan(estimates).all(axis=0) & np.isnan(variances).all(axis=0)
    _refuse_lost(first.keys, lost.any(axis=0) & ~hidden)
    df = np.min([f.df for f in found], axis=0)
    given = [f.covariance for f in found if f.covariance is not None]
    tested = "p_value" in _frame_of(results[0])
    lines = _lines(combine(estimates, variances, df), m, first.kind, tested, conf_level)
    frame = pd.concat([first.keys, lines], axis=1)
    if first.n is not None:
        frame["n"] = np.min([f.n for f in found if f.n is not None], axis=0).astype(int)
    return Pooled(
        frame,
        _basis(results[0], frame),
        m,
        estimates,
        variances,
        np.array(given) if len(given) == m else None,
        df,
        first.kind,
        conf_level,
        _words(results[0], first.keys),
        _remarks(results[0]),
    )


def _refuse_others(found: Sequence[_Found]) -> None:
    """Refuse completed sets that do not give the same estimates."""
    for other in found[1:]:
        if not found[0].keys.astype(str).equals(other.keys.astype(str)):
            raise EstimationError(
                Text("各组插补数据给出的估计项不同。", "completed sets do not give the same estimates."),
                remedy=Text("请合并稀少的类别。", "Join sparse categories, which some sets have and others lack."),
            )


def _refuse_lost(keys: pd.DataFrame, lost: npt.NDArray[np.bool_]) -> None:
    """Refuse an estimate, or its standard error, that a completed set does not give."""
    if lost.any():
        raise EstimationError(
            Text("有的估计值或标准误算不出。", "an estimate or its standard error is missing in some set."),
            where=str(keys.iloc[int(np.argmax(lost))].iloc[0]),
            remedy=Text("请去掉该项，或合并类别。", "Leave it out, or join categories."),
        )


def _lines(found: Combined, m: int, kind: str, tested: bool, conf_level: float) -> pd.DataFrame:
    std_error = np.sqrt(found.variance)
    low, high = symmetric_interval(found.estimate, std_error, found.df, conf_level)
    estimate, mc_error = found.estimate, np.sqrt(found.between / m)
    if kind == "proportion":
        low, high = logit_interval(estimate, std_error, found.df, conf_level)
    if kind == "alpha":
        low, high, estimate = -np.expm1(high), -np.expm1(low), -np.expm1(found.estimate)
        std_error, mc_error = (1 - estimate) * std_error, (1 - estimate) * mc_error
    lines = {"estimate": estimate, "std_error": std_error}
    if tested:
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = estimate / std_error
        lines |= {"statistic": statistic, "df": found.df, "p_value": 2 * stats.t.sf(np.abs(statistic), found.df)}
    lines |= {"df": found.df, "conf_low": low, "conf_high": high, "within": found.within, "between": found.between}
    lines |= {"increase": found.increase, "fmi": found.fmi, "mc_error": mc_error}
    return pd.DataFrame(lines | {"m_needed": imputations_needed(found.fmi, m)})


def _read(result: Any) -> _Found:
    frame = _frame_of(result).reset_index(drop=True)
    if {"construct", "n_items", "n", "alpha"} <= set(frame.columns):
        return _read_alpha(frame)
    absent = [column for column in ("estimate", "std_error") if column not in frame]
    if absent:
        raise DataError(
            Text(f"分析结果缺少{'、'.join(absent)}。", f"the result of the analysis lacks {', '.join(absent)}."),
            remedy=Text(
                "分析须返回含estimate与std_error的结果或数据框。",
                "Let the analysis return a result, or a DataFrame, with estimate and std_error.",
            ),
        )
    named = [c for c in frame.columns if c not in MEASURES and not pd.api.types.is_numeric_dtype(frame[c])]
    keys = frame[named] if named else pd.DataFrame({"term": [str(k) for k in range(len(frame))]})
    df = frame["df"].to_numpy(dtype=float) if "df" in frame else np.full(len(frame), np.inf)
    covariance = getattr(result, "covariance", None)
    return _Found(
        keys,
        frame["estimate"].to_numpy(dtype=float),
        frame["std_error"].to_numpy(dtype=float) ** 2,
        df,
        covariance if isinstance(covariance, np.ndarray) else None,
        frame["n"].to_numpy(dtype=float) if "n" in frame else None,
        str(getattr(result, "statistic", "")),
    )


def _read_alpha(frame: pd.DataFrame) -> _Found:
    """Alphas as ``ln(1 - alpha)``, whose variance is ``2 k / ((k - 1)(n - 2))``.

    Bonett, D. G. (2002). Sample size requirements for testing and estimating coefficient alpha. Journal of Educational
    and Behavioral Statistics, 27, 335-340.
    """
    alpha, n, k = (frame[column].to_numpy(dtype=float) for column in ("alpha", "n", "n_items"))
    keys = frame[[column for column in ("group", "construct") if column in frame]].rename(columns={"construct": "term"})
    variance = 2 * k / ((k - 1) * (n - 2))
    return _Found(keys, np.log1p(-alpha), variance, np.full(len(frame), np.inf), None, n, "alpha")


def _frame_of(result: Any) -> pd.DataFrame:
    frame = result if isinstance(result, pd.DataFrame) else getattr(result, "frame", None)
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            Text("分析没有返回结果。", "the analysis returned no result."),
            remedy=Text("请让它返回一个结果或数据框。", "Let it return a result or a DataFrame."),
        )
    return frame


def _basis(result: Any, frame: pd.DataFrame) -> Basis:
    found = getattr(result, "basis", None)
    return found if isinstance(found, Basis) else Basis(len(frame), len(frame))


def _words(result: Any, keys: pd.DataFrame) -> tuple[Text, ...]:
    """Each estimate in words: its groups, then its term."""
    design = getattr(getattr(result, "fit", None), "design", None)
    named = {} if design is None else dict(zip(design.names, design.labels, strict=True))
    basis = _basis(result, keys)
    columns = [c for c in keys.columns if c not in ("term", "label")]
    columns.append("label" if "label" in keys else "term")
    words = []
    for _, line in keys.iterrows():
        parts = [line[c] if isinstance(line[c], Text) else named.get(line[c], basis.label(line[c]))
                 for c in columns if c in keys]  # fmt: skip
        words.append(Text("：".join(p.zh for p in parts), ": ".join(p.en for p in parts)))
    return tuple(words)


def _remarks(result: Any) -> tuple[Text, ...]:
    """How standard errors were had, where the result says so."""
    notes = getattr(result, "design_words", None) or getattr(getattr(result, "fit", None), "notes", ())
    return tuple(notes() if callable(notes) else notes or ())
