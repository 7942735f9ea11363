"""Bootstrap of a structural model: percentile intervals of its parameters, and the test of Bollen and Stine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.errors import DesignError, EstimationError
from sgsurvey.measurement.sem import SEM
from sgsurvey.measurement.sem_sentences import of_bootstrap
from sgsurvey.measurement.standardised import standardised
from sgsurvey.numerics.discrepancy import Likelihood, SampleMoments, minimise
from sgsurvey.numerics.linalg import Array, symmetric_root
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text, same

FEWEST_DRAWS = 50


@dataclass(frozen=True)
class Bootstrap(Result):
    """What resampled rows say of a structural model.

    Attributes
    ----------
    frame : DataFrame
        ``lhs, op, rhs, [group], estimate, std_error, conf_low, conf_high, std, std_low, std_high``: free parameters
        with the standard deviation and percentile interval of their draws, and that of the standardised value.
    p_value : float
        Of the chi-square by Bollen and Stine: the share of samples from rows in which the model holds that fit no
        better.
    draws, failed, failed_test : int
        Draws asked for; those that did not converge, among rows as they are and among rows in which the model holds.
    seed : int
    conf_level : float
    """

    p_value: float
    draws: int
    failed: int
    failed_test: int
    seed: int
    conf_level: float

    def _table(self) -> Table:
        frame = self.frame.assign(
            name=[f"{line.lhs} {line.op} {line.rhs}".strip() for line in self.frame.itertuples()],
        )
        shown = in_prose(self.p_value, "p")
        share = f"{100 * self.conf_level:g}"
        columns = [
            Column("name", HEADS["term"], "text"),
            *([Column("group", HEADS["group"], "text")] if "group" in frame else []),
            Column("estimate", HEADS["unstandardised"], "estimate", 3),
            Column("std_error", HEADS["std_error"], "estimate", 3),
            Column("conf_low:conf_high", Text(f"{share}%自助区间", f"{share}% bootstrap CI"), "interval", 3),
            Column("std", HEADS["standardised"], "estimate", 3),
            Column("std_low:std_high", Text(f"{share}%自助区间（标准化）", f"{share}% CI (std.)"), "interval", 3),
        ]
        notes = (
            Text(
                f"按行重抽样{self.draws}次（种子{self.seed}），百分位区间；未收敛{self.failed}次。",
                f"{self.draws} samples of rows (seed {self.seed}), percentile intervals; "
                f"{self.failed} did not converge.",
            ),
            Text(
                "Bollen–Stine检验：{p}（未收敛{k}次）。", "Bollen and Stine's test: {p} ({k} did not converge)."
            ).format(p=shown, k=self.failed_test),
        )
        title = Text("结构模型的自助法区间", "Bootstrap of the structural model")
        table = Table.from_frame(frame, columns, id="sem_bootstrap", title=title, notes=notes)
        return table.telling(*of_bootstrap(table, self.p_value, shown))


def bootstrap_model(fitted: SEM, *, draws: int = 1000, seed: int, conf_level: float = 0.95) -> Bootstrap:
    """Resample the rows of a model that was fitted by maximum likelihood.

    Parameters
    ----------
    fitted : SEM
        Of complete rows, drawn one by one.
    draws : int
        Samples, each of as many rows from every group as it has.
    seed : int
    conf_level : float

    Raises
    ------
    DesignError
        Weights, clusters or a design: rows of such samples are not exchangeable.
    EstimationError
        Another estimator than ML, MLR or MLM; rows that lack something, moments alone; too few draws.

    References
    ----------
    Bollen, K. A., & Stine, R. A. (1992). Sociological Methods & Research 21, 205-229.
    """
    _check(fitted, draws)
    rng = np.random.default_rng(seed)
    theta = fitted.theta
    plain, failed = _draws(fitted, [np.asarray(group.rows) for group in fitted.sample.groups], draws, rng)
    held, failed_test = _draws(fitted, _as_if_true(fitted), draws, rng)
    table, tail = fitted.parameters, 100 * (1 - conf_level) / 2
    values = plain[0] @ table.weights.T + table.offset
    std = np.array([standardised(table, fitted.structure, at).all for at in plain[0]])
    kept = np.abs(table.weights).max(axis=1) > 0
    own = standardised(table, fitted.structure, theta).all
    low, high = np.percentile(values, [tail, 100 - tail], axis=0)
    std_low, std_high = np.percentile(std, [tail, 100 - tail], axis=0)
    frame = pd.DataFrame(
        {
            "lhs": [row.lhs for row in table.rows],
            "op": [row.op for row in table.rows],
            "rhs": [row.rhs for row in table.rows],
            "group": [table.groups[row.group] for row in table.rows],
            "estimate": table.values(theta),
            "std_error": values.std(axis=0, ddof=1),
            "conf_low": low,
            "conf_high": high,
            "std": own,
            "std_low": std_low,
            "std_high": std_high,
        }
    )[kept].reset_index(drop=True)
    p_value = float((held[1] >= fitted.estimation.chi_square).mean())
    frame = frame if len(table.groups) > 1 else frame.drop(columns="group")
    return Bootstrap(frame, fitted.basis, p_value, draws, failed, failed_test, seed, conf_level)


def _draws(fitted: SEM, rows: list[Array], draws: int, rng: np.random.Generator) -> tuple[tuple[Array, Array], int]:
    """Parameters (converged, q) and chi-squares of samples by counts, and how many did not converge."""
    products = []
    for x in rows:
        row, col = np.tril_indices(x.shape[1])
        centre = x.mean(axis=0)
        d = x - centre
        products.append((centre, np.hstack([d, d[:, row] * d[:, col]])))
    thetas, values = [], []
    for _ in range(draws):
        samples = []
        for centre, sums in products:
            n, p = len(sums), len(centre)
            totals = rng.multinomial(n, np.full(n, 1 / n)) @ sums / n
            cov = np.zeros((p, p))
            cov[np.tril_indices(p)] = totals[p:]
            cov = cov + np.tril(cov, -1).T - np.outer(totals[:p], totals[:p])
            samples.append(SampleMoments(float(n), cov, centre + totals[:p]))
        found = minimise(Likelihood(fitted.structure, samples), fitted.theta, limit=100)
        if found.converged:
            thetas.append(found.theta)
            values.append(found.value * sum(sample.n for sample in samples))
    if len(thetas) < draws / 2:
        raise EstimationError(
            Text(f"{draws}次重抽样中只有{len(thetas)}次收敛。", f"only {len(thetas)} of {draws} samples converged."),
            remedy=Text("请简化模型或增加样本。", "Take a simpler model, or more rows."),
        )
    return (np.array(thetas), np.array(values)), draws - len(thetas)


def _as_if_true(fitted: SEM) -> list[Array]:
    """The rows turned so that their moments are those that the model implies."""
    found = []
    for group, implied in zip(fitted.sample.groups, fitted.structure.implied(fitted.theta), strict=True):
        x = np.asarray(group.rows)
        turn = symmetric_root(group.moments.cov, -0.5) @ symmetric_root(implied.cov)
        mean = implied.mean if fitted.structure.means else x.mean(axis=0)
        found.append((x - x.mean(axis=0)) @ turn + mean)
    return found


def _check(fitted: SEM, draws: int) -> None:
    groups = fitted.sample.groups
    declared = fitted.sample.under_design is not None
    if declared or any(group.weights is not None or group.clusters is not None for group in groups):
        raise DesignError(
            Text(
                "有权数、群或抽样设计的行不能逐行重抽样。", "rows with weights, clusters or a design are not resampled."
            ),
            where="fitted",
            remedy=Text("请用MLR的标准误和区间。", "Take the errors and intervals of MLR."),
        )
    complete = all(group.rows is not None and not np.isnan(group.rows).any() for group in groups)
    if fitted.estimator not in ("ML", "MLR", "MLM") or not complete:
        raise EstimationError(
            Text("自助法只用于完整数据的极大似然估计。", "the bootstrap takes maximum likelihood of complete rows."),
            where="fitted",
            remedy=Text("请用estimator='ML'、missing='listwise'拟合。", "Fit with estimator='ML', missing='listwise'."),
        )
    if draws < FEWEST_DRAWS:
        raise EstimationError(
            Text(f"至少需要{FEWEST_DRAWS}次重抽样。", f"at least {FEWEST_DRAWS} draws are needed."),
            where="draws",
            remedy=same("draws=1000"),
        )
