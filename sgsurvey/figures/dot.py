"""A path diagram as text in the DOT language, for those who lay it out with Graphviz themselves."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sgsurvey.figures.lettering import number
from sgsurvey.figures.paths import arrow_of, width_of


def to_dot(
    frame: pd.DataFrame,
    *,
    words: Mapping[str, str],
    latent: tuple[str, ...],
    r_squared: Mapping[str, float] | None = None,
) -> str:
    """The diagram that ``path_diagram`` draws of the same arguments, without places.

    Parameters
    ----------
    frame : DataFrame
        ``lhs, op, rhs, std, p_value``, one row per relation.
    words : mapping of name to words
    latent : tuple of str
        Factors, drawn as ellipses.
    r_squared : mapping of name to share, optional

    Returns
    -------
    str
        A ``digraph``: ``dot -Tsvg`` makes a picture of it.
    """
    lines = ["digraph {", "  rankdir=LR", '  node [shape=box, fontname="sans-serif"]']
    for name in dict.fromkeys(name for pair in frame[["lhs", "rhs"]].to_numpy().tolist() for name in pair):
        label = words.get(name, name)
        if name in (r_squared or {}):
            label += f"\nR² = {number((r_squared or {})[name])}"
        shape = ", shape=ellipse" if name in latent else ""
        lines.append(f"  {_quoted(name)} [label={_quoted(label)}{shape}]")
    for line in frame.to_dict("records"):
        if line["lhs"] == line["rhs"]:
            continue
        arrow = arrow_of(line)
        looks = [f"label={_quoted(arrow.words)}", f"penwidth={width_of(arrow.size):.2f}"]
        looks += ["style=dashed", "color=gray40"] if arrow.faint else []
        looks += ["dir=both", "constraint=false"] if arrow.both else []
        lines.append(f"  {_quoted(arrow.tail)} -> {_quoted(arrow.head)} [{', '.join(looks)}]")
    return "\n".join([*lines, "}", ""])


def _quoted(words: str) -> str:
    """Words in double quotes: in DOT only these, the backslash and the line break mean something there."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
