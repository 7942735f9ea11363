"""How far raters agree: intraclass correlations, kappas, Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import EstimationError
from sgsurvey.measurement.agreement_sentences import of_agreement, of_pairs
from sgsurvey.measurement.agreement_words import COEFFICIENTS, NOTES, OF_ALL, REMARKS
from sgsurvey.measurement.ratings import as_numbers, from_long
from sgsurvey.measurement.scales import FEWEST
from sgsurvey.numerics.intraclass import intraclass_correlations, mean_squares
from sgsurvey.numerics.kappa import Kappa, Weights, agreement_weights, cohen_kappa, fleiss_kappa
from sgsurvey.numerics.krippendorff import Level, Units
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.resample import different_rows, drawn_counts, percentile_interval
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Language, Text

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

KAPPAS: dict[Level, tuple[Weights, ...]] = {"nominal": ("none",), "ordinal": ("linear", "quadratic")}
NAMES: dict[Weights, str] = {"none": "kappa", "linear": "kappa_linear", "quadratic": "kappa_quadratic"}
ROW = ("coefficient", "estimate", "std_error", "conf_low", "conf_high", "statistic", "df1", "df2", "p_value", "n")

# Result -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement(Result):
    """Agreement of raters over the same subjects.

    Attributes
    ----------
    frame : DataFrame
        One row per coefficient: ``coefficient, estimate, std_error, conf_low, conf_high, statistic, df1, df2, p_value,
        n, raters``.  The test is F for intraclass correlations, z for kappas (with the error under chance agreement,
        which ``std_error`` is not); nan where a coefficient has none.
    pairs : DataFrame
        Each pair of raters: ``rater_1, rater_2, n, agreement`` (share of equal ratings), and for nominal and ordinal
        levels ``kappa`` (or ``kappa_linear, kappa_quadratic``) with ``…_se, …_low, …_high``.
    categories : DataFrame
        For nominal levels, each category against the rest: ``category, share, kappa, statistic, p_value`` (Fleiss).
    level : "nominal", "ordinal", "interval" or "ratio"
    conf_level : float
    draws : int
        Resamples of subjects behind the interval of Krippendorff's alpha.
    seed : int or None
    remarks : tuple of Text
    """

    pairs: pd.DataFrame
    categories: pd.DataFrame
    level: Level
    conf_level: float
    draws: int
    seed: int | None
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        names = self.frame["coefficient"]
        frame = self.frame.assign(coefficient=pd.Series([COEFFICIENTS[n] for n in names], names.index, object))
        is_f = self.level in ("interval", "ratio")
        columns = [
            Column("coefficient", Text("系数", "Coefficient"), "text"),
            Column("n", SUBJECTS, "count"),
            Column("raters", Text("评价者数", "Raters"), "count"),
            Column("estimate", HEADS["estimate"], "bounded"),
            Column("conf_low:conf_high", interval_head(self.conf_level), "bounded_interval"),
            Column("statistic", HEADS["f" if is_f else "z"], "statistic"),
            *([Column("df1", HEADS["df1"], "df"), Column("df2", HEADS["df2"], "df")] if is_f else []),
            Column("p_value", HEADS["p_value"], "p"),
        ]
        drawn = Text(
            f"Krippendorff α的区间：对象重抽样{self.draws}次（种子{self.seed}），百分位法。",
            f"Interval of Krippendorff's α: {self.draws} resamples of subjects (seed {self.seed}), percentiles.",
        )
        notes = [NOTES[self.level], *([] if self.seed is None else [drawn]), *self.remarks]
        title = Text("评价者一致性", "Agreement of raters")
        table = Table.from_frame(frame, columns, id="agreement", title=title, notes=notes)
        return table.telling(*of_agreement(table))

    def plot(self, ax: Axes | None = None, *, language: Language | None = None) -> Axes:
        """Every coefficient with its interval."""
        from sgsurvey.figures.forest import forest

        language = language or self.basis.language
        known = self.frame[self.frame["estimate"].notna()]
        shown = known[["estimate", "conf_low", "conf_high"]].assign(
            term=[COEFFICIENTS[name].to(language) for name in known["coefficient"]]
        )
        return forest(shown, conf_level=self.conf_level, n=self.n, ax=ax, language=language)

    def pairs_table(self, *, language: Language | None = None) -> Table:
        """Every pair of raters."""
        words = {
            key: pd.Series([self.basis.label(v) for v in self.pairs[key]], self.pairs.index, object)
            for key in ("rater_1", "rater_2")
        }
        columns = [
            Column("rater_1", Text("评价者1", "Rater 1"), "text"),
            Column("rater_2", Text("评价者2", "Rater 2"), "text"),
            Column("n", SUBJECTS, "count"),
            Column("agreement", Text("相同（%）", "Equal %"), "percent"),
        ]
        for kind in KAPPAS.get(self.level, ()):
            name = NAMES[kind]
            over = COEFFICIENTS[name]
            columns += [
                Column(name, HEADS["kappa"], "bounded", spanner=over),
                Column(f"{name}_se", HEADS["std_error"], "bounded", spanner=over),
                Column(f"{name}_low:{name}_high", interval_head(self.conf_level), "bounded_interval", spanner=over),
            ]
        title = Text("两两评价者的一致性", "Agreement of each pair of raters")
        frame = self.pairs.assign(**words)
        table = Table.from_frame(frame, columns, id="agreement_pairs", title=title)
        return self.page(table.telling(*of_pairs(table)), language)


SUBJECTS = Text("对象数", "Subjects")


def interval_head(conf_level: float) -> Text:
    """Head of a column of intervals."""
    return Text(f"{conf_level * 100:g}%置信区间", f"{conf_level * 100:g}% CI")


# Door -------------------------------------------------------------------------------------------------------


def agreement(
    data: Responses | pd.DataFrame,
    ratings: str | Sequence[str],
    *,
    level: Level,
    by: tuple[str, str] | None = None,
    conf_level: float = 0.95,
    draws: int = 2000,
    seed: int | None = None,
) -> Agreement:
    """Agreement of raters over the same subjects.

    Parameters
    ----------
    data : Responses or DataFrame
        One row per subject and one column per rater; or, with ``by``, one row per rating.
    ratings : str or sequence of str
        The raters' columns; with ``by``, the one column that holds the ratings.
    level : "nominal", "ordinal", "interval" or "ratio"
        What the ratings mean, which decides the coefficients: kappas (Cohen's for two raters, the mean over pairs for
        more, and Fleiss') for nominal ones, weighted kappas for ordinal ones, the six intraclass correlations for
        interval and ratio ones, and for all of them Krippendorff's alpha with the distances of the level.
    by : (subject, rater), optional
        Columns of a long table that say what was rated, and by whom.
    conf_level : float
    draws : int
        Resamples of subjects for the interval of Krippendorff's alpha.
    seed : int, optional
        Decides the resamples; without it that interval is not computed.

    Raises
    ------
    DesignError
        The answers declare a sampling design: raters agree over subjects, not over a population.
    DataError
        A column is missing, ratings are no numbers where numbers are needed, or a rater rated a subject twice.
    EstimationError
        Fewer than two raters, or fewer than two subjects that two raters rated.
    """
    if level not in get_args(Level):
        raise EstimationError(
            Text(f"没有“{level}”这种测量层次。", f"there is no level '{level}'."),
            where="level=",
            remedy=Text("可用nominal、ordinal、interval、ratio。", "Use nominal, ordinal, interval or ratio."),
        )
    answers = as_columns(data)
    answers.refuse_design("agreement", *PARTS)
    columns = [ratings] if isinstance(ratings, str) else list(ratings)
    table = from_long(answers, columns, by) if by else answers.variables(columns)
    x, categories = as_numbers(table, level)
    n = _rated_twice(x)
    order = np.unique(x[~np.isnan(x)]) if level in KAPPAS else np.empty(0)
    pairs, mean_kappas = _pairs(x, order, [str(name) for name in table], level, conf_level)
    of_all, each = _of_all_raters(x, order, level, conf_level)
    alpha, lost = _krippendorff(x, level, conf_level, draws, seed)
    frame = _below([*mean_kappas, *of_all, alpha], ROW, raters=x.shape[1])
    undefined = int(np.isnan([pairs[NAMES[kind]] for kind in KAPPAS.get(level, ())]).any(axis=0).sum())
    remarks = _remarks(x, frame, level, undefined, lost, draws, seed)
    few = {"rated by fewer than two raters": len(x) - n} if n < len(x) else {}
    basis = replace(answers.basis(n, few), n_in=len(x))
    if level == "nominal":
        each = each.assign(category=[categories[int(code)] for code in each["category"]])
    return Agreement(frame, basis, pairs, each, level, conf_level, draws, seed, remarks)


def _below(rows: Sequence[Mapping[str, object]], keys: Sequence[str], **more: object) -> pd.DataFrame:
    """Rows below each other, nan where one has no such key: pandas takes columns many times faster than rows."""
    return pd.DataFrame({key: [row.get(key, np.nan) for row in rows] for key in keys} | more)


def _rated_twice(x: Array) -> int:
    """Subjects that two raters rated, of whom there must be two."""
    n = int(((~np.isnan(x)).sum(axis=1) > 1).sum())
    if x.shape[1] < 2 or n < 2:
        raise EstimationError(
            Text(
                "至少要有两名评价者，以及两个由两人以上评价过的对象。",
                "agreement needs two raters, and two subjects that two or more of them rated.",
            ),
            remedy=Text("请核对评价者的列，或用by=指明对象和评价者。", "Check the raters' columns, or name by=."),
        )
    return n


def _pairs(
    x: Array, order: Array, names: Sequence[str], level: Level, conf_level: float
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Each pair of raters, and over all pairs the mean share of equal ratings and the mean kappas (Light 1971)."""
    kinds = KAPPAS.get(level, ())
    if not kinds:
        found_pairs = [_pair(x[:, [i, j]], names[i], names[j]) for i, j in combinations(range(len(names)), 2)]
        return _below(found_pairs, list(found_pairs[0])), []
    lines, influence = [], {kind: np.zeros(len(x)) for kind in kinds}
    found: dict[Weights, list[Kappa]] = {kind: [] for kind in kinds}
    for i, j in combinations(range(len(names)), 2):
        line, both = _pair(x[:, [i, j]], names[i], names[j]), ~np.isnan(x[:, [i, j]]).any(axis=1)
        codes = np.searchsorted(order, x[both][:, [i, j]])
        for kind in kinds:
            kappa = _kappa(codes, agreement_weights(len(order), kind))
            if np.isfinite(kappa.estimate):
                found[kind].append(kappa)
                influence[kind][both] += kappa.influence
            name, (low, high) = NAMES[kind], kappa_interval(kappa.estimate, kappa.std_error, conf_level)
            line |= {name: kappa.estimate, f"{name}_se": kappa.std_error, f"{name}_low": low, f"{name}_high": high}
        lines.append(line)
    pairs = _below(lines, list(lines[0]))
    weight = pairs["n"].to_numpy(dtype=float)
    n = int(((~np.isnan(x)).sum(axis=1) > 1).sum())
    equal = float(pairs["agreement"].fillna(0) @ weight / weight.sum()) if weight.any() else np.nan
    rows: list[dict[str, object]] = [{"coefficient": "agreement", "estimate": equal, "n": n}]
    for kind in kinds:
        k = len(found[kind])
        estimate = float(np.mean([kappa.estimate for kappa in found[kind]])) if k else np.nan
        error = float(np.sqrt(influence[kind] @ influence[kind])) / k if k else np.nan
        statistic = estimate / found[kind][0].std_error_null if k == 1 and found[kind][0].std_error_null else np.nan
        rows.append(_row(NAMES[kind], estimate, error, statistic, n, conf_level))
    return pairs, rows


def _pair(x: Array, first: str, second: str) -> dict[str, object]:
    both = x[~np.isnan(x).any(axis=1)]
    equal = float((both[:, 0] == both[:, 1]).mean()) if len(both) else np.nan
    return {"rater_1": first, "rater_2": second, "n": len(both), "agreement": equal}


def _kappa(codes: np.ndarray, weights: Array) -> Kappa:
    if len(codes) < 2:
        return Kappa(np.nan, np.nan, np.nan, np.zeros(len(codes)))
    return cohen_kappa(codes[:, 0], codes[:, 1], weights)


def _row(name: str, estimate: float, error: float, statistic: float, n: int, conf_level: float) -> dict[str, object]:
    """A coefficient with a normal interval and a two-sided z."""
    low, high = kappa_interval(estimate, error, conf_level)
    p = float(2 * ndtr(-abs(statistic)))
    row: dict[str, object] = {"coefficient": name, "estimate": estimate, "std_error": error, "n": n}
    return row | {"conf_low": low, "conf_high": high, "statistic": statistic, "p_value": p}


def kappa_interval(kappa: float, error: float, conf_level: float) -> tuple[float, float]:
    """A normal interval of what lies between -1 and 1."""
    half = ndtri(0.5 + conf_level / 2) * error
    return float(np.maximum(kappa - half, -1.0)), float(np.minimum(kappa + half, 1.0))


def _of_all_raters(
    x: Array, order: Array, level: Level, conf_level: float
) -> tuple[list[dict[str, object]], pd.DataFrame]:
    """What needs every rater's rating of a subject: intraclass correlations, or Fleiss' kappa and its categories."""
    complete = x[~np.isnan(x).any(axis=1)]
    none = pd.DataFrame(columns=["category", "share", "kappa", "statistic", "p_value"])
    if level == "ordinal" or len(complete) < 2:
        return [], none
    if level != "nominal":
        found = intraclass_correlations(mean_squares(complete), conf_level)
        return [{"coefficient": name, **icc._asdict(), "n": len(complete)} for name, icc in found.items()], none
    counts = (complete[:, :, None] == order).sum(axis=1).astype(float)
    fleiss = fleiss_kappa(counts)
    z = fleiss.categories / fleiss.category_error
    shares, p = counts.sum(axis=0) / counts.sum(), 2 * ndtr(-np.abs(z))
    each = {"category": order, "share": shares, "kappa": fleiss.categories, "statistic": z, "p_value": p}
    estimate, error, null, _ = fleiss.overall
    row = _row("fleiss", estimate, error, estimate / null if null else np.nan, len(complete), conf_level)
    return [row], pd.DataFrame(each)


def _krippendorff(
    x: Array, level: Level, conf_level: float, draws: int, seed: int | None
) -> tuple[dict[str, object], int]:
    """Alpha, its percentile interval over resampled subjects, and how many resamples had none."""
    units = Units.of(x, level)
    n = len(units.counts)
    estimate = float(units.alphas(np.ones((1, n)))[0])
    row: dict[str, object] = {"coefficient": "krippendorff", "estimate": estimate, "n": n}
    if seed is None or np.isnan(estimate):
        return row, 0
    different = different_rows(units.counts)
    patterns = replace(units, counts=different.values)
    rng = np.random.default_rng(seed)
    found = [patterns.alphas(counts) for counts in drawn_counts(different, draws, rng)]
    alphas = np.concatenate(found)
    kept = alphas[~np.isnan(alphas)]
    low, high = percentile_interval(kept, conf_level)
    row |= {"conf_low": low, "conf_high": high, "std_error": float(kept.std(ddof=1))}
    return row, draws - len(kept)


def _remarks(
    x: Array, frame: pd.DataFrame, level: Level, undefined: int, lost: int, draws: int, seed: int | None
) -> tuple[Text, ...]:
    complete = int((~np.isnan(x)).all(axis=1).sum())
    n = int(((~np.isnan(x)).sum(axis=1) > 1).sum())
    said = []
    if level != "ordinal" and complete < n:
        gap = REMARKS["incomplete" if complete > 1 else "too_few"]
        said.append(gap.format(of=OF_ALL[level], n=complete))
    if np.isnan(frame["estimate"].iloc[-1]):
        said.append(REMARKS["constant"])
    elif undefined:
        said.append(REMARKS["no_chance"].format(n=undefined))
    if n < FEWEST:
        said.append(REMARKS["few"].format(n=n))
    if lost:
        said.append(REMARKS["undrawn"].format(lost=lost, draws=draws))
    if seed is None:
        said.append(REMARKS["unseeded"])
    return tuple(said)
