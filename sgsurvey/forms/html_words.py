"""What the offline form itself says to respondents, in both languages."""

from sgsurvey.text import Text

PRIVACY = Text(
    "本页不联网。您的回答只保存在这台设备上，填完后存成一个文件。",
    "This page uses no network. Your answers stay on this device and are saved as one file at the end.",
)
NO_SCRIPT = Text(
    "本问卷需要浏览器允许运行脚本（JavaScript）。请换一个浏览器打开，或使用纸质问卷。",
    "This form needs JavaScript. Open it in another browser, or use the paper form.",
)
WORDS: dict[str, Text] = {
    "language": Text("语言", "Language"),
    "start": Text("开始填答", "Start"),
    "resume": Text("继续填答", "Continue"),
    "unfinished": Text(
        "这台设备上有一份没有填完的问卷（{when} 开始）。", "This device holds an unfinished form (started {when})."
    ),
    "handed": Text(
        "这台设备上还留着一份已保存的问卷（{when} 开始）。", "This device still holds a saved form (started {when})."
    ),
    "unkept": Text(
        "浏览器不允许保存草稿：请一次填完，中途不要关闭本页。",
        "This browser keeps no draft: finish in one go and do not close the page.",
    ),
    "back": Text("上一页", "Back"),
    "next": Text("下一页", "Next"),
    "progress": Text("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    "required": Text("必答", "required"),
    "most": Text("最多选 {most} 项", "Choose up to {most}"),
    "ranked": Text("请按先后次序点选，最多 {most} 项", "Tap in order of priority, up to {most}"),
    "unpicked": Text("已取消其他选项。", "The other choices were removed."),
    "unset": Text("清除", "Clear"),
    "number": Text("请用数字填写。", "Write a number in digits."),
    "whole": Text("请填写整数。", "Write a whole number."),
    "between": Text("请填写 {low} 到 {high} 之间的数。", "Write a number from {low} to {high}."),
    "least": Text("请填写不小于 {low} 的数。", "Write a number of at least {low}."),
    "greatest": Text("请填写不大于 {high} 的数。", "Write a number of at most {high}."),
    "date": Text("请填写日期，如 2026-04-30。", "Write a date such as 2026-04-30."),
    "needed": Text("这一题需要回答。", "This question needs an answer."),
    "full": Text("最多选 {most} 项：请先取消一项。", "At most {most}: remove one first."),
    "mend": Text("有 {n} 道题需要改正。", "Questions to correct: {n}."),
    "open": Text(
        "本页还有 {n} 道题没有回答。可以补答，也可以再点“下一页”继续。",
        "Unanswered on this page: {n}. Answer them, or press Next again to go on.",
    ),
    "end": Text("全部看完了", "That was the last page"),
    "counts": Text("已回答 {answered} 题，留空 {empty} 题。", "Answered: {answered}. Left empty: {empty}."),
    "save": Text("保存为文件", "Save as a file"),
    "again": Text("再次保存", "Save again"),
    "saved": Text(
        "已存成文件 {file}（在“下载”文件夹中）。请把它交给调查员。",
        "Saved as {file} in the downloads folder. Hand it to the field team.",
    ),
    "copy": Text("没有看到文件？请复制下面的文字", "No file to be seen? Copy this text"),
    "fresh": Text("填写下一份", "Next form"),
    "sure_fresh": Text(
        "文件已经保存好了吗？这份回答将从本机删除。",
        "Is the file safe? These answers will be deleted from this device.",
    ),
    "clear": Text("清除本机上的回答", "Clear this device"),
    "sure_clear": Text(
        "这台设备上没有交出的回答将全部删除，无法恢复。确定吗？",
        "All answers on this device that have not been handed in will be deleted for good. Are you sure?",
    ),
    "cleared": Text("本机上的回答已清除。", "The answers on this device were deleted."),
}
