"""The terminal's door: each command, its exit code, and no traceback whatever is typed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from docx import Document

from sgsurvey import __version__
from sgsurvey.cli import main
from sgsurvey.exits import CANNOT_START, DONE, FAILED, FINDINGS, INTERRUPTED
from sgsurvey.messages import codes
from sgsurvey.report.report import Report
from sgsurvey.tables.table import Column, Table
from sgsurvey.text import same

COMMANDS = sorted(main.commands)
PLAN = "study.yaml"
QUESTIONNAIRES = str(Path(__file__).parents[1] / "questionnaires")
# A county that is quickly gone through, and still large enough for every table of the study.
SMALL = {
    "seed: 7\n": "seed: 7\n  population: {villages: 3, sizes: {purchaser: 30, undertaker: 36, villager: 150, "
    "post_holder: 150, evaluator: 15}}\n",
    "languages: [zh, en]": "languages: [en]",
    "draws: 2000": "draws: 100",
}


def typed(*words: object) -> Result:
    """What happens when this is typed after ``sgsurvey``; an exception that is no exit is the test's failure."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    return result


def changed(study: Path, changes: dict[str, str]) -> Path:
    plan = study / PLAN
    text = plan.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    plan.write_text(text, encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bundled") / "mine"
    assert typed("init", folder).exit_code == DONE
    return folder


@pytest.fixture
def study(template, tmp_path) -> Path:
    """A fresh copy of the bundled study, without data."""
    return Path(shutil.copytree(template, tmp_path / "mine")) / "analysis"


@pytest.fixture(scope="module")
def ran(template, tmp_path_factory) -> tuple[Path, Result]:
    """A small study simulated and run from the terminal, once for all tests that look at it."""
    folder = Path(shutil.copytree(template, tmp_path_factory.mktemp("ran") / "mine")) / "analysis"
    assert typed("simulate", changed(folder, SMALL)).exit_code == DONE
    old = Table("flow", same("Flow"), (Column("step", same("Step"), "text"),), ())
    Report("Thesis", language="en").add(old).save(folder / "thesis.docx")
    return folder, typed(
        "report", folder, "--to", "html,md", "--out", folder / "pages", "--update", folder / "thesis.docx"
    )


def test_init_gives_a_study_that_check_finds_sound(template):
    result = typed("check", template / "analysis")
    assert (result.exit_code, result.stdout) == (DONE, "")
    assert "sound" in result.stderr
    assert typed("check", template / "questionnaires").exit_code == DONE


def test_init_writes_nothing_into_a_folder_that_is_in_use(template, tmp_path):
    result = typed("init", template)
    assert result.exit_code == CANNOT_START
    assert "is not empty. Name a new folder; nothing was written." in result.stderr
    note = tmp_path / "note.txt"
    note.write_text("mine", encoding="utf-8")
    assert typed("init", note).exit_code == CANNOT_START
    assert note.read_text(encoding="utf-8") == "mine"


def test_a_place_that_cannot_be_written_to_is_named():
    result = typed("init", "/proc/nowhere")
    assert result.exit_code == CANNOT_START
    assert result.stderr.startswith("Error: /proc/nowhere")


def test_simulate_names_its_files_and_writes_over_them_only_when_told(study):
    first = typed("simulate", study)
    files = [Path(line) for line in first.stdout.splitlines()]
    assert first.exit_code == DONE
    assert {"responses.csv", "administrative.csv", "observer.csv"} <= {file.name for file in files}
    assert all(file.stat().st_size for file in files)
    answers = next(file for file in files if file.name == "responses.csv")
    before = answers.read_bytes()
    again = typed("simulate", study, "--seed", 8)
    assert again.exit_code == CANNOT_START
    assert "--force" in again.stderr
    assert answers.read_bytes() == before
    assert typed("simulate", study, "--seed", 8, "--force").exit_code == DONE
    assert answers.read_bytes() != before


def test_real_answers_are_never_written_over(study):
    answers = study / "data" / "responses.csv"
    answers.parent.mkdir()
    answers.write_text("id,role\n1,villager\n", encoding="utf-8")
    result = typed("simulate", study, "--force")
    assert result.exit_code == CANNOT_START
    assert "were not made by sgsurvey. Move them away first." in result.stderr
    assert answers.read_text(encoding="utf-8") == "id,role\n1,villager\n"


def test_a_run_goes_from_raw_files_to_its_reports(ran):
    folder, result = ran
    assert result.exit_code == DONE
    written = [line for line in result.stdout.splitlines() if line.startswith(str(folder))]
    assert [Path(line).name for line in written] == ["report.en.html", "report.en.md", "run.json"]
    assert result.stdout.startswith("* "), "the main findings come first"
    assert "Reading the answers" in result.stderr


def test_the_table_in_ones_own_thesis_is_refreshed(ran):
    folder, result = ran
    assert "Refreshed: tab_flow\n" in result.stdout
    assert re.search(r"Not in the document: .*\btab_plan\b", result.stdout)
    assert (folder / "thesis.before.docx").is_file()
    assert len(Document(folder / "thesis.docx").tables[0].rows) > 5


def test_a_thesis_that_cannot_be_refreshed_is_told_before_the_study_runs(study, tmp_path):
    result = typed("report", study, "--update", tmp_path / "absent.docx")
    assert result.exit_code == CANNOT_START
    assert "SG162" in result.stderr
    assert not (study / "out").exists()


def test_a_run_leaves_a_record_whose_rows_add_up(ran):
    folder, _ = ran
    record = json.loads((folder / "pages" / "run.json").read_text(encoding="utf-8"))
    assert record["simulated"] is True
    assert record["rows"]["kept"] == sum(record["rows"]["by_role"].values()) <= record["rows"]["read"]
    assert {"study.yaml", "pipeline.py", "data/responses.csv", "data/administrative.csv"} < set(record["inputs"])
    assert set(record["outputs"]) == {"report.en.html", "report.en.md"}
    assert record["seconds"]["all"] == pytest.approx(sum(s for n, s in record["seconds"].items() if n != "all"))


def test_every_page_of_a_simulated_study_says_so(ran):
    folder, _ = ran
    for name in ("report.en.html", "report.en.md"):
        assert "imulated" in (folder / "pages" / name).read_text(encoding="utf-8")[:20_000]


def test_form_writes_every_role_and_format_and_says_what_is_left_to_do(template, tmp_path):
    out = tmp_path / "forms"
    result = typed("form", template / "questionnaires", "--to", "xlsform,wjx", "--lang", "en", "--out", out)
    assert result.exit_code == DONE
    roles = ["purchaser", "undertaker", "post_holder", "evaluator", "villager", "observer"]
    files = [line for line in result.stdout.splitlines() if not line.startswith("  - ")]
    assert files == [str(out / f"{role}_{name}") for role in roles for name in ("xlsform_en.xlsx", "wjx_en.txt")]
    assert all(Path(file).is_file() for file in files)
    assert re.search(r"^  - \d+ V_fee: 问卷星 cannot show a drawn number", result.stdout, re.M)


def test_form_writes_one_role_and_the_short_form(template, tmp_path):
    where = ["--out", tmp_path]
    result = typed(
        "form", template / "questionnaires", "--role", "villager, evaluator", "--to", "word", "--short", *where
    )
    assert result.exit_code == DONE
    names = ["villager_short_word.docx", "evaluator_short_word.docx"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    every = typed("form", template / "questionnaires", "--short", *where)
    assert every.exit_code == DONE
    assert "observer" not in every.stdout, "sheets have no short form"


def test_form_writes_no_keying_sheet_over_another(template, tmp_path):
    words = ["form", template / "questionnaires", "--role", "villager", "--to", "keying", "--out", tmp_path]
    assert typed(*words).exit_code == DONE
    again = typed(*words)
    assert again.exit_code == CANNOT_START
    assert "may hold answers" in again.stderr


def test_check_names_every_fault_with_file_line_and_remedy(study):
    changed(study, {"benchmark: 70": "benchmrk: 70", "draws: 2000": "draws: many"})
    result = typed("check", study)
    assert result.exit_code == FINDINGS
    misspelt, no_number = sorted(result.stdout.splitlines(), key=lambda line: "draws" in line)
    assert misspelt.startswith("study.yaml, line ")
    assert "Did you mean 'benchmark'?" in misspelt
    assert "'draws'" in no_number
    assert "2 fault(s)" in result.stderr


def test_check_names_words_that_the_questionnaire_does_not_have(study):
    result = typed("check", changed(study, {"outcome: SAT": "outcome: SATT"}))
    assert result.exit_code == FINDINGS
    assert "the questionnaire has no 'SATT'" in result.stdout


BROKEN = {
    "no YAML": (b"id: [1, 2\n", "is not valid YAML"),
    "empty": (b"", "is empty"),
    "a list": (b"- 1\n- 2\n", "no list of names and values"),
    "bytes": (b"\xff\xfe\x00\xd8", "study.yaml"),
    "a bomb": (b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "study.yaml"),
    "a Python object": (b"id: !!python/object/apply:os.system ['true']\n", "study.yaml"),
    "nothing needed": (b"id: s\n", "'title' is missing. Add title:"),
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize(("command", "code"), [("check", FINDINGS), ("run", CANNOT_START), ("simulate", CANNOT_START)])
def test_a_broken_study_file_is_told_in_words(study, command, code, fault):
    content, words = BROKEN[fault]
    (study / PLAN).write_bytes(content)
    result = typed(command, study)
    assert result.exit_code == code
    assert words in result.output


@pytest.mark.parametrize("command", ["check", "simulate", "run", "report"])
def test_a_missing_study_is_named(command, tmp_path):
    result = typed(command, tmp_path / "nowhere")
    assert result.exit_code == CANNOT_START
    assert "nowhere" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", "--to", "pdf"], "pdf is not among html, docx, xlsx, md."),
        (["report", "--to", "docx,pdf"], "pdf is not among html, docx, xlsx, md."),
        (["report", "--to", ""], "name at least one of html, docx, xlsx, md."),
        (["report", "--lang", "fr"], "fr is not among zh, en."),
        (["form", QUESTIONNAIRES, "--to", "pdf"], "pdf is not among xlsform, wjx, word, keying, html."),
        (["form", QUESTIONNAIRES, "--to", " , "], "name at least one of xlsform, wjx, word, keying, html."),
        (["form", QUESTIONNAIRES, "--role", "vilager"], "Did you mean 'villager'?"),
        (["form", QUESTIONNAIRES, "--lang", "fr"], "'fr' is not one of 'zh', 'en'."),
        (["form", "nowhere"], "'nowhere' does not exist"),
        (["simulate", "--seed", "seven"], "'seven' is not a valid integer"),
        (["run", "--outt", "x"], "--out"),
        (["rnu"], "No such command 'rnu'"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_wrong_usage_says_what_is_known(words, said):
    result = typed(*words)
    assert result.exit_code == CANNOT_START
    assert said in result.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 not a workbook", "responses.csv"),
        (b"colour,shape\nred,round\n", "responses.csv"),
    ],
    ids=["empty", "a workbook's first bytes", "of something else"],
)
def test_a_wrong_file_of_answers_is_told_before_any_statistic(study, content, said):
    (study / "data").mkdir()
    (study / "data" / "responses.csv").write_bytes(content)
    result = typed("run", study, "--out", study / "pages")
    assert result.exit_code == CANNOT_START
    assert said in result.stderr
    assert not list((study / "pages").iterdir()), "nothing is written by a run that could not start"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda file: file.unlink(), "is not there."),
        (lambda file: file.write_text("township,posts\nT01,3\n", "utf-8"), "has no column 'township_id'."),
        (lambda file: file.write_bytes(b""), "cannot be read as a CSV table"),
    ],
    ids=["missing", "another head", "empty"],
)
def test_a_wrong_table_about_places_is_told(study, damage, said):
    assert typed("simulate", study).exit_code == DONE
    damage(study / "data" / "administrative.csv")
    result = typed("run", study)
    assert result.exit_code == CANNOT_START
    assert "administrative.csv" in result.stderr
    assert said in result.stderr


def test_a_step_that_fails_is_told_with_its_own_exit_code(study):
    """Four villagers carry no factor model: the data are sound, the estimate is impossible."""
    sizes = "seed: 7\n  population: {sizes: {purchaser: 30, undertaker: 30, villager: 40, post_holder: 12}}\n"
    result = typed("run", changed(study, {"seed: 7\n": sizes}))
    assert result.exit_code == FAILED
    assert "Error: " in result.stderr


def test_a_study_whose_script_is_missing_says_where_it_was_looked_for(study):
    (study / "pipeline.py").unlink()
    result = typed("run", study)
    assert result.exit_code == CANNOT_START
    assert "pipeline.py is not there" in result.stderr


def test_out_that_is_a_file_is_refused_before_the_work(study):
    out = study / "out"
    out.write_text("mine", encoding="utf-8")
    result = typed("run", study, "--out", out)
    assert result.exit_code == CANNOT_START
    assert "Reading" not in result.stderr
    assert out.read_text(encoding="utf-8") == "mine"


SLOW = """
import time

def main(study):
    study.progress("Begun")
    time.sleep(60)
"""


def test_ctrl_c_ends_a_run_in_words_and_with_its_own_exit_code(study):
    """The signal goes to all processes of the terminal, the one that prepares the second language among them."""
    (study / "pipeline.py").write_text(SLOW, encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "sgsurvey", "run", study],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    said = [running.stderr.readline()]
    time.sleep(1)  # until the second process has taken its first job
    os.killpg(running.pid, signal.SIGINT)
    out, rest = running.communicate(timeout=60)
    said.append(rest)
    assert (running.returncode, out) == (INTERRUPTED, "")
    assert "".join(said) == "Begun\nInterrupted. What was written before is whole.\n"
    assert not list((study / "out").iterdir())


def test_an_unforeseen_error_of_a_script_is_told_in_a_line_with_its_place(study):
    (study / "pipeline.py").write_text("def main(study):\n    return study.plann\n", encoding="utf-8")
    result = typed("run", study)
    assert result.exit_code == FAILED
    assert "pipeline.py, line 2: AttributeError: 'Study' object has no attribute 'plann'" in result.stderr


def test_check_tells_a_program_what_it_tells_a_person_and_strict_counts_warnings(study):
    assert typed("seal", study, "--date", "2026-01-01").exit_code == DONE
    changed(study, {"draws: 2000": "draws: 100"})
    assert typed("check", study).exit_code == DONE
    told = typed("check", study, "--json", "--strict")
    (fault,) = json.loads(told.stdout)
    assert told.exit_code == FINDINGS
    assert (fault["severity"], fault["file"]) == ("warning", PLAN)
    assert fault["what"]["en"] == "'draws' was changed after the seal, without a reason."
    assert set(fault["remedy"]) == {"zh", "en"}


@pytest.mark.parametrize("command", ["", *COMMANDS])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_of_every_command_explains_it(command, flag):
    result = typed(*[word for word in (command, flag) if word])
    assert result.exit_code == DONE
    assert result.stdout.startswith("Usage: ")
    options = main.commands[command].params if command else main.params
    for option in options:
        named = option.opts[-1] if option.param_type_name == "option" else option.name.upper()
        assert named in result.stdout
    undescribed = [o.name for o in options if o.param_type_name == "option" and not o.help]
    assert undescribed == []


def test_version_is_the_package_version():
    assert __version__ in typed("--version").stdout


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path):
    file = tmp_path / "study.key"
    assert typed("key", "new", file).stdout == f"{file}\n"
    first = file.read_text(encoding="ascii")
    assert len(bytes.fromhex(first)) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    again = typed("key", "new", file)
    assert again.exit_code == CANNOT_START
    assert "SG173" in again.stderr
    assert file.read_text(encoding="ascii") == first
    assert typed("key", "new", tmp_path / "other.key").exit_code == DONE
    assert (tmp_path / "other.key").read_text(encoding="ascii") != first


def test_purge_deletes_only_when_it_is_told_twice(study):
    answers = study / "data" / "responses.csv"
    answers.parent.mkdir()
    answers.write_text("id,role\n1,villager\n", encoding="utf-8")
    named = typed("purge", study)
    assert named.exit_code == CANNOT_START
    assert named.stdout.startswith("answers  data/responses.csv  19 bytes  ")
    assert "add --yes" in named.stderr
    assert answers.exists()
    done = typed("purge", study, "--yes", "--date", "2026-12-31")
    assert (done.exit_code, done.stdout) == (DONE, named.stdout)
    assert not answers.exists()
    record = json.loads((study / "purged.json").read_text(encoding="utf-8"))
    assert [(line["file"], line["date"]) for line in record] == [("data/responses.csv", "2026-12-31")]
    assert typed("purge", study, "--yes").exit_code == CANNOT_START


def test_git_ignores_the_data_the_pages_and_every_key_of_a_new_study(template, tmp_path):
    folder = Path(shutil.copytree(template, tmp_path / "mine"))
    subprocess.run(["git", "init", "-q", folder], check=True)
    for name in ("analysis/data/responses.csv", "analysis/out/report.zh.docx", "study.key", "analysis/data/study.key"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")
        assert subprocess.run(["git", "-C", folder, "check-ignore", "-q", name], check=False).returncode == 0
    kept = subprocess.run(["git", "-C", folder, "check-ignore", "-q", "analysis/study.yaml"], check=False)
    assert kept.returncode == 1


# Messages explained --------------------------------------------------------------------------------------


def test_explain_says_what_a_message_means_in_both_languages_or_one():
    both = typed("explain", "SG120")
    assert both.exit_code == DONE
    for part in ("Outside the codes or limits", "the file is refused", "拒绝读取文件", "→", "‹columns›"):
        assert part in both.stdout
    english = typed("explain", "120", "--lang", "en").stdout
    assert english == both.stdout[-len(english) :]
    assert not re.search("[\u4e00-\u9fff]", english)
    assert typed("explain", "sg120.cell").stdout == both.stdout


def test_explain_alone_lists_every_message():
    lines = typed("explain", "--lang", "zh").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(codes())


@pytest.mark.parametrize(("code", "near"), [("SG149", ["SG150", "SG147"]), ("SG1200", ["SG181"]), ("duplicate", [])])
def test_an_unknown_message_names_the_nearest(code, near):
    result = typed("explain", code)
    assert result.exit_code == CANNOT_START
    assert result.stdout == ""
    assert re.findall(r"SG\d{3}\b", result.stderr.replace(code, ""))[: len(near)] == near
    assert near or "sgsurvey explain" in result.stderr


def test_ingest_reads_an_export_and_says_what_is_new(study, tmp_path):
    assert typed("simulate", study).exit_code == DONE
    data, out = study / "data" / "responses.csv", tmp_path / "收到"
    words = ("ingest", data, "--questionnaire", QUESTIONNAIRES, "--out", out, "--from", "csv")
    first, again = typed(*words), typed(*words)
    assert first.exit_code == again.exit_code == DONE
    assert re.match(r"\d+ rows in, \d+ kept, \d+ set aside", first.output)
    assert "0 changed, 0 new, 0 vanished" in again.output
    assert (out / "ingest_report.zh.md").is_file()


def test_ingest_refuses_unknown_tools_and_other_files(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("x\n1\n", encoding="utf-8")
    out = tmp_path / "out"
    unknown = typed("ingest", file, "--questionnaire", QUESTIONNAIRES, "--out", out, "--from", "kobbo")
    other = typed("ingest", file, "--questionnaire", QUESTIONNAIRES, "--out", out)
    assert unknown.exit_code == other.exit_code == CANNOT_START
    assert "Did you mean 'kobo'" in unknown.output
    assert "SG102" in other.output
    assert not out.exists()


SHORT_SCRIPT = """import pandas as pd
import sgsurvey as sg


def main(study):
    table = sg.Table.from_frame(pd.DataFrame({"a": [1]}), [], id="a", title=sg.Text("a", "a"))
    return sg.Report("R", language="en").add(WORDS, table)
"""


def test_a_strict_run_refuses_words_beyond_the_design_and_writes_nothing(study, tmp_path):
    out = tmp_path / "out"

    def run(words: str, *options: str) -> Result:
        (study / "pipeline.py").write_text(SHORT_SCRIPT.replace("WORDS", repr(words)), encoding="utf-8")
        return typed("run", study, "--out", out, *options)

    refused = run("Late pay leads to dirty villages.", "--strict")
    assert refused.exit_code == FINDINGS
    assert "is associated with" in refused.output
    assert not list(out.iterdir())
    warned = run("Late pay leads to dirty villages.")
    assert warned.exit_code == DONE
    assert "! “Late pay leads to dirty villages.”" in warned.output
    fair = run("Late pay goes with dirty villages.", "--strict")
    assert (fair.exit_code, "!" in fair.output) == (DONE, False)
