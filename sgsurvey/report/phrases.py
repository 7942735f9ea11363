"""The fixed words of a report, in both languages."""

from sgsurvey.text import Text

CALLOUTS: dict[str, Text] = {
    "finding": Text("主要发现", "Main finding"),
    "note": Text("说明", "Note"),
    "warning": Text("注意", "Caution"),
}
CONTENTS = Text("目录", "Contents")
TABLES = Text("表格目录", "List of tables")
FIGURES = Text("图目录", "List of figures")
SKIP = Text("跳到正文", "Skip to the text")
NUMBERS = Text("图中数据", "The numbers in this figure")
