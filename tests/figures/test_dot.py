"""The path diagram as DOT: the same relations, words and looks as the picture's."""

import re

from figures.gallery import paths_frame

from sgsurvey.figures.dot import to_dot
from sgsurvey.figures.paths import width_of


def dot_of(frame, **words):
    latent = tuple(dict.fromkeys(frame.loc[frame["op"] == "=~", "lhs"]))
    return to_dot(frame, words=words, latent=latent, r_squared={"SAT": 0.42})


def test_every_relation_is_an_arrow_from_cause_to_effect():
    frame = paths_frame("sem")
    found = re.findall(r'"(\w+)" -> "(\w+)"', dot_of(frame))
    relations = frame[["lhs", "op", "rhs"]].to_numpy()
    causes = [(right, left) if op == "~" else (left, right) for left, op, right in relations]
    assert found == causes
    assert dot_of(frame).count("dir=both") == (frame["op"] == "~~").sum()


def test_looks_follow_size_and_p():
    frame = paths_frame("sem")
    lines = [line for line in dot_of(frame).splitlines() if "->" in line]
    for line, std, p in zip(lines, frame["std"], frame["p_value"], strict=True):
        assert f"penwidth={width_of(abs(std)):.2f}" in line
        assert ("dashed" in line) == (p >= 0.05)
    assert width_of(float("nan")) == width_of(0.0) < width_of(0.5) < width_of(1.0) == width_of(1.2)


def test_words_that_mean_something_in_dot_are_words():
    page = dot_of(paths_frame("sem"), SAT='say "yes"\\no\n]; x')
    assert '"SAT" [label="say \\"yes\\"\\\\no\\n]; x\\nR² = 0.42", shape=ellipse]' in page
    assert page.startswith("digraph {")
    assert page.rstrip().endswith("}")
