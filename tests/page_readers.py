"""Reads a rendered table back, so that what a format holds can be compared with the grid that was printed.

A page is its title, one (spanner, head) pair per column, one list of texts per row (a cell that spans stands in the
first of its columns, the others are empty), and its notes.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lxml.html
import openpyxl
from docx import Document
from docx.oxml.ns import qn

from sgsurvey.tables.format import printable
from sgsurvey.tables.grid import Grid
from sgsurvey.tables.table import Table


@dataclass
class Page:
    title: str
    heads: list[tuple[str, str]]
    rows: list[list[str]]
    notes: list[str]


def of_grid(grid: Grid) -> Page:
    spanners = [s.text for s in grid.spanners for _ in range(s.span)] or [""] * len(grid.heads)
    rows = [[text for cell in row.cells for text in [cell.full, *[""] * (cell.span - 1)]] for row in grid.rows]
    return Page(grid.title, list(zip(spanners, [h.text for h in grid.heads], strict=True)), rows, list(grid.notes))


# HTML -----------------------------------------------------------------------------------------


def of_html(table: Table, _: Path) -> Page:
    root = lxml.html.fromstring(table.to_html())
    columns = len(table.columns)
    matrix: dict[tuple[int, int], tuple[str, int]] = {}
    lines = root.findall("./thead/tr")
    for y, line in enumerate(lines):
        x = 0
        for cell in line:
            while (y, x) in matrix:
                x += 1
            wide, high = int(cell.get("colspan", 1)), int(cell.get("rowspan", 1))
            for dx in range(wide):
                for dy in range(high):
                    matrix[y + dy, x + dx] = (cell.text_content(), high)
    last = len(lines) - 1
    heads = []
    for x in range(columns):
        top, high = matrix[0, x]
        heads.append(("" if high == 2 or last == 0 else top, matrix[last, x][0]))
    rows = [_spread((c.text_content(), int(c.get("colspan", 1))) for c in tr) for tr in root.findall("./tbody/tr")]
    notes = [tr.text_content() for tr in root.findall("./tfoot/tr")]
    return Page(root.find("caption").text_content(), heads, rows, notes)


def _spread(cells) -> list[str]:
    return [text for words, span in cells for text in [words, *[""] * (span - 1)]]


# Word -----------------------------------------------------------------------------------------


def of_word(table: Table, folder: Path) -> Page:
    document = Document(table.save(folder / "t.docx"))
    (written,) = document.tables
    widths = [int(column.get(qn("w:w"))) for column in written._tbl.tblGrid.findall(qn("w:gridCol"))]
    gaps = {x for x, width in enumerate(widths) if width == 140}
    head, body = [], []
    for row in written._tbl.tr_lst:
        cells = []
        x = 0
        for cell in row.tc_lst:
            span = cell.grid_span
            text = "".join(t.text or "" for t in cell.iter(qn("w:t"))).replace("\u00a0", " ")
            if x in gaps and span == 1:
                assert text == "", "a gap column holds words"
            else:
                cells.append((text, span - len(gaps & set(range(x, x + span)))))
            x += span
        assert x == len(widths)
        is_head = row.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
        (head if is_head else body).append(cells)
    last = [text for text, _ in head[-1]]
    spanners = [s for text, span in head[0] for s in [text] * span] if len(head) == 2 else [""] * len(last)
    paragraphs = [p for p in document.paragraphs if p.text]
    caption, notes = paragraphs[0], paragraphs[1:]
    title = caption.text.split("  ", 1)[1]
    heads = list(zip(spanners, last, strict=True))
    return Page(title, heads, [_spread(cells) for cells in body], [note.text for note in notes])


# Excel ----------------------------------------------------------------------------------------


def shown(value: object, pattern: str) -> str:
    """What Excel shows for ``value`` under the few patterns that we write."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    sections = _split(pattern)
    for section in sections:
        if condition := re.match(r"\[([<>]=?)([\d.]+)\]", section):
            bound = float(condition[2])
            if {"<": value < bound, ">=": value >= bound}[condition[1]]:
                return _figures(abs(value), section[condition.end() :])
    if len(sections) == 2 and value < 0:
        return _figures(abs(value), sections[1])
    return _figures(value, sections[-1] if len(sections) == 3 else sections[0])


def _split(pattern: str) -> list[str]:
    return re.findall(r'(?:\\.|"[^"]*"|[^;])+', pattern)


def _figures(value: float, section: str) -> str:
    def piece(match: re.Match) -> str:
        if match["quoted"] is not None:
            return match["quoted"]
        if match["escaped"] is not None:
            return match["escaped"]
        digits = len(match["number"].partition(".")[2])
        text = f"{value:,.{digits}f}" if "," in match["number"] else f"{value:.{digits}f}"
        return text.removeprefix("0") if match["number"].startswith(".") else text

    return re.sub(r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<number>[#,0.]+)', piece, section)


def of_excel(table: Table, folder: Path) -> Page:
    book = openpyxl.load_workbook(table.save(folder / "t.xlsx"))
    (sheet,) = book.worksheets
    lines = [[shown(cell.value, cell.number_format) for cell in line] for line in sheet.iter_rows()]
    tops = [y for y, line in enumerate(sheet.iter_rows()) if line[0].border.top.style == "medium"]
    middles = [y for y, line in enumerate(sheet.iter_rows()) if line[0].border.bottom.style == "thin"]
    bottoms = [y for y, line in enumerate(sheet.iter_rows()) if line[0].border.bottom.style == "medium"]
    (top,), (middle,), (bottom,) = tops, middles, bottoms
    spans = {(r.min_row - 1, r.min_col - 1): r.max_col - r.min_col for r in sheet.merged_cells.ranges}
    ruled = sum(cell.border.bottom.style == "thin" for cell in list(sheet.iter_rows())[middle])
    # A column whose head is merged over two places holds intervals: its two ends read as one text.
    starts, x = [], 0
    while x < ruled:
        starts.append(x)
        x += 1 + spans.get((middle, x), 0)
    ends = [*starts[1:], ruled]

    def texts(y: int) -> list[str]:
        line = []
        for start, end in zip(starts, ends, strict=True):
            line.append(" ".join(text for text in lines[y][start:end] if text))
        return line

    heads = texts(middle)
    spanners = [""] * len(heads)
    if middle > top:
        above, covered = texts(top), -1
        for index, start in enumerate(starts):
            if above[index]:
                covered = start + spans.get((top, start), 0)
                current = above[index]
            spanners[index] = current if start <= covered else ""
    notes = [line[0] for line in lines[bottom + 1 :]]
    rows = [texts(y) for y in range(middle + 1, bottom + 1)]
    if not any(rows[0]) and len(rows) == 1:  # a table without rows keeps its last two rules apart
        rows = []
    return Page(lines[0][0], list(zip(spanners, heads, strict=True)), rows, notes)


# Markdown -------------------------------------------------------------------------------------


def of_markdown(table: Table, _: Path) -> Page:
    blocks = table.to_markdown().rstrip("\n").split("\n\n")
    if not blocks[0].startswith("**"):
        blocks.insert(0, "")  # a table without a title
    title, grid, notes = blocks[0], blocks[1].split("\n"), blocks[2:]
    heads, rules, *rows = [[_unmarked(cell) for cell in _md_cells(line)] for line in grid]
    assert all(re.fullmatch(r":?-+:?", rule) for rule in rules)
    names = {printable(c.spanner.to(table.language)) for c in table.columns if c.spanner}
    pairs = []
    for head in heads:
        spanner = next((name for name in names if head.startswith(f"{name}: ")), "")
        pairs.append((spanner, head.removeprefix(f"{spanner}: ") if spanner else head))
    return Page(_unmarked(title), pairs, rows, [_unmarked(note) for note in notes])


def _md_cells(line: str) -> list[str]:
    assert line.startswith("| ")
    assert line.endswith(" |")
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line[1:-1])]


def _unmarked(text: str) -> str:
    text = re.sub(r"^\*\*(.*)\*\*$", r"\1", text)
    assert not re.search(r"(?<!\\)[*<>\[\]`_~]", text), f"an unescaped command in {text!r}"
    return re.sub(r"\\([!-/:-@\[-`{-~])|&#(\d+);", lambda match: match[1] or chr(int(match[2])), text)


# LaTeX ----------------------------------------------------------------------------------------

_LETTERS = {
    "textbackslash": "\\", "textasciicircum": "^", "textasciitilde": "~", "textless": "<", "textgreater": ">",
    "textbar": "|", "textquotedbl": '"', "textasciigrave": "`", "textquotesingle": "'", "alpha": "α", "beta": "β",
    "gamma": "γ", "delta": "δ", "varepsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Delta": "Δ", "Sigma": "Σ", "Phi": "Φ", "pm": "±", "infty": "∞", "geq": "≥", "leq": "≤", "times": "×", "surd": "√",
}  # fmt: skip
_WRAPPED = r">\{\\(?:raggedright|centering)\\arraybackslash\\hspace\{0pt\}\}[pb]\{[\d.]+pt\}"
_SPANNING = re.compile(rf"\\multicolumn\{{(\d+)\}}\{{(?:[lc]|{_WRAPPED})\}}")
_KNOWN = {"textsuperscript", "textbf", "ensuremath", "item"}


def of_latex(table: Table, _: Path) -> Page:
    source = table.to_latex()
    title = _tex(re.search(r"\\caption\{(.*)\}\n", source)[1])
    if "\\endfirsthead" in source:
        first, again = re.search(r"(\\toprule.*)\\endfirsthead\n.*?(\\toprule.*)\\endhead", source, re.DOTALL).groups()
        assert first == again, "the head on later pages is another"
        body = re.search(r"\\endfoot\n(.*)\\end\{longtable\}", source, re.DOTALL)[1]
        head = first
    else:
        inside = re.search(r"\\toprule\n(.*)\\bottomrule", source, re.DOTALL)[1]
        head, body = inside.split("\\midrule\n", 1)
    head_lines = [_tex_cells(line) for line in head.splitlines() if line.endswith(r"\\")]
    body_lines = [_tex_cells(line) for line in body.splitlines() if line.endswith((r"\\", r"\\*"))]
    last = _spread(head_lines[-1])
    spanners = [s for text, span in head_lines[0] for s in [text] * span] if len(head_lines) == 2 else [""] * len(last)
    notes = [_tex(note) for note in re.findall(r"^\\item (.*)$", source, re.MULTILINE)]
    return Page(title, list(zip(spanners, last, strict=True)), [_spread(line) for line in body_lines], notes)


def _tex_cells(line: str) -> list[tuple[str, int]]:
    cells = []
    for source in re.split(r"(?<!\\)&", line.removesuffix("*").removesuffix(r"\\")):
        source = source.strip()
        span = _SPANNING.match(source)
        text = _tex(source[span.end() :] if span else source)
        if not span and re.match(r"-?[\d.]", source):  # siunitx prints the hyphen of a number as a minus
            text = text.replace("-", "−")
        cells.append((text, int(span[1]) if span else 1))
    return cells


def _tex(source: str) -> str:
    """What LaTeX prints for ``source``; any command that we do not write on purpose is an injection."""
    out = io.StringIO()
    at, maths = 0, False
    while at < len(source):
        if command := re.compile(r"\\([A-Za-z]+)").match(source, at):
            name = command[1]
            at = command.end()
            if name in _LETTERS:
                out.write(_LETTERS[name])
                at += source.startswith("{}", at) * 2
            elif name == "bar":
                assert source.startswith(r"{\chi}", at)
                out.write("χ̄")
                at += len(r"{\chi}")
            else:
                assert name in _KNOWN, f"an unexpected command \\{name}"
                maths = name == "ensuremath"
                raised = re.compile(r"\{2\}").match(source, at) if name == "textsuperscript" else None
                if raised:
                    out.write("²")
                    at = raised.end()
        elif source[at] == "\\":
            assert source[at + 1] in r"{}$&#_%", f"an unexpected command in {source!r}"
            out.write(source[at + 1])
            at += 2
        else:
            char = source[at]
            assert char not in "$#^_%&", f"an unescaped command in {source!r}"
            if char not in "{}":
                out.write({"~": " ", "-": "−" if maths else "-"}.get(char, char))
            maths = maths and char == "{"
            at += 1
    return out.getvalue()


READERS: dict[str, Callable[[Table, Path], Page]] = {
    "html": of_html,
    "word": of_word,
    "excel": of_excel,
    "markdown": of_markdown,
    "latex": of_latex,
}
