"""Answers in words as coders sort them: a coding of given lines."""

import pandas as pd

import sgsurvey as sg
from sgsurvey.answers.coding import coding_of
from sgsurvey.answers.coding_frame import Code, CodingFrame, Dimension
from sgsurvey.answers.open_answers import open_answers
from sgsurvey.text import same

LETTERS = CodingFrame((Dimension("letter", same("Letter"), tuple(Code(c, same(c)) for c in "ABCDE")),))


def coded(lines, n, frame=LETTERS):
    """A Coding of ``n`` answers; each line is coder, answer, idea and a code per dimension."""
    answers = sg.responses(pd.DataFrame({"said": [f"answer {k}" for k in range(n)]}), {})
    made = pd.DataFrame(lines, columns=["coder", "row", "idea", *frame.names]).assign(item="said")
    made = made.assign(row=made["row"].map(str))
    return coding_of(made, open_answers(answers, "said"), answers, frame, tuple(dict.fromkeys(made["coder"])))
