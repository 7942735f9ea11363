"""ordinal_dominance(): relative importance of predictors of an ordered answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sgsurvey.answers.from_frame import as_columns
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, EstimationError
from sgsurvey.models.checks import directions
from sgsurvey.models.covariance import Array
from sgsurvey.models.design_matrix import DesignMatrix
from sgsurvey.models.dominance import UNSIGNED, Dominance, designed
from sgsurvey.models.players import LEVEL, Game, game_of
from sgsurvey.numerics.cumulative import Cumulative
from sgsurvey.numerics.dominance import complete_dominance, conditional_dominance, members
from sgsurvey.numerics.subset_logits import subset_log_likelihoods
from sgsurvey.text import Text

# 2^k ordered logits are fitted.
MOST = 12
METHOD = Text(
    "重要性为一般优势：全部2^k个有序logit模型中McFadden R²增量的平均；线性占比为把编码当数值的LMG，供比较。",
    "Importance is general dominance: the mean addition to McFadden's R² over all 2^k ordered logits; the linear share "
    "is that of LMG on the codes, for comparison.",
)


def ordinal_dominance(
    data: Responses | pd.DataFrame,
    formula: str,
    *,
    controls: str = "",
    blocks: Mapping[str, Sequence[str]] | None = None,
) -> Dominance:
    """General dominance for an ordered outcome: each predictor's mean addition to McFadden's R² over all orders.

    Point estimates; ``dominance`` gives intervals for the outcome's codes as numbers.

    Parameters
    ----------
    data : Responses or DataFrame
        Weights of its design are used.
    formula : str
        As in ``dominance``; the outcome's values are taken in order.
    controls : str
        Terms that every model has; R² is then counted from the model of the controls.
    blocks : mapping of name to terms, optional
        Predictors that enter together (Owen values).

    Raises
    ------
    DataError, EstimationError
        As ``ordered`` and ``dominance``; more than 12 predictors.

    References
    ----------
    Budescu, D. V. (1993). Dominance analysis. Psychological Bulletin, 114, 542-551.
    Azen, R., & Traxel, N. (2009). Using dominance analysis to determine predictor importance in logistic regression.
    Journal of Educational and Behavioral Statistics, 34, 319-347.

    Examples
    --------
    ``sg.ordinal_dominance(answers, "SAT1 ~ MGT + FUN + SUP", controls="C(role)")``
    """
    answers = as_columns(data)
    design, predictors, dropped = designed(answers, formula, controls)
    if len(predictors) > MOST:
        raise EstimationError(
            f"{len(predictors)} predictors are {2 ** len(predictors)} ordered logits.",
            where=f"formula '{formula}'",
            remedy=f"Name {MOST} or fewer, or use sg.dominance on the codes.",
        )
    game, z = game_of(design, predictors, blocks)
    r_squared, controls_alone, slopes = _fitted(design, game, z)
    names = [term.name for term in game.terms]
    estimate = game.weights @ r_squared
    basis = answers.basis(len(design.rows), dropped).labelled({term.name: term.label for term in game.terms})
    named = game.named_blocks(blocks or {})
    values = np.array([estimate[list(block)].sum() for block in named.values()])
    of_blocks = {"block": list(named), "estimate": values, "share": values / values.sum()}
    return Dominance(
        _frame(design, game, z, estimate, slopes).assign(block=game.block_of(blocks or {})),
        basis,
        pd.DataFrame({**of_blocks, "conf_low": np.nan, "conf_high": np.nan}),
        pd.DataFrame(conditional_dominance(r_squared), names, range(len(names))),
        pd.DataFrame(complete_dominance(r_squared), names, names),
        float(estimate.sum()),
        controls_alone,
        "mcfadden",
        0,
        0,
        (METHOD, UNSIGNED),
        design.outcome_label,
        LEVEL,
        None,
    )


def _fitted(design: DesignMatrix, game: Game, z: Array) -> tuple[Array, float, Array]:
    """McFadden's R² of every subset beyond the controls, that of the controls, and the slopes of the whole model."""
    levels = np.unique(design.y)
    y = np.searchsorted(levels, design.y).astype(np.int64)
    if len(levels) > np.sqrt(len(y)):
        raise DataError(
            Text(f"因变量有{len(levels)}种取值。", f"the outcome has {len(levels)} values."),
            where=f"'{design.outcome}'",
            remedy=Text("数值因变量请用sg.dominance。", "Use sg.dominance for a numeric outcome."),
        )
    X, w = z[:, 1:-1], np.ones(len(y)) if design.weights is None else design.weights
    # Of a model in which nothing is separated, no part has anything separated.
    theta = Cumulative(X, y, len(levels)).value(w)
    held = members(len(game.players))
    before = game.controls - 1
    subsets = np.zeros((held.shape[1] + 1, X.shape[1]), dtype=bool)
    subsets[:-1, :before] = True
    for player, columns in enumerate(game.players):
        subsets[:-1, [before + column for column in columns]] = held[player][:, None]
    found = subset_log_likelihoods(X, y, len(levels), subsets, w)
    null, start = found[-1], found[0]
    return 1 - found[:-1] / start, float(1 - start / null), theta[len(levels) - 1 :]


def _frame(design: DesignMatrix, game: Game, z: Array, estimate: Array, slopes: Array) -> pd.DataFrame:
    w = np.ones(len(z)) if design.weights is None else design.weights
    linear = game.values((z.T @ (w[:, None] * z))[None])[0]
    signs = directions(design, np.zeros(design.X.shape[1]))
    r = np.array([signs[term.name][1] if term.name in signs else np.nan for term in game.terms])
    at = [game.controls - 1 + columns[0] for columns in game.players]
    spread = np.sqrt(np.average((z - np.average(z, axis=0, weights=w)) ** 2, axis=0, weights=w))[1:-1]
    beta = np.where(np.isnan(r), np.nan, (slopes * spread)[at])
    return pd.DataFrame(
        {
            "term": [term.name for term in game.terms],
            "block": "",
            "estimate": estimate,
            "share": estimate / estimate.sum(),
            "conf_low": np.nan,
            "conf_high": np.nan,
            "rank": pd.Series(-estimate).rank(method="min").astype(int),
            "p_first": np.nan,
            "noise_floor": np.nan,
            "beta": beta,
            "r": r,
            "suppressed": beta * r < 0,
            "linear_share": linear / linear.sum(),
        }
    )
