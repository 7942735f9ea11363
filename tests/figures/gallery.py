"""One tidy frame per kind of picture, in both languages, and the pictures made from them."""

import itertools
from functools import cache

import numpy as np
import pandas as pd

import sgsurvey as sg
from sgsurvey.figures.bars import bars
from sgsurvey.figures.dominance_bars import dominance_bars
from sgsurvey.figures.dumbbell import dumbbell
from sgsurvey.figures.flow import flow
from sgsurvey.figures.forest import forest
from sgsurvey.figures.gap_dumbbell import gap_dumbbell
from sgsurvey.figures.heatmap import correlation_heatmap, loading_heatmap
from sgsurvey.figures.imputation import chain_paths, observed_and_imputed
from sgsurvey.figures.likert import likert
from sgsurvey.figures.lines import lines
from sgsurvey.figures.paths import path_diagram
from sgsurvey.figures.quadrant import quadrant
from sgsurvey.figures.residuals import residual_panels
from sgsurvey.figures.scree import scree
from sgsurvey.figures.specification_curve import specification_curve
from sgsurvey.figures.weight_map import weight_map
from sgsurvey.figures.weights import weight_distribution
from sgsurvey.measurement.correlations import RELIABILITIES
from sgsurvey.tables.format import STARS_LEGEND
from sgsurvey.text import Text

GROUPS = [
    Text("购买方", "Purchasers"),
    Text("承接方", "Undertakers"),
    Text("保洁员", "Post-holders"),
    Text("评价方", "Evaluators"),
    Text("村民", "Villagers"),
]
ITEMS = [
    Text(
        "村里的垃圾清运及时，公共区域看不到堆积的垃圾",
        "Waste is collected on time and does not pile up in public places",
    ),
    Text("购买服务的经费能按合同约定按时足额拨付", "The money for the purchased service is paid in full and on time"),
    Text(
        "保洁公司的工作有人检查，发现问题能及时整改", "The cleaning company’s work is inspected and faults are mended"
    ),
    Text("对保洁服务总体满意", "Satisfied overall"),
]
ANSWERS = [
    Text("非常不同意", "Strongly disagree"),
    Text("比较不同意", "Disagree"),
    Text("一般", "Neither agree nor disagree"),
    Text("比较同意", "Agree"),
    Text("非常同意", "Strongly agree"),
]
CONSTRUCTS = [
    Text("经费保障", "Funding"),
    Text("过程管理", "Management of the process"),
    Text("监督考核", "Supervision and assessment"),
    Text("服务效果", "Effect of the service"),
    Text("群众满意度", "Satisfaction of villagers"),
    Text("镕喆堃祎昇", "χ² − β"),
]


def words(texts, language):
    return [text.to(language) for text in texts]


def likert_frame(language, items=3, groups=5, k=5):
    rng = np.random.default_rng(1)
    answers = words(ANSWERS, language)
    answers = answers if k == 5 else [answers[0], answers[1], answers[3], answers[4]]
    rows = []
    for item in words(ITEMS, language)[:items]:
        for group in words(GROUPS, language)[:groups]:
            shares, n, unknown = rng.dirichlet(np.arange(1.0, k + 1)), rng.integers(15, 280), rng.uniform(0, 0.3)
            few = len(rows) == k
            rows += [
                {"item": item, "group": group, "category": a, "share": np.nan if few else s,
                 "n": np.nan if few else n, "dont_know": unknown}
                for a, s in zip(answers, shares, strict=True)
            ]  # fmt: skip
    return pd.DataFrame(rows)


def scree_frame(language):
    number = np.arange(1, 16)
    observed = 5 * np.exp(-number / 3) + 0.3
    high = 1.5 - 0.05 * number
    basis = Text("主成分", "Component").to(language)
    return pd.DataFrame(
        {"basis": basis, "number": number, "observed": observed, "simulated_mean": high - 0.1, "simulated_high": high,
         "retained": observed > high}
    )  # fmt: skip


def weights_frame(language):
    rng = np.random.default_rng(6)
    groups = words(GROUPS, language)
    return pd.DataFrame({"weight": rng.gamma(4.0, 6.0, 300), "group": [groups[k % 5] for k in range(300)]})


def map_frames(language):
    """Strata and their clusters, a few of too few persons."""
    rng = np.random.default_rng(10)
    names = words([Text("平原乡镇", "Townships of the plain"), Text("丘陵乡镇", "Townships of the hills"),
                   Text("山区乡镇", "Townships of the mountains")], language)  # fmt: skip
    clusters = [(name, rng.integers(3, 25), 20 * (k + 1) + rng.normal(0, 5)) for k, name in enumerate(names)
                for _ in range(12 - 2 * k)]  # fmt: skip
    frame = pd.DataFrame(clusters, columns=["stratum", "n", "mean"])
    strata = frame.groupby("stratum", sort=False).agg(clusters=("n", "size"), n=("n", "sum"), mean=("mean", "mean"))
    strata = strata.assign(deff=[1.12, 1.31, 1.2], n_effective=lambda s: s["n"] / s["deff"]).reset_index()
    return strata, frame.mask(frame["n"] < 5, np.nan).assign(stratum=frame["stratum"])


def chains_frame():
    rng = np.random.default_rng(7)
    grid = np.indices((10, 20)).reshape(2, -1) + 1
    return pd.DataFrame({"iteration": grid[0], "chain": grid[1], "mean": 3.2 + 0.1 * rng.standard_normal(200)})


def imputed_frame(language):
    means = np.linspace(2.4, 4.1, 4)
    return pd.DataFrame(
        {
            "term": words(ITEMS, language),
            "mean_observed": means,
            "mean_imputed": means[::-1],
            "n_observed": 380,
            "n_imputed": [20, 400, 60, 140],
        }
    )


def two_scree_frame(language):
    first = scree_frame(language)
    numbers = ["observed", "simulated_mean", "simulated_high"]
    second = first.assign(basis=Text("公因子", "Factor").to(language), **{c: first[c] - 0.9 for c in numbers})
    return pd.concat([first, second], ignore_index=True)


def loading_frame(language):
    rng = np.random.default_rng(2)
    items = [
        f"{code} {item}" for code, item in zip(("EFS1", "FUN1", "SUP2R", "SAT1"), words(ITEMS, language), strict=True)
    ]
    items += [f"MGT{k}" for k in range(1, 9)]
    loadings = rng.uniform(-0.25, 0.35, (len(items), 4))
    loadings[np.arange(len(items)), np.arange(len(items)) % 4] = rng.uniform(0.5, 0.9, len(items)) * rng.choice(
        [1, -1], len(items), p=[0.8, 0.2]
    )
    return pd.DataFrame(
        {"item": item, "factor": f"F{j + 1}", "loading": loadings[i, j], "communality": (loadings[i] ** 2).sum()}
        for i, item in enumerate(items)
        for j in range(4)
    )


def correlation_frame(language):
    rng = np.random.default_rng(3)
    r = np.corrcoef(rng.normal(size=(6, 5)))
    names = words(CONSTRUCTS, language)
    return pd.DataFrame(
        {"row": names[i], "column": names[j], "correlation": r[i, j] if i != j else (0.8 + i / 50 if i < 5 else np.nan),
         "stars": "" if i == j else ("**" if abs(r[i, j]) > 0.5 else "*")}
        for i in range(6)
        for j in range(i + 1)
    )  # fmt: skip


def forest_frame(language, models=False, group=True):
    rng = np.random.default_rng(4)
    rows = []
    for k, term in enumerate(words(CONSTRUCTS, language)):
        for model in ["M1", "M2"] if models else [""]:
            estimate, half = rng.normal(0.1, 0.3), rng.uniform(0.05, 0.3)
            row = {
                "term": term,
                "estimate": estimate,
                "conf_low": estimate - half,
                "conf_high": estimate + half,
                "n": 391,
            }
            rows.append(
                row
                | ({"model": model} if models else {})
                | ({"group": words(GROUPS, language)[k // 3]} if group else {})
            )
    if not models:
        rows[-1] |= {"estimate": 0.0, "conf_low": np.nan, "conf_high": np.nan}
    return pd.DataFrame(rows)


def quadrant_frame(language, points=12):
    rng = np.random.default_rng(5)
    x, y = rng.normal(0.3, 0.1, points), rng.normal(3.4, 0.25, points)
    labels = (words(CONSTRUCTS, language) + words(ITEMS, language) + words(GROUPS, language))[:points]
    return pd.DataFrame(
        {"label": labels, "importance": x, "importance_low": x - 0.07, "importance_high": x + 0.07, "performance": y,
         "performance_low": y - 0.1, "performance_high": y + 0.1, "n": 397}
    )  # fmt: skip


def dumbbell_frame(language):
    rng = np.random.default_rng(6)
    terms, groups = words(CONSTRUCTS, language)[:6], words(GROUPS, language)
    rows = [(term, group, rng.uniform(45, 90)) for term, group in itertools.product(terms, groups)]
    rows[3] = (*rows[3][:2], np.nan)
    return pd.DataFrame(rows, columns=["term", "group", "mean"])


def gap_frame(language):
    """Two pairs of groups on four things, one of them of too few persons."""
    rng = np.random.default_rng(11)
    purchasers, undertakers, _, _, villagers = words(GROUPS, language)
    rows = []
    for first, second in ((purchasers, villagers), (undertakers, villagers)):
        for term in words(CONSTRUCTS, language)[:4]:
            a, b, half = rng.uniform(50, 85), rng.uniform(45, 80), rng.uniform(2, 9)
            row = {"mean_first": a, "first_low": a - half, "first_high": a + half, "mean_second": b,
                   "second_low": b - 3, "second_high": b + 3, "estimate": a - b, "conf_low": a - b - half - 1,
                   "conf_high": a - b + half + 1, "n_first": 48, "n_second": 280}  # fmt: skip
            row["direction"] = float(np.sign(a - b)) if abs(a - b) > half + 1 else 0.0
            rows.append({"term": term, "first": first, "second": second} | row)
    few = dict.fromkeys(rows[5].keys() - {"term", "first", "second", "direction"}, np.nan)
    rows[5] |= few | {"direction": 0.0}
    return pd.DataFrame(rows)


def dominance_frame(language):
    rng = np.random.default_rng(12)
    estimate = np.sort(rng.uniform(0.02, 0.16, 5))[::-1]
    return pd.DataFrame(
        {"label": [f"{k} {words}" for k, words in enumerate(words(CONSTRUCTS[:5], language), 1)], "estimate": estimate,
         "conf_low": estimate - 0.02, "conf_high": estimate + 0.03, "dominates": ["2, 3, 4, 5", "4, 5", "5", "", ""]}
    )  # fmt: skip


def curve_frame(language):
    """Every combination of three choices, the smallest coefficient first; and the names of the choices."""
    choices = {
        Text("结果", "Outcome"): [CONSTRUCTS[4], *map(Text, ("SAT1", "SAT2"), ("SAT1", "SAT2"))],
        Text("协变量", "Covariates"): [Text("无", "none"), Text("组别", "groups")],
        Text("其他因素", "Other drivers"): [
            Text("全部", "all"),
            *(Text(f"不含{c.zh}", f"without {c.en}") for c in CONSTRUCTS[:4]),
        ],
    }
    rng, heads = np.random.default_rng(13), words(choices, language)
    rows = list(itertools.product(*(words(values, language) for values in choices.values())))
    frame = pd.DataFrame(rows, columns=heads)
    for head in heads:
        frame[head] = pd.Categorical(frame[head], list(dict.fromkeys(frame[head])))
    estimate = np.sort(rng.normal(0.15, 0.12, len(frame)))
    half = rng.uniform(0.08, 0.16, len(frame))
    return frame.sample(frac=1, random_state=1).assign(
        estimate=estimate, conf_low=estimate - half, conf_high=estimate + half
    ), heads


def lines_frame(language):
    x = np.linspace(1, 5, 21)
    groups = words(GROUPS, language)[:3]
    return pd.concat(
        pd.DataFrame({"x": x, "estimate": k + 0.3 * k * x, "conf_low": k + 0.3 * k * x - 0.25,
                      "conf_high": k + 0.3 * k * x + 0.25, "line": group})
        for k, group in enumerate(groups, 1)
    )  # fmt: skip


def flow_frame(language):
    steps = words([Text("读取数据", "Read"), Text("数据质量筛查", "Screened for quality")], language)
    reasons = words(
        [Text("未同意参加", "No consent"),
         Text("作答时间过短且连续相同选项过多", "Too fast, the same answer again and again"),
         Text("注意力题答错", "Failed an attention item")],
        language,
    )  # fmt: skip
    return pd.DataFrame(
        {"step": [steps[0], steps[1], steps[1]], "n_in": [412, 405, 405], "n_out": [405, 391, 391],
         "reason": reasons, "n": [7, 9, 5]}
    )  # fmt: skip


def bars_frame(language, groups=0):
    rng = np.random.default_rng(6)
    rows = []
    for group in words(GROUPS, language)[: groups or 1]:
        for label in words(ITEMS + CONSTRUCTS[:3], language):
            share = rng.uniform(0.05, 0.6)
            row = {
                "label": label,
                "estimate": share,
                "conf_low": max(share - 0.06, 0),
                "conf_high": share + 0.06,
                "count": 280 * share,
            }
            rows.append(row | ({"group": group} if groups else {}))
    return pd.DataFrame(rows)


def paths_frame(model):
    """Relations of a factor model, a second-order one, a bifactor one, and one with paths, with made numbers."""
    relations = {
        "factors": [("=~", f, [f"{f}{k}" for k in range(1, 5)]) for f in ("FUN", "MGT", "SUP", "EFF")]
        + [("~~", a, [b]) for a, b in itertools.combinations(("FUN", "MGT", "SUP", "EFF"), 2)]
        + [("~~", "FUN1", ["MGT2"]), ("=~", "FUN", ["SUP4"])],
        "second": [("=~", f, [f"{f}{k}" for k in range(1, 4)]) for f in ("FUN", "MGT", "SUP")]
        + [("=~", "ALL", ["FUN", "MGT", "SUP"])],
        "bifactor": [("=~", f, [f"{f}{k}" for k in range(1, 4)]) for f in ("FUN", "MGT", "SUP")]
        + [("=~", "ALL", [f"{f}{k}" for f in ("FUN", "MGT", "SUP") for k in range(1, 4)])],
        "sem": [("=~", f, [f"{f}{k}" for k in range(1, 4)]) for f in ("FUN", "MGT", "SUP", "EFF", "SAT")]
        + [("~", "SUP", ["FUN", "MGT"]), ("~", "EFF", ["SUP", "FUN"]), ("~", "SAT", ["EFF", "SUP", "MGT", "age"])]
        + [("~~", "FUN", ["MGT"])],
    }[model]
    rng = np.random.default_rng(8)
    rows = [
        {"lhs": lhs, "op": op, "rhs": rhs, "std": rng.uniform(-0.4, 0.9), "p_value": rng.choice([0.001, 0.3])}
        for op, lhs, group in relations
        for rhs in group
    ]
    return pd.DataFrame(rows)


def paths_picture(model, language, **kw):
    frame = paths_frame(model)
    names = dict(zip(("FUN", "MGT", "SUP", "EFF", "SAT", "ALL"), CONSTRUCTS, strict=True))
    labels = {name: text.to(language) for name, text in names.items()}
    labels |= {f"FUN{k}": text.to(language) for k, text in enumerate(ITEMS, 1)}
    factors = tuple(dict.fromkeys(frame.loc[frame["op"] == "=~", "lhs"]))
    explained = {name: 0.42 for name in frame.loc[frame["op"] == "~", "lhs"]}
    return path_diagram(frame, words=labels, latent=factors, r_squared=explained, n=412, language=language, **kw)


def residuals_frame():
    rng = np.random.default_rng(6)
    fitted, standardised = rng.normal(50, 10, 200), rng.normal(size=200)
    return pd.DataFrame(
        {
            "fitted": fitted,
            "residual": 8 * standardised,
            "standardised": standardised,
            "leverage": rng.uniform(0, 0.1, 200),
        }
    )


@cache
def measured():
    """Results of three scales and of three raters that draw themselves."""
    rng = np.random.default_rng(9)
    n, scales = 300, ("FUN", "MGT", "SUP")
    causes = rng.multivariate_normal(np.zeros(3), [[1, 0.6, 0.3], [0.6, 1, 0.4], [0.3, 0.4, 1]], n)
    items = {f: [f"{f}{k}" for k in range(1, 5)] for f in scales}
    columns = {i: causes[:, at] + rng.normal(size=n) for at, f in enumerate(scales) for i in items[f]}
    frame = pd.DataFrame(columns).assign(role=np.where(np.arange(n) % 2, "villagers", "undertakers"))
    answers = sg.responses(frame, items, limits=None)
    subject = rng.integers(1, 6, 60)
    ratings = pd.DataFrame({r: np.clip(subject + rng.integers(-1, 2, 60), 1, 5) for r in ("first", "second", "third")})
    return {
        "reliability": sg.reliability(answers, list(scales)),
        "reliability_groups": sg.reliability(answers, list(scales), by="role"),
        "htmt": sg.htmt(answers, list(scales)),
        "validity": sg.validity(sg.cfa(answers, list(scales))),
        "agreement": sg.agreement(ratings, list(ratings), level="interval", seed=1, draws=200),
        "kappas": sg.agreement(ratings, list(ratings), level="ordinal"),
    }


MEASURED = ("reliability", "reliability_groups", "htmt", "validity", "agreement", "kappas")


def of_result(name):
    return lambda lang, **kw: measured()[name].plot(language=lang, **kw)


PICTURES = {
    **{name: of_result(name) for name in MEASURED},
    "likert": lambda lang, **kw: likert(likert_frame(lang), language=lang, **kw),
    "likert_items": lambda lang, **kw: likert(
        likert_frame(lang, 4, 1, 4).drop(columns=["group", "dont_know"]), language=lang, **kw
    ),
    "scree": lambda lang, **kw: scree(
        scree_frame(lang), n=412, simulations=(1000, 1), at_one=True, language=lang, **kw
    ),
    "weights": lambda lang, **kw: weight_distribution(weights_frame(lang), n=300, language=lang, **kw),
    "weight_map": lambda lang, **kw: weight_map(*map_frames(lang), overall=(1.24, 297.0), language=lang, **kw),
    "chains": lambda lang, **kw: chain_paths(chains_frame(), title=ITEMS[0].to(lang), language=lang, **kw),
    "imputed": lambda lang, **kw: observed_and_imputed(imputed_frame(lang), language=lang, **kw),
    "scree_two": lambda lang, **kw: scree(two_scree_frame(lang), n=412, simulations=(1000, 1), language=lang, **kw),
    "loadings": lambda lang, **kw: loading_heatmap(loading_frame(lang), n=412, language=lang, **kw),
    "correlations": lambda lang, **kw: correlation_heatmap(
        correlation_frame(lang), notes=[STARS_LEGEND, RELIABILITIES], n=412, language=lang, **kw
    ),
    "forest": lambda lang, **kw: forest(forest_frame(lang), language=lang, **kw),
    "forest_models": lambda lang, **kw: forest(forest_frame(lang, True, False), n=391, language=lang, **kw),
    "quadrant": lambda lang, **kw: quadrant(quadrant_frame(lang), midpoint=3, language=lang, **kw),
    "dumbbell": lambda lang, **kw: dumbbell(dumbbell_frame(lang), n=412, language=lang, **kw),
    "gaps": lambda lang, **kw: gap_dumbbell(gap_frame(lang), language=lang, **kw),
    "dominance": lambda lang, **kw: dominance_bars(dominance_frame(lang), whole=0.43, n=391, language=lang, **kw),
    "specifications": lambda lang, **kw: specification_curve(*curve_frame(lang), language=lang, **kw),
    "lines": lambda lang, **kw: lines(
        lines_frame(lang), across=CONSTRUCTS[0], up=CONSTRUCTS[4], n=391, language=lang, **kw
    ),
    "flow": lambda lang, **kw: flow(flow_frame(lang), language=lang, **kw),
    "bars": lambda lang, **kw: bars(bars_frame(lang), n=280, language=lang, **kw),
    "paths_factors": lambda lang, **kw: paths_picture("factors", lang, **kw),
    "paths_second": lambda lang, **kw: paths_picture("second", lang, **kw),
    "paths_bifactor": lambda lang, **kw: paths_picture("bifactor", lang, **kw),
    "paths_sem": lambda lang, **kw: paths_picture("sem", lang, **kw),
    "residuals": lambda lang, **kw: residual_panels(residuals_frame(), coefficients=5, n=200, language=lang, **kw),
    "bars_groups": lambda lang, **kw: bars(bars_frame(lang, 3), language=lang, **kw),
}
