"""A small questionnaire of every kind of question, whose words try to break each format."""

from sgsurvey.questionnaire.model import Block, Choice, Item, Questionnaire, Role, Scale
from sgsurvey.text import Text

EVIL = (
    '=HYPERLINK("http://x";"a")',
    "+1+1",
    "-2+3 cmd|' /C calc'!A0",
    "@SUM(A1)",
    "${missing} and ${EVIL}",
    "<b>bold</b> & <script>alert(1)</script> </w:t>",
    "one *two* three *four* _five_ _six_",
    "# a heading",
    "[a link](http://x)",
    "line one\nline two",
    "'single' \"double\" ‘curly’ “curly”",
    "第1题[单选题]（选填）",
    "3. 三",
    "control \x07\x00 \u202ereversed\ud800 end",
    "\\frac{a}{b} 100% #1 $x$ ~ ^",
    "emoji 🧹 𠮷 䶮",
    "=1+1",
)
"""What stands in the place of item labels, one each."""

HOSTILE = (
    *EVIL,
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</table></style><h1>x",
    '=HYPERLINK("http://x","y")',
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\\input{/etc/passwd}",
    "\\end{tabular}",
    "100% & $x$ #1 ^2 _3 ~4 {5} \\6",
    "[link](http://x) `code` **bold** | pipe",
    "# head",
    "- list",
    "1. list",
    "https://x.example",
    "a\tb\nc\r\nd",
    "\x00\x08\x1b[31mred",
    "\u202egnp.exe",
    "\ud800",
    "{{ 7 * 7 }} {% raw %}",
    "%s %d {0} {x}",
    "''; DROP TABLE x; --",
    "&lt;b&gt; &amp; &#60;",
    "quote \" and ' and ;",
    "]]>",
    "张" * 300,
    "x" * 300,
    "𠮷野家 👍 é",
    "$x^",
    "$\\frac{a$",
    "pay $2 or $5",
    "--> <!--",
    "\\label{tab:x}\\input{x}",
)
"""What goes through every place where words are printed, these among it."""


def evil_questionnaire() -> Questionnaire:
    words = [Text(f"{said}", f"{said} (en)") for said in EVIL]
    agree = Scale("agree", tuple(Choice(code, Text(f"=同意{code} <x>", f"=agree {code} ${{y}}")) for code in (1, 2, 3)))
    picks = Scale(
        "picks",
        (
            Choice(1, Text("1. 一", "1. one")),
            Choice(2, Text("二 & 两", "two & two")),
            Choice(3, Text("三", "three")),
            Choice(4, Text("都不是", "none of these"), exclusive=True),
        ),
    )
    missing = {-9: "refused", -8: "dont_know"}
    said = iter(words)
    lines = [Item(f"L{n}", "rating", next(said), agree, missing=missing) for n in range(1, 4)]
    single = [
        Item("O1", "select_one", next(said), picks, missing=missing, randomize=True, hint=next(said), required=True),
        Item("M1", "select_multiple", next(said), picks, most=2),
        Item("R1", "rank", next(said), picks, most=2, randomize=True, relevant={"M1": (1, 2)}),
        Item("R2", "rank", next(said), picks),
        Item("N1", "integer", next(said), limits=(0, 50000), missing=missing, relevant={"O1": (1,), "M1": (3,)}),
        Item("N2", "decimal", next(said), limits=(0.5, float("inf")), missing={99: "not_applicable"}),
        Item("N3", "integer", next(said)),
        Item("T1", "text", next(said), relevant={"N3": (2,)}),
        Item("D1", "date", next(said), relevant={"R2": (3,)}),
        Item("P1", "note", next(said)),
        Item("F1", "select_one", Text("付{assigned}元？", "Pay {assigned}?"), picks, assign=(2, 5, 10)),
    ]
    single += [Item(f"X{number}", "text", label) for number, label in enumerate(said, start=1)]
    return Questionnaire(
        id="../../evil id",
        version="1'0\"",
        title=words[5],
        roles=(Role("everybody", words[11], mode="interviewer", blocks=("grid", "O1x"), introduction=words[0]),),
        blocks=(
            Block("grid", words[4], tuple(item.name for item in lines)),
            Block("O1x", words[0], tuple(item.name for item in single)),
        ),
        items=tuple([*lines, *single]),
        scales={"agree": agree, "picks": picks},
        missing=(Choice(-9, Text("拒答", "Refused"), "refused"), Choice(-8, Text("不知道", "Don't know"), "dont_know")),
    )
