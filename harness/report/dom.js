/* SPDX-License-Identifier: MIT */
"use strict";
/* Elements, numbers and data blocks. Text of the data becomes text nodes and nothing else. */

/* el("td", {class: "x", title: t}, child, "text", [more]) */
function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else e.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity))
    if (child !== null && child !== undefined && child !== false)
      e.append(child instanceof Node ? child : visible(String(child)));
  return e;
}

/* Control and direction-changing characters are shown, not obeyed. */
function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

function section(title, ...children) {
  return el("section", null, el("h3", null, title), ...children);
}

/* A head ">name" is one of numbers. */
function table(head, rows, attributes) {
  return el("div", { class: "wide" }, el("table", attributes,
    el("thead", null, el("tr", null, head.map((h) => el("th", { scope: "col", class: h.startsWith(">") ? "n" : null }, h.replace(/^>/, ""))))),
    el("tbody", null, rows)));
}

function facts(pairs) {
  return el("dl", { class: "facts" }, pairs.filter(([, v]) => v !== null && v !== undefined && v !== "")
    .map(([k, v]) => [el("dt", null, k), el("dd", null, v)]));
}

function badge(text, kind) {
  return el("span", { class: "badge " + kind }, text);
}

function fold(title, open, ...children) {
  return el("details", { open: open }, el("summary", null, title), ...children);
}

function kib(kb) {
  if (kb === null || kb === undefined) return "?";
  const sign = kb < 0 ? "-" : "";
  let v = Math.abs(kb), unit = 0;
  while (v >= 1024 && unit < 4) { v /= 1024; unit++; }
  return sign + (v >= 100 || unit === 0 ? Math.round(v) : v.toFixed(1)) + " " + ["KiB", "MiB", "GiB", "TiB", "PiB"][unit];
}

function bytesText(value) { /* of a knob or a plan: "83886080" */
  const n = Number(value);
  return /^\d+$/.test(value) && n >= 1024 ? kib(n / 1024) : String(value);
}

function seconds(us) {
  return (us / 1e6).toFixed(3) + " s";
}

function number(n) {
  return n === null || n === undefined ? "?" : n.toLocaleString("en");
}

/* A bar in a table's cell: parts are [share of the whole 0..1, class, title]. */
function bar(parts) {
  const e = el("span", { class: "bar", "aria-hidden": "true" });
  for (const [share, kind, title] of parts) {
    const part = el("span", { class: kind, title: title });
    part.style.width = Math.max(0, Math.min(1, share)) * 100 + "%";
    e.append(part);
  }
  return e;
}

/* The JSON of a block, or null if there is none. */
async function block(id) {
  const holder = document.getElementById(id);
  if (!holder) return null;
  if (typeof DecompressionStream === "undefined")
    throw new Error("this browser cannot unpack the page's data: a newer one is needed");
  const packed = Uint8Array.from(atob(holder.textContent), (c) => c.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
}
