"""Willingness to pay from answers to a price that was drawn at random (single-bounded choice)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError, did_you_mean
from sgsurvey.models.bid_shares import LEVEL, Line, without_curve
from sgsurvey.models.binary import BinaryRegression, logit
from sgsurvey.models.coded_factors import variable_label
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import INTERCEPT
from sgsurvey.models.ols import digits_for
from sgsurvey.models.unit_moments import clustered
from sgsurvey.models.willingness_sentences import of_acceptance, of_willingness
from sgsurvey.models.wording import conf_head
from sgsurvey.numerics.bid_curves import Amount, BidCurve, fieller
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.inline import Inline
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text, same

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

CurveKind = Literal["logit", "probit", "log_logit", "log_probit"]
DRAWS = 10_000
NUMBERS = ("estimate", "std_error", "conf_low", "conf_high")
ALONG = 61

STATISTICS = {
    "median": Text("中位数", "Median"),
    "mean": Text("均值（不设界限）", "Mean, no bounds"),
    "mean_above_zero": Text("均值（不低于0）", "Mean, none below 0"),
    "mean_to_highest": Text("均值（0至最高报价）", "Mean, 0 to the highest price"),
    "turnbull": Text("均值下界（Turnbull，非参数）", "Lower bound of the mean (Turnbull, no curve)"),
    "kristrom": Text("均值（Kriström，非参数，至最高报价）", "Mean to the highest price (Kriström, no curve)"),
}
INTERVALS = {
    "delta": Text("delta法", "Delta"),
    "fieller": same("Fieller"),
    "krinsky_robb": same("Krinsky–Robb"),
    "shares": Text("各报价的份额", "Of the shares"),
}
FALLS = Text(
    "接受概率随{bid}下降：系数{b}；拟合曲线{curve}。", "Acceptance falls with {bid}: coefficient {b}; curve: {curve}."
)
NO_MEAN = Text(
    "曲线下降太慢，不设上限的均值不存在；请看中位数和有上限的均值。",
    "The curve falls too slowly for a mean without an upper bound; see the median and the bounded mean.",
)
OFFERED = Text("报价", "the price offered")
AT_MEANS = Text("控制变量取均值。", "Covariates at their means.")
STATED = Text(
    "这是对假设性问题的回答，未必等于实际支付。",
    "Answers to a hypothetical question, not payments.",
)
DRAWN = Text("Krinsky–Robb：模拟{draws}次，{failed}次无值。", "Krinsky-Robb: {draws} draws, {failed} without a value.")


@dataclass(frozen=True)
class WillingnessToPay(Inline):
    """Willingness to pay.

    Attributes
    ----------
    frame : DataFrame
        ``statistic`` ("median", "mean", "mean_above_zero" where the price enters as it is, "mean_to_highest",
        "turnbull", "kristrom"), ``interval``
        ("delta", "fieller", "krinsky_robb", "shares"), ``estimate, std_error, conf_low, conf_high``; the last two
        statistics are nan where shares are hidden, which they would tell.
    shares : DataFrame
        ``bid, n, accepted, conf_low, conf_high``, and ``pooled``: the share that accepts by Turnbull's estimator.
    model : BinaryRegression
        The curve.
    a, b : float
        Acceptance is ``F(a - b price)``, covariates at their means (the price's logarithm where the curve is so).
    curve : str
    failed : int
        Krinsky-Robb draws in which acceptance did not fall.
    bid : Text
    notes : tuple of Text
    seed : int or None
    """

    shares: pd.DataFrame
    model: BinaryRegression
    a: float
    b: float
    curve: CurveKind
    failed: int
    bid: Text
    notes: tuple[Text, ...]
    seed: int | None

    inline_columns = ("estimate", "conf_low:conf_high")
    named_by = "statistic"
    parted_by = "interval"

    def _table(self) -> Table:
        words = self.frame.assign(
            statistic=self.frame["statistic"].map(STATISTICS), interval=self.frame["interval"].map(INTERVALS)
        )
        columns = [
            Column("statistic", HEADS["statistic"], "text"),
            Column("estimate", HEADS["estimate"]),
            Column("std_error", HEADS["std_error"]),
            Column("conf_low:conf_high", conf_head(LEVEL), "interval"),
            Column("interval", Text("区间方法", "Interval"), "text"),
        ]
        outcome = self.basis.label(self.model.fit.design.outcome)
        title = Text("支付意愿：{outcome}", "Willingness to pay: {outcome}").format(outcome=outcome)
        notes = (*self.notes, *self.model.fit.notes, STATED)
        table = Table.from_frame(words, columns, id="willingness_to_pay", title=title, notes=notes)
        few = (self.frame["interval"] == "shares") & self.frame["estimate"].isna()
        table = table.hiding([NUMBERS if row else () for row in few])
        means = [words for statistic, words in STATISTICS.items() if statistic not in ("median", "turnbull")]
        return table.telling(*of_willingness(table, means, STATISTICS["turnbull"]))

    def shares_table(self, *, language: Language | None = None) -> Table:
        """Share that accepts at each price."""
        columns = [
            Column("bid", self.bid, "estimate", digits=0 if (self.shares["bid"] % 1 == 0).all() else 2),
            Column("n", HEADS["n"], "count"),
            Column("accepted", Text("接受（%）", "Accept (%)"), "percent"),
            Column("conf_low:conf_high", conf_head(LEVEL), "percent_interval"),
            Column("pooled", Text("合并后（%，Turnbull）", "Pooled (%, Turnbull)"), "percent"),
        ]
        title = Text("各报价的接受比例", "Acceptance at each price")
        few = [row.keys() - {"bid"} if np.isnan(row["n"]) else set() for row in self.shares.to_dict("records")]
        table = Table.from_frame(self.shares, columns, id="bid_shares", title=title).hiding(few)
        return self.page(table.telling(*of_acceptance(table)), language)

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """The fitted curve with its band, and the shares that accepted each price."""
        from sgsurvey.figures.lines import lines

        language = language or self.basis.language
        highest = float(self.shares["bid"].max())
        price = np.linspace(highest / ALONG if self.curve.startswith("log_") else 0.0, highest, ALONG)
        curve, (a_b, covariance) = _curve(self.curve), _falling(self.model)
        rows = np.column_stack([np.ones(ALONG), -(np.log(price) if curve.log else price)])
        index, error = rows @ a_b, np.sqrt(np.einsum("qk,kl,ql->q", rows, covariance, rows))
        half = stats.t.ppf(0.5 + LEVEL / 2, self.model.fit.df) * error
        fitted = [curve.accepted(index + side * half) for side in (0.0, -1.0, 1.0)]
        frame = pd.DataFrame(dict(zip(("estimate", "conf_low", "conf_high"), fitted, strict=True)))
        observed = self.shares.rename(columns={"bid": "x", "accepted": "estimate"})
        up = Text("接受的比例", "Share that accepts")
        return lines(frame.assign(x=price, line=""), across=self.bid, up=up, points=observed, n=self.n, ax=ax,
                     language=language)  # fmt: skip


def willingness_to_pay(
    data: Responses | pd.DataFrame,
    answer: str,
    bid: str | None = None,
    *,
    controls: str = "",
    curve: CurveKind = "logit",
    cluster: str | None = None,
    seed: int | None = None,
) -> WillingnessToPay:
    """Willingness to pay from yes and no to a price drawn at random.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights, strata and clusters of its design are used.
    answer : str
        The question; its higher value is the yes.
    bid : str, optional
        Column of the price each person was offered; ``answer`` with "_assigned" unless given.
    controls : str
        Covariates, as in ``"age5 + C(V_inc)"``; amounts are given at their means.
    curve : "logit", "probit", "log_logit" or "log_probit"
        Of acceptance over the price, or over its logarithm.
    cluster : str, optional
        Column of clusters; the design's unless named.
    seed : int, optional
        Adds Krinsky and Robb's intervals, which draw coefficients 10,000 times.

    Raises
    ------
    DataError
        Prices that are not above 0, or fewer than two of them; an answer that has not two values.
    EstimationError
        Acceptance does not fall with the price, so that no amount can be had from it.

    References
    ----------
    Hanemann, W. M. (1984). American Journal of Agricultural Economics, 66, 332-341.  Krinsky, I., & Robb, A. L. (1986).
    Review of Economics and Statistics, 68, 715-719.  Haab, T. C., & McConnell, K. E. (2002). Valuing Environmental and
    Natural Resources.  Kriström, B. (1990). Land Economics, 66, 135-139.

    Examples
    --------
    ``sg.willingness_to_pay(answers, "V_fee", controls="C(V_inc)", cluster="village_id", seed=7)``
    """
    if curve not in get_args(CurveKind):
        raise EstimationError(
            f"there is no curve '{curve}'.{did_you_mean(str(curve), get_args(CurveKind))}",
            where="curve=",
            remedy=f"Use {', '.join(get_args(CurveKind))}.",
        )
    answers = clustered(as_columns(data), cluster)
    price = bid or f"{answer}_assigned"
    answers, entered = _priced(answers, answer, price, log=_curve(curve).log)
    formula = f"`{answer}` ~ `{entered}`" + (f" + {controls}" if controls else "")
    model = logit(answers, formula, link=_curve(curve).link)
    (a, b), covariance = _falling(model)
    if not b > 0:
        raise EstimationError(
            f"acceptance does not fall as '{price}' rises (coefficient {-b:.3g}), so it tells no amount.",
            where=f"'{price}'",
            remedy="Check that the price is the one offered, and that the higher code is the yes.",
        )
    shares, free = without_curve(answers, answer, price, model)
    amounts, failed = _amounts(_curve(curve), np.array([a, b]), covariance, float(shares["bid"].max()), model, seed)
    label = OFFERED if bid is None else variable_label(answers, price)
    notes = [FALLS.format(bid=label, b=in_prose(-b, "estimate", digits_for(b / 10)), curve=curve.replace("_", "-"))]
    if not np.isfinite(amounts["estimate"]).all():
        notes.append(NO_MEAN)
    if controls:
        notes.append(AT_MEANS)
    if seed is not None:
        notes.append(DRAWN.format(draws=DRAWS, failed=failed))
    frame = pd.concat([amounts, free], ignore_index=True)
    question = variable_label(answers, answer)
    blank = Text(question.zh.replace("{assigned}", "__"), question.en.replace("{assigned}", "__"))
    return WillingnessToPay(
        frame,
        model.basis.labelled({answer: blank}),
        shares,
        model,
        float(a),
        float(b),
        curve,
        failed,
        label,
        tuple(notes),
        seed,
    )


def _curve(kind: CurveKind) -> BidCurve:
    return BidCurve("probit" if kind.endswith("probit") else "logit", kind.startswith("log_"))


def _priced(answers: Responses, answer: str, price: str, *, log: bool) -> tuple[Responses, str]:
    """The answers with the price as it enters, and its name; prices are checked."""
    values = answers.variables([answer, price])
    offered = pd.to_numeric(values[price], errors="coerce")
    if offered.isna().sum() > values[price].isna().sum():
        raise DataError("holds words, not prices.", where=f"'{price}'", remedy="Turn them into numbers.")
    if (offered <= 0).any():
        raise DataError("holds prices that are not above 0.", where=f"'{price}'", remedy="Leave these rows out.")
    if offered[values[answer].notna()].nunique() < 2:
        raise DataError("holds fewer than two prices.", where=f"'{price}'", remedy="Offer several prices at random.")
    if not log:
        return answers, price
    name = f"ln {price}"
    label = Text("ln {name}", "ln {name}").format(name=variable_label(answers, price))
    return replace(
        answers, frame=answers.frame.assign(**{name: np.log(offered)}), labels={**answers.labels, name: label}
    ), name


def _falling(model: BinaryRegression) -> tuple[Array, Array]:
    """``a`` (with covariates at their means) and ``b`` of ``F(a - b price)``, with their covariance."""
    design = model.fit.design
    rest = [j for j, name in enumerate(design.names) if name != INTERCEPT]
    means = np.average(design.X[:, rest], axis=0, weights=model.fit.weights)
    turn = np.zeros((2, 1 + len(rest)))
    turn[0, 0], turn[0, 2:] = 1.0, means[1:]
    turn[1, 1] = -1.0
    return turn @ model.fit.linear().coefficients, turn @ model.covariance @ turn.T


def _amounts(
    curve: BidCurve, a_b: Array, covariance: Array, highest: float, model: BinaryRegression, seed: int | None
) -> tuple[pd.DataFrame, int]:
    """Amounts that the curve tells, with every interval that they have."""
    drawn, failed = np.empty((0, 2)), 0
    if seed is not None:
        drawn = np.random.default_rng(seed).multivariate_normal(a_b, covariance, size=DRAWS)
        failed = int((drawn[:, 1] <= 0).sum())
        drawn = drawn[drawn[:, 1] > 0]
    quantile, lines = float(stats.t.ppf(0.5 + LEVEL / 2, model.fit.df)), []
    for name, found, of_draws in zip(STATISTICS, _of(curve, a_b[:1], a_b[1:], highest),
                                     _of(curve, drawn[:, 0], drawn[:, 1], highest), strict=False):  # fmt: skip
        if curve.log and name == "mean_above_zero":
            continue
        value, slopes = float(found.value[0]), np.array([found.by_a[0], found.by_b[0]])
        known = np.isfinite(value)
        error = float(np.sqrt(slopes @ covariance @ slopes)) if known else np.nan
        lines.append(Line(name, "delta", value if known else np.nan, error, value - quantile * error,
                           value + quantile * error))  # fmt: skip
        if name == "median" or (name == "mean" and not curve.log):
            low, high = fieller(float(a_b[0]), float(a_b[1]), covariance, quantile)
            ends = (float(np.exp(low)), float(np.exp(high))) if curve.log else (low, high)
            lines.append(Line(name, "fieller", value, np.nan, *ends))
        if seed is not None and known:
            low, high = np.quantile(of_draws.value, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            lines.append(Line(name, "krinsky_robb", value, np.nan, float(low), float(high)))
    return pd.DataFrame(lines), failed


def _of(curve: BidCurve, a: Array, b: Array, highest: float) -> list[Amount]:
    """The amounts in the order of ``STATISTICS``."""
    return [curve.median(a, b), curve.mean(a, b), curve.mean_above_zero(a, b), curve.mean_up_to(a, b, highest)]
