"""read_responses(): a file of answers becomes Responses, and every row and cell of it is accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgsurvey.answers.responses import Responses
from sgsurvey.errors import DataError, did_you_mean
from sgsurvey.ingest.account import Account
from sgsurvey.ingest.assemble import Assembly
from sgsurvey.ingest.bursts import sent_together
from sgsurvey.ingest.events import Events
from sgsurvey.ingest.files import table
from sgsurvey.ingest.layout import Raw
from sgsurvey.ingest.match import Binding, Roles, asked_of, bind, roles_of
from sgsurvey.ingest.names import Names
from sgsurvey.ingest.options import ReadOptions
from sgsurvey.ingest.protect import protect
from sgsurvey.ingest.rows import measures, reasons, unasked_choices, warn_of_rules
from sgsurvey.ingest.sources import SourceName, source_called, suggest
from sgsurvey.ingest.versions import by_version, known_heads
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.text import Text

MOST_NAMED = 8


def read_responses(
    path: str | Path,
    questionnaire: Questionnaire,
    *,
    source: SourceName | None = None,
    allow_missing: Sequence[str] = (),
    role: str | None = None,
    options: ReadOptions | None = None,
) -> Responses:
    """Read a file of answers, as the tool that collected them exports it.

    Columns find their questions by name or by label in any language, never by position; cells become codes by declared
    codes and labels alone.  What cannot be read is set aside with its reason: cells become missing and go to
    ``.log.invalid``, rows go to ``.log.quarantine``; ``.log`` adds up in rows and in cells.  Direct identifiers,
    platform and unknown columns are left out, personal data in open answers are masked.

    Parameters
    ----------
    path : str or Path
    questionnaire : Questionnaire
    source : str, optional
        The tool that wrote the file.  None reads any CSV or workbook with item names or labels as heads; what the file
        looks like is then only suggested.
    allow_missing : sequence of str
        Items or constructs that the file may lack; they are then missing in every row.
    role : str, optional
        Stakeholder group of all rows, for a file of one group.
    options : ReadOptions, optional
        Sheet, completeness, days of the survey, test submissions, decimal sign, the key of pseudonyms.

    Returns
    -------
    Responses
        Coded items as nullable integers with codes for no answer kept, numbers as floats, texts as strings.

    Raises
    ------
    DataError
        With a code ``SG1xx``: the file cannot be used as it is.  ``sgsurvey explain SG120`` tells more.

    Examples
    --------
    ``answers = sg.read_responses("villagers.csv", instrument, role="villager")``
    """
    file, how = Path(path), options or ReadOptions()
    events = Events(file.name)
    group = None if role is None else questionnaire.role(role).name
    names = Names(questionnaire, group)
    try:
        raw = (table if source is None else source_called(source).read)(file, names, events, how)
    except MemoryError as error:
        raise events.error("SG140.memory") from error
    if source is None:
        suggest(raw, events)
    raw = known_heads(raw, names, how.versions)
    raw, binding = protect(raw, bind(raw, names, events), questionnaire, how, events)
    allowed = _allowed_missing(allow_missing, questionnaire)
    raw = by_version(raw, binding, questionnaire, how.versions, allowed, events)
    roles = roles_of(raw, binding, names, group, events)
    _check_columns(binding, questionnaire, roles, allowed, events)
    if not len(raw.rows) and not raw.ragged:
        events.add("SG107.header_only")
    assembly = Assembly(raw, binding, questionnaire, events, how.decimal)
    whole = Responses(assembly.assemble(roles), questionnaire)
    whole = replace(whole, frame=unasked_choices(whole))
    whole = replace(whole, hidden=_hidden(whole, assembly.not_shown(), events))
    warn_of_rules(whole, events)
    why = reasons(whole, raw, how, events)
    whole = _flagged(whole, sent_together(raw, names, why == "", events))
    log = Account(raw, binding, assembly.reads, why).log(events)
    kept = whole.where(pd.Series(why == ""))
    return replace(
        kept, frame=kept.frame.reset_index(drop=True), hidden=_renumbered(kept), context=_context(raw, why), log=log
    )


# Its columns --------------------------------------------------------------------------------------


def _allowed_missing(names: Sequence[str], questionnaire: Questionnaire) -> set[str]:
    allowed: set[str] = set()
    constructs = {c.name: c.items for c in questionnaire.constructs}
    known = {item.name for item in questionnaire.items}
    for name in [names] if isinstance(names, str) else names:
        if name not in constructs and name not in known:
            raise DataError(
                Text(
                    f"allow_missing中的“{name}”不在问卷里。",
                    f"allow_missing names '{name}', which the questionnaire does not have.",
                ),
                remedy=Text(
                    "请写题目或构念的名称。",
                    did_you_mean(name, [*constructs, *known]).strip() or "Name its items or constructs.",
                ),
            )
        allowed |= set(constructs.get(name, ())) | {name}
    return allowed


def _check_columns(
    binding: Binding, questionnaire: Questionnaire, roles: Roles | None, allowed: set[str], events: Events
) -> None:
    """Items of constructs that a group in the file was asked must be there; others may be missing, with a warning."""
    asked = asked_of(questionnaire, roles) - allowed - set(binding.carried)
    expected = [item for item in questionnaire.items if item.name in asked and item.identifier != "direct"]
    needed = [item for item in expected if measures(item, questionnaire)]
    lacking = [item.name for item in needed if not binding.holds(item.name)]
    if len(lacking) > len(needed) / 2:
        found = len(needed) - len(lacking)
        raise events.error("SG102.few_items", questionnaire=questionnaire.id, needed=len(needed), found=found)
    if lacking:
        raise events.error(
            "SG111.items",
            items=_some(lacking),
            hint=_likeness(lacking[0], binding),
            allow=", ".join(map(repr, lacking[:MOST_NAMED])),
        )
    optional = [item.name for item in expected if item not in needed and not binding.holds(item.name)]
    if optional:
        events.add("SG111.optional", n=len(optional), items=", ".join(optional))


def _some(names: Sequence[str]) -> Text:
    more = len(names) - MOST_NAMED
    listed = ", ".join(names[:MOST_NAMED])
    return Text(f"{listed}等{len(names)}题", f"{listed} and {more} more") if more > 0 else Text(listed, listed)


def _likeness(item: str, binding: Binding) -> Text:
    near = get_close_matches(item, binding.unknown, n=1, cutoff=0.6)
    if not near:
        return Text("", "")
    return Text(
        f"“{near[0]}”列与{item}相近：如果是同一题，请改名。",
        f" A column '{near[0]}' is like {item}: rename it if it is the same.",
    )


# What was shown -----------------------------------------------------------------------------------


def _hidden(answers: Responses, not_shown: dict[str, npt.NDArray[np.bool_]], events: Events) -> dict[str, pd.Index]:
    """Items that the tool did not show, where the questionnaire's own conditions would have shown them."""
    hidden: dict[str, pd.Index] = {}
    for item, rows in not_shown.items():
        against = rows & answers.shown(item).to_numpy(dtype=bool)
        if against.any():
            hidden[item] = answers.frame.index[against]
            events.add("SG126.against", n=int(against.sum()), column=item)
    return hidden


def _renumbered(kept: Responses) -> dict[str, pd.Index]:
    """``hidden`` in the numbers that the rows have when those set aside are gone."""
    return {item: pd.Index(np.flatnonzero(kept.frame.index.isin(rows))) for item, rows in kept.hidden.items()}


def _flagged(answers: Responses, together: npt.NDArray[np.bool_] | None) -> Responses:
    """The answers with the flag ``dup_suspect``, where the file says what it takes to know."""
    if together is None or "dup_suspect" in answers.frame:
        return answers
    flag = pd.Series(together, index=answers.frame.index, dtype="boolean")
    return replace(answers, frame=answers.frame.assign(dup_suspect=flag))


def _context(raw: Raw, why: npt.NDArray[np.object_]) -> dict[str, pd.DataFrame]:
    """What the tool knows beside the answers, for the rows that are kept."""
    kept = why == ""
    return {name: table[kept[table.index]].reset_index(drop=True) for name, table in raw.context.items()}
