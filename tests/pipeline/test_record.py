"""A second run does nothing; whatever the pages depend on, once changed, makes the next run a real one."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import sgsurvey as sg
from sgsurvey.cli import main
from sgsurvey.exits import DONE, FAILED, FINDINGS
from sgsurvey.pipeline import record
from sgsurvey.pipeline.record import RECORD
from sgsurvey.pipeline.template import copy_template

# A study that is over at once, and keeps count of how often it was run.
SCRIPT = """
import sgsurvey as sg
from words import SAID

def main(study):
    with (study.folder / "runs.txt").open("a", encoding="utf-8") as runs:
        runs.write("x")
    table = sg.Table("n", sg.Text("人数", "Persons"), (), ())
    return sg.Report(study.plan.title.text, language="zh").add(SAID, table)
"""


def run(study: Path, *words: object, command: str = "run"):
    result = CliRunner().invoke(main, [command, str(study), *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def runs(study: Path) -> int:
    return len((study / "runs.txt").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    study = copy_template(tmp_path_factory.mktemp("study") / "mine").parent
    for script in study.glob("*.py"):
        script.unlink()
    plan = study / "study.yaml"  # one language needs no second process
    plan.write_text(plan.read_text("utf-8").replace("languages: [zh, en]", "languages: [zh]"), encoding="utf-8")
    (study / "pipeline.py").write_text(SCRIPT, encoding="utf-8")
    (study / "words.py").write_text("SAID = 'as it was'\n", encoding="utf-8")
    (study / "data").mkdir()
    (study / "data" / "responses.csv").write_text("id\n1\n", encoding="utf-8")
    assert run(study).exit_code == DONE
    return study


@pytest.fixture
def study(finished, tmp_path) -> Path:
    return Path(shutil.copytree(finished.parent, tmp_path / "mine")) / "analysis"


def test_a_second_run_does_nothing_and_says_where_the_report_lies(study):
    before = {path: path.stat().st_mtime_ns for path in (study / "out").iterdir()}
    again = run(study)
    assert (again.exit_code, again.stderr) == (DONE, "")
    assert again.stdout == f"自上次运行以来没有任何改变，报告在{study / 'out' / 'report.zh.html'}\n"
    assert {path: path.stat().st_mtime_ns for path in (study / "out").iterdir()} == before
    assert runs(study) == 1


def append(path: Path, words: str = "\n# more\n") -> None:
    path.write_bytes(path.read_bytes() + words.encode())


def older(study: Path) -> None:
    """As if the last run had been made with another numpy."""
    file = study / "out" / RECORD
    kept = json.loads(file.read_text(encoding="utf-8"))
    kept["versions"]["numpy"] = "1.0"
    file.write_text(json.dumps(kept), encoding="utf-8")


CHANGES = {
    "study.yaml": ("study.yaml已改变", lambda study: append(study / "study.yaml")),
    "a script that another imports": ("words.py已改变", lambda study: append(study / "words.py")),
    "a new script": ("新增more.py", lambda study: append_new(study / "more.py")),
    "the questionnaire": (
        "../questionnaires/scales.yaml已改变",
        lambda study: append(study.parent / "questionnaires" / "scales.yaml"),
    ),
    "answers": ("data/responses.csv已改变", lambda study: append(study / "data" / "responses.csv", "2\n")),
    "a new file of data": ("新增data/observer.csv", lambda study: append_new(study / "data" / "observer.csv")),
    "data gone": ("data/responses.csv已不存在", lambda study: (study / "data" / "responses.csv").unlink()),
    "whether the answers are simulated": (
        "新增data/simulated.sha256",
        lambda study: append_new(study / "data" / "simulated.sha256"),
    ),
    "numpy": ("numpy已改变", older),
    "one output touched": ("report.zh.docx已改变", lambda study: append(study / "out" / "report.zh.docx", "x")),
    "one output gone": ("report.zh.xlsx已不存在", lambda study: (study / "out" / "report.zh.xlsx").unlink()),
}


def append_new(path: Path) -> None:
    path.write_text("# new\n", encoding="utf-8")


@pytest.mark.parametrize("change", CHANGES)
def test_each_kind_of_change_is_named_and_runs_all_again(study, change):
    said, make = CHANGES[change]
    make(study)
    status = CliRunner().invoke(main, ["status", str(study)])
    assert (status.exit_code, status.stdout) == (DONE, f"自上次运行以来：{said}\n")
    assert runs(study) == 1
    again = run(study)
    assert again.exit_code == DONE
    assert f"自上次运行以来：{said}\n" in again.stderr
    assert runs(study) == 2
    assert run(study).stdout.startswith("自上次运行以来没有任何改变")
    assert runs(study) == 2


@pytest.mark.parametrize("words", [["--force"], ["--strict"], ["--out", "elsewhere"]], ids=" ".join)
def test_another_way_of_running_runs(study, words, monkeypatch):
    monkeypatch.chdir(study)
    assert run(study, *words).exit_code == DONE
    assert runs(study) == 2
    assert (Path("elsewhere") / RECORD).is_file() == ("elsewhere" in words)


def test_a_report_that_lies_there_is_not_written_again(study):
    again = run(study, "--to", "docx", command="report")
    assert (again.exit_code, runs(study)) == (DONE, 1)
    assert again.stdout == f"自上次运行以来没有任何改变，报告在{study / 'out' / 'report.zh.docx'}\n"
    append(study / "words.py")
    assert run(study, "--to", "docx", command="report").exit_code == DONE
    assert runs(study) == 2


@pytest.mark.parametrize("words", [["--to", "md"], ["--lang", "en"], ["--force"]], ids=" ".join)
def test_a_report_that_does_not_lie_there_is_written(study, words):
    assert run(study, *words, command="report").exit_code == DONE
    assert runs(study) == 2
    assert run(study, *(word for word in words if word != "--force"), command="report").exit_code == DONE
    assert runs(study) == 2


def test_after_a_report_in_fewer_formats_a_run_makes_them_all(study):
    append(study / "words.py")
    assert run(study, "--to", "html", command="report").exit_code == DONE
    assert "formats已改变" in run(study).stderr
    assert runs(study) == 3


def test_without_a_record_of_a_whole_run_it_runs(study):
    (study / "out" / RECORD).write_text("{", encoding="utf-8")
    again = run(study)
    assert (again.exit_code, runs(study)) == (DONE, 2)
    assert "自上次运行" not in again.stderr, "there is nothing to compare with"


def test_status_before_the_first_run_says_that_there_was_none(study):
    shutil.rmtree(study / "out")
    status = CliRunner().invoke(main, ["status", str(study)])
    assert (status.exit_code, status.stdout) == (DONE, "此处尚无完整运行的记录。\n")
    assert not (study / "out").exists()


def test_inputs_are_hashed_before_the_run(study):
    """Answers that arrive while the study runs were not in its report: the next run sees them."""
    late = SCRIPT.replace(
        "    table =", "    (study.folder / 'data' / 'responses.csv').write_text('id\\n9\\n')\n    table ="
    )
    (study / "pipeline.py").write_text(late, encoding="utf-8")
    assert run(study).exit_code == DONE
    assert "data/responses.csv已改变" in run(study).stderr


def test_a_run_that_fails_leaves_the_last_report_whole_and_runs_again(study):
    before = (study / "out" / "report.zh.docx").read_bytes()
    append(study / "words.py", "1 / 0\n")
    failed = run(study)
    assert failed.exit_code == FAILED
    assert f"{study / 'words.py'}, line 2: ZeroDivisionError: division by zero" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert (study / "out" / "report.zh.docx").read_bytes() == before
    assert run(study).exit_code == FAILED
    whole = CliRunner().invoke(main, ["-v", "run", str(study)])
    assert (whole.exit_code, "Traceback" in whole.stderr) == (FAILED, True)


def test_strict_writes_nothing_and_ends_with_the_code_of_findings(study):
    (study / "words.py").write_text("SAID = 'Funding causes satisfaction.'\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in (study / "out").iterdir()}
    refused = run(study, "--strict")
    assert refused.exit_code == FINDINGS
    assert "“causes”" in refused.stderr
    assert {path: path.read_bytes() for path in (study / "out").iterdir()} == before
    assert run(study).exit_code == DONE


def test_what_a_program_reads(study):
    assert json.loads(run(study, "--json").stdout) == {"changed": []}
    append(study / "words.py")
    told = json.loads(run(study, "--json").stdout)
    assert told["changed"] == [{"zh": "words.py已改变", "en": "words.py has changed"}]
    assert {Path(name).name for name in told["files"]} == {path.name for path in (study / "out").iterdir()}
    assert told["findings"] == {"zh": [], "en": []}


def test_the_source_of_the_package_is_a_version(monkeypatch, tmp_path):
    (tmp_path / "a.py").write_text("1", encoding="utf-8")
    monkeypatch.setattr(record.resources, "files", lambda _: tmp_path)
    first = record._versions()["sgsurvey source"]
    (tmp_path / "a.py").write_text("2", encoding="utf-8")
    assert record._versions()["sgsurvey source"] != first
    assert record._versions()["sgsurvey"] == sg.__version__
