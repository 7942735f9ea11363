"""What beside correlations few people stand behind: the correlations themselves, means and deviations, thresholds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.measurement.design_based import Pairs
from sgsurvey.measurement.latent_correlations import Found
from sgsurvey.numerics.linalg import Array
from sgsurvey.tables.beside import given_away
from sgsurvey.tables.few_persons import few, one_of_two_is_few
from sgsurvey.tables.suppress import suppressed


def of_enough(found: Found, smallest: int) -> Found:
    """Without the correlations that fewer than ``smallest`` people stand behind."""
    pairs = found.pairs
    gone = (pairs.n > 0) & (pairs.n < smallest)
    hidden = {name: np.where(gone, np.nan, getattr(pairs, name)) for name in Pairs._fields if name != "n"}
    corr, (i, j) = found.corr.copy(), np.triu_indices(len(found.corr), 1)
    corr[i[gone], j[gone]] = corr[j[gone], i[gone]] = np.nan
    return replace(found, pairs=pairs._replace(**hidden), corr=corr, at_bound=found.at_bound & ~gone)


def moments_of_few(answers: Responses, name: str, x: Array) -> set[str]:
    """Which of mean and deviation of one question would tell few people's answers beside its distribution."""
    x, smallest = x[~np.isnan(x)], answers.questionnaire.smallest_cell
    if few(len(x), smallest):
        return {"mean", "sd"}
    own = answers.item_names([name]) if name in answers.questionnaire else []
    item = answers.questionnaire.item(own[0]) if len(own) == 1 else None
    limits = None if item is None or item.type != "rating" else item.scale.limits if item.scale else item.limits
    if limits is None:
        return {"mean", "sd"} if one_of_two_is_few(x, smallest) else set()
    codes = np.arange(limits[0], limits[1] + 1)
    counts = (x[:, None] == codes).sum(axis=0)
    return given_away(counts, smallest, {"mean": [codes], "sd": [codes**2]})


def thresholds_to_show(thresholds: pd.DataFrame, names: list[str], values: Array, smallest: int) -> pd.DataFrame:
    """Thresholds, which are sums of shares, without those that part hidden counts from each other."""
    kept = thresholds.copy()
    for name, lines in thresholds.groupby("variable", sort=False):
        x = values[:, names.index(str(name))]
        codes, counts = np.unique(x[~np.isnan(x)], return_counts=True)
        hidden = codes[suppressed(counts[:, None], smallest)[:, 0]]
        for at, line in lines.iterrows():
            if (hidden <= line["lower"]).any() and (hidden >= line["upper"]).any():
                kept.loc[at, ["estimate", "std_error"]] = np.nan
    return kept
