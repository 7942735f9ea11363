"""What tables of several models say in words: what each block adds, and which coefficients keep their sign."""

from __future__ import annotations

import re
from collections.abc import Collection

from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import NAMES, Line, as_sentence, lines, several
from sgsurvey.text import SEMICOLON, Text, listed

_ADDS = Text("模型{m}使R²增至{r}（ΔR² = {d}）", "model {m} brings R² to {r} (ΔR² = {d})")
_TEST = Text(
    "，新增自变量的联合检验（稳健）F({df1}, {df2}) = {f}，{p}",
    ", joint test of what it adds (robust) F({df1}, {df2}) = {f}, {p}",
)
_UNDECIDED = Text("，增量是否大于0尚不能判定", ", which leaves undecided whether it adds anything")
_FIRST = Text("模型{m}的R²为{r}", "R² of model {m} is {r}")
_STEADY = Text("系数符号在各模型中一致的有{items}。", "Coefficients keep their sign in every model for {items}.")
_RANGE = Text("{x}（{low}至{high}）", "{x} ({low} to {high})")
_TURNING = Text(
    "{names}的系数符号随模型而变，不宜据单个模型下结论。",
    "The sign of {names} changes with the model: no single model should be relied on.",
)


_COEFFICIENTS = re.compile(r"(?:model|estimate)\d+")


def of_changes(table: Table) -> tuple[Text, ...]:
    """How R² grows from model to model, and whether that is more than chance."""
    found = lines(table, "delta_r_squared")
    if not found:
        return ()
    said = [_FIRST.format(m=found[0].said("model"), r=found[0].said("r_squared")), *map(_addition, found[1:])]
    return (as_sentence(listed(said, SEMICOLON)),)


def _addition(line: Line) -> Text:
    said = [_ADDS.format(m=line.said("model"), r=line.said("r_squared"), d=line.said("delta_r_squared"))]
    p = line.number("robust_p_value")
    if p is not None:
        test = {"f": "f_robust", "df1": "robust_df1", "df2": "robust_df2", "p": "robust_p_value"}
        said.append(_TEST.format(**{part: line.said(key) for part, key in test.items()}))
        said += [_UNDECIDED] if p >= ALPHA else []
    return Text("".join(part.zh for part in said), "".join(part.en for part in said))


def of_models(table: Table, slopes: Collection[Text], *, comparable: bool = True) -> tuple[Text, ...]:
    """Which of the ``slopes`` have one sign in all models that hold them, and which do not.

    Parameters
    ----------
    table : Table
        With a column ``model1`` or ``estimate1`` … of coefficients for each model.
    slopes : collection of Text
    comparable : bool
        Models are of one kind and outcome, so that more than the signs of their coefficients can be compared.
    """
    keys = [column.key for column in table.columns if _COEFFICIENTS.fullmatch(column.key)]
    in_several: dict[Text, list[tuple[float, Text]]] = {}
    for line in lines(table):
        numbers = [(value, line.said(key)) for key in keys if (value := line.number(key)) is not None]
        if line.value("term") in slopes and len(numbers) > 1:
            in_several[line.named("term")] = sorted(numbers, key=lambda pair: pair[0])
    steady = {name: found for name, found in in_several.items() if found[0][0] * found[-1][0] > 0}
    turning = [name for name in in_several if name not in steady]
    said = []
    if steady:
        ranges = [_RANGE.format(x=name, low=found[0][1], high=found[-1][1]) for name, found in steady.items()]
        said.append(_STEADY.format(items=several(ranges if comparable else list(steady), NAMES)))
    if turning:
        said.append(_TURNING.format(names=several(turning, NAMES)))
    return tuple(said)
