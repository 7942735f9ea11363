"""Do the others know how villagers see it?  The share they guess beside the share there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.causes.evidence import design_remarks
from sgsurvey.causes.gap_estimates import gap
from sgsurvey.causes.gap_sentences import of_misperception
from sgsurvey.causes.points import check_columns, code_label
from sgsurvey.causes.sides import Sides
from sgsurvey.errors import DataError, DesignError, did_you_mean
from sgsurvey.numerics.multiplicity import adjusted
from sgsurvey.tables.few_persons import one_of_two_is_few
from sgsurvey.tables.result import Result
from sgsurvey.tables.table import Column, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

LEVEL = 0.05
# What a line of too few people does not show.
HIDDEN = ("n", "guess", "actual", "estimate", "conf_low", "p_adjusted")


@dataclass(frozen=True)
class Misperception(Result):
    """What groups guess of another group, less what that group says.

    Attributes
    ----------
    frame : DataFrame
        ``group, n, n_of, guess, actual, estimate, std_error, df, conf_low, conf_high, p_value, p_adjusted, places``;
        shares and their difference (guess less actual) in per cent, nan where too few of a group answered, or too few
        were satisfied or were not.
    guess : str
        The item with the guess.
    of, item : str
        The group that is guessed about, and its own item.
    roles : mapping of role to Text
    remarks : tuple of Text
    """

    guess: str
    of: str
    item: str
    roles: Mapping[str, Text]
    remarks: tuple[Text, ...]

    def _table(self) -> Table:
        shown = self.frame.assign(group=self.frame["group"].map(self.roles))
        per_cent = Text("%", "%")
        columns = [
            Column("group", HEADS["group"], "text"),
            Column("n", HEADS["n"], "count"),
            Column("guess", Text("估计", "Guess"), digits=1, spanner=per_cent),
            Column("actual", Text("实际", "Actual"), digits=1, spanner=per_cent),
            Column("estimate", Text("误判", "Misperception"), digits=1, spanner=per_cent),
            Column("conf_low:conf_high", HEADS["conf_95"], "interval", digits=1),
            Column("p_adjusted", HEADS["p_adjusted"], "p"),
        ]
        title = Text("对{of}满意比例的估计与实际", "Share of {of}s who are satisfied: guessed and actual")
        note = Text(
            "误判＝估计的比例−{of}中满意者的实际比例（{item}）；评价本地者与本地比较，各地点权重相同。Holm校正。",
            "Misperception = guessed share − actual share among {of}s ({item}); who judges a place is compared with "
            "that place, each place counting once. Holm.",
        )
        words = self.roles[self.of]
        lower = Text(words.zh, words.en[:1].lower() + words.en[1:])
        notes = (note.format(of=lower, item=self.item), *self.remarks)
        table = Table.from_frame(shown, columns, id="misperception", title=title.format(of=lower), notes=notes)
        table = table.hiding([HIDDEN if few else () for few in self.frame["n"].isna()])
        return table.telling(*of_misperception(table))


def misperception(
    answers: Responses,
    guess: str,
    *,
    of: str,
    item: str,
    satisfied: float,
    out_of: float = 10.0,
    cluster: str | None = None,
) -> Misperception:
    """What each group guesses of another ("of 10 villagers, how many are satisfied?"), less what that group says.

    A gap that needs no invariance of a scale: both sides are shares of the same persons.

    Parameters
    ----------
    answers : Responses
    guess : str
        Item with the number guessed, ``META2`` in the bundled questionnaire.
    of : str
        The role that is guessed about, ``villager``.
    item : str
        That role's own rating, ``SAT1``.
    satisfied : float
        The least answer that counts as satisfied, 4 on a scale from 1 to 5.
    out_of : float
        The number that stands for everybody.
    cluster : str, optional
        Column of the places; the design's clusters unless named.

    Raises
    ------
    DesignError
        The role is unknown, or the design has finite populations, further stages or replicate weights.
    DataError
        An item is unknown, nobody guessed, or a guess lies outside 0 to ``out_of``.
    """
    answers.refuse_design("misperception", "fpc", "stages", "replicates")
    check_columns(answers, ["role", cluster])
    if of not in answers.roles:
        raise DesignError(
            f"there is no group '{of}'.{did_you_mean(of, answers.roles)}", where="of=", remedy="Name a role."
        )
    asked = answers.variables([guess, item]).astype("float64")
    if not asked[guess].dropna().between(0, out_of).all():
        raise DataError(
            f"'{guess}' has answers outside 0 to {out_of:g}.", where="out_of=", remedy="Say what number is everybody."
        )
    guessed = 100.0 * asked[guess] / out_of
    actual = 100.0 * asked[item].ge(satisfied).astype("float64").where(asked[item].notna())
    sides = Sides(answers, cluster or answers.design.clusters, {})
    lines = [_line(sides, role, of, guessed, actual) for role in answers.roles if role != of]
    frame = pd.DataFrame([line for line in lines if line["n"] != 0])
    if frame.empty:
        raise DataError(f"nobody but '{of}' answered '{guess}'.", remedy="Name the item that holds the guess.")
    frame["p_adjusted"] = adjusted(frame["p_value"])
    mine = answers.frame["role"].eq(of).to_numpy(dtype=bool)
    used = np.where(mine, actual.notna(), guessed.notna())
    dropped = {f"{guess} / {item} missing": int((~used).sum())} if not used.all() else {}
    roles = {role: code_label(answers, "role", role) for role in answers.roles}
    return Misperception(
        frame, answers.basis(int(used.sum()), dropped), guess, of, item, roles, design_remarks(answers)
    )


NUMBERS = ("guess", "actual", "estimate", "std_error", "df", "conf_low", "conf_high", "p_value", "places")


def _line(sides: Sides, role: str, of: str, guessed: pd.Series, actual: pd.Series) -> dict[str, object]:
    first, second = sides.side(role, guessed), sides.side(of, actual)
    smallest = sides.answers.questionnaire.smallest_cell
    line: dict[str, object] = {"group": role, "n": len(first.x), "n_of": len(second.x)} | dict.fromkeys(NUMBERS, np.nan)
    if min(len(first.x), len(second.x)) < smallest or one_of_two_is_few(second.x, smallest):
        return line | ({"n": np.nan} if len(first.x) else {})
    found = gap(first, second)
    if found is None:
        return line
    low, high = found.interval(1 - LEVEL)
    return line | {
        "guess": found.mean_first,
        "actual": found.mean_second,
        "estimate": found.estimate,
        "std_error": found.std_error,
        "df": found.df,
        "conf_low": low,
        "conf_high": high,
        "p_value": found.p_value,
        "places": found.places,
    }
