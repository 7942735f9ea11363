"use strict";
// Tables that can be sorted and copied. Without this script the page shows the same.
(() => {
  const words = document.body.dataset;
  const plain = (cell) => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll("sup").forEach((raised) => raised.remove());
    return copy.textContent.trim();
  };
  const number = (text) => {
    const found = text.replace(/−/g, "-").replace(/[,\s]/g, "").match(/^([<>]?)\[?(-?\d*\.?\d+)/);
    return found ? Number(found[2]) - (found[1] === "<" ? 1e-9 : 0) : NaN;
  };
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => act(made));
    return made;
  };
  const spread = (row) => {
    const line = [];
    for (const cell of row.cells) {
      const text = cell.textContent.trim().replace(/\s+/g, " ").replace(/−(?=[\d.])/g, "-");
      // A spreadsheet must not take words for a formula.
      line.push(/^[=+@]|^-(?![\d.])/.test(text) ? `'${text}` : text, ...Array(cell.colSpan - 1).fill(""));
    }
    return line;
  };
  const asText = (table) => {
    const lines = [...table.tHead.rows].map(spread);
    if (lines.length > 1) {
      [...table.tHead.rows[0].cells].reduce((at, cell) => {
        if (cell.rowSpan > 1) lines[1].splice(at, 0, lines[0].splice(at, 1, "")[0]);
        return at + cell.colSpan;
      }, 0);
    }
    for (const body of table.tBodies) lines.push(...[...body.rows].map(spread));
    if (table.tFoot) lines.push(...[...table.tFoot.rows].map((row) => [row.textContent.trim()]));
    return [table.caption.textContent.trim(), ...lines.map((line) => line.join("\t"))].join("\n");
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };
  const sortable = (body) =>
    !body.querySelector(".sg-ruled") &&
    [...body.rows].every((row) => row.classList.contains("sg-group") || row.cells[0].tagName === "TH") &&
    [...body.rows].filter((row) => !row.classList.contains("sg-group")).length > 1;
  const order = (rows, at, way) => {
    const keys = new Map(rows.map((row) => [row, plain(row.cells[at])]));
    const empty = (text) => text === "" || text === "–" || text.startsWith("‹");
    const numbers = rows.every((row) => empty(keys.get(row)) || !Number.isNaN(number(keys.get(row))));
    return [...rows].sort((one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      if (empty(a) || empty(b)) return empty(a) - empty(b);
      return way * (numbers ? number(a) - number(b) : a.localeCompare(b, document.documentElement.lang));
    });
  };
  const equip = (table) => {
    const bodies = [...table.tBodies].filter(sortable);
    const original = new Map(bodies.map((body) => [body, [...body.rows]]));
    const last = table.tHead.rows.length - 1;
    const heads = [];
    let below = 0;
    [...table.tHead.rows[0].cells].forEach((cell) => {
      if (last === 0 || cell.rowSpan > 1) heads.push(cell);
      else for (let k = 0; k < cell.colSpan; k += 1) heads.push(table.tHead.rows[1].cells[below++]);
    });
    const sort = (head, at) => {
      const before = head.getAttribute("aria-sort");
      const now = { ascending: "descending", descending: null }[before] ?? (before ? null : "ascending");
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      if (now) head.setAttribute("aria-sort", now);
      for (const [body, rows] of original) {
        const titles = rows.filter((row) => row.classList.contains("sg-group"));
        const lines = rows.filter((row) => !titles.includes(row));
        const plainRows = lines.every((row) => row.cells.length === heads.length);
        body.append(...(now && plainRows ? [...titles, ...order(lines, at, now === "ascending" ? 1 : -1)] : rows));
      }
    };
    if (bodies.length) {
      heads.forEach((head, at) => {
        if (head.tagName !== "TH") return;
        const made = button("", () => sort(head, at));
        made.className = "sort";
        made.title = words.sort;
        made.append(...head.childNodes);
        head.append(made);
      });
    }
    const made = button(words.copy, async () => {
      await copy(asText(table));
      made.textContent = words.copied;
      setTimeout(() => (made.textContent = words.copy), 2000);
    });
    made.className = "copy";
    made.setAttribute("aria-live", "polite");
    table.before(made);
  };
  document.querySelectorAll("table.sg-table").forEach(equip);
  // Long tables are folded on the screen, never on paper.
  const folded = document.querySelectorAll("details.long:not([open])");
  addEventListener("beforeprint", () => folded.forEach((each) => (each.open = true)));
})();
