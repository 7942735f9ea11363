// One view per question: its node, how it draws its answer, where its error stands.
const spoken = [];
const views = bare();
const make = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  Object.entries(attributes || {}).forEach(([name, value]) => {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  });
  node.append(...children.filter(Boolean));
  return node;
};
const inLanguage = (words) => words[form.languages.indexOf(language)];
const filled = (text, parts) => text.replace(/\{(\w+)\}/g, (mark, name) => (name in bare(parts) ? parts[name] : mark));
const say = (name, parts) => filled(inLanguage(form.words[name]), parts);

let language = form.language;

// ``node`` says these words in whichever language is on.
function speaking(node, words, attribute) {
  const speak = () => {
    const text = words();
    if (attribute) node.setAttribute(attribute, text);
    else if (node.textContent !== text) node.textContent = text;
  };
  spoken.push(speak);
  speak();
  return node;
}
const text = (tag, attributes, words) => speaking(make(tag, attributes), words);
const button = (kind, name, press) => {
  const node = text("button", { type: "button", class: kind }, () => say(name));
  node.addEventListener("click", press);
  return node;
};

function speak(chosenLanguage) {
  language = chosenLanguage;
  document.documentElement.lang = form.tags[language];
  document.title = inLanguage(form.title);
  spoken.forEach((each) => each());
  questions.forEach((question) => complain(question, views[question.name].complaint));
  if (draft.started) {
    draft.language = language;
    if (!draft.languages.includes(language)) draft.languages.push(language);
    keep();
  }
}

// Answers ----------------------------------------------------------------------------------------

function change(question, answer) {
  attention.spend(question);
  draft.answers[question.name] = answer;
  draft.saved = null;
  announce("");
  views[question.name].draw();
  if (views[question.name].complaint) complain(question, fault(question));
  refresh();
  keep();
}

function refresh() {
  form.blocks.forEach((block) => block.items.forEach((question) => {
    views[question.name].node.hidden = !!question.clock || !isShown(question);
  }));
}

function complain(question, found) {
  const view = views[question.name];
  view.complaint = found;
  view.error.hidden = !found;
  view.error.textContent = found ? say(...found) : "";
  view.invalid.forEach((node) => { if (found) node.setAttribute("aria-invalid", "true"); else node.removeAttribute("aria-invalid"); });
}

const announce = (words) => { live.textContent = words; };

// One question -----------------------------------------------------------------------------------

function labelOf(question) {
  const value = draft.assigned[question.name];
  return filled(inLanguage(question.label), value === undefined ? null : { assigned: value });
}

function heading(question) {
  const mark = question.required && text("span", { class: "mark" }, () => say("required"));
  const words = text("span", {}, () => labelOf(question));
  return [make("span", { class: "number" }, `${question.number}.`), " ", words, mark && " ", mark];
}

function notes(question) {
  const id = `hint-${question.name}`;
  const lines = [];
  if (question.hint) lines.push(() => inLanguage(question.hint));
  const most = question.most || (question.choices || []).length;
  if (question.type === "rank") lines.push(() => say("ranked", { most }));
  else if (question.most) lines.push(() => say("most", { most }));
  return lines.length ? make("div", { class: "hint", id }, ...lines.map((words) => text("p", {}, words))) : null;
}

function option(question, choice, kind, pick) {
  const input = make("input", { type: kind, name: question.name, value: choice.code });
  input.addEventListener("change", () => pick(choice, input));
  const badge = question.type === "rank" && make("b", { class: "badge" });
  const label = make("label", { class: "option" }, input, make("span", {}, badge, text("span", {}, () => inLanguage(choice.label))));
  return { choice, input, badge, label };
}

function options(question) {
  const codes = draft.order[question.name];
  const choices = (question.choices || []).slice();
  if (codes) choices.sort((a, b) => codes.indexOf(a.code) - codes.indexOf(b.code));
  const pick = (choice, input) => (several(question) ? tick(question, choice, input.checked) : change(question, choice.code));
  return {
    main: choices.map((choice) => option(question, choice, several(question) ? "checkbox" : "radio", pick)),
    aside: (question.no_answers || []).map((choice) => option(question, choice, "radio", pick)),
  };
}

function tick(question, choice, on) {
  const before = Array.isArray(draft.answers[question.name]) ? draft.answers[question.name] : [];
  const alone = (code) => question.choices.some((c) => c.code === code && c.exclusive);
  if (!on) {
    change(question, before.filter((code) => code !== choice.code));
    return;
  }
  const others = choice.exclusive ? [] : before.filter((code) => !alone(code));
  if (question.most && others.length >= question.most) {
    views[question.name].draw();
    complain(question, ["full", { most: question.most }]);
    announce(say("full", { most: question.most }));
    return;
  }
  change(question, [...others, choice.code]);
  if (others.length < before.length) announce(say("unpicked"));
}

function drawOptions(question, found) {
  const answer = draft.answers[question.name];
  const list = Array.isArray(answer) ? answer : [answer];
  [...found.main, ...found.aside].forEach(({ choice, input, badge }) => {
    const place = list.indexOf(choice.code);
    input.checked = place >= 0;
    if (badge) badge.textContent = place >= 0 ? String(place + 1) : "";
  });
}

function group(question) {
  const found = options(question);
  const hint = notes(question);
  const error = make("p", { class: "error", id: `error-${question.name}`, hidden: true });
  const unset = button("unset", "unset", () => { change(question, undefined); found.main[0].input.focus(); });
  const node = make(
    "fieldset",
    {
      class: "question", id: `q-${question.name}`, role: chosen(question) ? "radiogroup" : null,
      "aria-required": chosen(question) && question.required ? "true" : null,
      "aria-describedby": [hint && hint.id, error.id].filter(Boolean).join(" "),
    },
    make("legend", {}, ...heading(question)), hint, error,
    make("div", { class: question.row ? "options row" : "options" }, ...found.main.map((each) => each.label)),
    make("div", { class: "aside" }, ...found.aside.map((each) => each.label), unset),
  );
  const draw = () => {
    drawOptions(question, found);
    unset.hidden = answerOf(question) === undefined;
  };
  return { node, error, draw, first: found.main[0].input, invalid: chosen(question) ? [node] : [] };
}

const INPUTS = { integer: "numeric", decimal: "decimal" };

function field(question) {
  const id = `a-${question.name}`;
  const hint = notes(question);
  const error = make("p", { class: "error", id: `error-${question.name}`, hidden: true });
  const long = question.type === "text";
  const input = make(long ? "textarea" : "input", {
    id, rows: long ? 1 : null, type: long ? null : question.type === "date" ? "date" : "text", inputmode: INPUTS[question.type],
    autocomplete: "off", maxlength: long ? LONGEST : 40, "aria-required": question.required ? "true" : null,
    "aria-describedby": [hint && hint.id, error.id].filter(Boolean).join(" "),
  });
  const grow = () => { if (long) { input.rows = Math.min(8, input.value.split("\n").length + Math.floor(input.value.length / 40)); } };
  input.addEventListener("input", () => { change(question, input.value); grow(); });
  input.addEventListener("blur", () => { if (answerOf(question) !== undefined) complain(question, fault(question)); });
  const found = options(question);
  const unset = button("unset", "unset", () => { change(question, undefined); input.focus(); });
  const aside = found.aside.length && make(
    "div", { class: "aside", role: "group", "aria-labelledby": `label-${question.name}` },
    ...found.aside.map((each) => each.label), unset,
  );
  const node = make(
    "div", { class: "question", id: `q-${question.name}` },
    make("label", { class: "legend", for: id, id: `label-${question.name}` }, ...heading(question)), hint, error, input, aside,
  );
  const draw = () => {
    const answer = draft.answers[question.name];
    const words = typeof answer === "string" ? answer : "";
    if (input.value !== words) input.value = words;
    drawOptions(question, found);
    unset.hidden = typeof answer !== "number";
    grow();
  };
  return { node, error, draw, first: input, invalid: [input] };
}

function note(question) {
  const node = make("div", { class: "note", id: `q-${question.name}` }, text("p", {}, () => labelOf(question)), notes(question));
  return { node, draw: () => {} };
}

