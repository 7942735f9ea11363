"""What the agreement of groups on an order says in words."""

from __future__ import annotations

from dataclasses import dataclass

from sgsurvey.tables.means_and_ranks import ALPHA
from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import NAMES, as_sentence, lines, ranked, several
from sgsurvey.text import SEMICOLON, Text, listed

_FIRST = Text("{groups}把{x}排在首位", "{groups}: {x} first")
_ALL_FIRST = Text("各组都把{x}排在首位。", "All groups put {x} first.")
_RANGE = Text("名次相差最大的是{x}（相差{r}名）。", "The ranks of {x} are furthest apart ({r}).")
_SAME = Text("各组的次序相同。", "All groups have the same order.")
_AGREE = Text(
    "各组次序的一致程度为Kendall W = {w}，高于偶然所能解释（置换检验{p}）。",
    "The orders agree with Kendall's W = {w}, more than chance would have it (permutation {p}).",
)
_CHANCE = Text(
    "各组次序的一致程度为Kendall W = {w}，是否高于偶然尚不能判定（置换检验{p}）。",
    "The orders agree with Kendall's W = {w}; whether that is more than chance cannot be decided (permutation {p}).",
)
_PAIR = Text("{a}与{b}的次序相关为{r}。", "The orders of {a} and {b} correlate at {r}.")
_PAIRS = Text(
    "次序最相近的是{a}与{b}（ρ = {r}），最不相近的是{c}与{d}（ρ = {s}）。",
    "The orders of {a} and {b} are most alike (ρ = {r}), those of {c} and {d} least (ρ = {s}).",
)


@dataclass(frozen=True)
class Agreement:
    """Kendall's W and its test, as the notes print them."""

    w: Text
    p: Text
    p_value: float


def of_rank_agreement(table: Table, agreement: Agreement) -> tuple[Text, ...]:
    """What comes first, on what the groups are furthest apart, and how far they agree."""
    firsts: dict[Text, list[Text]] = {}
    for column in table.columns:
        if column.key.startswith("rank ") and (found := lines(table, column.key)):
            best = min(line.number(column.key) or 0.0 for line in found)
            first = listed(line.said("label") for line in found if line.number(column.key) == best)
            firsts.setdefault(first, []).append(column.head)
    if not firsts:
        return ()
    if len(firsts) == 1:
        said = [_ALL_FIRST.format(x=next(iter(firsts)))]
    else:
        parts = [_FIRST.format(groups=several(groups, NAMES), x=first) for first, groups in firsts.items()]
        said = [as_sentence(listed(parts, SEMICOLON))]
    ranged = lines(table, "range")
    widest = max(ranged, key=lambda line: line.number("range") or 0.0, default=None)
    if widest is not None:
        apart = _RANGE.format(x=widest.said("label"), r=widest.said("range"))
        said.append(apart if widest.number("range") else _SAME)
    words = _AGREE if agreement.p_value < ALPHA else _CHANCE
    return (*said, words.format(w=agreement.w, p=agreement.p))


def of_rank_pairs(table: Table) -> tuple[Text, ...]:
    """The most and the least similar orders."""
    found = ranked(lines(table), "spearman")
    if not found:
        return ()
    low, high = found[0], found[-1]
    near = {"a": high.said("first"), "b": high.said("second"), "r": high.said("spearman")}
    if len(found) == 1:
        return (_PAIR.format(**near),)
    return (_PAIRS.format(**near, c=low.said("first"), d=low.said("second"), s=low.said("spearman")),)
