"""Is a Word file in the order that the schema asks?  ECMA-376, part 1 (transitional): children of each element.

Word refuses, or silently repairs, files whose elements stand in another order.  The lists hold every child that the
schema allows; an element of ours that is not among them is a fault as well.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_PARAGRAPH = """pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs
suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid
spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl
divId cnfStyle rPr sectPr pPrChange"""
_RUN = """rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid
vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang
eastAsianLayout specVanish oMath"""
ORDERS = {
    "tbl": "bookmarkStart bookmarkEnd tblPr tblGrid tr",
    "tblPr": """tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing
        tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription tblPrChange""",
    "tblBorders": "top left start bottom right end insideH insideV",
    "tblCellMar": "top left start bottom right end",
    "tblGrid": "gridCol",
    "tr": "tblPrEx trPr tc",
    "trPr": "cantSplit trHeight tblHeader",
    "tc": "tcPr p",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "tcBorders": "top left start bottom right end insideH insideV tl2br tr2bl",
    "pPr": _PARAGRAPH,
    "rPr": _RUN,
    "pBdr": "top left bottom right between bar",
    "numPr": "ilvl numId",
    "sectPr": """headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType
        pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings""",
    "style": """name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked
        personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr""",
    "numbering": "numPicBullet abstractNum num numIdMacAtCleanup",
    "abstractNum": "nsid multiLevelType tmpl name styleLink numStyleLink lvl",
    "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
    "num": "abstractNumId lvlOverride",
}
ALLOWED = {parent: children.split() for parent, children in ORDERS.items()}
PARTS = ("word/document.xml", "word/styles.xml", "word/numbering.xml", "word/footer1.xml")


def faults(path: Path) -> list[str]:
    """Every element that stands where the schema does not want it."""
    with zipfile.ZipFile(path) as archive:
        return [
            f"{part}: {fault}"
            for part in PARTS
            if part in archive.namelist()
            for fault in _faults(etree.fromstring(archive.read(part)))
        ]


def _faults(root: etree._Element) -> Iterator[str]:
    for node in root.iter():
        name = etree.QName(node).localname
        allowed = ALLOWED.get(name) if node.tag.startswith(W) else None
        if allowed is None:
            continue
        places = []
        for child in node:
            child_name = etree.QName(child).localname
            if child_name not in allowed:
                yield f"<{child_name}> is not allowed in <{name}>"
            elif name != "sectPr" or not child_name.endswith("Reference"):  # these stand in any order
                places.append(allowed.index(child_name))
        if places != sorted(places):
            yield f"children of <{name}> out of order: {[etree.QName(child).localname for child in node]}"
    ids = [node.get(f"{W}id") for node in root.iter(f"{W}bookmarkStart")]
    names = [node.get(f"{W}name") for node in root.iter(f"{W}bookmarkStart")]
    if len(set(ids)) < len(ids) or len(set(names)) < len(names):
        yield "two bookmarks share an id or a name"
    for row in root.iter(f"{W}tr"):
        columns = len(row.getparent().find(f"{W}tblGrid"))
        spans = [cell.find(f"{W}tcPr/{W}gridSpan") for cell in row.findall(f"{W}tc")]
        if sum(1 if span is None else int(span.get(f"{W}val")) for span in spans) != columns:
            yield "a row does not cover the grid of its table"
