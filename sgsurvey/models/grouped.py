"""What all models of people in groups need: their design, their groups, and the picture of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.design import PARTS
from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DesignError, EstimationError
from sgsurvey.models.covariance import FEWEST_CLUSTERS
from sgsurvey.tables.format import in_prose
from sgsurvey.tables.result import Basis
from sgsurvey.tables.table import Cell, Kind, Row
from sgsurvey.text import Language, Text, listed

if TYPE_CHECKING:
    from sgsurvey.figures.style import Axes

SHRUNKEN = Text("各组截距与平均的差（向平均收缩）", "Groups' intercepts about the average, shrunken")
SHRUNKEN_SLOPES = Text("各组“{x}”的斜率与平均的差（向平均收缩）", "Groups' slopes of {x} about the average, shrunken")
RATIO = Text("随机截距的似然比检验", "Likelihood ratio of the intercepts")
FEW = Text(
    "只有{g}个组：组层面的推断不可靠，仅作描述。",
    "Only {g} groups: inference between groups is not reliable; read as description.",
)


@dataclass(frozen=True)
class Grouping:
    """Groups in which the slopes of some predictors differ, not the intercept alone.

    Parameters
    ----------
    column : str
        Column of the groups.
    slopes : sequence of str
        Numeric predictors of the formula.  Slopes and intercepts may go together: their covariance is unstructured.

    Examples
    --------
    ``sg.multilevel(answers, "SAT ~ MGT + FUN", group=sg.Grouping("township_id", slopes=["MGT"]))``
    """

    column: str
    slopes: Sequence[str]


def refuse_other_design(answers: Responses, verb: str, group: str) -> None:
    """Raise where the answers declare weights, strata or anything else that a random intercept does not stand for."""
    answers.refuse_design(verb, *(part for part in PARTS if part != "clusters"))
    clusters = answers.design.clusters
    if clusters is not None and clusters != group:
        raise DesignError(
            Text(
                f"group='{group}'会忽略设计中的群“{clusters}”。",
                f"group='{group}' would ignore the clusters in '{clusters}', which the design declares.",
            ),
            remedy=Text(
                f"请用group='{clusters}'，或answers.designed(sg.Design())。",
                f"Use group='{clusters}', or pass answers.designed(sg.Design()).",
            ),
        )


def group_codes(
    answers: Responses, group: str, rows: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.int64], tuple[object, ...]]:
    """The group of each row used, 0 … G - 1 in the order of their names, and the names.

    Raises
    ------
    EstimationError
        One group only.
    """
    codes, names = pd.factorize(answers.variables([group])[group].iloc[rows], sort=True)
    if len(names) < 2:
        raise EstimationError(
            Text(f"“{group}”只有一个组。", f"'{group}' has one group only among the rows used."),
            remedy=Text("请用不分组的模型。", "Use a model without groups."),
        )
    return codes.astype(np.int64), tuple(names)


def group_notes(basis: Basis, group: str | Sequence[str], groups: int) -> tuple[Text, ...]:
    """What the groups are, and that they are few; ``groups`` counts those of the grouping with the fewest."""
    labels = [basis.label(name) for name in ([group] if isinstance(group, str) else group)]
    names = listed(labels)
    said = Text("各组：{group}。", "Groups: {group}.").format(group=names)
    return (said, FEW.format(g=groups)) if groups < FEWEST_CLUSTERS else (said,)


def with_interval(line: pd.Series, kind: Kind) -> Text:
    """``1.378 [0.709, 3.046]``, from ``estimate, conf_low, conf_high``."""
    value, low, high = (in_prose(line[key], kind, 3) for key in ("estimate", "conf_low", "conf_high"))
    return Text("{v} [{low}, {high}]", "{v} [{low}, {high}]").format(v=value, low=low, high=high)


def likelihood_ratio(statistics: pd.Series) -> Text:
    """``χ̄² = 107.20, p < .001``."""
    return Text("χ̄² = {lr}，{p}", "χ̄² = {lr}, {p}").format(
        lr=in_prose(statistics["lr"], "statistic"), p=in_prose(statistics["lr_p_value"], "p")
    )


def foot(lines: Sequence[tuple[Text, object, Kind]], width: int) -> list[Row]:
    """What stands below the coefficients: head and value of each, over a table of ``width`` columns."""
    return [Row((Cell(head), Cell(value, kind, span=width - 1)), kind="stat") for head, value, kind in lines]


def caterpillar(
    groups: pd.DataFrame,
    basis: Basis,
    conf_level: float,
    ax: Axes | None,
    language: Language | None,
    *,
    axis: Text = SHRUNKEN,
) -> Axes:
    """The groups' predicted intercepts with their intervals, in order.

    Raises
    ------
    EstimationError
        No group has as many persons as the questionnaire shows.
    """
    from sgsurvey.figures.forest import forest

    shown = groups[groups["n"] >= basis.smallest].sort_values("estimate", ascending=False)
    if shown.empty:
        raise EstimationError(
            Text("各组人数都少于{k}，不予显示。", "every group has fewer than {k} persons.").format(k=basis.smallest),
            remedy=Text("数值见.groups。", "The numbers stand in .groups."),
        )
    spoken = language or basis.language
    terms = [basis.label(name).to(spoken) for name in shown["group"]]
    shown = shown.drop(columns="group").assign(term=terms)
    return forest(shown, axis=axis, conf_level=conf_level, ax=ax, language=spoken)
