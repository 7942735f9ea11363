"""Make the bundled Chinese fonts anew; see HOW.md.  Needs fontTools, which the extra ``dev`` brings.

python -m sgsurvey.figures.fonts.build NotoSansCJK-Regular.ttc NotoSansCJK-Bold.ttc Unihan_OtherMappings.txt
"""

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FAMILY = "SGSurvey Sans SC"
SIMPLIFIED = 2  # place of the SC font in the collection: JP, KR, SC, TC, HK, then the Mono ones
# Latin, Greek, punctuation, arrows, mathematical signs, CJK punctuation, full-width forms.
RANGES = [
    (0x20, 0x17F), (0x370, 0x3FF), (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x214F),
    (0x2150, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x257F), (0x25A0, 0x26FF),
    (0x3000, 0x303F), (0x3380, 0x33D5), (0xFF00, 0xFFEF),
]  # fmt: skip
# Family, subfamily, full name, PostScript name, typographic family: what a program shows and searches for.
KEPT_NAMES = {0, 5, 8, 9, 11, 13, 14}


def gb2312() -> set[int]:
    """Code points of the 6,763 Chinese characters of GB 2312-80."""
    pairs = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return {ord(character) for pair in pairs if (character := pair.decode("gb2312", errors="ignore"))}


def general_standard(unihan: Path) -> set[int]:
    """Code points of the 8,105 characters of 通用规范汉字表 (2013), by Unihan's property kTGH."""
    lines = (line.split("\t") for line in unihan.read_text(encoding="utf-8").splitlines())
    return {int(parts[0][2:], 16) for parts in lines if len(parts) == 3 and parts[1] == "kTGH"}


def subset(collection: Path, style: str, codes: set[int]) -> Path:
    """Write the simplified Chinese font of ``collection``, cut down to ``codes`` and renamed."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(collection, fontNumber=SIMPLIFIED, recalcTimestamp=False)
    options = Options(layout_features=[], name_IDs=["*"], hinting=False, desubroutinize=False, notdef_outline=True)
    cut = Subsetter(options)
    cut.populate(unicodes=codes)
    cut.subset(font)
    rename(font, style)
    path = HERE / f"SGSurveySansSC-{style}.otf"
    font.save(path)
    return path


def rename(font: Any, style: str) -> None:
    """Give the font its own name: 'Noto' is a trademark, 'Source' a reserved font name."""
    postscript = f"{FAMILY.replace(' ', '')}-{style}"
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in KEPT_NAMES]
    names = {1: FAMILY, 2: style, 3: f"{postscript};sgsurvey", 4: f"{FAMILY} {style}", 6: postscript}
    for number, words in names.items():
        table.setName(words, number, 3, 1, 0x409)
    compact = font["CFF "].cff
    compact.fontNames = [postscript]
    top = compact.topDictIndex[0]
    top.FullName, top.FamilyName = f"{FAMILY} {style}", FAMILY


if __name__ == "__main__":
    regular, bold, unihan = map(Path, sys.argv[1:4])
    wanted = gb2312() | general_standard(unihan) | {code for low, high in RANGES for code in range(low, high + 1)}
    for source, style in ((regular, "Regular"), (bold, "Bold")):
        made = subset(source, style, wanted)
        print(made.name, made.stat().st_size)
