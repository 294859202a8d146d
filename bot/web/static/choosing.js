// How the videos are shown, and which of them are selected.

const VIEW = "heygem.view"; // in the browser's own store: grid or list
const grid = document.querySelector("[data-grid]");
const selection = document.querySelector("[data-selection]");

function keptView() {
  try {
    return localStorage.getItem(VIEW);
  } catch {
    return null; // a browser may keep nothing
  }
}

function keepView(view) {
  try {
    localStorage.setItem(VIEW, view);
  } catch {}
}

function show(view) {
  grid.classList.toggle("list", view === "list");
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
}

const picks = () => [...grid.querySelectorAll("[data-pick]")];

function showSelection() {
  const chosen = picks().filter((pick) => pick.checked);
  const told = selection.querySelector("[data-selected]");
  const sentence = chosen.length === 1 ? told.dataset.one : told.dataset.many;
  const size = bytes(chosen.reduce((sum, pick) => sum + Number(pick.dataset.bytes), 0));
  told.textContent = fill(sentence, { n: chosen.length, size });
  selection.querySelector("a").href = selection.dataset.selection + chosen.map((pick) => pick.dataset.pick).join(",");
  selection.hidden = chosen.length === 0;
}

function selectAll(on) {
  for (const pick of picks()) pick.checked = on;
  showSelection();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("view" in button.dataset) {
    show(button.dataset.view);
    keepView(button.dataset.view);
  }
  if ("selectAll" in button.dataset) selectAll(true);
  if ("selectNone" in button.dataset) selectAll(false);
});
grid.addEventListener("change", (event) => {
  if ("pick" in event.target.dataset) showSelection();
});
document.documentElement.classList.add("scripting");
show(keptView() === "list" ? "list" : "grid");
showSelection(); // a browser that goes back remembers what was ticked
