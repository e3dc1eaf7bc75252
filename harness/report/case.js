/* SPDX-License-Identifier: MIT */
"use strict";
/* One case: scene, timeline, triple entry, checks, log, how to play it again. */

const IMPORTANT = /invoked oom-killer|oom-kill:|Out of memory|Killed process|Kill process|oom_reaper|Memory cgroup out of memory|memory: usage|Tasks in |are going to be killed|Kernel panic|no killable processes|oom_kill_allocating_task|BUG:|WARNING:|Call Trace.*oops/;

function kills(d) { /* [{us, name, pid}] from the kernel's kill lines; without them from deaths */
  const out = [];
  if (d.has_log_offset)
    for (const [us, , text] of d.log) {
      const m = /Killed process (\d+)(?:,|:)? \(([^)]*)\)/.exec(text);
      if (!m) continue;
      const w = d.workers.find((k) => String(k.pid) === m[1]);
      if (!out.some((k) => k.pid === m[1])) out.push({ us, pid: m[1], name: w ? w.name : m[2] });
    }
  if (!out.length)
    for (const w of d.workers)
      if (w.died && /^OOM/.test(w.end)) out.push({ us: w.death_us, pid: String(w.pid), name: w.name });
  return out;
}

/* Its end is of interest only if it came before the case was over. */
function diedBefore(w) {
  return w.died && w.end !== "alive";
}

function workerLine(w, d, prediction) {
  const ran = d.workers.find((k) => k.name === w.name);
  const kind = w.argv[1], predicted = prediction.known && prediction.victim === w.name;
  return el("li", { class: "worker" + (predicted ? " predicted" : "") },
    el("b", null, w.name), " ", kind, w.bytes ? " " + kib(w.bytes / 1024) : "", " ",
    el("span", { class: "chip" }, "adj " + w.oom_score_adj), w.uid ? el("span", { class: "chip" }, "uid " + w.uid) : null, w.nice ? el("span", { class: "chip" }, "nice " + w.nice) : null,
    predicted && badge("predicted victim", "predicted"), " ",
    ran && badge(ran.end, /^OOM/.test(ran.end) ? "fail" : diedBefore(ran) ? "skip" : "pass"),
    d.workers.filter((k) => k.parent === w.name).map((k) => el("div", { class: "child" }, k.name + " ", badge(k.end, /^OOM/.test(k.end) ? "fail" : diedBefore(k) ? "skip" : "pass"))));
}

function scene(d) {
  const p = d.plan, m = d.machine || {};
  const under = (path) => p.workers.filter((w) => (w.cgroup || "") === path).map((w) => workerLine(w, d, p.prediction));
  const parent = (path) => path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  const branch = (path) => [
    ...under(path),
    ...p.cgroups.filter((g) => g.path !== path && parent(g.path) === path).map((g) => el("li", { class: "cgroup" },
      el("span", { class: "name" }, g.path.slice(g.path.lastIndexOf("/") + 1)), " ",
      g.settings.map((s) => el("span", { class: "chip" + (s.name === "memory.max" ? " limit" : "") }, s.name + " " + bytesText(s.value))),
      el("ul", null, branch(g.path)))),
  ];
  const machine = [m.mem_total_kb && kib(m.mem_total_kb) + " RAM", m.swap_total_kb ? kib(m.swap_total_kb) + " swap" : "no swap",
    m.nodes && m.nodes.length > 1 && m.nodes.length + " nodes", "cgroup " + p.cgroup].filter(Boolean).join(", ");
  const x = p.prediction;
  return section("Scene",
    el("ul", { class: "tree" }, el("li", { class: "cgroup" }, el("span", { class: "name" }, "machine"), " ", el("span", { class: "dim" }, machine), " ",
      [...p.sysctls, ...(p.sysfs || [])].map((s) => el("span", { class: "chip" }, s.name + " " + s.value)), p.mount && el("span", { class: "chip" }, "mount " + p.mount),
      el("ul", null, branch("")))),
    x.known && el("p", null, "Predicted: ", el("b", null, x.victim), x.margin_pages === undefined ? "" : ", " + number(x.margin_pages) + " pages before " + (x.runner_up || "the next") + " (noise " + number(x.noise_pages) + ")"),
    steps(d));
}

function steps(d) {
  return el("ol", { class: "steps" }, d.plan.steps.map((s, n) => {
    const did = d.steps.find((k) => k.n === n), what = [s.op, s.worker, s.cgroup, s.file && s.file.name, s.setting && s.setting.name + "=" + s.setting.value, s.count].filter(Boolean).join(" ");
    return el("li", null, what, " ", badge(did ? did.result : "not reached", did && did.result === "ok" ? "pass" : did ? "fail" : "skip"), did && did.text ? " " + did.text : "");
  }));
}

/* The three that must agree: what the kernel said, how the worker ended, what was counted. */
function entry(d) {
  const named = new Map();
  d.reports.forEach((r, i) => r.victims.forEach((v) => named.set(v.pid, [i + 1, v])));
  const rows = d.workers.map((w) => {
    const [nr, v] = named.get(w.pid) || [];
    return el("tr", { class: v ? "killed" : null }, el("th", { scope: "row" }, w.name, " ", el("span", { class: "dim" }, w.pid)),
      el("td", null, v ? "killed (OOM " + nr + "), anon " + kib(v.anon_rss_kb) + ", adj " + v.oom_score_adj : "not named"),
      el("td", null, !diedBefore(w) ? "alive at the end" : w.signal ? "signal " + w.signal + ": " + w.end : "exit status " + w.code, w.failed ? " (" + w.failed + ")" : ""));
  });
  for (const [pid, [nr, v]] of named)
    if (!d.workers.some((w) => w.pid === pid))
      rows.push(el("tr", { class: "killed" }, el("th", { scope: "row" }, v.comm || "?", " ", el("span", { class: "dim" }, pid)), el("td", null, "killed (OOM " + nr + ")"), el("td", null, "no worker of this case")));
  const before = new Map();
  const changed = [];
  for (const [when, cgroup, file, key, value] of d.counters) {
    const name = [cgroup, file, key].join("\u0001");
    if (when === "before") before.set(name, value);
    else if (before.get(name) !== value && !/^node/.test(file)) changed.push([cgroup || (file === "vmstat" ? "machine" : "all of the case"), file, key, before.get(name), value]);
  }
  return section("Triple entry", el("div", { class: "side" },
    table(["worker", "kernel's record", "wait status"], rows),
    changed.length ? table(["counted", "", ">before", ">after"], changed.map(([g, f, k, a, b]) => el("tr", null,
      el("td", null, g), el("td", null, f + (k === "value" ? "" : " " + k)), el("td", { class: "n" }, number(a)), el("td", { class: "n" }, number(b))))) : el("p", null, "No counter changed.")));
}

function checks(c) {
  if (!c.checks.length) return null;
  const words = { ok: "pass", fail: "fail", broken: "broken" };
  return section("Checks", table(["", "check", "wanted", "saw"], c.checks.map((k) => el("tr", { class: k.result === "ok" ? null : "bad" },
    el("td", null, badge(k.result, words[k.result])), el("th", { scope: "row" }, k.name), el("td", null, k.want), el("td", null, k.saw))), { class: "checks" }));
}

function log(d, start) {
  const lines = d.console ? d.console.split("\n").map((text) => [null, text]) : d.log.map(([us, , text]) => [us, text]);
  if (!lines.length) return null;
  const pre = el("pre", { class: "log", tabindex: "0" }, lines.map(([us, text]) => el("span", { class: IMPORTANT.test(text) ? "important" : "plain" },
    (us === null ? "" : "[" + ((us - start) / 1e6).toFixed(6).padStart(11) + "] ") + text + "\n")));
  const only = el("input", { type: "checkbox", onchange: () => pre.classList.toggle("only", only.checked) });
  return section(d.console ? "Console" : "Kernel log", el("label", null, only, " only what tells of the OOM"), pre);
}

function reproduce(c) {
  if (!c.reproduce) return null;
  const code = el("code", null, c.reproduce);
  return section("Play it again", el("p", { class: "command" }, code, " ", el("button", { type: "button", onclick: (e) => {
    const range = document.createRange();
    range.selectNodeContents(code);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    if (navigator.clipboard) navigator.clipboard.writeText(c.reproduce).then(() => { e.target.textContent = "copied"; }, () => {});
  } }, "copy")), c.dir && el("p", { class: "dim" }, "evidence: " + c.dir));
}

function figures(c) {
  const list = Object.entries(c.figures);
  return list.length ? section("Figures", facts(list.map(([k, v]) => [k, /_us$/.test(k) ? (v / 1000).toFixed(1) + " ms" : /_bytes$/.test(k) ? kib(v / 1024) : number(v)]))) : null;
}

/* c: the case in the index; d: its block, or null */
function caseView(c, d) {
  const out = [facts([
    ["verdict", badge(c.verdict, c.verdict.toLowerCase())], ["reason", c.reason],
    ["claim", c.claim && [c.claim, " ", el("span", { class: "dim" }, c.claim_source), " ", c.claim_truth && c.verdict === "PASS" && badge(c.claim_truth + " here", c.claim_truth)]],
    ["kernel", c.kernel + (c.release ? " (" + c.release + ")" : "") + ", cgroup " + c.cgroup], ["played in", (c.duration_ms / 1000).toFixed(1) + " s" + (c.accel ? ", " + c.accel : "")],
    ["guest", d && d.vm && d.vm !== "running" ? d.vm + ": " + d.vm_text : null], ["left behind", d && d.left.join("; ")], ["broken", d && d.broken.join("; ")],
  ])];
  if (d) {
    const start = d.mark_us, dead = kills(d);
    if (d.plan) out.push(scene(d));
    if (d.timeline && d.samples.length > 1) out.push(section("Timeline", timeline(d, start, dead)));
    else out.push(section("Timeline", el("p", { class: "dim" }, "No samples: this was played with --sample 0, or by an older oomlab.")));
    out.push(entry(d));
    d.reports.forEach((r, i) => out.push(el("article", { class: "event" }, el("h3", null, "OOM " + (i + 1) + " as the kernel tells it"), eventView(r))));
    out.push(figures(c), checks(c), log(d, start));
  } else {
    out.push(checks(c));
  }
  out.push(reproduce(c));
  return out;
}
