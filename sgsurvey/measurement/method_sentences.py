"""What tables of common method bias say in words; none of them is a verdict."""

from sgsurvey.measurement.method_words import INDICES, MODELS, TESTS
from sgsurvey.tables.conventions import OF_METHOD
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked
from sgsurvey.text import Text

SHARE = OF_METHOD["first_share"]
_SHARE = {
    True: Text(
        "Harman检验中第一主成分占总方差的{x}，低于惯例界限{least}%，但这不能证明没有共同方法偏差。",
        "In Harman's test the first component holds {x} of all variance, below the customary {least}%, which does not "
        "prove that there is no common method bias.",
    ),
    False: Text(
        "Harman检验中第一主成分占总方差的{x}，不低于惯例界限{least}%，可能是共同方法，也可能是各维度确实相关。",
        "In Harman's test the first component holds {x} of all variance, not below the customary {least}%: a common "
        "method, or constructs that do correlate.",
    ),
}
_MODELS = Text(
    "单因子模型的CFI为{cfi}、RMSEA为{rmsea}，假设模型为{own_cfi}和{own_rmsea}。",
    "One factor has CFI {cfi} and RMSEA {rmsea}, the model {own_cfi} and {own_rmsea}.",
)
_METHOD = Text(
    "加入潜在方法因子后ΔCFI为{cfi}、ΔRMSEA为{rmsea}。",
    "With a latent method factor ΔCFI is {cfi} and ΔRMSEA {rmsea}.",
)
_MARKER = Text(
    "p < 0.05的相关，扣除标记变量（rM = {r}）前有{before}对，扣除后{after}对，从严校正后{strict}对。",
    "Pairs with p < .05: {before} before the marker (rM = {r}) is taken off, {after} after it, {strict} after strict "
    "adjustment.",
)
_SENSITIVITY = Text(
    "以上只作敏感性分析，防范共同方法偏差主要靠研究设计。",
    "All this is sensitivity analysis: it is design that guards against common method bias.",
)


def of_indices(table: Table) -> tuple[Text, ...]:
    """The first component, one factor beside the model, what a method factor gains, what a marker takes away."""
    names = {words: name for name, (words, *_) in INDICES.items()}
    of_rows = [line for line in lines(table, "value") if line.group != TESTS["marker_cfa"]]
    found = {names[word]: line for line in of_rows if (word := line.said("index")) in names}
    said = []
    if share := found.get("first_share"):
        below = SHARE.meets(share.number("value") or 0.0)
        said.append(_SHARE[below].format(x=share.said("value"), least=SHARE.limit))
    for words, parts in (
        (_MODELS, {"cfi": "one_factor_cfi", "rmsea": "one_factor_rmsea", "own_cfi": "model_cfi",
                   "own_rmsea": "model_rmsea"}),
        (_METHOD, {"cfi": "delta_cfi", "rmsea": "delta_rmsea"}),
        (_MARKER, {"r": "marker_r", "before": "pairs", "after": "pairs_adjusted", "strict": "pairs_strict"}),
    ):  # fmt: skip
        if set(parts.values()) <= set(found):
            said.append(words.format(**{part: found[name].said("value") for part, name in parts.items()}))
    return (*said, _SENSITIVITY) if said else ()


_GAIN = Text(
    "{name}与对照模型相比，ΔCFI为{cfi}，ΔRMSEA为{rmsea}{test}。",
    "{name}, against its model of comparison: ΔCFI {cfi}, ΔRMSEA {rmsea}{test}.",
)
_TEST = Text("（Δχ²({df}) = {x}，{p}）", " (Δχ²({df}) = {x}, {p})")


def of_models(table: Table) -> tuple[Text, ...]:
    """What each rival gains or loses, for the two that a reader looks for."""
    wanted = [MODELS[name] for name in ("one_factor", "method_factor", "marker_equal")]
    shown = [line for line in lines(table, "delta_cfi") if line.value("model") in wanted]
    said = [
        _GAIN.format(
            name=line.said("model"), cfi=line.said("delta_cfi"), rmsea=line.said("delta_rmsea"), test=_tested(line)
        )
        for line in shown
    ]
    return (*said, _SENSITIVITY) if said else ()


def _tested(line: Line) -> Text:
    if line.value("delta_p") is None:
        return Text("", "")
    return _TEST.format(df=line.said("delta_df"), x=line.said("delta_chi_square"), p=line.said("delta_p"))


_PAIR = Text(
    "扣除标记变量后，{pair}的相关由{r}变为{after}，从严校正后为{strict}。",
    "With the marker taken off, the correlation of {pair} goes from {r} to {after}, and to {strict} after strict "
    "adjustment.",
)
_PAIRS = Text(
    "扣除标记变量前，{n}对相关中有{before}对p < 0.05；扣除后为{after}对，从严校正后为{strict}对。",
    "Of {n} correlations {before} have p < .05; {after} with the marker taken off, {strict} after strict adjustment.",
)
_MOST = Text("变化最大的是{pair}，由{r}变为{after}。", "The one that changes most is {pair}, from {r} to {after}.")


def of_marker(table: Table) -> tuple[Text, ...]:
    """Correlations before and after the marker is taken off."""
    known = ranked(lines(table, "r", "r_adjusted", "r_strict"), "r")
    if not known:
        return ()
    far = max(known, key=lambda line: abs((line.number("r") or 0.0) - (line.number("r_adjusted") or 0.0)))
    words = {"pair": far.said("pair"), "r": far.said("r"), "after": far.said("r_adjusted"),
             "strict": far.said("r_strict")}  # fmt: skip
    if len(known) == 1:
        return _PAIR.format(**words), _SENSITIVITY
    counts = {key: sum(line.cells[column].stars != "" for line in known)
              for key, column in (("before", "r"), ("after", "r_adjusted"), ("strict", "r_strict"))}  # fmt: skip
    return _PAIRS.format(n=len(known), **counts), _MOST.format(**words), _SENSITIVITY
