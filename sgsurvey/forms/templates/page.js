// What the respondent sees and touches: a cover, a page per block, the end.
const pages = [];
let current = 0;
// Pages on which somebody was told what is still open.
let reminded = new Set();

// Pages ------------------------------------------------------------------------------------------

const bar = make("progress", { max: 1, value: 0 });
const where = text("p", { class: "where" }, () => (current > 0 ? progressWords() : ""));
const live = make("p", { class: "live", role: "status" });
const back = button("plain", "back", () => turn(-1));
const next = button("main", "next", () => forward());
const turns = make("div", { class: "turns" }, back, next);
const main = make("main", {});

function cover() {
  const lines = [
    form.introduction && text("p", {}, () => inLanguage(form.introduction)),
    text("p", { class: "hint" }, () => inLanguage(form.privacy)),
    !shelf && text("p", { class: "error" }, () => say("unkept")),
  ];
  const unfinished = text("p", { class: "notice" }, () => (kept() ? say(kept().saved ? "handed" : "unfinished", { when: kept().started.slice(0, 16).replace("T", " ") }) : ""));
  const start = button("main", "start", () => begin());
  const resume = button("main", "resume", () => take(kept() || fresh(language)));
  const clear = button("plain", "clear", () => confirmed("sure_clear") && wipe("cleared"));
  const node = make("section", { class: "cover" }, text("h1", { tabindex: "-1" }, () => inLanguage(form.title)), ...lines, unfinished, make("div", { class: "turns" }, clear, start, resume));
  const draw = () => {
    const found = kept();
    unfinished.hidden = resume.hidden = clear.hidden = !found;
    start.hidden = !!found;
  };
  return { node, draw, block: null };
}

function blockPage(block) {
  const node = make("section", { id: `block-${block.name}` }, text("h1", { tabindex: "-1" }, () => inLanguage(block.label)), ...block.items.map((question) => views[question.name].node));
  return { node, draw: () => {}, block };
}

function endPage() {
  const counts = text("p", {}, () => {
    const shown = draft ? questions.filter(isAsked) : [];
    const answered = shown.filter((question) => answerOf(question) !== undefined).length;
    return say("counts", { answered, empty: shown.length - answered });
  });
  const done = text("p", { class: "notice", role: "status" }, () => (draft && draft.saved ? say("saved", { file: draft.saved.file }) : ""));
  const copy = make("textarea", { readonly: true, rows: 6 });
  speaking(copy, () => say("copy"), "aria-label");
  const spare = make("details", {}, text("summary", {}, () => say("copy")), copy);
  const store = text("button", { type: "button", class: "main" }, () => say(draft && draft.saved ? "again" : "save"));
  const another = button("plain", "fresh", () => confirmed("sure_fresh") && wipe());
  const clear = button("plain", "clear", () => confirmed("sure_clear") && wipe("cleared"));
  const draw = () => {
    const saved = draft.saved;
    done.hidden = spare.hidden = another.hidden = !saved;
    clear.hidden = !!saved;
    copy.value = saved ? saved.content : "";
  };
  store.addEventListener("click", () => { if (save()) show(current); });
  const node = make("section", {}, text("h1", { tabindex: "-1" }, () => say("end")), counts, done, spare, make("div", { class: "turns" }, another, clear, store));
  return { node, draw, block: null };
}

const confirmed = (name) => window.confirm(say(name));
const hasShown = (page) => !page.block || page.block.items.some((question) => !question.clock && isShown(question));
const visiblePages = () => pages.filter((page) => hasShown(page));

function progressWords() {
  const shown = visiblePages();
  return say("progress", { page: shown.indexOf(pages[current]), pages: shown.length - 1 });
}

function show(index) {
  current = index;
  const page = pages[index];
  attention.turnTo(page.block ? page.block.name : null);
  pages.forEach((each) => { each.node.hidden = each !== page; });
  refresh();
  page.draw();
  const shown = visiblePages();
  bar.max = shown.length - 1;
  bar.value = shown.indexOf(page);
  bar.hidden = where.hidden = index === 0;
  turns.hidden = index === 0;
  next.hidden = index === pages.length - 1;
  spoken.forEach((each) => each());
  announce("");
  if (draft.started) { draft.page = index; keep(); }
  window.scrollTo(0, 0);
  page.node.querySelector("h1").focus({ preventScroll: true });
}

function turn(step) {
  let index = current + step;
  while (index > 0 && index < pages.length - 1 && !hasShown(pages[index])) index += step;
  show(index);
}

function forward() {
  const here = pages[current].block.items.filter(isAsked);
  here.forEach((question) => complain(question, fault(question)));
  const wrong = here.filter((question) => views[question.name].complaint);
  if (wrong.length) return pointTo(wrong, "mend");
  const open = here.filter((question) => question.type !== "text" && answerOf(question) === undefined);
  // Reminded once; nobody is made to answer.
  if (open.length && !reminded.has(current)) {
    reminded.add(current);
    return pointTo(open, "open");
  }
  return turn(1);
}

function pointTo(found, word) {
  announce(say(word, { n: found.length }));
  views[found[0].name].node.scrollIntoView({ block: "center" });
  views[found[0].name].first.focus({ preventScroll: true });
}

// One respondent ---------------------------------------------------------------------------------

function begin() {
  draft.started = stamp(new Date());
  speak(language);
  turn(1);
}

function take(found) {
  draft = found;
  reminded = new Set();
  build();
  speak(draft.language);
  show(draft.page);
}

function wipe(word) {
  attention.turnTo(null);
  clearDevice();
  take(fresh(language));
  if (word) announce(say(word));
}

function firstFaulty() {
  return pages.findIndex((page) => page.block && page.block.items.some((question) => isAsked(question) && fault(question)));
}

function save() {
  const faulty = firstFaulty();
  if (faulty >= 0) {
    show(faulty);
    forward();
    return false;
  }
  const content = `${JSON.stringify(record(), null, 1)}\n`;
  const file = `${form.name}_${draft.id}.json`;
  const link = make("a", { href: URL.createObjectURL(new Blob([content], { type: "application/json" })), download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  draft.saved = { file, content };
  keep();
  return true;
}

function unkept() {
  announce(say("unkept"));
}

// The page ---------------------------------------------------------------------------------------

function header() {
  const choices = form.languages.map((each) => {
    const node = make("button", { type: "button", lang: form.tags[each] }, { zh: "中文", en: "English" }[each]);
    speaking(node, () => String(each === language), "aria-pressed");
    node.addEventListener("click", () => speak(each));
    return node;
  });
  const group = make("div", { class: "languages", role: "group" }, ...choices);
  speaking(group, () => say("language"), "aria-label");
  return make("header", {}, where, form.languages.length > 1 && group, bar);
}

function build() {
  spoken.splice(lasting);
  pages.splice(0);
  form.blocks.forEach((block) => block.items.forEach((question) => {
    if (question.type === "note") views[question.name] = note(question);
    else views[question.name] = (several(question) || chosen(question) ? group : field)(question);
    views[question.name].draw();
  }));
  pages.push(cover(), ...form.blocks.map(blockPage), endPage());
  main.textContent = "";
  main.append(...pages.map((page) => page.node));
}

draft = fresh(language);
document.getElementById("unsupported").remove();
document.body.append(header(), main, live, make("footer", {}, turns));
// Header and footer outlast a respondent; the questions are built anew for the next.
const lasting = spoken.length;
build();
speak(language);
show(0);
document.addEventListener("visibilitychange", () => { attention.spend(); keep(); });
window.addEventListener("beforeunload", (event) => {
  attention.spend();
  keep();
  if (shelf || !draft.started || draft.saved) return;
  event.preventDefault();
  event.returnValue = "";
});
