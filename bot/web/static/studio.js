// Follows the batches, and shows an answer without leaving the page. Without this script every button loads the page anew.

const LOST_MS = 8000;
const LATER_MS = 2000;
const studio = document.querySelector("main[data-studio]");

function showLost(lost) {
  for (const line of document.querySelectorAll("[data-lost]")) line.hidden = !lost;
  for (const line of document.querySelectorAll("[data-following]")) line.hidden = lost;
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

// Only what changed is drawn anew: whoever stands on a button stays there, or comes to another of its row. The answer stays until the next one comes.
function redraw(fresh, answered) {
  for (const { dataset: { part: name } } of studio.querySelectorAll("[data-part]:not([data-part] [data-part])")) {
    if (name === "told" && !answered) continue;
    const old = studio.querySelector(`[data-part="${name}"]`);
    const part = fresh.querySelector(`[data-part="${name}"]`);
    if (!old || !part) continue;
    for (const unfolded of old.querySelectorAll("article > details[open]")) sameFold(unfolded, part)?.setAttribute("open", "");
    if (old.innerHTML === part.innerHTML) continue;
    if (!answered && [...old.querySelectorAll("video")].some((video) => !video.paused)) continue; // somebody watches
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceChildren(...part.childNodes); // the place stays: what comes into one that is listened to is read aloud
    if (held) counterpart(held, old)?.focus();
  }
  if (!studio.querySelector("[data-item]")) studio.querySelector("[data-back]")?.setAttribute("hidden", ""); // nothing is collected
  if (follows) studio.dataset.version = fresh.querySelector("main").dataset.version;
}

function sameFold(fold, part) {
  return part.querySelector(`article[aria-labelledby="${fold.parentElement.getAttribute("aria-labelledby")}"] > details`);
}

function counterpart(held, part) {
  if (held.matches("article > details > summary")) return sameFold(held.parentElement, part)?.firstElementChild;
  if (held.href) return [...part.querySelectorAll("a")].find((link) => link.href === held.href);
  const { stay } = held.dataset;
  const same = [...part.querySelectorAll("button:enabled")].find((button) => (stay ? button.dataset.stay === stay : held.value && button.value === held.value));
  const item = held.closest("[data-item]")?.dataset.item;
  const other = held.closest(".renaming") ? "summary" : ":is(.arranging button:enabled, summary)"; // never what takes it out
  return same ?? (item && part.querySelector(`[data-item="${item}"] ${other}`));
}

const follows = "version" in studio.dataset;
const HELD = "[data-held], [data-part] details[open] form"; // somebody drags a row, or writes
let events = null;
let later = null;
let again = null;

// The server tells what changes. A page that nobody looks at asks for nothing: browsers open few connections at once.
function follow() {
  events?.close();
  events = new EventSource(`${studio.dataset.studio}/events?shown=${studio.dataset.version}`);
  events.onopen = () => again ?? showLost(false);
  events.onmessage = (event) => event.data !== studio.dataset.version && look().catch(() => comeBackIn(LOST_MS));
  events.onerror = () => {
    showLost(true);
    if (events.readyState === EventSource.CLOSED) comeBackIn(LOST_MS); // else the browser tries again itself
  };
}

function comeBackIn(wait) {
  showLost(true);
  clearTimeout(again); // one who tries is enough
  again = setTimeout(comeBack, wait);
}

async function comeBack() {
  clearTimeout(again);
  again = null;
  if (follows && document.hidden) return;
  try {
    await look();
    showLost(false);
    if (follows) follow();
  } catch {
    comeBackIn(LOST_MS);
  }
}

// This page itself: of the history, as it is sought and filtered.
async function look() {
  clearTimeout(later);
  const answer = await fetch(location.href, { cache: "no-store" });
  if (answer.status === 401 || answer.status === 403) return location.reload();
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = parsed(await answer.text());
  if (studio.querySelector(HELD)) lookLater();
  else redraw(fresh, false);
}

function lookLater() {
  clearTimeout(later);
  later = setTimeout(() => (studio.querySelector(HELD) ? lookLater() : look().catch(() => comeBackIn(LOST_MS))), LATER_MS);
}

function lead(told) {
  told.scrollIntoView({ block: "nearest" });
  if (document.activeElement === document.body) told.querySelector(".answer")?.focus(); // the button has gone
}

async function say(form, submitter) {
  if (submitter.ariaDisabled) return;
  const fields = new URLSearchParams(new FormData(form, submitter));
  submitter.ariaDisabled = "true"; // a button that is disabled loses the focus
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields });
    if (answer.status === 401 || answer.status === 403) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText); // to load it anew would end what is being sent
    const fresh = parsed(await answer.text());
    redraw(fresh, true);
    const told = studio.querySelector('[data-part="told"]');
    if (!form.closest("[data-item]")) lead(told); // whose row shows it
    form.reset(); // what was typed was taken
  } catch {
    comeBackIn(LATER_MS); // what was moved meanwhile is drawn as it is
  } finally {
    submitter.ariaDisabled = null;
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.action.endsWith("/studio/do") || !event.submitter) return;
  event.preventDefault();
  say(event.target, event.submitter);
});

// A picture that can't be had leaves its place empty.
document.addEventListener("error", (event) => event.target.tagName === "IMG" && event.target.classList.add("gone"), true);
for (const image of document.images) if (image.complete && !image.naturalWidth) image.classList.add("gone");

if (follows) {
  document.addEventListener("visibilitychange", () => (document.hidden ? events?.close() : comeBack()));
  if (!document.hidden) follow();
}
