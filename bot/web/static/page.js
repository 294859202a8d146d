"use strict";
// Sizes and times as this person writes them, and following a batch in progress. Without this script the page reloads itself instead.

const POLL_MS = 3000;
const LOST_MS = 10000;

function bytes(count) {
  const [unit, value] = count >= 1e9 ? ["gigabyte", count / 1e9] : count >= 1e6 ? ["megabyte", count / 1e6] : ["kilobyte", count / 1e3];
  const digits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
}

function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function showLocalTimes(root) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[datetime]")) time.textContent = format.format(new Date(time.dateTime));
}

function showProgress(status) {
  for (const item of status.items) {
    const card = document.getElementById(`item-${item.number}`);
    const bar = card && card.querySelector("[data-percent]");
    if (!bar) continue;
    bar.value = item.percent;
    card.querySelector("[data-label]").textContent = item.label;
  }
  const whole = document.querySelector(".whole");
  if (whole) whole.value = status.percent;
}

// Read aloud to those who don't see the page change.
function say(text) {
  const said = document.querySelector("[data-said]");
  if (said && said.textContent !== text) said.textContent = text;
}

// Whoever stands on a link in it stands on the same one afterwards.
function replaceUnderFocus(old, part) {
  const held = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceWith(part);
  if (held) document.getElementById(held)?.focus({ preventScroll: true });
}

// Draw anew what changed, and only that: a playing video must not stop because another one is ready.
async function redraw(main) {
  const answer = await fetch(main.dataset.page, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of fresh.querySelectorAll("[data-part]")) {
    replaceUnderFocus(document.querySelector(`[data-part="${part.dataset.part}"]`), part);
  }
  const grid = main.querySelector("[data-grid]");
  const cards = [...fresh.querySelectorAll(".card")].map((card) => {
    const old = document.getElementById(card.id);
    return old && old.dataset.version === card.dataset.version ? old : card;
  });
  for (const old of [...grid.children]) if (!cards.includes(old)) old.remove();
  cards.forEach((card, at) => {
    if (grid.children[at] !== card) grid.insertBefore(card, grid.children[at] || null);
  });
  document.title = fresh.title;
  main.dataset.version = fresh.querySelector("main").dataset.version;
  showLocalTimes(main);
  say(main.querySelector("h1").textContent);
}

function showLost(lost) {
  for (const line of document.querySelectorAll("[data-lost]")) {
    line.hidden = !lost;
    if (lost) say(line.textContent);
  }
  for (const line of document.querySelectorAll("[data-following]")) line.hidden = lost;
}

async function follow(main) {
  let wait = POLL_MS;
  try {
    const answer = await fetch(main.dataset.status, { cache: "no-store", headers: { Accept: "application/json" } });
    if ([401, 404, 410].includes(answer.status)) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    const status = await answer.json();
    if (status.version !== main.dataset.version) await redraw(main);
    showProgress(status);
    showLost(false);
    if (!status.live) return;
  } catch {
    showLost(true);
    wait = LOST_MS;
  }
  setTimeout(follow, wait, main);
}

const main = document.querySelector("main[data-status]");
showLocalTimes(document);
if (main && "live" in main.dataset) setTimeout(follow, POLL_MS, main);
