"""What tables of sampling adequacy say in words."""

from sgsurvey.tables.conventions import OF_ADEQUACY
from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import lines, ranked, several
from sgsurvey.text import Text

# Kaiser and Rice (1974): the least of each grade.
GRADES = (
    (0.9, Text("极佳", "marvellous")),
    (0.8, Text("良好", "meritorious")),
    (0.7, Text("中等", "middling")),
    (0.6, Text("普通", "mediocre")),
    (0.5, Text("勉强", "miserable")),
)
_GRADED = Text(
    "{n}个题项的KMO值为{kmo}，按惯例属“{grade}”。", "KMO of the {n} items is {kmo}, by convention “{grade}”."
)
_UNFIT = Text(
    "{n}个题项的KMO值为{kmo}，按惯例不宜做因子分析。",
    "KMO of the {n} items is {kmo}, by convention too low for a factor analysis.",
)
_APART = Text(
    "Bartlett球形检验拒绝题项互不相关的假设（近似χ²({df}) = {x}，{p}）。",
    "Bartlett's test rejects uncorrelated items (approx. χ²({df}) = {x}, {p}).",
)
_OPEN = Text(
    "由Bartlett球形检验尚不能判定题项之间是否相关（近似χ²({df}) = {x}，{p}）。",
    "Bartlett's test cannot decide whether the items correlate at all (approx. χ²({df}) = {x}, {p}).",
)
_MEANING = Text(
    "二者只说明相关矩阵是否值得做因子分析，不是效度的证据。",
    "Both ask only whether the correlations are worth factoring; neither is evidence of validity.",
)


def of_adequacy(table: Table) -> tuple[Text, ...]:
    """KMO with its customary grade, Bartlett's test, and what neither of them says."""
    for line in lines(table, "kmo"):
        kmo = line.number("kmo") or 0.0
        grade = next((words for least, words in GRADES if kmo >= least), None)
        graded = _UNFIT if grade is None else _GRADED
        said = [graded.format(n=line.said("n_items"), kmo=line.said("kmo"), grade=grade or "")]
        if (p := line.number("p_value")) is not None:
            tested = _APART if p < ALPHA else _OPEN
            said.append(tested.format(df=line.said("df"), x=line.said("chi_square"), p=line.said("p_value")))
        return (*said, _MEANING)
    return ()


_ITEMS = Text(
    "各题项的MSA在{low}至{high}之间，最低的是{item}。",
    "MSA of the items lies between {low} and {high}; the lowest is that of {item}.",
)
_LITTLE_SHARED = Text(
    "MSA低于惯例值{least}、与其余题项共有部分很少的是{names}。",
    "It is under the customary {least} for {names}, which share little with the rest.",
)
_SHARED = Text("各题项的MSA都不低于惯例值{least}。", "No item is under the customary {least}.")


def of_items(table: Table) -> tuple[Text, ...]:
    """The range of the items' adequacy, and the items under the convention."""
    known, least = ranked(lines(table), "msa"), OF_ADEQUACY["msa"]
    if not known:
        return ()
    low, high = known[0], known[-1]
    under = [line.code("item") for line in known if not least.meets(line.number("msa") or 0.0)]
    words = _LITTLE_SHARED if under else _SHARED
    return (
        _ITEMS.format(low=low.said("msa"), high=high.said("msa"), item=low.code("item")),
        words.format(least=least.limit, names=several(under)),
    )
