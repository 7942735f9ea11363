"""Bad inputs 22 to 40: what stands in the cells, and rows that are no answers of the survey."""

import datetime as dt

from fifty.case import Bad, many
from fifty.text_files import words_are
from small_files import sound_cells

from sgsurvey.answers.responses import Responses
from sgsurvey.ingest.options import ReadOptions

LONG = "长" * 40_000
FILLED = ["好", "好", "好"]
INVALID = {"places": ["row 2", "column 'TR1'"], "n": 1}
BEGUN = ["2026-10-31T23:59:00", "2026-11-01T08:00:00", "2026-11-02T08:00:00", "2026-11-03T08:00:00"]


def rated(first: object) -> list[list[object]]:
    return sound_cells(TR1=[first, 4, 4, 4])


def aged(first: object) -> list[list[object]]:
    return sound_cells(age=[first, 41, 55, 60])


def first_is(column: str, value: object):
    """Whether the first row holds ``value`` (None: nothing), and no other row lost its own."""

    def holds(answers: Responses) -> bool:
        missing = answers.frame[column].isna().tolist()
        if value is None:
            return missing[0] and not any(missing[1:])
        return answers.frame[column].tolist()[0] == value

    return holds


def crops(*cells: object) -> list[list[object]]:
    return sound_cells(crops=cells)


def day(first: object, **how: object):
    return {"content": sound_cells(visited=[first, "2026-09-03", "", ""]), **how}


CASES = [
    Bad(22, "a code that is not declared", "invalid", "SG120", rated(6), then=first_is("TR1", None), **INVALID),
    Bad(22, "many codes that are not declared", "refuse", "SG120", sound_cells(TR1=[6, 7, 8, 4]),
        places=["row 2", "column 'TR1'"]),
    Bad(22, "just under one in twenty", "invalid", "SG120", many(100, TR1=[6] * 5 + [4] * 95), n=5),
    Bad(22, "just over one in twenty", "refuse", "SG120", many(100, TR1=[6] * 6 + [4] * 94), places=["row 2"]),
    Bad(23, "counted from 0", "refuse", "SG121", sound_cells(TR1=[0, 0, 0, 4]), places=["row 2", "column 'TR1'"]),
    Bad(24, "labels in place of codes", "fix", "SG123", sound_cells(TR1=["同意", "一般", "同意", "不同意"]), n=4,
        then=lambda a: a.frame["TR1"].tolist() == [4, 3, 4, 2]),
    Bad(24, "words that are no label", "invalid", "SG122", rated("挺同意"), then=first_is("TR1", None), **INVALID),
    Bad(25, "both languages and codes in one column", "fix", "SG123", sound_cells(TR1=["Agree", "同意", "4", "4 同意"]),
        n=3, then=lambda a: a.frame["TR1"].tolist() == [4] * 4),
    Bad(26, "full-width digits", "fix", "SG124", sound_cells(TR1=["４", 4, 4, 4], age=["３０", 41, 55, 60]), n=2,
        then=lambda a: (a.frame["TR1"].tolist()[0], a.frame["age"].tolist()[0]) == (4, 30)),
    Bad(27, "①", "fix", "SG124", rated("④"), then=first_is("TR1", 4), n=1),
    *(Bad(27, text, "invalid", "SG122", rated(text), then=first_is("TR1", None), **INVALID)
      for text in ("四", "4分", "４。")),
    *(Bad(28, text, "fix", "SG124", rated(text), then=first_is("TR1", 4), n=1) for text in ("4.0", "4 ", "'4", '"4"')),
    *(Bad(29, text, "invalid", "SG132", aged(text), then=first_is("age", None), places=["row 2", "column 'age'"], n=1)
      for text in ("1,5", "1,000", "30岁")),
    Bad(29, "a decimal comma that is declared", "fix", "SG124", aged("41,0"), n=1, then=first_is("age", 41),
        how={"options": ReadOptions(decimal=",")}),
    Bad(30, "a date where a code is expected", "invalid", "SG130", rated(dt.datetime(2026, 3, 4)), "a.xlsx",
        then=first_is("TR1", None), **INVALID),
    Bad(30, "a date where a number is expected", "invalid", "SG130", aged(dt.datetime(2026, 3, 4)), "a.xlsx",
        places=["row 2", "column 'age'"], n=1),
    Bad(30, "a number where a date is expected", "fix", "SG124", file="a.xlsx", n=1,
        then=first_is("visited", "2025-11-28"), **day(45989)),
    *(Bad(31, text, "fix", "SG124", n=1, then=first_is("visited", "2026-09-03"), **day(text))
      for text in ("2026/9/3 12:00:00", "2026年9月3日", "2026-09-04T07:30:00+08:00")),
    Bad(31, "day and month that cannot be told apart", "refuse", "SG131", places=["row 2", "column 'visited'"],
        **day("03/04/2026")),
    Bad(31, "no date at all", "invalid", "SG133", places=["row 2", "column 'visited'"], n=1, **day("2026-02-30")),
    Bad(32, "a formula in a workbook", "invalid", "SG134", rated("=1+1"), "a.xlsx",
        then=first_is("TR1", None), **INVALID),
    Bad(35, "NUL, control characters, marks of direction", "fix", "SG127",
        sound_cells(words=["a\x00b\x1b", "\u202ec\u2066", "d\u200b", "e"]), places=["row 2", "column 'words'"], n=3,
        then=words_are("ab", "c", "d", "e")),
    Bad(36, "a cell of 40,000 characters", "warn", "SG128", sound_cells(words=[LONG, *FILLED]), places=["row 2"], n=1,
        then=lambda a: len(a.frame["words"].tolist()[0]) == 32_767),
    Bad(36, "a cell of 5 MB", "refuse", "SG136", sound_cells(words=["x" * 5_000_000, *FILLED]), places=["row 2"]),
    Bad(37, "a declared code for no answer", "read", "", aged(-9), then=first_is("age", -9)),
    Bad(37, "99 that is not declared", "invalid", "SG129", rated(99), then=first_is("TR1", None), **INVALID),
    *(Bad(37, text, "fix", "SG125", rated(text), n=1, then=first_is("TR1", None))
      for text in ("NA", "N/A", "无", "/", "null", "None", "(空)")),
    *(Bad(37, text, "fix", "SG126", rated(text), then=lambda a: not a.shown("TR1").tolist()[0])
      for text in ("(跳过)", "{question_not_shown}")),
    Bad(38, "answered though not to be asked", "warn", "SG138", sound_cells(EF1=[4, 2, 1, ""]), n=1,
        places=["column 'EF1'"], then=lambda a: a.frame["EF1"].tolist()[2] == 1 and not a.shown("EF1").tolist()[2]),
    Bad(39, "less than half of the items answered", "quarantine", "SG119",
        [*sound_cells(), ["f", "villager", "", "", "", "", 3, 1, 30]], places=["row 6"], n=1),
    Bad(39, "a draft that was not submitted (LimeSurvey)", "quarantine", "SG151",
        [["id", "submitdate", *line[1:]] if k == 0 else [line[0], "" if k == 2 else "2026-11-01 08:00:00", *line[1:]]
         for k, line in enumerate(sound_cells())],
        how={"source": "limesurvey"}, places=["row 3"], n=1, then=lambda a: len(a) == 3),
    Bad(40, "before the survey began", "quarantine", "SG152", sound_cells(t_start=BEGUN), places=["row 2"], n=1,
        how={"options": ReadOptions(since="2026-11-01", until="2026-11-30")}),
    Bad(40, "sent by a tester", "quarantine", "SG152", sound_cells(interviewer_id=["test", "i1", "i2", "i3"]),
        places=["row 2"], n=1, how={"options": ReadOptions(tests=["test"])}),
    Bad(40, "all begun in the same second", "warn", "SG152", sound_cells(t_start=[BEGUN[1]] * 4), n=4,
        places=["row 2", "column 't_start'"]),
    Bad(48, "ids that a spreadsheet destroyed", "warn", "SG137", sound_cells(resp_id=["1.10101E+17"] * 4), n=4,
        places=["row 2", "column 'resp_id'"], then=lambda a: len(a) == 4),
    Bad(48, "zeros in front", "read", "", sound_cells(resp_id=["007", "08", "9", "10"], township_id=["01"] * 4),
        then=lambda a: a.frame[["resp_id", "township_id"]].iloc[0].tolist() == ["007", "01"]),
]  # fmt: skip
