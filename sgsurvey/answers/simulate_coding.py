"""simulate_coding(): two coders of simulated open answers, who know what was meant and slip now and then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sgsurvey.answers.coding import ANSWER, Coding, coding_of
from sgsurvey.answers.coding_frame import CodingFrame, Dimension
from sgsurvey.answers.open_answers import open_answers
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.simulate_words import BY_ASPECT, BY_ITEM
from sgsurvey.errors import DataError
from sgsurvey.text import Text

# How often each coder gives a wrong code, and passes over an idea that is not the main one.
SLIPS = {"A": 0.03, "B": 0.10}
SAID = (phrase for phrases in (*BY_ASPECT.values(), *BY_ITEM.values()) for phrase in phrases)
IDEAS = {words: phrase.ideas for phrase in SAID for words in (phrase.zh, phrase.en)}
NOTHING = ("OTH/STA/0",)


def simulate_coding(answers: Responses, items: str | Sequence[str], *, seed: int) -> Coding:
    """The codes that coders A and B, working alone, give to simulated answers in the frame for stakeholders.

    Each wrong code is drawn from the others of its dimension; see ``SLIPS``.

    Raises
    ------
    DataError
        The answers are not simulated: those of people are coded by people.
    """
    if not answers.simulated:
        raise DataError(
            Text("这些回答不是模拟的，须由人编码。", "these answers are not simulated: people code what people wrote."),
            where="answers",
            remedy=Text("请用coding_sheet写出编码表。", "Write sheets for coders with coding_sheet."),
        )
    frame, given = CodingFrame.stakeholder(), open_answers(answers, items)
    streams = np.random.SeedSequence(seed).spawn(len(SLIPS))
    sheets = [
        _coded(given, frame, coder, np.random.default_rng(stream)) for coder, stream in zip(SLIPS, streams, strict=True)
    ]
    return coding_of(pd.concat(sheets, ignore_index=True), given, answers, frame, SLIPS)


def _coded(given: pd.DataFrame, frame: CodingFrame, coder: str, rng: np.random.Generator) -> pd.DataFrame:
    """One coder's lines."""
    ideas = given["text"].map(lambda words: IDEAS.get(words, NOTHING))
    meant = given[list(ANSWER)].assign(idea=ideas).explode("idea", ignore_index=True)
    codes = meant.pop("idea").str.split("/", expand=True).set_axis(list(frame.names), axis=1)
    lines = meant.assign(coder=coder, idea=meant.groupby(list(ANSWER)).cumcount() + 1)
    for dimension in frame.dimensions:
        lines[dimension.name] = _slipped(codes[dimension.name], dimension, SLIPS[coder], rng)
    return lines[(lines["idea"] == 1) | (rng.random(len(lines)) >= SLIPS[coder])]


def _slipped(codes: pd.Series, dimension: Dimension, share: float, rng: np.random.Generator) -> pd.Series:
    """The codes, some of them replaced by another of the dimension."""
    names = np.array(dimension.names)
    at = codes.map({name: k for k, name in enumerate(names)}).to_numpy(dtype=int)
    step = rng.integers(1, len(names), size=len(at)) * (rng.random(len(at)) < share)
    return pd.Series(names[(at + step) % len(names)], codes.index)
