// The rows of a batch that is collected: dragged to another place by their grip, and sound that is dropped on one becomes
// its own voice. A row follows the pointer without the browser's own dragging, which is for what comes from elsewhere.

const RECORDING = "application/x-heygem-recording"; // recording.js lets one be dragged
const EDGE_PX = 60;
const STEP_PX = 12;
let dragged = null;

document.documentElement.classList.add("scripting");

function number(row) {
  return [...row.parentElement.children].indexOf(row) + 1;
}

function take(event) {
  const row = event.target.closest("[data-grip]")?.closest("[data-item]");
  if (!row || event.button || dragged) return;
  event.preventDefault();
  dragged = { row, list: row.parentElement, pointer: event.pointerId, from: number(row), before: row.nextElementSibling };
  row.dataset.held = ""; // studio.js draws nothing anew meanwhile
  dragged.list.setPointerCapture(event.pointerId);
}

function pull(event) {
  if (event.pointerId !== dragged?.pointer) return;
  const { row, list } = dragged;
  if (event.clientY < EDGE_PX) scrollBy(0, -STEP_PX);
  else if (event.clientY > innerHeight - EDGE_PX) scrollBy(0, STEP_PX);
  const behind = [...list.children].find((each) => {
    const { top, height } = each.getBoundingClientRect();
    return each !== row && event.clientY < top + height / 2;
  });
  if ((behind ?? null) !== row.nextElementSibling) list.insertBefore(row, behind ?? null);
}

function letGo(event) {
  if (event.pointerId !== dragged?.pointer) return;
  const { row, from } = dragged;
  if (event.type === "pointercancel") return putBack();
  rest();
  if (number(row) === from) return;
  const button = row.querySelector("button[name=press]"); // any of its forms says where a row shall stand
  const [value, stopped] = [button.value, button.disabled];
  button.value = `${row.dataset.move}:${number(row)}`;
  button.disabled = false;
  button.form.requestSubmit(button);
  [button.value, button.disabled] = [value, stopped];
}

function putBack() {
  dragged.list.insertBefore(dragged.row, dragged.before);
  rest();
}

function rest() {
  delete dragged.row.dataset.held;
  dragged = null;
}

addEventListener("pointerdown", take);
addEventListener("pointermove", pull);
addEventListener("pointerup", letGo);
addEventListener("pointercancel", letGo);
addEventListener("keydown", (event) => event.key === "Escape" && dragged && putBack());

// Some browsers tell what is dragged only when it is dropped: then it may be sound.
function maySound({ types, items }) {
  const files = [...items].filter((item) => item.kind === "file");
  return types.includes(RECORDING) || (types.includes("Files") && files.length < 2 && !files.some((file) => shown(file.type)));
}

function shown(type) {
  return /^(video|image)\//.test(type);
}

function mark(row) {
  for (const old of document.querySelectorAll("[data-item].over")) if (old !== row) old.classList.remove("over");
  row?.classList.add("over");
}

function unmark() {
  mark(null);
  document.documentElement.classList.remove("sounding");
}

function hover(event) {
  if (inside && !event.dataTransfer.types.includes(RECORDING)) return;
  if (!maySound(event.dataTransfer)) return;
  document.documentElement.classList.add("sounding");
  const row = event.target.closest?.("[data-item]");
  mark(row);
  if (!row) return;
  event.preventDefault();
  event.stopPropagation(); // upload.js would show that it goes to the batch
  zone.classList.remove("over");
}

function land(event) {
  const row = event.target.closest?.("[data-item]");
  const { files, items, types } = event.dataTransfer;
  unmark();
  if (!row || !maySound(event.dataTransfer)) return;
  if (types.includes(RECORDING)) row.dispatchEvent(new Event("landed", { bubbles: true }));
  else if (files.length === 1 && !shown(files[0].type) && !items[0].webkitGetAsEntry()?.isDirectory) add(files[0], row);
  else return;
  event.preventDefault();
  event.stopPropagation(); // upload.js would send it to the batch
}

document.addEventListener("dragenter", hover);
document.addEventListener("dragover", hover);
document.addEventListener("drop", land);
document.addEventListener("dragend", unmark);
document.addEventListener("dragleave", (event) => event.relatedTarget || unmark());
