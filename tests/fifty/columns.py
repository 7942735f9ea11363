"""Bad inputs 14 to 21: columns twice, unknown, missing, moved; other questionnaires; rows sent twice."""

import pandas as pd
from fifty.case import Bad, many
from layouts.matrix import COUNTY, county
from small_files import sound_cells

from sgsurvey.answers.responses import Responses
from sgsurvey.ingest.options import ReadOptions

TWICE = [[*line, line[2]] for line in sound_cells()]
DIFFERENT = [[*line[:-1], "1"] if k == 2 else line for k, line in enumerate(TWICE)]
TURNED = [line[::-1] for line in sound_cells()]


def without(name: str) -> list[list[object]]:
    place = sound_cells()[0].index(name)
    return [line[:place] + line[place + 1 :] for line in sound_cells()]


def copied_rows() -> str:
    """Villagers of a simulated county, the first of whom stands there twice more under other ids."""
    frame = county().frame
    villagers = frame[frame["role"] == "villager"].head(12)
    copies = villagers.iloc[[0, 0]].assign(resp_id=["copy1", "copy2"])
    return pd.concat([villagers, copies]).to_csv(index=False)


def holds(answers: Responses, text: str) -> bool:
    """Whether the text stands anywhere in the answers or their log."""
    log = answers.log
    return any(text in t.to_csv() for t in (answers.frame, log.events, log.quarantine, log.invalid, log.cells))


CASES = [
    Bad(14, "a question twice, alike", "fix", "SG110", TWICE, n=1,
        then=lambda a: a.frame["TR1"].tolist() == [1, 5, 3, 2]),
    Bad(14, "a question twice, different", "refuse", "SG110", DIFFERENT, places=["row 3"]),
    Bad(15, "a column that the questionnaire does not have", "warn", "SG115", sound_cells(odd=list("wxyz")), n=1,
        places=["column 'odd'"], then=lambda a: "odd" not in a.frame and "odd" not in a.log.quarantine),
    Bad(16, "an optional column missing", "warn", "SG111", without("sex"),
        then=lambda a: bool(a.frame["sex"].isna().all())),
    Bad(16, "a construct's item missing", "refuse", "SG111", without("TR2"), places=["a.csv"]),
    Bad(16, "a construct's item missing, and allowed", "read", "", without("TR2"), how={"allow_missing": ["TR2"]},
        then=lambda a: bool(a.frame["TR2"].isna().all())),
    Bad(17, "columns in another order", "read", "", TURNED,
        then=lambda a: a.frame["resp_id"].tolist() == list("abcd") and a.frame["TR1"].tolist() == [1, 5, 3, 2]),
    Bad(17, "two columns changed places in a third of few rows", "warn", "SG112",
        sound_cells(TR1=[30, 41, 3, 2], age=[1, 5, 55, -9]), places=["row 2", "column 'TR1'"], n=4,
        then=lambda a: a.frame["TR1"].isna().tolist() == a.frame["age"].isna().tolist() == [True, True, False, False]),
    # Three cells or more, and over one in twenty: input 22 refuses the file, and this is the reason it names.
    Bad(17, "two columns changed places in all rows", "refuse", "SG112",
        sound_cells(TR1=[30, 41, 55, 60], age=[1, 2, 3, 4]), places=["row 2", "column 'TR1'"]),
    Bad(17, "two columns changed places in a third of many rows", "refuse", "SG112",
        many(30, TR1=[30] * 10 + [4] * 20, age=[4] * 10 + [30] * 20), places=["row 2", "column 'TR1'"]),
    Bad(18, "another version of the questionnaire", "refuse", "SG113",
        sound_cells(version=["1.2", "1.1", "1.1", "1.1"]), places=["column 'version'"]),
    Bad(19, "another questionnaire altogether", "refuse", "SG102", "name,score\nx,1\n", places=["a.csv"]),
    Bad(19, "fewer than half of the items", "refuse", "SG102", "role,TR1,x\nvillager,1,2\n", places=["a.csv"]),
    Bad(20, "the same id sent twice", "quarantine", "SG117", [*sound_cells(), ["a", "villager", 2, 2, 2, 2, 2, 1, 30]],
        places=["row 2"], n=1, then=lambda a: a.frame["TR1"].tolist() == [5, 3, 2, 2]),
    Bad(20, "the same _uuid and KEY sent twice", "quarantine", "SG117",
        [["_uuid", *line[1:]] if k == 0 else line for k, line in enumerate([*sound_cells(), *sound_cells()[1:2]])],
        n=1, then=lambda a: len(a) == 4),
    Bad(21, "the same answers under other ids", "warn", "SG117", copied_rows(), n=3, places=["row 2"],
        how={"options": ReadOptions(min_complete=0)}, then=lambda a: len(a) == 14, questionnaire=lambda: COUNTY),
    Bad(21, "within 30 seconds from the same IP address", "warn", "SG117",
        sound_cells(来自IP=["203.0.113.9(湖南-长沙)"] * 3 + ["198.51.100.7"],
                    提交答卷时间=[f"2026/9/3 12:00:{s}" for s in ("00", "29", "59", "00")]),
        places=["row 2", "column '来自IP'"], n=2,
        then=lambda a: a.frame["dup_suspect"].tolist() == [True, True, False, False] and not holds(a, "203.0.113")),
]  # fmt: skip
