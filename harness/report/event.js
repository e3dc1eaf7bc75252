/* SPDX-License-Identifier: MIT */
"use strict";
/* One OOM as the kernel's log tells it: who was ranked how, who holds the memory, zones. */

function whoDied(r) {
  if (r.victims.length) return r.victims.map((v) => (v.comm || "?") + " (" + v.pid + ")").join(", ");
  if (r.outcome === "no_killable_processes") return "nobody could be killed";
  return r.panic ? "the kernel panicked" : "not in the log";
}

function ranking(r) {
  if (!r.ranking.length) return null;
  const most = Math.max(1, ...r.ranking.filter((e) => e.eligible).map((e) => Math.max(e.points, e.base)));
  const size = (pages) => pages === null ? "?" : kib(pages * r.page_kb);
  return section("Ranking by badness",
    table(["", "task", ">points", "", ">rss", ">swap", ">tables", ">adj"], r.ranking.map((e) =>
      el("tr", { class: e.killed ? "killed" : null },
        el("td", { class: "n" }, e.rank), el("td", null, el("b", null, e.comm), " " + e.pid, " ", e.killed && badge("killed", "fail")),
        el("td", { class: "n" }, e.eligible ? number(e.points) : "never"),
        el("td", { class: "bars" }, e.eligible && bar([
          [Math.min(e.base, e.points) / most, "own", "its own memory: " + number(e.base) + " pages"],
          [Math.max(0, e.adj) / most, "adj", "oom_score_adj adds " + number(e.adj)],
          [Math.max(0, Math.min(e.base, -e.adj)) / most, "minus", "oom_score_adj takes away " + number(-e.adj)]])),
        el("td", { class: "n" }, size(e.rss_pages)), el("td", { class: "n" }, size(e.swap_pages)),
        el("td", { class: "n" }, size(e.pgtables_pages)), el("td", { class: "n" }, e.oom_score_adj === null ? "?" : e.oom_score_adj))),
    { class: "ranking" }),
    r.ranked > r.ranking.length && el("p", { class: "dim" }, number(r.ranked - r.ranking.length) + " more are not shown"),
    el("p", { class: "key dim" }, el("i", { class: "own" }), " rss, swap and page tables ", el("i", { class: "adj" }), " oom_score_adj adds ", el("i", { class: "minus" }), " oom_score_adj takes away"));
}

function owners(r) {
  if (!r.owners.length) return null;
  const whole = Math.max(r.domain_kb || 0, ...r.owners.map((o) => o.kb), 1);
  return section("Memory by owner", table(["", "", ""], r.owners.map((o) => el("tr", null,
    el("td", null, o.name), el("td", { class: "n" }, kib(o.kb)), el("td", { class: "bars" }, bar([[o.kb / whole, o.name === "free" ? "minus" : "own"]])))),
  { class: "owners" }));
}

function zones(r) {
  const list = r.zones.filter((z) => z.free_kb !== null && z.min_kb !== null);
  if (!list.length) return null;
  return section("Zones against watermarks", table(["zone", ">free", ">min", ">low", ">high", "free of high"], list.map((z) => {
    const most = Math.max(z.high_kb || 0, z.free_kb, z.min_kb, 1), isShort = z.free_kb < z.min_kb;
    return el("tr", null, el("td", null, (z.node >= 0 ? "node " + z.node + " " : "") + z.name, " ", isShort && badge("short", "fail")),
      [z.free_kb, z.min_kb, z.low_kb, z.high_kb].map((v) => el("td", { class: "n" }, kib(v))),
      el("td", { class: "bars" }, bar([[Math.min(z.free_kb, z.min_kb) / most, isShort ? "short" : "minus"], [Math.max(0, z.free_kb - z.min_kb) / most, "own"]])));
  }), { class: "zones" }));
}

function usageText(u) {
  if (!u || u.usage_kb === null) return null;
  return kib(u.usage_kb) + " of " + (u.limit_kb === null ? "no limit" : kib(u.limit_kb)) + (u.failcnt ? ", hit " + number(u.failcnt) + " times" : "");
}

function whyText(r) {
  const p = r.prediction, first = r.ranking[0];
  if (p.pid === null || !first) return p.why;
  let text = p.comm + " (" + p.pid + ") has the most points: " + number(first.base) + " pages";
  if (first.adj) text += (first.adj < 0 ? " − " : " + ") + number(Math.abs(first.adj)) + " for oom_score_adj " + first.oom_score_adj;
  if (p.runner_up) text += "; next is " + p.runner_up.comm + " (" + p.runner_up.pid + "), " + number(p.margin_pages) + " points behind";
  return text + (p.agrees === false ? "; the kernel chose otherwise: " + p.why : p.why ? "; but: " + p.why : "");
}

function spareText(r) {
  if (r.sparing_adj === null || !r.prediction.runner_up) return null;
  return "oom_score_adj of " + r.prediction.pid + " at " + r.sparing_adj + " or less would have spared it: then " + r.prediction.runner_up.comm + " (" + r.prediction.runner_up.pid + ") dies";
}

function eventFacts(r) {
  return facts([
    ["killed", el("b", null, whoDied(r))], ["panic", r.panic], ["ran out", r.ran_out],
    ["asked by", r.invoker.comm && r.invoker.comm + " (" + r.invoker.pid + "), order " + r.order + (r.gfp_flags ? ", " + r.gfp_flags : "")],
    ["constraint", r.constraint], ["memory", usageText(r.memory_usage)], ["swap", usageText(r.swap_usage)], ["memory+swap", usageText(r.memsw_usage)],
    ["RAM", r.domain_kb === null || r.kind === "memcg" ? null : kib(r.domain_kb) + (r.swap_total_kb ? ", swap " + kib(r.swap_free_kb) + " free of " + kib(r.swap_total_kb) : "")],
    ["trouble", r.trouble && r.trouble + (r.swap_full ? "; swap is full" : "")],
    ["why", whyText(r)], ["what if", spareText(r)],
    ["asked", r.what_if && r.what_if.specs.join(", ") + ": " + (r.what_if.victim ? r.what_if.victim.comm + " (" + r.what_if.victim.pid + ") dies" : r.what_if.why_not || "nobody can be killed")],
    ["not in the log", r.missing.join(", ")],
  ]);
}

function eventView(r) {
  return [eventFacts(r), ranking(r), owners(r), zones(r)];
}
