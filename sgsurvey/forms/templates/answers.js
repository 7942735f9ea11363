"use strict";
// What was answered, by which rules, in what time: no word about how the page looks.
const form = JSON.parse(document.getElementById("definition").textContent);
// A question may be called "constructor": maps by name inherit nothing.
const bare = (map) => Object.assign(Object.create(null), map);
const questions = [];
const byName = bare();
form.blocks.forEach((block) => block.items.forEach((question) => {
  question.block = block;
  byName[question.name] = question;
  if (question.type !== "note") questions.push(question);
}));
const LONGEST = 32767;
const PREFIX = "sgsurvey:";
const several = (question) => question.type === "select_multiple" || question.type === "rank";
const chosen = (question) => question.type === "rating" || question.type === "select_one";
const numeric = (question) => question.type === "integer" || question.type === "decimal";

// Chance -----------------------------------------------------------------------------------------

function below(n) {
  const drawn = new Uint32Array(1);
  const fair = Math.floor(2 ** 32 / n) * n;
  do crypto.getRandomValues(drawn); while (drawn[0] >= fair);
  return drawn[0] % n;
}

function shuffled(list) {
  const mixed = list.slice();
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    const j = below(i + 1);
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}

function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// "Nothing of this" stays last, where it is looked for.
function order(question) {
  const codes = (exclusive) => question.choices.filter((c) => !!c.exclusive === exclusive).map((c) => c.code);
  return [...shuffled(codes(false)), ...codes(true)];
}

// One respondent ---------------------------------------------------------------------------------

function stamp(date) {
  const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  const ahead = -date.getTimezoneOffset();
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  const time = [two(date.getHours()), two(date.getMinutes()), two(date.getSeconds())].join(":");
  return `${day}T${time}${ahead < 0 ? "-" : "+"}${two(ahead / 60)}:${two(ahead % 60)}`;
}

function fresh(language) {
  const draft = {
    id: uuid(), started: null, saved: null, page: 0, language, languages: [],
    answers: bare(), order: bare(), assigned: bare(), times: bare(), pages: bare(),
  };
  questions.forEach((question) => {
    if (question.randomize) draft.order[question.name] = order(question);
    if (question.assign) draft.assigned[question.name] = question.assign[below(question.assign.length)];
  });
  return draft;
}

let draft = null;

// Whether the browser lets pages from files keep anything at all.
const shelf = (() => {
  try {
    localStorage.setItem(`${PREFIX}?`, "");
    localStorage.removeItem(`${PREFIX}?`);
    return localStorage;
  } catch (error) {
    return null;
  }
})();

function keep() {
  if (!shelf || !draft.started) return;
  try {
    shelf.setItem(form.key, JSON.stringify(draft));
  } catch (error) {
    unkept();
  }
}

function kept() {
  try {
    const found = shelf && JSON.parse(shelf.getItem(form.key));
    if (!found || !found.started) return null;
    ["answers", "order", "assigned", "times", "pages"].forEach((map) => { found[map] = bare(found[map]); });
    return found;
  } catch (error) {
    return null;
  }
}

function clearDevice() {
  if (!shelf) return;
  Object.keys(shelf).filter((key) => key.startsWith(PREFIX)).forEach((key) => shelf.removeItem(key));
}

// Rules ------------------------------------------------------------------------------------------

function isShown(question) {
  return Object.entries(question.relevant || {}).every(([name, codes]) => {
    if (!isShown(byName[name])) return false;
    const answer = answerOf(byName[name]);
    return Array.isArray(answer) ? answer.some((code) => codes.includes(code)) : codes.includes(answer);
  });
}

const isAsked = (question) => question.type !== "note" && !question.clock && isShown(question);
const digits = (text) => text.normalize("NFKC").replace(/\s/g, "").replace(/^\+/, "").replace(/[\u2212\u2013]/g, "-");

// The answer as the data have it: a code, a number, a list of codes, words; undefined when there is none.
function answerOf(question) {
  const given = draft.answers[question.name];
  if (typeof given !== "string") return Array.isArray(given) && !given.length ? undefined : given;
  if (!given.trim()) return undefined;
  return numeric(question) ? Number(digits(given)) : given.trim();
}

function isDay(text) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  const day = parts && new Date(Date.UTC(parts[1], parts[2] - 1, parts[3]));
  return !!day && day.getUTCMonth() === parts[2] - 1 && day.getUTCDate() === Number(parts[3]);
}

// What is wrong with an answer, as [word, parts]; null when nothing is.
function fault(question) {
  const answer = answerOf(question);
  if (answer === undefined) return question.required ? ["needed", {}] : null;
  if (question.type === "date") return isDay(answer) ? null : ["date", {}];
  const given = draft.answers[question.name];
  return numeric(question) && typeof given === "string" ? numberFault(question, digits(given)) : null;
}

function numberFault(question, text) {
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(text) || Math.abs(Number(text)) > Number.MAX_SAFE_INTEGER) return ["number", {}];
  const number = Number(text);
  if ((question.no_answers || []).some((choice) => choice.code === number)) return null;
  if (question.type === "integer" && !Number.isInteger(number)) return ["whole", {}];
  const [low, high] = question.limits || [null, null];
  if ((low === null || number >= low) && (high === null || number <= high)) return null;
  return [low === null ? "greatest" : high === null ? "least" : "between", { low, high }];
}

// Time -------------------------------------------------------------------------------------------

// The clock runs while the page is on the screen.  What passes before an answer changes belongs to its question.
const attention = {
  since: null,
  block: null,
  spend(question) {
    const now = performance.now();
    const spent = this.since === null ? 0 : now - this.since;
    this.since = document.hidden || this.block === null ? null : now;
    if (this.block) draft.pages[this.block] = (draft.pages[this.block] || 0) + spent;
    if (!question) return;
    const at = Math.max(0, Date.now() - Date.parse(draft.started));
    const times = draft.times[question.name] || { ms: 0, first: at };
    draft.times[question.name] = { ms: times.ms + spent, first: times.first, last: at };
  },
  turnTo(block) {
    this.spend();
    this.block = block;
    this.since = document.hidden || block === null ? null : performance.now();
  },
};

// The file ---------------------------------------------------------------------------------------

function entry(question, finished) {
  const { name } = question;
  if (!isShown(question)) return { state: "not_shown" };
  const answer = question.clock ? (question.clock === "started" ? draft.started : finished) : answerOf(question);
  const item = answer === undefined ? { state: "empty" } : { state: "answered", answer };
  if (question.assign) item.assigned = draft.assigned[name];
  if (question.randomize) item.order = draft.order[name];
  const times = draft.times[name];
  if (times) Object.assign(item, { ms: Math.round(times.ms), first: times.first, last: times.last });
  return item;
}

function record() {
  const finished = stamp(new Date());
  const pages = {};
  Object.entries(draft.pages).forEach(([block, ms]) => { pages[block] = Math.round(ms); });
  const items = {};
  questions.forEach((question) => { items[question.name] = entry(question, finished); });
  return {
    format: form.format, format_version: form.format_version, questionnaire: form.questionnaire,
    role: form.role, short: form.short, id: draft.id, languages: draft.languages,
    started: draft.started, finished,
    seconds: Math.round(Object.values(pages).reduce((sum, ms) => sum + ms, 0) / 100) / 10,
    pages, items,
  };
}
