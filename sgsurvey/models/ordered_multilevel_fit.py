"""A fitted model of ordered values with a random intercept, and the lines of its tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from sgsurvey.models.design_matrix import INTERCEPT, DesignMatrix
from sgsurvey.models.likelihood import CategoryFit
from sgsurvey.numerics.cumulative import Cumulative, Link
from sgsurvey.numerics.cumulative_groups_fit import LATENT, GroupedFit, fit_groups
from sgsurvey.numerics.intervals import symmetric_interval
from sgsurvey.numerics.linalg import Array
from sgsurvey.numerics.marginal_effects import slope_effects, step_effects

# Nodes over the distribution of groups, for effects that are averaged over them.
AVERAGING = 40


@dataclass(frozen=True)
class GroupedCategoryFit(CategoryFit):
    """A fitted cumulative model with groups; ``theta`` and ``covariance`` end with the groups' standard deviation.

    Attributes
    ----------
    solution : GroupedFit
    nodes : int
        Of the quadrature.
    group_names : tuple
        In the order of the groups' codes.
    group_sizes : ndarray of int, shape (G,)
    """

    solution: GroupedFit
    nodes: int
    group_names: tuple[object, ...]
    group_sizes: npt.NDArray[np.int64]

    def slope_effects(self, column: int) -> tuple[Array, Array]:
        """Mean slopes of ``P(y > k)`` in a predictor over rows and groups, with their derivatives in ``theta``."""
        return self._averaged(lambda theta: slope_effects(self.model, theta, self.weights, column))

    def step_effects(self, before: Array, after: Array) -> tuple[Array, Array]:
        """Mean differences of ``P(y > k)`` between predictors over rows and groups; as ``slope_effects``."""
        return self._averaged(lambda theta: step_effects(self.model, theta, self.weights, before, after))

    def _averaged(self, effects_at: Callable[[Array], tuple[Array, Array]]) -> tuple[Array, Array]:
        """Effects averaged over the normal distribution of groups, whose intercept moves all thresholds."""
        cuts, sd = len(self.levels) - 1, float(self.theta[-1])
        points, weights = np.polynomial.hermite_e.hermegauss(AVERAGING)
        effects, derivatives = np.zeros(cuts), np.zeros((cuts, len(self.theta)))
        for point, weight in zip(points, weights / weights.sum(), strict=True):
            theta = self.theta[:-1].copy()
            theta[:cuts] -= sd * point
            found, slopes = effects_at(theta)
            effects += weight * found
            derivatives[:, :-1] += weight * slopes
            derivatives[:, -1] -= weight * point * slopes[:, :cuts].sum(axis=1)
        return effects, derivatives

    def variances(self, conf_level: float) -> pd.DataFrame:
        """Variance between groups and intraclass correlation of the latent variable, with intervals."""
        sd, within = self.solution.sd, LATENT[self.model.link]
        error = float(np.sqrt(self.solution.covariance[-1, -1])) if sd > 0 else np.nan
        z = stats.norm.ppf(0.5 + conf_level / 2)
        # At 0 there is no curvature in the logarithm, and no interval.
        ends = sd * np.exp(np.array([-z, z]) * error / sd) if sd > 0 else np.full(2, np.nan)
        total = sd**2 + within
        return pd.DataFrame(
            {
                "component": ["group", "icc"],
                "estimate": [sd**2, sd**2 / total],
                "sd": [sd, np.nan],
                "std_error": [2 * sd * error, 2 * sd * within / total**2 * error],
                "conf_low": [ends[0] ** 2, ends[0] ** 2 / (ends[0] ** 2 + within)],
                "conf_high": [ends[1] ** 2, ends[1] ** 2 / (ends[1] ** 2 + within)],
            }
        )

    def groups(self, conf_level: float) -> pd.DataFrame:
        """One line per group: rows, most likely intercept, its error given the estimates, and interval."""
        effects, errors = self.solution.effects, self.solution.errors
        low, high = symmetric_interval(effects, errors, np.inf, conf_level)
        frame = pd.DataFrame({"group": list(self.group_names), "n": self.group_sizes, "estimate": effects})
        return frame.assign(std_error=errors, conf_low=low, conf_high=high)

    def statistics(self) -> pd.Series:
        """Sizes, ICC and R-squared of the latent variable, likelihood, test of the random intercept."""
        n, q = len(self.design.y), len(self.theta)
        between, within = self.solution.sd**2, LATENT[self.model.link]
        slopes = self.theta[len(self.levels) - 1 : -1]
        explained = float(np.var(self.model.X @ slopes, ddof=1))
        total = explained + between + within
        ratio = max(2 * (self.log_likelihood - self.solution.flat_log_likelihood), 0.0)
        return pd.Series(
            {
                "n": float(n),
                "groups": float(len(self.group_names)),
                "smallest_group": float(self.group_sizes.min()),
                "largest_group": float(self.group_sizes.max()),
                "icc": between / (between + within),
                "r_squared_marginal": explained / total,
                "r_squared_conditional": (explained + between) / total,
                "log_likelihood": self.log_likelihood,
                "aic": 2 * q - 2 * self.log_likelihood,
                "bic": np.log(n) * q - 2 * self.log_likelihood,
                "lr": ratio,
                "lr_p_value": 0.5 * float(stats.chi2.sf(ratio, 1)) if ratio > 0 else 1.0,
            }
        )


def grouped_categories(
    design: DesignMatrix,
    levels: Array,
    codes: npt.NDArray[np.int64],
    group_names: tuple[object, ...],
    link: Link,
    nodes: int,
) -> GroupedCategoryFit:
    """Fit ``design`` by maximum likelihood; ``codes`` name the group of each row."""
    keep = [j for j, name in enumerate(design.names) if name != INTERCEPT]
    y = np.searchsorted(levels, design.y).astype(np.int64)
    model = Cumulative(design.X[:, keep], y, len(levels), link)
    found = fit_groups(model.X, y, codes, len(levels), link, nodes)
    counts = np.bincount(y)
    return GroupedCategoryFit(
        design,
        model,
        np.ones(len(y)),
        None,
        tuple(levels.tolist()),
        np.append(found.theta, found.sd),
        found.covariance,
        float("inf"),
        found.log_likelihood,
        float(special.xlogy(counts, counts / len(y)).sum()),
        design.notes,
        found,
        nodes,
        group_names,
        np.bincount(codes),
    )
