"""Customary cut-offs of indices, each with the source that it is usually cited from: conventions, no tests.

Every cut-off of a threshold row stands here.  None of the sources was checked in the original: they are cited as theses
and journals cite them, and the mark at the row says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sgsurvey.tables.format import in_prose
from sgsurvey.tables.table import Cell, Column, Kind, Row, Table
from sgsurvey.tables.words import HEADS
from sgsurvey.text import Text

# At the head of what is a convention, and before the note with the sources.
MARK = "†"
# The key of a column that holds cut-offs, where each line has an index of its own.
THRESHOLD = "threshold"
NOTE = Text(
    "{mark} 参考标准是惯例，不是检验；来源按通行引用，未核对原文。{sources}。",
    "{mark} Conventions, not tests; cited as is usual, originals not checked. {sources}.",
)


@dataclass(frozen=True, slots=True)
class Convention:
    """A customary cut-off of an index.

    Attributes
    ----------
    sign : str
        ``≥``, ``<``, ``|x| <`` …
    value : float
    source : Text
        Author and year.
    kind, digits :
        How the value is printed, as of a ``Column``.
    second : float or None
        Another value that is in use, printed in brackets.
    """

    sign: str
    value: float
    source: Text
    kind: Kind = "bounded"
    digits: int = 2
    second: float | None = None

    @property
    def limit(self) -> Text:
        """The value alone, as a page or a sentence prints it: ``.95``, in Chinese ``0.95``."""
        return _bare(in_prose(self.value, self.kind, self.digits))

    def meets(self, value: float) -> bool:
        """Whether ``value`` is on the side of the cut-off that is asked for."""
        return {
            "≥": value >= self.value,
            ">": value > self.value,
            "≤": value <= self.value,
            "<": value < self.value,
            "=": value == self.value,
            "|x| <": abs(value) < self.value,
        }[self.sign]

    @property
    def words(self) -> Text:
        """As the page prints it: ``≥ .95 (.90)``, in Chinese ``≥ 0.95（0.90）``."""
        value = self.limit
        if self.second is None:
            return Text("{s} {v}", "{s} {v}").format(s=self.sign, v=value)
        other = _bare(in_prose(self.second, self.kind, self.digits))
        return Text("{s} {v}（{o}）", "{s} {v} ({o})").format(s=self.sign, v=value, o=other)


def _bare(shown: Text) -> Text:
    """Without the per cent sign, which stands in the head of the column."""
    return Text(shown.zh.removesuffix("%"), shown.en.removesuffix("%"))


# In a table -----------------------------------------------------------------------------------------------------


def threshold_row(columns: Sequence[Column], conventions: Mapping[str, Convention], head: Text | None) -> Row:
    """The cut-offs under their columns, with the mark of what is convention at the head."""
    shown = [Cell(conventions[c.key].words) if c.key in conventions else Cell() for c in columns[1:]]
    return Row((Cell(HEADS["threshold"] if head is None else head, mark=MARK), *shown), "threshold")


def with_sources(table: Table, cited: Sequence[tuple[Text, Convention]]) -> Table:
    """``table`` with a note that names the source of each index, those of one source together."""
    by_source: dict[Text, dict[Text, None]] = {}
    for index, convention in cited:
        by_source.setdefault(convention.source, {})[index] = None
    zh = "；".join(f"{'、'.join(i.to('zh') for i in named)}：{source.zh}" for source, named in by_source.items())
    en = "; ".join(f"{', '.join(i.to('en') for i in named)}: {source.en}" for source, named in by_source.items())
    return table.noted(NOTE.format(mark=MARK, sources=Text(zh, en)))


def stripped(table: Table) -> Table:
    """``table`` without rows and the column of cut-offs, and without the notes that the mark begins."""
    rows = tuple(row for row in table.rows if row.kind != "threshold")
    notes = tuple(note for note in table.notes if not note.en.startswith(MARK))
    bare = replace(table, rows=rows, notes=notes)
    return bare.without(THRESHOLD) if any(column.key == THRESHOLD for column in table.columns) else bare


# Sources of more than one cut-off.
HAIR = Text("Hair等（2010）", "Hair et al. (2010)")
WU = Text("吴明隆（2010）", "Wu Minglong (2010)")
HU_BENTLER = Text(
    "Hu和Bentler（1999）；括号内较宽，Bentler和Bonett（1980）、Browne和Cudeck（1993）",
    "Hu and Bentler (1999); leniently, in brackets, Bentler and Bonett (1980), Browne and Cudeck (1993)",
)
HOOPER = Text("Hooper等（2008）综述", "review of Hooper et al. (2008)")
FORNELL_LARCKER = Text(
    "Fornell和Larcker（1981）；括号内较宽，Bagozzi和Yi（1988）",
    "Fornell and Larcker (1981); leniently, in brackets, Bagozzi and Yi (1988)",
)
CUSTOMARY_LEVEL = Text("惯用的显著性水平", "the customary level")
CHEN = Text("Chen（2007）", "Chen (2007)")
KAISER_RICE = Text("Kaiser和Rice（1974）", "Kaiser and Rice (1974)")

# By table, each by the keys of its columns (domain/tables.md) --------------------------------------------------

WEST = Text("West、Finch和Curran（1995）", "West, Finch and Curran (1995)")
OF_SHAPE: Mapping[str, Convention] = {
    "skewness": Convention("|x| <", 2, WEST, "estimate", 0),
    "kurtosis": Convention("|x| <", 7, WEST, "estimate", 0),
}
OF_DISCRIMINATION: Mapping[str, Convention] = {
    "statistic": Convention("≥", 3, WU, "estimate", 0),
    "p_value": Convention("<", 0.05, CUSTOMARY_LEVEL),
    "citc": Convention("≥", 0.40, WU),
}
OF_RELIABILITY: Mapping[str, Convention] = {
    "alpha": Convention("≥", 0.70, Text("Nunnally（1978）", "Nunnally (1978)")),
    "citc": Convention(
        "≥",
        0.40,
        Text("SPSSAU；括号内较宽，Nunnally和Bernstein（1994）", "SPSSAU; in brackets Nunnally and Bernstein (1994)"),
        second=0.30,
    ),
}
LYNN = Text("Lynn（1986）", "Lynn (1986)")
I_CVI, I_CVI_OF_FEW = Convention("≥", 0.78, LYNN), Convention("=", 1.0, LYNN)
S_CVI_AVE = Convention("≥", 0.90, Text("Polit和Beck（2006）", "Polit and Beck (2006)"))
OF_ADEQUACY: Mapping[str, Convention] = {
    "kmo": Convention("≥", 0.60, KAISER_RICE, second=0.50),
    "p_value": Convention("<", 0.05, CUSTOMARY_LEVEL),
    "msa": Convention("≥", 0.50, KAISER_RICE),
}
OF_VARIANCE: Mapping[str, Convention] = {
    "eigenvalue": Convention(">", 1, Text("Kaiser（1960）", "Kaiser (1960)"), "estimate", 0),
    "cumulative": Convention("≥", 0.60, HAIR, "percent", 0, second=0.50),
}
FACTOR_LOADING = Convention("≥", 0.50, HAIR, second=0.40)
COMMUNALITY = Convention("≥", 0.50, HAIR, second=0.40)
OF_FIT: Mapping[str, Convention] = {
    "chi_square_df": Convention(
        "<",
        3,
        Text("Kline（1998）；括号内较宽，Wheaton等（1977）", "Kline (1998); in brackets Wheaton et al. (1977)"),
        "estimate",
        0,
        second=5,
    ),
    "cfi": Convention("≥", 0.95, HU_BENTLER, second=0.90),
    "tli": Convention("≥", 0.95, HU_BENTLER, second=0.90),
    "rmsea": Convention("≤", 0.06, HU_BENTLER, second=0.08),
    "srmr": Convention("≤", 0.08, HU_BENTLER),
    "gfi": Convention("≥", 0.90, HOOPER),
    "agfi": Convention("≥", 0.90, HOOPER),
    "nfi": Convention("≥", 0.90, Text("Bentler和Bonett（1980）", "Bentler and Bonett (1980)")),
    "ifi": Convention("≥", 0.90, Text("Bollen（1989）", "Bollen (1989)")),
}
OF_CONVERGENCE: Mapping[str, Convention] = {
    "std": Convention("≥", 0.50, HAIR),
    "cr": Convention("≥", 0.70, FORNELL_LARCKER, second=0.60),
    "ave": Convention("≥", 0.50, FORNELL_LARCKER),
}
DISTINCT_BELOW = 0.90  # what the verdicts on HTMT go by, the wider of the two values in use
HTMT = Convention("<", 0.85, Text("Henseler等（2015）", "Henseler et al. (2015)"), second=DISTINCT_BELOW)
OF_METHOD: Mapping[str, Convention] = {
    "first_share": Convention(
        "<",
        0.40,
        Text(
            "国内惯例，如周浩和龙立荣（2004）；括号内为较宽的50%",
            "Chinese practice, as in Zhou and Long (2004); in brackets the wider 50%",
        ),
        "percent",
        0,
        second=0.50,
    ),
    "delta_cfi": Convention("<", 0.01, Text("通行做法", "common practice"), second=0.05),
    "delta_rmsea": Convention(">", -0.01, Text("通行做法", "common practice"), second=-0.05),
}
OF_COLLINEARITY: Mapping[str, Convention] = {
    "vif": Convention("<", 10, HAIR, "estimate", 0, second=5),
    "tolerance": Convention(">", 0.10, HAIR, second=0.20),
}


def of_invariance(cfi: float, rmsea: float, srmr: Mapping[str, float]) -> Mapping[str, Convention]:
    """Changes of fit that a level may bring, by the cut-offs that were used; SRMR of loadings, then of the rest."""
    return {
        "delta_cfi": Convention("≥", -cfi, Text("Cheung和Rensvold（2002）", "Cheung and Rensvold (2002)"), digits=3),
        "delta_rmsea": Convention("≤", rmsea, CHEN, digits=3),
        "delta_srmr": Convention("≤", srmr["metric"], CHEN, digits=3, second=srmr["others"]),
    }
