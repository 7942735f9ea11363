"""What tables of measurement invariance say in words."""

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, several
from sgsurvey.text import Text

_BASE = Text("形态模型的CFI为{cfi}，RMSEA为{rmsea}。", "The configural model has CFI {cfi} and RMSEA {rmsea}.")
_REACHED = Text("测量等值性达到“{level}”水平。", "The level of invariance reached is “{level}”.")
_FAILED = Text(
    "“{level}”不成立：ΔCFI为{cfi}，Δχ²({df}) = {x}，{p}。",
    "“{level}” does not hold: ΔCFI is {cfi}, Δχ²({df}) = {x}, {p}.",
)
_SHARPEST = Text(
    "各步中ΔCFI最低的是“{level}”：ΔCFI为{cfi}，Δχ²({df}) = {x}，{p}。",
    "The lowest ΔCFI of a step is that of “{level}”: {cfi}, with Δχ²({df}) = {x}, {p}.",
)
_MEANS = Text(
    "各组的潜均值因此可以比较；界限是惯例，不证明题项对各组含义相同。",
    "Latent means can therefore be compared; cut-offs are conventions, no proof that items mean the same to all.",
)
_NO_MEANS = Text(
    "各组均值的差异因此不能直接解释为构念的差异。",
    "A gap in means can therefore not be read as a gap in the construct.",
)


def of_levels(table: Table, reached: Text, failed: Text, *, comparable: bool) -> tuple[Text, ...]:
    """Fit without constraints, the level reached, the level that failed, and what it means for means.

    Parameters
    ----------
    reached, failed : Text
        The level in words, and the word of the decision that a level does not hold.
    comparable : bool
        Whether latent means may be compared.
    """
    every = lines(table, "cfi")
    if not every:
        return ()
    said = [_BASE.format(cfi=every[0].said("cfi"), rmsea=every[0].sized("rmsea", "rmsea_low:rmsea_high"))]
    said.append(_REACHED.format(level=reached))
    steps = [line for line in every if line.value("diff_p") is not None and line.value("delta_cfi") is not None]
    fallen = [line for line in steps if line.value("decision") == failed]
    if fallen:
        said.append(_changed(_FAILED, fallen[0]))
    elif steps:
        said.append(_changed(_SHARPEST, min(steps, key=lambda line: line.number("delta_cfi") or 0.0)))
    return (*said, _MEANS if comparable else _NO_MEANS)


def _changed(words: Text, line: Line) -> Text:
    return words.format(
        level=line.said("model"),
        cfi=line.said("delta_cfi"),
        df=line.said("diff_df"),
        x=line.said("diff_chi_square"),
        p=line.said("diff_p"),
    )


_APART = Text("潜均值差可以辨认的是{names}。", "Latent means can be told apart for {names}.")
_OPEN = Text(
    "区间包含0、孰高孰低尚不能判定的是{names}。",
    "The interval includes 0, so that which group is higher cannot be decided, for {names}.",
)
_SIZE = Text("{f}（{g}：{x}，{ci}，d = {d}）", "{f} ({g}: {x}, {ci}, d = {d})")
MOST = 3


def of_means(table: Table) -> tuple[Text, ...]:
    """Differences of latent means that are told from 0, the largest first, and those that are not."""
    known = [line for line in lines(table, "difference") if line.limits("conf_low:conf_high") is not None]
    known.sort(key=lambda line: -abs(line.number("d") or 0.0))
    apart = [line for line in known if not line.holds("conf_low:conf_high")]
    unsure = [line for line in known if line.holds("conf_low:conf_high")]
    said = [_APART.format(names=several(map(_difference, apart), MOST))] if apart else []
    if unsure:
        said.append(_OPEN.format(names=several(map(_difference, unsure), MOST)))
    return tuple(said)


def _difference(line: Line) -> Text:
    return _SIZE.format(
        f=line.said("factor"), g=line.heading, x=line.said("difference"), ci=line.interval("conf_low:conf_high"),
        d=line.said("d"),
    )  # fmt: skip
