"""What the tables of a partial least squares model say in words: paths, indices, importance."""

from sgsurvey.measurement.model_phrases import ASSUMED, UNDECIDED
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked, several
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

ENDS = "conf_low:conf_high"
_ARROW = Text("{predictor}→{outcome}", "{predictor} → {outcome}")
_TOLD = Text(
    "区间不含0的路径有{n}条，绝对值最大的是{path}（{b}，{ci}）。",
    "The interval excludes 0 for {n} of the paths; the largest in size is {path} ({b}, {ci}).",
)
_EXPLAINED = Text("自变量解释的方差比例（R²）：{shares}。", "Shares of variance explained (R²): {shares}.")
_WITH = Text("{name}（{numbers}）", "{name} ({numbers})")
_NUMBERS = Text("{b}，{ci}", "{b}, {ci}")
_SHARE = Text("{name}为{r2}", "{name} {r2}")
_INDEX = Text("指数最高的是{high}，最低的是{low}。", "The highest index is that of {high}, the lowest that of {low}.")
_ONE_INDEX = Text("指数：{low}。", "Index: {low}.")
_IMPORTANCE = Text(
    "与{target}指数关联最强的是{name}：其指数每高1分，{target}指数平均相应高{b}分（{ci}），而其指数为{rated}。",
    "What goes most with the {target} index is {name}: with one point of its index go {b} points ({ci}); its own index "
    "is {rated}.",
)


def _is_share(line: Line) -> bool:
    return line.value("predictor") == HEADS["r_squared"]


def _path(line: Line) -> Text:
    return _ARROW.format(predictor=line.said("predictor"), outcome=line.heading)


def of_paths(table: Table) -> tuple[Text, ...]:
    """How many paths are told from 0 and the largest of them, the undecided, and the shares explained."""
    found = lines(table, "estimate")
    paths = [line for line in found if not _is_share(line) and line.limits(ENDS) is not None]
    told = [line for line in paths if not line.holds(ENDS)]
    unsure = [line for line in paths if line.holds(ENDS)]
    said = []
    if told:
        first = max(told, key=lambda line: abs(line.number("estimate") or 0.0))
        said.append(_TOLD.format(n=len(told), path=_path(first), b=first.said("estimate"), ci=first.interval(ENDS)))
    if unsure:
        said.append(UNDECIDED.format(names=several([_with_interval(_path(line), line, "estimate") for line in unsure])))
    shares = [_SHARE.format(name=line.heading, r2=line.said("estimate")) for line in found if _is_share(line)]
    if shares:
        said.append(_EXPLAINED.format(shares=several(shares, len(shares))))
    return (*said, ASSUMED) if told or unsure else tuple(said)


def of_indices(table: Table) -> tuple[Text, ...]:
    """The highest and the lowest index."""
    known = ranked(lines(table), "index")
    if not known:
        return ()
    low, high = (_with_interval(line.said("composite"), line, "index", "index_low:index_high") for line in
                 (known[0], known[-1]))  # fmt: skip
    return (_INDEX.format(low=low, high=high) if len(known) > 1 else _ONE_INDEX.format(low=low),)


def of_importance(table: Table, target: Text) -> tuple[Text, ...]:
    """The composite that goes most with the target, where it is told from 0."""
    ends = "importance_low:importance_high"
    known = [line for line in ranked(lines(table, "performance"), "importance") if line.side(ends) > 0]
    if not known:
        return ()
    first = known[-1]
    return (
        _IMPORTANCE.format(
            target=target, name=first.said("composite"), b=first.said("importance"), ci=first.interval(ends),
            rated=first.said("performance"),
        ),
    )  # fmt: skip


def _with_interval(name: Text, line: Line, key: str, ends: str = ENDS) -> Text:
    return _WITH.format(name=name, numbers=_NUMBERS.format(b=line.said(key), ci=line.interval(ends)))
