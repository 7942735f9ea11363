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
COPY = Text("复制表格", "Copy table")
COPIED = Text("已复制", "Copied")
SORT = Text("按此列排序", "Sort by this column")
ROWS = Text("{n}行，点击展开", "{n} rows, select to unfold")
NAMES = {"zh": "中文", "en": "English"}
