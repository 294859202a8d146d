// Follows the batches, and shows an answer without leaving the page. Without this script every button loads the page anew.

const LOOK_MS = 2000;
const LOST_MS = 8000;
const studio = document.querySelector("main[data-studio]");

function showLost(lost) {
  for (const line of document.querySelectorAll("[data-lost]")) line.hidden = !lost;
  for (const line of document.querySelectorAll("[data-following]")) line.hidden = lost;
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

// Only what changed is drawn anew: whoever stands on a button stays there. The answer stays until the next one comes.
function redraw(fresh, answered) {
  for (const { dataset: { part: name } } of studio.querySelectorAll("[data-part]:not([data-part] [data-part])")) {
    if (name === "told" && !answered) continue;
    const old = studio.querySelector(`[data-part="${name}"]`);
    const part = fresh.querySelector(`[data-part="${name}"]`);
    if (!old || !part || old.innerHTML === part.innerHTML) continue;
    const held = old.contains(document.activeElement) ? document.activeElement.value : null;
    old.replaceChildren(...part.childNodes); // the place stays: what comes into one that is listened to is read aloud
    if (held) [...old.querySelectorAll("button")].find((button) => button.value === held)?.focus();
  }
  if ("version" in studio.dataset) studio.dataset.version = fresh.querySelector("main").dataset.version;
}

async function follow() {
  let wait = LOOK_MS;
  try {
    const answer = await fetch(`${studio.dataset.studio}/version`, { cache: "no-store", headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 403) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    if ((await answer.json()).version !== studio.dataset.version) await look();
    showLost(false);
  } catch {
    showLost(true);
    wait = LOST_MS;
  }
  setTimeout(follow, wait);
}

async function look() {
  const answer = await fetch(studio.dataset.studio, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  redraw(parsed(await answer.text()), false);
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
    told.scrollIntoView({ block: "nearest" });
    if (document.activeElement === document.body) told.querySelector(".answer")?.focus(); // the button has gone
    form.reset(); // what was typed was taken
  } catch {
    showLost(true);
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

if ("version" in studio.dataset) setTimeout(follow, LOOK_MS);
