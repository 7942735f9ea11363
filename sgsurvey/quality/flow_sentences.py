"""What the response flow, the screening and the comparison without suspects say in words."""

from collections.abc import Sequence

from sgsurvey.tables.table import Table
from sgsurvey.tables.telling import Line, lines, ranked
from sgsurvey.text import Text

_KEPT = Text(
    "进入“{step}”的{n}份答卷中，最终保留{m}份。", "Of the {n} forms at the step “{step}” {m} are kept in the end."
)
_LOSS = Text(
    "去除最多的一项是“{step}”步骤中的“{why}”（{n}份，占该步骤的{x}）。",
    "The largest single loss is “{why}” at “{step}” ({n} forms, {x} of that step).",
)
_NO_LOSS = Text("各步骤均未去除答卷。", "No step set a form aside.")


def of_flow(table: Table, came: Text, went: Text) -> tuple[Text, ...]:
    """Forms at the start and at the end, and the largest single loss; ``came`` and ``went`` are the words of rows."""
    known = lines(table, "n")
    starts, ends = ([line for line in known if line.value("what") == words] for words in (came, went))
    if not starts or not ends:
        return ()
    first, last = starts[0], ends[-1]
    said = _KEPT.format(step=first.heading, n=first.said("n"), m=last.said("n"))
    losses = ranked((line for line in known if line.value("what") not in (came, went)), "n")
    if not losses:
        return said, _NO_LOSS
    most = losses[-1]
    return said, _LOSS.format(step=most.heading, why=most.said("what"), n=most.said("n"), x=most.said("share"))


_SUSPECT = Text(
    "{n}份答卷中，{f}份至少被一类指标标记，{s}份被两类及以上标记而列为可疑。",
    "Of {n} answers {f} are flagged by one family of indices at least, and {s} by two or more, which makes them "
    "suspect.",
)
_MOST = Text(
    "标记最多的规则是“{rule}”（检查{n}份，标记{f}份，其中可疑{s}份）。",
    "The rule that flags most is “{rule}”: {f} of the {n} that it checked, {s} of them suspect.",
)
_NO_VERDICT = Text(
    "被标记不等于作答不认真，去留应看剔除前后的结果是否一致。",
    "To be flagged is not to be careless: whether to keep them depends on results with and without.",
)


def of_screening(table: Table) -> tuple[Text, ...]:
    """How many are flagged and how many suspect, and the rule that flags most; the last row is the total."""
    known = lines(table, "n_flagged", "n_suspect")
    if not known:
        return ()
    *rules, total = known
    said = [_SUSPECT.format(n=total.said("n_checked"), f=total.said("n_flagged"), s=total.said("n_suspect"))]
    by_flags = ranked(rules, "n_flagged")
    if by_flags and by_flags[-1].number("n_flagged"):
        most = by_flags[-1]
        said.append(
            _MOST.format(
                rule=most.said("rule"), n=most.said("n_checked"), f=most.said("n_flagged"), s=most.said("n_suspect")
            )
        )
    return (*said, _NO_VERDICT)


_SAME = Text("剔除可疑答卷后，所列数值均未改变。", "Without the suspect answers every number listed is as it was.")
_LARGEST = Text(
    "剔除可疑答卷后变化最大的是{name}：由{a}变为{b}（差值{d}）。",
    "Without the suspect answers the largest change is that of {name}: from {a} to {b} (difference {d}).",
)
_TURNED = Text(
    "去掉可疑答卷后正负号改变的有{k}个数值，其方向随少数答卷而变。",
    "The sign of {k} number(s) changes: it rests on a few answers.",
)
_STEADY = Text("所列数值的正负号都没有改变。", "No number changes its sign.")
_HIDDEN = Text(
    "另有{k}个数值因涉及人数过少未作比较。", "{k} more are not compared, as too few persons stand behind them."
)


def of_contrast(table: Table) -> tuple[Text, ...]:
    """The number that changes most, signs that turn, and how many numbers are hidden."""
    known = lines(table, "difference")
    if not known:
        return ()
    far = max(known, key=lambda line: abs(line.number("difference") or 0.0))
    hidden = sum(line.cells["without_suspects"].suppressed for line in lines(table))
    turned = [line for line in known if _turns(line)]
    if not far.number("difference"):
        said = [_SAME]
    else:
        a, b, d = (far.said(key) for key in ("with_suspects", "without_suspects", "difference"))
        said = [_LARGEST.format(name=_about(far, table), a=a, b=b, d=d)]
        said.append(_TURNED.format(k=len(turned)) if turned else _STEADY)
    return (*said, _HIDDEN.format(k=hidden)) if hidden else tuple(said)


def _turns(line: Line) -> bool:
    before, after = line.number("with_suspects") or 0.0, line.number("without_suspects") or 0.0
    return before * after < 0


def _about(line: Line, table: Table) -> Text:
    """What the number is of: the words of its row, and the statistic where there are several."""
    words: Sequence[str] = [column.key for column in table.columns[:-3]]
    first, *rest = words
    name = line.named(first)
    for key in rest:
        name = _OF.format(name=name, part=line.said(key))
    return name


_OF = Text("{name}，{part}", "{name}, {part}")
