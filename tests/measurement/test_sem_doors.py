"""What the doors of structural models take, refuse and say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from public_matrices import bfi
from structural_cases import FIVE, HS, HS_LINES, complete_bfi, fitted, schools
from structural_models import holzinger

import sgsurvey as sg
from sgsurvey.answers.moments import Pooled
from sgsurvey.errors import DataError, DesignError, EstimationError

FACTOR = {"f": ["x1", "x2", "x3", "x4"]}


def answers(**more):
    return sg.responses(holzinger().assign(**more), HS, limits=None, **({"roles": "who"} if "who" in more else {}))


def test_constructs_of_the_answers_are_factors_in_lists_and_in_lines():
    whole = sg.cfa(holzinger(), HS)
    by_list = sg.cfa(answers(), ["visual", "textual", "speed"])
    np.testing.assert_allclose(by_list.theta, whole.theta, atol=1e-9)
    lines = sg.sem(answers(), "speed ~ visual + textual")
    written = sg.sem(holzinger(), HS_LINES + "\nspeed ~ visual + textual")
    assert lines.fit["chi_square"] == pytest.approx(written.fit["chi_square"], rel=1e-9)
    second = sg.cfa(answers(), "ability =~ visual + textual + speed")
    assert second.fit["chi_square"] == pytest.approx(fitted("second_order").fit["chi_square"], rel=1e-9)
    assert set(second.parameters.latent) == {"ability", "visual", "textual", "speed"}
    expanded = sg.cfa(answers(), {"all": ["visual", "textual"]})
    assert expanded.parameters.observed == ("x1", "x2", "x3", "x4", "x5", "x6")


def test_a_construct_that_is_no_scale_is_no_factor():
    made = sg.responses(holzinger(), {"one": ["x1"], **{k: v for k, v in HS.items() if k != "visual"}}, limits=None)
    index = made.questionnaire.constructs[0]
    listed = replace(
        made,
        questionnaire=replace(
            made.questionnaire,
            constructs=(replace(index, kind="index"), *made.questionnaire.constructs[1:]),
        ),
    )
    with pytest.raises(DesignError, match="index"):
        sg.cfa(listed, ["one", "textual", "speed"])


def test_reversed_items_enter_keyed():
    frame = holzinger()
    turned = frame.assign(x2=-frame["x2"])
    answers_turned = sg.responses(turned, HS, limits=(-10, 10), reverse=["x2"])
    found = sg.cfa(answers_turned, list(HS))
    np.testing.assert_allclose(found.frame["std"], fitted("hs").frame["std"], atol=1e-7)
    plain = sg.cfa(turned, HS)
    assert plain.loadings.loc["x2", "visual"] < 0
    assert any("x2" in remark.en and "negative" in remark.en for remark in plain.remarks)


def test_rows_that_lack_an_item_are_counted_and_said():
    frame = holzinger()
    frame.loc[:9, "x1"] = np.nan
    found = sg.cfa(frame, HS)
    assert (found.n, dict(found.dropped)) == (291, {"incomplete": 10})
    grouped = sg.cfa(frame.assign(school=frame["school"].where(frame.index > 20)), HS, by="school")
    assert dict(grouped.dropped) == {"school missing": 21}
    assert any("301 rows in, 280 used" in note.en for note in grouped.table(language="en").notes)


def test_one_role_at_a_time_or_roles_as_groups():
    both = answers(who=holzinger()["school"])
    with pytest.raises(DesignError, match="within one role, and 2 are present"):
        sg.cfa(both, list(HS))
    grouped = sg.cfa(both, list(HS), by="role")
    assert grouped.fit["chi_square"] == pytest.approx(115.851, abs=1e-3)
    one = sg.cfa(both.where(role="Pasteur"), list(HS))
    other = sg.cfa(both.where(role="Grant-White"), list(HS))
    assert grouped.fit["chi_square"] == pytest.approx(one.fit["chi_square"] + other.fit["chi_square"], rel=1e-9)


def test_moments_of_groups_do_what_their_rows_do():
    frame = schools()
    data = {
        str(name): Pooled(tuple(HS_ITEMS), len(rows), rows[HS_ITEMS].mean().to_numpy(), rows[HS_ITEMS].cov().to_numpy())
        for name, rows in frame.groupby("school", observed=True)
    }
    found = sg.cfa(data, HS, equal=["loadings", "intercepts"])
    np.testing.assert_allclose(found.frame["estimate"], fitted("group_scalar").frame["estimate"], atol=1e-7)
    np.testing.assert_allclose(found.fit, fitted("group_scalar").fit, rtol=1e-8)


HS_ITEMS = [f"x{i}" for i in range(1, 10)]


def broken(**changes):
    return holzinger().assign(**changes)


REFUSALS = {
    "too few rows": (lambda: sg.cfa(holzinger().head(29), HS), DesignError, "at least 30 complete rows"),
    "too small a group": (
        lambda: sg.cfa(holzinger().groupby("school").head(90), HS, by="school"),
        DesignError,
        "at least 100 complete rows a group",
    ),
    "a constant item": (lambda: sg.cfa(broken(x1=3.0), HS), EstimationError, "everybody answered x1 alike"),
    "a copied item": (
        lambda: sg.cfa(broken(x2=holzinger()["x1"]), HS),
        EstimationError,
        "not positive definite: x1, x2",
    ),
    "nothing complete": (lambda: sg.cfa(broken(x1=np.nan), HS), DesignError, "there are 0"),
    "infinite values": (lambda: sg.cfa(broken(x1=np.inf), HS), DataError, "infinite"),
    "words": (lambda: sg.cfa(broken(x1="a"), HS), DataError, "words, not numbers"),
    "a missing column": (lambda: sg.cfa(holzinger(), {"f": ["x1", "x2", "x77"]}), DataError, "no column 'x77'"),
    "no questionnaire": (lambda: sg.cfa(holzinger(), ["x1", "x2"]), EstimationError, "without a questionnaire"),
    "too many parameters": (
        lambda: sg.cfa(holzinger(), {"f": ["x1", "x2"]}),
        EstimationError,
        r"4 parameters for 3 statistics \(df = -1\)",
    ),
    "no scale for a factor": (
        lambda: sg.cfa(holzinger(), "f =~ NA*x1 + x2 + x3 + x4"),
        EstimationError,
        "can trade off: .*f ~~ f",
    ),
    "factors that are one": (
        lambda: sg.cfa(holzinger(), "f =~ x1 + x2 + x3 + x4 + x5\ng =~ x1 + x2 + x3 + x4 + x5"),
        EstimationError,
        "not identified|did not converge",
    ),
    "nothing free": (
        lambda: sg.sem(holzinger(), "x1 ~~ 1*x1\nx2 ~~ 1*x2"),
        EstimationError,
        "no free parameter",
    ),
    "an unknown estimator": (lambda: sg.cfa(holzinger(), HS, estimator="MLX"), EstimationError, "no estimator 'MLX'"),
    "clusters under ML": (lambda: sg.cfa(holzinger(), HS, cluster="school"), DesignError, "no standard errors for clu"),
    "an unknown equality": (
        lambda: sg.cfa(holzinger(), HS, by="school", equal=["slopes"]),
        EstimationError,
        "does not know 'slopes'",
    ),
    "an unknown group column": (lambda: sg.cfa(holzinger(), HS, by="scool"), DataError, "Did you mean 'school'"),
    "labels for three groups": (
        lambda: sg.cfa(holzinger(), "f =~ x1 + c(a,b,d)*x2 + x3", by="school"),
        EstimationError,
        r"3 values for 2 group\(s\)",
    ),
    "an unknown label": (
        lambda: sg.sem(holzinger(), "x1 ~ slope*x2\nind := slpe*2"),
        EstimationError,
        "no parameter is labelled 'slpe'. Did you mean 'slope'",
    ),
    "a curved constraint": (
        lambda: sg.sem(holzinger(), "x1 ~ a*x2 + b*x3\na*b == 1"),
        EstimationError,
        "not linear",
    ),
    "constraints at odds": (
        lambda: sg.sem(holzinger(), "x1 ~ a*x2 + b*x3\na == b\na - b == 1"),
        EstimationError,
        "cannot hold",
    ),
    "a released stranger": (
        lambda: sg.cfa(holzinger(), sg.StructuralModel(HS, released=["x9 =~ x1"]), by="school", equal=["loadings"]),
        EstimationError,
        "no parameter 'x9 =~ x1'",
    ),
    "moments by group": (
        lambda: sg.cfa(answers().moments(HS_ITEMS), HS, by="school"),
        DataError,
        "cannot be split",
    ),
    "moments without an item": (
        lambda: sg.cfa(answers().moments(HS_ITEMS[:8]), HS),
        DataError,
        "the moments lack x9",
    ),
    "rows where there are none": (
        lambda: sg.cfa(answers().moments(HS_ITEMS), HS, estimator="MLR"),
        EstimationError,
        "needs rows",
    ),
    "Bartlett without items": (
        lambda: fitted("second_order").scores(holzinger(), method="bartlett"),
        EstimationError,
        "items of each factor's own",
    ),
    "scores without a column": (lambda: fitted("hs").scores(holzinger()[["x1"]]), DataError, "lacks x2"),
    "scores of ordered items": (
        lambda: sg.cfa(complete_bfi(), {"N": FIVE["N"]}, estimator="WLSMV").scores(complete_bfi()),
        EstimationError,
        "ordered items have no scores",
    ),
    "standardised residuals of incomplete rows": (
        lambda: sg.cfa(bfi(), {"N": FIVE["N"]}, missing="fiml").residuals("standardised"),
        EstimationError,
        "ML of complete rows",
    ),
    "unknown residuals": (lambda: fitted("hs").residuals("deviance"), EstimationError, "no 'deviance' residuals"),
    "an unknown group": (lambda: fitted("group_scalar").phi_of("Pastor"), EstimationError, "Did you mean 'Pasteur'"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_done_is_refused_in_both_languages_with_what_to_do(name):
    attempt, kind, said = REFUSALS[name]
    with pytest.raises(kind, match=said) as caught:
        attempt()
    assert caught.value.remedy.en
    if name not in ("words", "a missing column"):
        assert caught.value.what.zh != caught.value.what.en
        assert caught.value.remedy.zh != caught.value.remedy.en


def test_a_negative_variance_is_shown_and_said():
    rng = np.random.default_rng(4)
    corr = np.array([[1, 0.9, 0.8, 0.2], [0.9, 1, 0.6, 0.2], [0.8, 0.6, 1, 0.2], [0.2, 0.2, 0.2, 1]])
    white = rng.standard_normal((200, 4))
    white = (white - white.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T))).T
    frame = pd.DataFrame(white @ np.linalg.cholesky(corr).T, columns=list("abcd"))
    found = sg.cfa(frame, {"f": list("abcd")})
    variances = found.frame.query("op == '~~' and lhs == rhs").set_index("lhs")["estimate"]
    assert variances["a"] < 0
    assert any("Heywood" in remark.en and "a ~~ a" in remark.en for remark in found.remarks)
    assert any("Heywood" in note.zh for note in found.table(language="zh").notes)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_and_figures_show_themselves_in_both_languages(language, tmp_path):
    models = {"one": sg.cfa(holzinger(), {"g": HS_ITEMS}), "three": fitted("hs")}
    tables = [
        fitted("hs").table(language=language),
        fitted("group_scalar").loadings_table(language=language),
        fitted("panel").table(language=language),
        fitted("group_regressions").paths_table(language=language),
        fitted("hs").fit_table(language=language),
        fitted("hs").modification_table(language=language),
        fitted("hs").residuals_table(language=language),
        sg.compare_models(models).table(language=language),
    ]
    assert [t.id for t in tables] == [
        "cfa_loadings",
        "cfa_loadings",
        "sem_paths",
        "sem_paths",
        "sem_fit",
        "sem_modification",
        "sem_residuals",
        "sem_models",
    ]
    for number, table in enumerate(tables):
        for suffix in (".docx", ".xlsx", ".tex", ".md", ".html"):
            assert table.save(tmp_path / f"{number}{suffix}").stat().st_size > 100
    for name in ("hs", "political", "group_scalar", "second_order", "bifactor"):
        ax = fitted(name).plot(language=language)
        assert len(ax.patches) > 3
        pyplot.close(ax.figure)
    assert fitted("political").to_dot(language=language).count("->") == len(fitted("political").plot().data)
    ax = fitted("political").plot(measurement=True, language=language)
    assert len(ax.patches) > len(fitted("political").plot(language=language).patches)
    pyplot.close("all")


def test_the_tables_hold_what_their_readers_ask_for():
    table = fitted("hs").table(language="en")
    assert [column.key for column in table.columns] == [
        "item",
        "estimate",
        "std_error",
        "statistic",
        "p_value",
        "std",
        "smc",
    ]
    assert table.frame["smc"].astype(float).tolist() == pytest.approx((table.frame["std"].astype(float) ** 2).tolist())
    paths = fitted("panel").table(language="en").frame
    assert "dem60 → dem65" in paths["path"].tolist()
    assert [p for p in paths["path"] if str(p).startswith("indirect")]
    fit = fitted("hs").fit_table(language="zh")
    assert fit.rows[-1].kind == "threshold"


def test_rival_models_are_tested_where_one_holds_the_other():
    one = sg.cfa(holzinger(), {"g": HS_ITEMS})
    comparison = sg.compare_models(
        {"one": one, "orthogonal": fitted("orthogonal"), "three": fitted("hs"), "second": fitted("second_order")}
    )
    frame = comparison.frame.set_index("model")
    # One factor and three orthogonal ones have as many parameters; a second-order factor of three is the same model.
    assert frame["nested"].tolist() == [False, False, True, False]
    expected = fitted("orthogonal").fit["chi_square"] - fitted("hs").fit["chi_square"]
    assert frame.loc["three", ["delta_chi_square", "delta_df"]].tolist() == pytest.approx([expected, 3])
    apart = sg.compare_models({"three": fitted("hs"), "one": one})
    assert apart.frame["nested"].tolist() == [False, True]


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (lambda: {"one": fitted("hs")}, "at least two"),
        (lambda: {"one": fitted("hs"), "two": fitted("bfi")}, "other variables"),
        (lambda: {"one": fitted("hs"), "two": fitted("group_scalar")}, "other variables, rows, groups"),
    ],
)
def test_models_of_other_data_are_not_compared(models, said):
    with pytest.raises(EstimationError, match=said):
        sg.compare_models(models())


def test_scores_of_rows_that_lack_an_answer_are_missing():
    frame = holzinger()
    frame.loc[3, "x5"] = np.nan
    scores = fitted("hs").scores(frame)
    assert scores.loc[3].isna().all()
    assert scores.drop(index=3).notna().all().all()
    np.testing.assert_allclose(fitted("hs").scores(answers()), fitted("hs").scores(holzinger()))
