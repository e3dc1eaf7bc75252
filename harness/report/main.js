/* SPDX-License-Identifier: MIT */
"use strict";
/* Which page is shown: the summary, or by the address's #name one case or one event. */

const page = document.getElementById("page");
const ORDER = ["BROKEN", "FAIL", "SKIP", "PASS"];
const MARK = { PASS: "✓", FAIL: "✗", SKIP: "–", BROKEN: "!" };

function show(title, ...children) {
  document.title = title;
  page.replaceChildren(...children.flat(Infinity).filter(Boolean));
  drawPlots();
}

function nav(list, i, name) { /* to the one before, the list, the one behind */
  const link = (j, text, key) => list[j] ? el("a", { href: "#" + encodeURIComponent(name(list[j])), rel: key, title: name(list[j]) }, text) : el("span", { class: "dim" }, text);
  return el("nav", { "aria-label": "cases" }, link(i - 1, "‹ before", "prev"), el("a", { href: "#", rel: "up" }, "all"), link(i + 1, "next ›", "next"));
}

addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.altKey || e.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
  const rel = { j: "next", k: "prev", u: "up" }[e.key], link = rel && page.querySelector("nav a[rel=" + rel + "]");
  if (link) link.click();
});

/* --- a run */

/* Repeats of a case in one cell: {list, worst}. */
function cells(cases) {
  const map = new Map();
  for (const c of cases) {
    const key = [c.theme, c.case, c.kernel, c.cgroup].join("\u0001"), cell = map.get(key);
    if (!cell) map.set(key, { theme: c.theme || "", name: c.case, column: c.kernel + "\u0001" + c.cgroup, list: [c] });
    else cell.list.push(c);
  }
  for (const cell of map.values())
    cell.worst = cell.list.slice().sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))[0];
  return [...map.values()];
}

function cellLink(cell) {
  if (!cell) return el("td", { class: "none" });
  const c = cell.worst, n = cell.list.length, passed = cell.list.filter((k) => k.verdict === "PASS").length;
  return el("td", { class: "cell " + c.verdict.toLowerCase() }, el("a", { href: "#" + encodeURIComponent(c.id), title: c.id + ": " + c.verdict + (c.reason ? ": " + c.reason : ""), "aria-label": c.id + " " + c.verdict },
    MARK[c.verdict], n > 1 ? " " + passed + "/" + n : ""));
}

function truth(list) { /* of a claim, over the cells of its row */
  if (!list.some((c) => c.claim)) return null;
  const said = new Set(list.filter((c) => c.verdict === "PASS" && c.claim_truth).map((c) => c.claim_truth));
  const word = said.size > 1 ? "changed" : said.size ? [...said][0] : "open";
  return badge(word, word);
}

function matrix(all) {
  const columns = [...new Set(all.map((c) => c.column))], themes = [...new Set(all.map((c) => c.theme))].sort();
  const split = (c) => c.split("\u0001");
  const bodies = themes.map((theme) => {
    const mine = all.filter((c) => c.theme === theme), names = [...new Set(mine.map((c) => c.name))].sort();
    return el("tbody", null, el("tr", { class: "theme" }, el("th", { colspan: columns.length + 2, scope: "rowgroup" }, theme || "(no theme)")),
      names.map((name) => {
        const row = mine.filter((c) => c.name === name), claim = row.map((c) => c.worst.claim).find(Boolean);
        return el("tr", { "data-verdicts": row.map((c) => c.worst.verdict).join(" "), "data-name": name.toLowerCase() + " " + theme.toLowerCase() },
          el("th", { scope: "row", title: claim }, name, claim && el("div", { class: "claim" }, claim)),
          columns.map((k) => cellLink(row.find((c) => c.column === k))), el("td", { class: "truth" }, truth(row.flatMap((c) => c.list))));
      }));
  });
  return el("div", { class: "wide" }, el("table", { class: "matrix" }, el("thead", null, el("tr", null, el("th", { scope: "col" }, "case"),
    columns.map((k) => el("th", { scope: "col" }, split(k)[0], el("br"), split(k)[1])), el("th", { scope: "col" }, "claim"))), bodies));
}

function filters(counts) {
  const on = new Set(ORDER), text = el("input", { type: "search", placeholder: "name or theme", "aria-label": "filter by name or theme" });
  const apply = () => {
    for (const body of page.querySelectorAll(".matrix tbody")) {
      let shown = 0;
      for (const row of body.querySelectorAll("tr[data-name]")) {
        row.hidden = !(row.dataset.name.includes(text.value.toLowerCase()) && row.dataset.verdicts.split(" ").some((v) => on.has(v)));
        shown += !row.hidden;
      }
      body.hidden = !shown;
    }
  };
  text.addEventListener("input", apply);
  return el("div", { class: "filters" }, text, ORDER.slice().reverse().map((v) => {
    const box = el("input", { type: "checkbox", checked: true, onchange: () => { on[box.checked ? "add" : "delete"](v); apply(); } });
    return el("label", { class: v.toLowerCase() }, box, " " + counts[v.toLowerCase()] + " " + { PASS: "passed", FAIL: "failed", SKIP: "skipped", BROKEN: "broken" }[v]);
  }));
}

function failures(cases) {
  const bad = cases.filter((c) => c.verdict === "FAIL" || c.verdict === "BROKEN");
  if (!bad.length) return null;
  return el("section", null, el("h2", null, "What did not pass"), el("ul", { class: "failures" }, bad.slice(0, 100).map((c) => el("li", null,
    badge(c.verdict, c.verdict.toLowerCase()), " ", el("a", { href: "#" + encodeURIComponent(c.id) }, c.id), el("div", null, c.reason)))), bad.length > 100 && el("p", null, (bad.length - 100) + " more below"));
}

function reasons(cases) {
  const by = new Map();
  for (const c of cases) if (c.verdict === "SKIP") by.set(c.reason, (by.get(c.reason) || 0) + 1);
  return by.size ? fold("Why cases were skipped", false, el("ul", null, [...by].map(([reason, n]) => el("li", null, n + ": " + reason)))) : null;
}

function summary(run) {
  const n = run.counts, h = run.host || {}, all = cells(run.cases);
  const verdict = n.fail ? "FAIL" : n.broken ? "BROKEN" : n.pass ? "PASS" : "SKIP";
  show("oomlab: " + n.pass + " passed, " + n.fail + " failed", [
    el("header", null, el("h1", null, "oomlab ", badge(verdict, verdict.toLowerCase())),
      el("p", { class: "tally" }, ["pass", "fail", "skip", "broken"].map((v) => el("span", { class: "count " + v }, el("b", null, n[v]), " " + { pass: "passed", fail: "failed", skip: "skipped", broken: "broken" }[v]))),
      facts([["run", run.run && run.run + (run.finished ? "" : " (not finished)")], ["command", run.command && el("code", null, run.command)],
        ["machine", [h.node, h.release, h.arch, h.nr_cpus && h.nr_cpus + " CPUs", h.mem_total_kb && kib(h.mem_total_kb), h.qemu].filter(Boolean).join(", ")], ["oomlab", run.oomlab],
        ["took", run.elapsed_ms ? (run.elapsed_ms / 1000).toFixed(1) + " s" : null]])),
    failures(run.cases),
    el("section", null, el("h2", null, "Cases and kernels"), filters(n), matrix(all), reasons(run.cases)),
  ]);
}

async function openCase(run, i) {
  const c = run.cases[i];
  let d = await block("case" + i), folded = false;
  if (!d && c.repeat > 1) { /* told in full with the first that passed alike */
    const first = run.cases.findIndex((k) => k.case === c.case && k.kernel === c.kernel && k.cgroup === c.cgroup && k.verdict === "PASS");
    folded = first >= 0 && c.verdict === "PASS";
    if (folded) d = await block("case" + first);
  }
  const repeats = c.repeat ? run.cases.filter((k) => k.case === c.case && k.kernel === c.kernel && k.cgroup === c.cgroup) : [];
  const others = run.cases.filter((k) => k.case === c.case && !k.repeat && k !== c);
  const links = (list) => list.map((k) => [el("a", { class: "cell " + k.verdict.toLowerCase(), href: "#" + encodeURIComponent(k.id), "aria-current": k === c ? "page" : null }, k.repeat ? "r" + k.repeat : k.kernel + " " + k.cgroup), " "]);
  show(c.id, nav(run.cases, i, (k) => k.id), el("h2", null, c.case, " ", el("span", { class: "dim" }, c.kernel + " " + c.cgroup)),
    repeats.length > 1 && el("p", { class: "others" }, "Repeats: ", links(repeats), folded && el("span", { class: "dim" }, " what follows is of the first that passed")),
    others.length > 0 && el("p", { class: "others" }, "Also on: ", links(others)), caseView(c, d));
}

/* --- a log */

function events(log) {
  show("oomlab: " + log.events.length + " OOMs", el("header", null, el("h1", null, "OOMs in " + log.file),
    facts([["events", number(log.nr_events)], ["oomlab", log.oomlab]])),
  log.events.length ? table(["", "line", "killed", "ran out", "trouble"], log.events.map((r, i) => el("tr", null,
    el("td", null, el("a", { href: "#oom" + (i + 1) }, "OOM " + (i + 1))), el("td", { class: "n" }, r.line), el("td", null, r.killed || r.outcome), el("td", null, r.ran_out), el("td", null, r.trouble)))) : el("p", null, "No OOM in this log."),
  log.events.length < log.nr_events && el("p", { class: "dim" }, number(log.nr_events - log.events.length) + " more are not shown"));
}

async function openEvent(log, i) {
  const r = await block("event" + i);
  show("OOM " + (i + 1), nav(log.events.map((e, j) => "oom" + (j + 1)), i, (n) => n), el("h2", null, "OOM " + (i + 1) + " ", el("span", { class: "dim" }, "line " + r.line + (r.release ? ", kernel " + r.release : ""))), eventView(r));
}

async function start() {
  const index = await block("index"), isRun = document.body.dataset.kind === "run";
  const seen = new Set();
  if (isRun)
    index.cases.forEach((c, i) => {
      if (seen.has(c.id)) c.id += "~" + i; /* names can fold into one */
      seen.add(c.id);
    });
  const ids = new Map(isRun ? index.cases.map((c, i) => [c.id, i]) : index.events.map((e, i) => ["oom" + (i + 1), i]));
  const route = async () => {
    const i = ids.get(decodeURIComponent(location.hash.slice(1)));
    page.setAttribute("aria-busy", "true");
    forgetPlots();
    if (i === undefined) (isRun ? summary : events)(index);
    else await (isRun ? openCase : openEvent)(index, i);
    page.removeAttribute("aria-busy");
    scrollTo(0, 0);
    if (location.hash) page.focus({ preventScroll: true });
  };
  const go = () => route().catch(fail);
  addEventListener("hashchange", go);
  await route();
}

function fail(e) {
  page.removeAttribute("aria-busy");
  page.replaceChildren(el("p", { class: "badge fail" }, "This page could not be drawn: " + e.message));
  throw e;
}

start().catch(fail);
