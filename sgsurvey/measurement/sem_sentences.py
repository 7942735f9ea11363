"""What tables of a structural model say in words: loadings, paths, fit, rival models, the bootstrap."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from sgsurvey.measurement.model_phrases import ASSUMED, UNDECIDED
from sgsurvey.tables.claims import ClaimLevel
from sgsurvey.tables.conventions import OF_FIT
from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked, several
from sgsurvey.text import SEMICOLON, Text, listed

_LOADINGS = Text(
    "标准化载荷在{low}至{high}之间，最低的是{item}，因子解释其方差的比例（SMC）为{smc}。",
    "Standardised loadings lie between {low} and {high}; the lowest is that of {item}, with SMC {smc}.",
)
_TOLD = Text("所有自由载荷的p都小于0.05。", "Every free loading has p below .05.")
_UNTOLD = Text("与0尚不能区分的载荷是{names}的。", "Loadings that cannot be told from 0 are those of {names}.")


def of_loadings(table: Table) -> tuple[Text, ...]:
    """The range of standardised loadings, the lowest item, and the loadings not told from 0."""
    known = ranked(lines(table), "std")
    if not known:
        return ()
    low, high = known[0], known[-1]
    said = [_LOADINGS.format(low=low.said("std"), high=high.said("std"), item=low.code("item"), smc=low.said("smc"))]
    free = [line for line in known if line.value("p_value") is not None]
    untold = [line.code("item") for line in free if (line.number("p_value") or 0.0) >= ALPHA]
    if untold:
        said.append(_UNTOLD.format(names=several(untold)))
    return (*said, _TOLD) if free and not untold else tuple(said)


_STRONGEST = Text(
    "区间不含0的路径中，标准化系数绝对值最大的是{path}（{std}；非标准化系数{b}，{ci}，{p}）。",
    "Of the paths whose interval excludes 0 the largest in standardised size is {path} ({std}; unstandardised {b}, "
    "{ci}, {p}).",
)
_OTHERS = Text("其余是{names}。", "Others: {names}.")
_WITH_INTERVAL = Text("{path}（{b}，{ci}）", "{path} ({b}, {ci})")
_WITH_STD = Text("{path}（{std}）", "{path} ({std})")
_ARROWS: Mapping[bool, Text] = {
    False: ASSUMED,
    True: Text("这些箭头以研究设计为依据。", "The arrows rest on the design of the study."),
}
MOST = 3


def of_paths(table: Table, claim: ClaimLevel) -> tuple[Text, ...]:
    """Paths told from 0, the largest first, and those that are undecided with their intervals."""
    ends = "conf_low:conf_high"
    known = [line for line in lines(table, "std") if line.limits(ends) is not None]
    known.sort(key=lambda line: -abs(line.number("std") or 0.0))
    told, unsure = ([line for line in known if line.holds(ends) is held] for held in (False, True))
    said = []
    if told:
        first, *rest = told
        said.append(
            _STRONGEST.format(
                path=first.named("path"),
                std=first.said("std"),
                b=first.said("estimate"),
                ci=first.interval(ends),
                p=first.said("p_value"),
            )
        )
        named = [_WITH_STD.format(path=line.named("path"), std=line.said("std")) for line in rest]
        said += [_OTHERS.format(names=several(named))] if named else []
    if unsure:
        named = [
            _WITH_INTERVAL.format(path=line.named("path"), b=line.said("estimate"), ci=line.interval(ends))
            for line in unsure
        ]
        said.append(UNDECIDED.format(names=several(named, MOST)))
    return (*said, _ARROWS[claim == 3]) if said else ()


_CLAUSES = Text("，", ", ")
_TESTED = Text("χ²({df}) = {x}，{p}", "χ²({df}) = {x}, {p}")
_INDEX = Text("{name}为{x}", "{name} {x}")
_SATURATED = Text("模型的自由度为0，拟合无从检验。", "The model has 0 degrees of freedom: its fit cannot be tested.")
_WITHIN = Text(
    "这些指数都在惯例范围之内；这说明数据与模型相容，不说明没有别的模型同样相容。",
    "All of these indices are within the conventions: the data are compatible with the model, as they may be with "
    "others.",
)
_WITHOUT = Text(
    "未达惯例的是{names}；惯例不是判据，须看残差和修正指数，找出偏离的所在。",
    "Outside the conventions: {names}. These are no verdict: residuals and modification indices show where the model "
    "is off.",
)


@dataclass(frozen=True, slots=True)
class _Fit:
    """A model's own line, and that of its corrected test; its own where there is none."""

    own: Line
    test: Line

    @property
    def name(self) -> Text:
        return self.own.said("model")

    @property
    def indices(self) -> dict[str, Line]:
        """The line that has each index of ``OF_FIT`` that a sentence speaks of."""
        of = {"cfi": self.test, "tli": self.test, "rmsea": self.test, "srmr": self.own}
        return {name: line for name, line in of.items() if line.number(name) is not None}

    def words(self, *names: str) -> Text:
        """Indices with their values, RMSEA with its interval."""
        shown = [
            _INDEX.format(name=line.heads[name], x=line.sized(name, f"{name}_low:{name}_high"))
            for name, line in self.indices.items()
            if name in names
        ]
        return listed(shown, _CLAUSES)


def _ended(words: Text) -> Text:
    return Text(f"{words.zh}。", f"{words.en}.")


def _fits(table: Table) -> list[_Fit]:
    found: list[_Fit] = []
    for line in lines(table, "model"):
        if line.value("srmr") is not None:
            found.append(_Fit(line, line))
        elif found and line.value("chi_square") is not None:
            found[-1] = _Fit(found[-1].own, line)
    return found


def of_fit(table: Table) -> tuple[Text, ...]:
    """Fit by the corrected test where there is one, and the indices outside the conventions."""
    for fit in _fits(table):
        if fit.own.number("df") == 0:
            return (_SATURATED,)
        tested = []
        if fit.test.value("p_value") is not None:
            line = fit.test
            tested = [_TESTED.format(df=line.said("df"), x=line.said("chi_square"), p=line.said("p_value"))]
        off = [name for name, line in fit.indices.items() if not OF_FIT[name].meets(line.number(name) or 0.0)]
        verdict = _WITHOUT.format(names=listed(fit.own.heads[name] for name in off)) if off else _WITHIN
        return _ended(listed([*tested, fit.words("cfi", "tli", "rmsea", "srmr")], _CLAUSES)), verdict
    return ()


_MODEL = Text("模型“{m}”的{fit}", "“{m}”: {fit}")
_CHANGE = Text(
    "模型“{m}”与上一模型相比，{of}ΔCFI为{cfi}，Δχ²({df}) = {x}，{p}；{verdict}。",
    "Against the model above “{m}” has {of}ΔCFI {cfi}, Δχ²({df}) = {x}, {p}: {verdict}.",
)
# Where the indices told before are those of a corrected test.
_UNCORRECTED = Text("未校正的", "uncorrected ")
_BETTER = Text("限制较少的“{m}”拟合更好", "“{m}”, with fewer restrictions, fits better")
_EVEN = Text(
    "哪一个拟合更好尚不能判定，较简约的是“{m}”",
    "which of them fits better cannot be decided, and “{m}” is the simpler",
)
_LEAST_BIC = Text("BIC最小的是“{m}”。", "BIC is least for “{m}”.")


def of_models(table: Table) -> tuple[Text, ...]:
    """Fit of each rival, then each difference that was tested, then the least BIC."""
    fits = _fits(table)
    if len(fits) < 2:
        return ()
    of_each = [_MODEL.format(m=fit.name, fit=fit.words("cfi", "rmsea", "srmr")) for fit in fits]
    said = [_ended(listed(of_each, SEMICOLON))]
    for before, fit in pairwise(fits):
        line = fit.own
        if (p := line.number("delta_p")) is not None:
            wide, narrow = sorted((before.own, line), key=lambda each: each.number("df") or 0.0)
            verdict = _BETTER.format(m=wide.said("model")) if p < ALPHA else _EVEN.format(m=narrow.said("model"))
            said.append(
                _CHANGE.format(
                    m=line.said("model"),
                    of="" if fit.test is line else _UNCORRECTED,
                    cfi=line.said("delta_cfi"),
                    df=line.said("delta_df"),
                    x=line.said("delta_chi_square"),
                    p=line.said("delta_p"),
                    verdict=verdict,
                )
            )
    if least := ranked([fit.own for fit in fits], "bic"):
        said.append(_LEAST_BIC.format(m=least[0].said("model")))
    return tuple(said)


_DRAWN = Text(
    "自助区间包含0、尚不能与0区分的是{names}。",
    "The bootstrap interval includes 0, so that they cannot be told from 0, for {names}.",
)
_NOT_ZERO = Text("方差以外的参数，自助区间都不含0。", "No bootstrap interval but of variances includes 0.")
_WIDEST = Text("区间最宽的是{name}，为{x}。", "The widest is that of {name}, {x}.")
_TEST = {
    True: Text(
        "Bollen–Stine检验（{p}）未表明模型与数据不合，但这不证明模型正确。",
        "Bollen and Stine's test ({p}) does not speak against the model, which does not prove it right.",
    ),
    False: Text(
        "Bollen–Stine检验（{p}）表明模型与数据的偏离超出抽样误差。",
        "By Bollen and Stine's test ({p}) the model is off by more than sampling error.",
    ),
}


def of_bootstrap(table: Table, p_value: float, shown: Text) -> tuple[Text, ...]:
    """Parameters that are not told from 0, the least precise one, and the test of the model.

    Parameters
    ----------
    p_value, shown : float, Text
        Of Bollen and Stine's test, and as the notes print it.
    """
    known = [
        line
        for line in lines(table, "estimate")
        if line.limits("conf_low:conf_high") is not None and not _is_variance(line)
    ]
    if not known:
        return ()
    unsure = [line.said("name") for line in known if line.holds("conf_low:conf_high")]
    widest = max(known, key=lambda line: line.width("conf_low:conf_high"))
    return (
        _DRAWN.format(names=several(unsure)) if unsure else _NOT_ZERO,
        _WIDEST.format(name=widest.said("name"), x=widest.sized("estimate", "conf_low:conf_high")),
        _TEST[p_value >= ALPHA].format(p=shown),
    )


def _is_variance(line: Line) -> bool:
    one, _, other = line.said("name").en.partition(" ~~ ")
    return one == other
