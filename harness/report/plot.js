/* SPDX-License-Identifier: MIT */
"use strict";
/* Samples over time, drawn by uPlot: one chart a question, one cursor for all. */

const plots = []; /* those of the page that is shown: {make, holder, chart} */

/* The samples as {us: [...], series: Map of "kind/subject/column" to values}. */
function columns(d) {
  const t = d.timeline, names = [], kinds = ["machine", "cgroup", "worker", "node"];
  for (const kind of kinds)
    for (const subject of t[kind + "s"])
      for (const column of t[kind]) names.push(kind + "/" + subject + "/" + column);
  const now = new Array(names.length).fill(0), values = names.map(() => []), us = [];
  for (const [at, ...set] of d.samples) {
    for (let i = 0; i < set.length; i += 2) now[set[i]] = set[i + 1];
    us.push(at);
    now.forEach((v, i) => values[i].push(v));
  }
  return { us, series: new Map(names.map((n, i) => [n, values[i]])) };
}

function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const BINARY = Array.from({ length: 42 }, (_, i) => 2 ** i); /* steps of an axis in KiB */

/* Lines over the chart: kills and limits. */
function marks(o) {
  return (u) => {
    const c = u.ctx, box = u.bbox, ratio = devicePixelRatio || 1;
    c.save();
    c.beginPath();
    c.rect(box.left, box.top, box.width, box.height);
    c.clip();
    c.lineWidth = ratio;
    c.font = 11 * ratio + "px system-ui, sans-serif";
    for (const limit of o.limits || []) {
      const y = u.valToPos(limit.value, "y", true);
      c.strokeStyle = c.fillStyle = css("--limit");
      c.textAlign = "left";
      c.setLineDash([6 * ratio, 4 * ratio]);
      c.beginPath();
      c.moveTo(box.left, y);
      c.lineTo(box.left + box.width, y);
      c.stroke();
      c.fillText(limit.name, box.left + 6 * ratio, y - 4 * ratio);
    }
    c.setLineDash([]);
    let row = 0;
    for (const kill of o.kills) {
      const x = u.valToPos(kill.at, "x", true), right = x > box.left + box.width * 0.7;
      c.strokeStyle = c.fillStyle = css("--fail");
      c.beginPath();
      c.moveTo(x, box.top);
      c.lineTo(x, box.top + box.height);
      c.stroke();
      c.textAlign = right ? "right" : "left";
      if (o.names) c.fillText(kill.name, x + (right ? -5 : 5) * ratio, box.top + (30 + 13 * (row++ % 4)) * ratio);
    }
    c.restore();
  };
}

/* o: title, x, lines [{name, values, hidden}], unit (value to text), limits, kills, names, max */
function plot(o) {
  const holder = el("div", { class: "plot" });
  const chart = el("figure", null, el("figcaption", null, o.title), holder);
  const make = () => {
    const few = o.x.length < 60;
    const lines = o.lines.map((line, i) => ({
      label: visible(line.name), show: !line.hidden, stroke: css("--line" + (i % 8)), width: 2,
      points: { show: few, size: 5 }, spanGaps: false, paths: o.stepped ? uPlot.paths.stepped({ align: -1 }) : undefined,
      value: (u, v) => v === null || v === undefined ? "–" : o.unit(v),
    }));
    const top = Math.max(0, ...(o.limits || []).map((l) => l.value));
    const axis = { stroke: css("--dim"), grid: { stroke: css("--grid"), width: 1 }, ticks: { stroke: css("--grid"), width: 1 } };
    return new uPlot({
      width: Math.max(280, holder.clientWidth), height: innerWidth < 600 ? 190 : 230,
      cursor: { sync: { key: "time" }, drag: { x: true, y: false } },
      scales: { x: { time: false, range: (u, lo, hi) => [lo, hi === o.x.at(-1) ? Math.max(hi, ...o.kills.map((k) => k.at + hi / 50)) : hi] }, y: { range: (u, lo, hi) => [0, (o.max || Math.max(top, hi, 1)) * 1.08] } },
      axes: [{ ...axis, values: (u, v) => v.map((s) => +s.toFixed(3) + " s") },
        { ...axis, size: 74, values: (u, v) => v.map(o.unit), incrs: o.unit === kib ? BINARY : undefined }],
      series: [{ label: "time", value: (u, v) => v === null || v === undefined ? "–" : v.toFixed(3) + " s" }, ...lines],
      hooks: { draw: [marks(o)] },
    }, [o.x, ...o.lines.map((l) => l.values)], holder);
  };
  plots.push({ make, holder, chart: null });
  return chart;
}

/* Once they stand in the page and have a width; again when width or colours change. */
function drawPlots() {
  for (const p of plots) {
    if (p.chart) p.chart.destroy();
    p.chart = p.make();
    p.holder.querySelectorAll(".u-series").forEach((row, i) => {
      if (!i) return;
      row.tabIndex = 0;
      row.setAttribute("role", "button");
      row.addEventListener("keydown", (e) => {
        if (e.key !== "Enter" && e.key !== " ") return;
        e.preventDefault();
        row.querySelector("th").click();
      });
    });
  }
}

function forgetPlots() {
  for (const p of plots.splice(0)) if (p.chart) p.chart.destroy();
}

let redrawing = 0;
function redraw() {
  cancelAnimationFrame(redrawing);
  redrawing = requestAnimationFrame(drawPlots);
}
addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
addEventListener("beforeprint", drawPlots);
addEventListener("afterprint", redraw);

/*
 * At a kill the kernel says how much the cgroup at its limit held, which no sample may have met: a point
 * of its own. Other lines have none there (undefined), which is no gap (null).
 */
function withRecords(d, start, x, lines) {
  const points = [], hits = d.has_log_offset ? d.log.filter(([, , text]) => /invoked oom-killer/.test(text)) : [];
  if (hits.length === d.reports.length)
    d.reports.forEach((r, i) => {
      const name = (r.oom_memcg || "").startsWith(d.root + "/") ? r.oom_memcg.slice(d.root.length + 1) : null;
      const line = lines.findIndex((l) => l.name === name);
      if (line >= 0 && r.memory_usage.usage_kb !== null)
        points.push({ at: (hits[i][0] - start) / 1e6, line, value: r.memory_usage.usage_kb });
    });
  x = x.slice();
  lines = lines.map((l) => ({ ...l, values: l.values.slice() }));
  for (const p of points) {
    const behind = x.findIndex((v) => v > p.at), i = behind < 0 ? x.length : behind;
    x.splice(i, 0, p.at);
    lines.forEach((l, n) => l.values.splice(i, 0, n === p.line ? p.value : undefined));
  }
  return { x, lines };
}

/* Time lost per time gone, in percent; the first sample has nothing before it. */
function shares(us, total) {
  return total.map((v, i) => i && v !== null && total[i - 1] !== null
    ? Math.min(100, Math.max(0, (v - total[i - 1]) / (us[i] - us[i - 1]) * 100)) : null);
}

/* The plots of one case. start: "us" of time 0. */
function timeline(d, start, kills) {
  const { us, series } = columns(d), x = us.map((t) => (t - start) / 1e6), t = d.timeline;
  const get = (kind, subject, column) => series.get(kind + "/" + subject + "/" + column);
  const told = (values) => values && values.some((v) => v);
  const at = kills.map((k) => ({ at: (k.us - start) / 1e6, name: "killed: " + visible(k.name) }));
  const some = (kind, column, unit) => t[kind + "s"].map((s) => ({ name: s === "" ? (kind === "cgroup" ? "all of the case" : kind) : s, values: get(kind, s, column) }))
    .filter((l) => told(l.values));
  const limits = [];
  for (const g of (d.plan || {}).cgroups || [])
    for (const s of g.settings) {
      if (!/^memory\.(max|high|low|min)$/.test(s.name) || !/^\d+$/.test(s.value) || Number(s.value) >= 2 ** 50) continue;
      const same = limits.find((l) => l.knob === s.name && l.value === Number(s.value) / 1024);
      if (same) same.groups.push(g.path);
      else limits.push({ knob: s.name, groups: [g.path], value: Number(s.value) / 1024 });
    }
  for (const l of limits) l.name = visible(l.groups.slice(0, 3).join(", ")) + (l.groups.length > 3 ? ", …" : "") + " " + l.knob + " " + kib(l.value);
  const out = [], base = { x, kills: at };
  const groups = some("cgroup", "current_kb"), tops = t.cgroups.filter((s) => s !== "" && !s.includes("/"));
  if (groups.length && tops.length === 1) groups[0].hidden = true; /* the same again */
  if (groups.length)
    out.push(plot({ ...base, title: "Memory charged to each cgroup", ...withRecords(d, start, x, groups), unit: kib, limits, names: true }));
  const workers = some("worker", "rss_kb");
  if (workers.length)
    out.push(plot({ ...base, title: "Memory of each worker (rss)", lines: workers, unit: kib, names: !groups.length }));
  const scores = some("worker", "oom_score");
  if (scores.length > 1)
    out.push(plot({ ...base, title: "oom_score of each worker", lines: scores, unit: (v) => String(Math.round(v)) }));
  const busiest = groups.length ? t.cgroups.filter((s) => s !== "" && told(get("cgroup", s, "anon_kb")) || told(get("cgroup", s, "file_kb")))[0] : undefined;
  const mask = ((d.reports[0] || {}).nodemask || "").match(/^\d+/), full = mask && t.nodes.includes(mask[0]) ? mask[0] : t.nodes[0];
  const kinds = ["anon", "file", "shmem", "slab", "kernel", "swap"];
  const parts = kinds.map((k) => ({ name: k, values: busiest === undefined ? get("node", full, k + "_kb") : get("cgroup", busiest, k + "_kb") })).filter((l) => told(l.values));
  if (parts.length > 1)
    out.push(plot({ ...base, title: "What fills " + (busiest === undefined ? "node " + full : busiest || "the case's cgroups"), lines: parts, unit: kib }));
  const pressure = [];
  for (const [kind, list] of [["machine", [""]], ["cgroup", t.cgroups]])
    for (const s of list)
      for (const what of ["some", "full"])
        if (told(get(kind, s, what + "_us")))
          pressure.push({ name: what + " " + (kind === "machine" ? "machine" : s || "all of the case"), values: shares(us, get(kind, s, what + "_us")), hidden: kind === "cgroup" && s === "" });
  if (pressure.length)
    out.push(plot({ ...base, title: "Time lost to memory pressure (PSI)", lines: pressure, unit: (v) => Math.round(v) + " %", max: 100, stepped: true }));
  const free = t.nodes.map((n) => ({ name: "node " + n + " free", values: get("node", n, "free_kb") })).filter((l) => told(l.values));
  if (told(get("machine", "", "swap_free_kb"))) free.push({ name: "swap free", values: get("machine", "", "swap_free_kb") });
  const marks = new Map(); /* the lowest watermarks of each node's zones, as the kernel told them */
  for (const z of d.reports.length ? d.reports[0].zones : [])
    if (z.min_kb !== null) marks.set(z.node, (marks.get(z.node) || 0) + z.min_kb);
  const low = [...marks].map(([node, kb]) => ({ name: (node < 0 ? "" : "node " + node + " ") + "min watermark " + kib(kb), value: kb }));
  if (free.length) out.push(plot({ ...base, title: "Free memory", lines: free, unit: kib, limits: low }));
  return out;
}
