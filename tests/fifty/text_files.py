"""Bad inputs 1 to 13: encodings, separators, lines of another length, titles."""

import io
import zipfile
from dataclasses import replace

from fifty.case import Bad, instrument, many
from small_files import as_csv, as_xlsx, sound_cells

from sgsurvey.answers.responses import Responses
from sgsurvey.questionnaire.model import Questionnaire
from sgsurvey.text import Text

GBK_WORDS = ["路灯修一下", "账目公开", "很好", "一般"]
WORDS = ["路灯修一下", "䶮𠮷", "很好", "一般"]
TEXT = as_csv(sound_cells(words=WORDS))
SOUND = as_csv(sound_cells())
LINES = SOUND.splitlines()
BIG5_WORDS = ["道路很亂，請儘快修理", "廣場沒有燈", "很好", "還可以"]


def traditional() -> Questionnaire:
    """The instrument with a label in traditional characters: Big5 has no others."""
    items = [replace(i, label=Text("村委會說到做到", "x")) if i.name == "TR1" else i for i in instrument().items]
    return replace(instrument(), items=tuple(items))


def big5(head: str) -> bytes:
    lines = [line[:1] + line[2:] for line in sound_cells(words=BIG5_WORDS)]
    lines[0][lines[0].index("TR1")] = head
    return as_csv(lines).encode("big5")


def words_are(*words: str):
    return lambda answers: answers.frame["words"].tolist() == list(words)


def four(answers: Responses) -> bool:
    """The four sound rows, cell by cell."""
    frame = answers.frame
    columns = ["TR1", "TR2", "TR3R", "EF2", "sex", "age"]
    given = [[1, 2, 3, 5, 1, 30], [5, 4, 9, 1, 2, 41], [3, 3, 3, 2, 1, 55], [2, 2, 4, 4, 2, -9]]
    return frame[columns].astype(float).to_numpy().tolist() == given


def reading_of(encoding: str, separator: str = ",") -> bytes:
    return TEXT.replace(",", separator).encode(encoding)


def labels() -> list[object]:
    header = sound_cells()[0]
    return ["编号", "主体", *(instrument().item(name).label.zh for name in header[2:])]


def half_a_zip() -> bytes:
    content = as_xlsx({"Sheet1": sound_cells()})
    return content[: len(content) // 2]


def damaged_part() -> bytes:
    """A workbook whose sheet stops in the middle of its XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx({"Sheet1": sound_cells()}))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, content[: len(content) // 2] if "sheet1" in part else content)
    return out.getvalue()


CASES = [
    Bad(1, "CSV in GB18030", "fix", "SG100", reading_of("gb18030"), then=words_are(*WORDS)),
    Bad(1, "CSV in GBK", "fix", "SG100", as_csv(sound_cells(words=GBK_WORDS)).encode("gbk"),
        then=words_are(*GBK_WORDS)),
    Bad(2, "UTF-8 with its mark", "read", "", reading_of("utf-8-sig"), then=words_are(*WORDS)),
    Bad(3, "UTF-16 with its mark, tabs", "fix", "SG100", reading_of("utf-16", "\t"), then=words_are(*WORDS)),
    Bad(3, "UTF-16 without its mark", "refuse", "SG101", reading_of("utf-16-le"), places=["a.csv"]),
    Bad(4, "Big5, declared words in it", "fix", "SG100", big5("村委會說到做到"), then=words_are(*BIG5_WORDS),
        how={"role": "villager"}, questionnaire=traditional),
    Bad(4, "Big5 under heads in ASCII", "fix", "SG100", big5("TR1"), then=words_are(*BIG5_WORDS),
        how={"role": "villager"}),
    Bad(4, "Big5, nothing declared in it", "refuse", "SG102", "角色,意見\n村民,亂\n".encode("big5"), places=["a.csv"]),
    Bad(5, "heads garbled (GBK read as Latin)", "refuse", "SG103",
        "角色,您的意见\n1,2\n".encode("gb18030").decode("latin-1")),
    Bad(5, "heads garbled (UTF-8 read as GBK)", "refuse", "SG103",
        "角色,您的意见\n1,2\n".encode().decode("gb18030", "replace")),
    Bad(5, "heads lost (U+FFFD)", "refuse", "SG103", "\ufffd\ufffd,\ufffd\n1,2\n"),
    Bad(5, "cells garbled under sound heads", "refuse", "SG103",
        sound_cells(TR1=["Í¬Òâ", "Ò»°ã", "Í¬Òâ", "Ò»°ã"]), places=["row 2", "column 'TR1'"]),
    Bad(5, "words lost in an open answer (锟斤拷)", "invalid", "SG103",
        sound_cells(words=["锟斤拷锟斤拷", "好", "", ""]),
        places=["row 2", "column 'words'"], n=1),
    Bad(6, "semicolons", "fix", "SG100", SOUND.replace(",", ";"), then=four),
    Bad(6, "tabs", "fix", "SG100", SOUND.replace(",", "\t"), then=four),
    Bad(7, "one line with another separator", "quarantine", "SG116",
        as_csv(many(20)).replace("p7,", "p7;").replace("p7;cadre,2,", "p7;cadre;2;"), places=["row 9"], n=1),
    Bad(7, "half the lines with another separator", "refuse", "SG104",
        "\n".join([*LINES[:3], *(line.replace(",", ";") for line in LINES[3:])]) + "\n", places=["row 4"]),
    Bad(8, "all rows longer, with empty cells", "fix", "SG109",
        [sound_cells()[0], *([*line, ""] for line in sound_cells()[1:])], n=4, then=four),
    Bad(8, "all rows longer, with filled cells", "refuse", "SG105",
        [sound_cells()[0], *([*line, "x"] for line in sound_cells()[1:])], places=["row 2"]),
    Bad(8, "Kobo's stale cell", "fix", "SG109",
        [(c := sound_cells(_uuid=list("abcd")))[0], c[1], *([*line, "1"] for line in c[2:])], n=3, then=four),
    Bad(9, "a short row", "quarantine", "SG116", [*sound_cells(), ["g", "villager", 1], *many(4)[1:]],
        places=["row 6"], n=1),
    Bad(10, "open quote at the end", "refuse", "SG106", SOUND + 'e,villager,1,2,"3', places=["row 6"]),
    Bad(10, "cut in the last row", "refuse", "SG106", SOUND[:-8], places=["row 5"]),
    Bad(10, "cut in a character", "refuse", "SG106", TEXT.encode() + "e,村".encode()[:-1], places=["row 6"]),
    Bad(10, "half a workbook", "refuse", "SG106", half_a_zip(), "a.xlsx", places=["a.xlsx"]),
    Bad(10, "a workbook with half a sheet", "refuse", "SG106", damaged_part(), "a.xlsx", places=["a.xlsx"]),
    Bad(11, "an empty file", "refuse", "SG107", b"", places=["a.csv"]),
    Bad(11, "a header alone", "warn", "SG107", LINES[0] + "\n", then=lambda a: len(a) == 0),
    Bad(12, "titles above the header", "fix", "SG108",
        [["小问卷"], ["2026", "", "x"], *sound_cells()], places=["row 1"], n=2, then=four),
    Bad(13, "labels under the header", "fix", "SG108", [sound_cells()[0], labels(), *sound_cells()[1:]],
        places=["row 2"], n=1, then=four),
    Bad(13, "import ids under the header", "fix", "SG108",
        [sound_cells()[0], [f'{{"ImportId":"Q{k}"}}' for k in range(9)], *sound_cells()[1:]], n=1, then=four),
    Bad(13, "HXL tags under the header", "fix", "SG108",
        [sound_cells()[0], ["#id", "#role", *["#q"] * 7], *sound_cells()[1:]], n=1, then=four),
]  # fmt: skip
