"""What somebody must set in 问卷星 by hand, in words."""

from sgsurvey.text import Text

STEPS = Text("导入后须手工设置：{form}", "To set by hand after the import: {form}")
COUNT = Text(
    "导入后核对：共{questions}题，选项和列合计{choices}个；题号从1到{questions}。",
    "Check after the import: {questions} questions, {choices} options and columns in all, numbered 1 to {questions}.",
)
POSITIONS = Text(
    "下载答卷时选“按选项文本”，或选“按选项序号”；序号是选项的位置，不是编码，读取时由程序换成编码，所以不要改变选项的顺序。不要选“按选项分数”。",
    "Download the answers by text (按选项文本) or by number (按选项序号); a number is an option's position, not its "
    "code: reading turns it into the code, so leave the options in their order. Never by score (按选项分数).",
)
ROLE = Text(
    '每类受访者单独建一份问卷；读取时写 role="{role}"。',
    'Give each group of respondents a questionnaire of its own, and read its answers with role="{role}".',
)
CONDITION = Text(
    "设置“题目关联”：只有{condition}时才显示本题。",
    "Set 题目关联 (display logic): show this question only if {condition}.",
)
NOT_REQUIRED = Text(
    "导入时全题设为选填；请把这些行设为必答：{items}。",
    "Imported as optional; set these lines as required: {items}.",
)
MOST = Text("设置最多选{most}项。", "Set the largest number of choices to {most}.")
EXCLUSIVE = Text(
    "把选项“{label}”设为“互斥”：不能与其他选项同选。",
    "Set the option '{label}' as 互斥: it cannot be chosen with others.",
)
SHUFFLE = Text("设置“选项随机”。", "Set the options in random order (选项随机).")
LIMITS = Text(
    "内容只能是{limits}（{codes}）。问卷星的数字范围不能另留代码：请不设范围，或把范围放宽到包括这些代码；读取时会检查。",
    "Only {limits} ({codes}). A range in 问卷星 leaves no room for codes beside it: set none, or one wide enough for "
    "them; reading checks the answers.",
)
NO_LIMITS = Text("设置属性验证：{limits}。", "Set the validation (属性验证): {limits}.")
DRAWN = Text(
    "问卷星不能把随机数显示在题目里。请把本题复制成{n}题，分别写上{values}，设为随机显示其中一题；"
    "下载后把出示的数填入列 {name}。",
    "问卷星 cannot show a drawn number in a question. Copy this question {n} times, with {values} in turn, show one of "
    "them at random, and put the number shown into the column {name} after the download.",
)
CODES = Text("选项按位置对应的编码", "The codes behind the options, by position")
DATE = Text("把题型改为“日期”。", "Change the type of the question to a date (日期).")
