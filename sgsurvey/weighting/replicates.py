"""Replicate weights: the sample drawn again from itself, with everything done to the weights done again."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design import Replicates
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.sample import Sample
from sgsurvey.errors import DesignError
from sgsurvey.numerics.hadamard import is_hadamard
from sgsurvey.numerics.linearise import Stage
from sgsurvey.numerics.replicates import Factors, balanced, jackknife, rescaled_bootstrap
from sgsurvey.text import Text
from sgsurvey.weighting.reweigh import redone, sampled

ReplicateKind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap"]
KINDS = ("JK1", "JKn", "BRR", "Fay", "bootstrap")
FAY = 0.5


def replicate_weights(
    data: Responses | pd.DataFrame,
    kind: ReplicateKind,
    *,
    draws: int = 500,
    seed: int | None = None,
    rho: float = FAY,
    signs: npt.NDArray[np.int64] | None = None,
    mse: bool = False,
) -> Responses:
    """Answers whose standard errors come from replicates; weights adjusted or calibrated are so again in each.

    Parameters
    ----------
    data : Responses or DataFrame
        With its design, after all that is done to the weights (what is done later is done to the replicates too).
    kind : "JK1", "JKn", "BRR", "Fay" or "bootstrap"
        Jackknife of an unstratified or of a stratified sample; balanced halves of two units a stratum, and Fay's
        milder ones; Rao and Wu's rescaled bootstrap.
    draws : int
        Replicates of the bootstrap.
    seed : int, optional
        Of the bootstrap, which needs it.
    rho : float
        Fay's factor of the unit left out, from 0 to below 1.
    signs : ndarray, shape (R, H), optional
        Columns of a Hadamard matrix, one for each stratum of two units in their order, instead of ours.
    mse : bool
        Deviations from the estimate, and not from the mean of the replicates.

    Returns
    -------
    Responses
        With ``design.replicates``; degrees of freedom are units less strata.

    Raises
    ------
    DesignError
        The design does not fit the kind: strata with JK1, other than two units with BRR, single units, further stages
        under a finite population correction; or a replicate cannot be calibrated.

    References
    ----------
    Wolter, K. M. (2007). Introduction to Variance Estimation (2nd ed.). Springer.
    Rao, J. N. K., Wu, C. F. J., & Yue, K. (1992). Some recent work on resampling methods for complex surveys. Survey
    Methodology, 18, 209-217.

    Examples
    --------
    ``sg.mean(sg.replicate_weights(raked, "JKn"), "SAT")``
    """
    answers, sample = sampled(data)
    stage = sample.stages[0]
    _check(sample, stage, kind, seed, rho)
    if signs is not None and not (is_hadamard(signs) and signs.shape[1] == (stage.sizes == 2).sum()):
        raise DesignError(
            Text(
                f"signs=须为{(stage.sizes == 2).sum()}列相互正交的±1。",
                f"signs= must be {(stage.sizes == 2).sum()} columns of 1 and -1 at right angles.",
            ),
            remedy=Text("请取Hadamard矩阵的列。", "Take columns of a Hadamard matrix."),
        )
    if kind == "bootstrap":
        factors = rescaled_bootstrap(stage, draws, seed or 0)
    elif kind in ("BRR", "Fay"):
        factors = balanced(stage, rho if kind == "Fay" else 0.0, signs)
    else:
        factors = jackknife(stage)
    made = redone(_of(sample, stage, factors, kind, mse), answers.design.calibrations)
    whole = answers.frame[list(answers.design.columns)] if answers.design.whole is None else answers.design.whole
    return replace(answers, design=replace(answers.design, replicates=made, whole=whole))


def _of(sample: Sample, stage: Stage, factors: Factors, kind: str, mse: bool) -> Replicates:
    done = sample.design.calibrations
    base = done[0].base if done else sample.weights
    weights = base[:, None] * factors.units[stage.units]
    return Replicates(kind, weights, factors.scale, factors.rscales, sample.df(sample.weights), mse)


def _check(sample: Sample, stage: Stage, kind: str, seed: int | None, rho: float) -> None:
    """Raise where the design does not fit the kind."""
    several, corrected = len(stage.sizes) > 1, bool((stage.fractions > 0).any())
    pairs = stage.sizes[stage.sizes != 1] == 2
    alone = len(stage.lonely) > 0 and sample.design.lonely != "certainty"
    wrong = [
        (kind not in KINDS, f"没有“{kind}”这种重复权数。", f"there is no kind '{kind}' of replicates.",
         "可用JK1、JKn、BRR、Fay、bootstrap。", "Use JK1, JKn, BRR, Fay or bootstrap."),
        (sample.design.replicates is not None, "答卷已有重复权数。", "the answers have replicate weights already.",
         "请直接使用。", "Use them as they are."),
        (kind == "JK1" and several, "JK1用于不分层的样本。", "JK1 is for samples without strata.",
         "请用JKn。", "Use JKn."),
        (kind in ("BRR", "Fay") and not pairs.all(), f"有{(~pairs).sum()}层不是恰好两个单位。",
         f"{(~pairs).sum()} strata do not have exactly two units.", "请用JKn或bootstrap。", "Use JKn or bootstrap."),
        (alone, "有的层只有一个抽样单位。", "some strata have a single sampling unit.",
         '请合并层，或写明lonely="certainty"。', 'Merge strata, or declare lonely="certainty".'),
        (len(sample.stages) > 1 and corrected, "重复权数只重抽初级单位，不能兼顾各级的有限总体校正。",
         "replicates draw first-stage units alone, and cannot hold the correction of further stages.",
         "请用不带fpc的设计，或用线性化。", "Declare the design without fpc, or use linearisation."),
        (stage.unequal is not None, "重复权数按等概率重抽初级单位，不适用于不等概率的设计。",
         "replicates draw units again with equal probabilities, and the design has unequal ones.",
         "请只声明权数（按有放回计算），或用线性化。", "Declare weights alone, or use linearisation."),
        (kind == "bootstrap" and seed is None, "自助法需要随机种子。", "the bootstrap needs a seed.",
         "请写明seed=。", "Give seed=."),
        (not 0 <= rho < 1, "rho须在0到1之间。", "rho must be at least 0 and below 1.", "常用0.5。", "0.5 is usual."),
    ]  # fmt: skip
    for found, zh, en, zh_do, en_do in wrong:
        if found:
            raise DesignError(Text(zh, en), remedy=Text(zh_do, en_do))
