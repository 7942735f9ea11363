"""What may stand in study.yaml: every section, its words and their limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sgsurvey.ingest.sources import SourceName
from sgsurvey.tables.claims import StudyKind
from sgsurvey.text import Language, Text

DAY = r"^\d{4}-\d{2}-\d{2}$"
ARROW = " -> "
PATH = rf"^\w+({ARROW}\w+){{2,}}$"  # a cause, what it runs through in order, the outcome
EDGE = rf"^\w+{ARROW}\w+$"


class Part(BaseModel):
    """A section of the file: unknown words are refused, values are fixed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """The same words in both languages."""

    zh: str = ""
    en: str = ""

    @property
    def text(self) -> Text:
        """As Text."""
        return Text(self.zh, self.en)


class PlaceTable(Part):
    """A table about the places that answers come from, joined by the column ``on``."""

    file: str
    on: str
    label: Words = Words()
    columns: dict[str, Words] = Field(default_factory=dict)


class Data(Part):
    """Where the raw files lie, relative to study.yaml, and how they are read.

    ``source`` is the tool that wrote the answers; ``since``, ``until``, ``tests``, ``min_complete`` and ``decimal`` are
    those of ``sgsurvey.ReadOptions``; ``pseudonyms`` is the key that identifiers are hashed under.
    """

    responses: str
    source: SourceName | None = None
    since: Annotated[str, Field(pattern=DAY)] | None = None
    until: Annotated[str, Field(pattern=DAY)] | None = None
    tests: tuple[str, ...] = ()
    min_complete: Annotated[float, Field(ge=0, le=1)] = 0.5
    decimal: Literal[".", ","] = "."
    issued: Annotated[int, Field(gt=0)] | None = None
    role: str | None = None
    allow_missing: tuple[str, ...] = ()
    places: dict[str, PlaceTable] = Field(default_factory=dict)
    observer: str | None = None
    pseudonyms: str | None = None


class Simulation(Part):
    """How to make answers when there are none yet: seed and fields of ``sgsurvey.Population`` to change."""

    seed: int
    population: dict[str, Any] = Field(default_factory=dict)


class Screening(Part):
    """What happens to suspect answers, and the cut-offs of ``sgsurvey.Cutoffs`` by name, fixed before the data came."""

    drop: Literal["suspect", "none"] = "suspect"
    cutoffs: dict[str, float | None] = Field(default_factory=dict)


class FactorPlan(Part):
    """In which roles factors are explored, on which constructs."""

    roles: tuple[str, ...] = ()
    constructs: tuple[str, ...] = ()
    method: Literal["minres", "ml", "paf"] = "minres"
    rotation: Literal["varimax", "promax", "oblimin"] = "oblimin"


class MeasurementPlan(Part):
    """The factor model of which constructs is tested, and how, in each role with ``smallest`` respondents or more.

    ``invariance`` are the roles that must read a construct alike before their means are compared; ``marker`` is a
    construct that theory relates to none of the others; ``criterion`` is a fact of places (not rated by respondents)
    that ought to go with the constructs.
    """

    constructs: tuple[str, ...] = ()
    invariance: tuple[str, ...] = ()
    marker: str | None = None
    criterion: str | None = None
    estimator: Literal["ML", "MLR", "WLSMV"] = "WLSMV"
    missing: Literal["listwise", "fiml", "pairwise"] = "pairwise"
    smallest: Annotated[int, Field(ge=30)] = 100


class GapPlan(Part):
    """With which role the others are compared, what gap matters, and how many there are in all of a small role."""

    against: str
    margin: Annotated[float, Field(gt=0, le=100)] = 5.0
    populations: dict[str, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)


class MisperceptionPlan(Part):
    """The item in which others guess how many of a role are satisfied, and that role's own item."""

    guess: str
    of: str
    item: str
    satisfied: float


class OpenAnswersPlan(Part):
    """Which open questions are coded, in which file each coder's codes are, and by which coding frame.

    ``sheets`` are workbooks of ``sgsurvey.coding_sheet`` by coder, the one whose codes are counted first; ``frame`` is
    the file of the coding frame, that for stakeholders where none is named.
    """

    items: Annotated[tuple[str, ...], Field(min_length=1)]
    sheets: Annotated[dict[str, str], Field(min_length=1)]
    frame: str | None = None


class Analysis(Part):
    """How a question is to be answered: the verb (and what to call it), what it is given, what counts as which answer.

    ``benchmark`` says whether it is judged against the plan's benchmark; ``tables`` are the ids of the tables that show
    it, the verb's own unless named.
    """

    method: str
    label: Words = Words()
    variables: tuple[str, ...] = ()
    benchmark: bool = False
    rule: Words
    tables: tuple[str, ...] = ()

    @property
    def shown_in(self) -> tuple[str, ...]:
        """Ids of the tables that show it."""
        return self.tables or (self.method,)


class Question(Part):
    """A research question, the step of the study that answers it, and how."""

    id: str
    ask: Words
    step: Literal["status_quo", "problems", "causes", "countermeasures"]
    analyses: tuple[Analysis, ...] = ()


class DeclaredLever(Part):
    """A measure of the list ``levers``, as ``sgsurvey.Lever`` takes it.

    ``lever`` is its code, ``points`` by how many points of 100 it would move which drivers, ``cost`` what one unit
    costs, in whatever is the same for all.
    """

    lever: int
    points: Annotated[dict[str, Annotated[float, Field(gt=0, le=100)]], Field(min_length=1)]
    cost: Annotated[float, Field(gt=0)] = 1.0
    controlled_by: Words = Words()


class DeclaredHypothesis(Part):
    """What is expected of one line of one result, as ``sgsurvey.Hypothesis`` takes it.

    ``result`` is the name under which the study's steps keep it; ``line`` says by column which line it is.
    """

    id: str
    says: Words
    result: str
    line: Annotated[dict[str, str], Field(min_length=1)]
    expect: Literal["positive", "negative", "none"] = "positive"
    margin: Annotated[float, Field(gt=0)] | None = None


class Amendment(Part):
    """What was changed after the plan was sealed (a place in this file, with dots), when, and why."""

    changed: str
    date: Annotated[str, Field(pattern=DAY)]
    reason: Words


class Plan(Part):
    """The whole file."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
    title: Words
    subtitle: Words = Words()
    kind: StudyKind = "cross_section"
    questionnaire: str
    pipeline: str = "pipeline.py"
    languages: tuple[Language, ...] = ("zh", "en")
    seed: int
    data: Data
    simulation: Simulation | None = None
    screening: Screening = Screening()
    questions: tuple[Question, ...] = ()
    hypotheses: tuple[DeclaredHypothesis, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    background: tuple[str, ...] = ()
    constructs: tuple[str, ...]
    outcome: str
    drivers: tuple[str, ...]
    records: tuple[str, ...] = ()
    cluster: str | None = None
    strata: str | None = None
    benchmark: Annotated[float, Field(gt=0, le=100)] = 70.0
    smallest_shortfall: Annotated[float, Field(ge=0, lt=100)] = 5.0
    blocks: tuple[str, ...] = ()
    regression_roles: tuple[str, ...] = ()
    factors: FactorPlan = FactorPlan()
    measurement: MeasurementPlan = MeasurementPlan()
    gaps: GapPlan | None = None
    misperception: MisperceptionPlan | None = None
    paths: tuple[Annotated[str, Field(pattern=PATH)], ...] = ()
    causal_graph: tuple[Annotated[str, Field(pattern=EDGE)], ...] = ()
    open_answers: OpenAnswersPlan | None = None
    importance: str | None = None
    causes: str | None = None
    levers: str | None = None
    lever_table: tuple[DeclaredLever, ...] = ()
    draws: Annotated[int, Field(ge=100)] = 2000

    @property
    def arrows(self) -> tuple[tuple[str, str], ...]:
        """The causal graph as pairs of cause and effect."""
        pairs = (edge.split(ARROW) for edge in self.causal_graph)
        return tuple((cause, effect) for cause, effect in pairs)
