"use strict";
// Sends files in pieces, some side by side; they come into the batch in their order, since a file's last piece waits for the
// files before it. How much has arrived only the server knows: it is asked after every trouble.

const WAITS_MS = [500, 1000, 2000, 4000, 8000];
const LOOK_MS = 700;
const STALLED_MS = 30000;
const LANES = 3;

const page = document.querySelector("[data-upload]");
const list = page.querySelector("[data-files]");
const words = Object.fromEntries([...page.querySelectorAll("[data-word]")].map((word) => [word.dataset.word, word.textContent]));
const queue = [];
let jobs = []; // since the last time that all was done
let lanes = 0;
let awake = null;
const openings = new Map(); // in the studio: whose voice it becomes, or "" → the address that takes it

class Refused extends Error {} // the server's sentence: trying again changes nothing
class Busy extends Error {} // the server's sentence: later it may be otherwise

function show(row, state, text) {
  row.dataset.state = state;
  const told = row.querySelector("[data-told]");
  if (told.textContent !== text) told.textContent = text;
}

function showSent(row, file, sent) {
  row.querySelector("[data-bar]").value = (100 * sent) / file.size;
  row.job.sent = sent;
  showWhole();
  show(row, "sending", fill(words.sending, { sent: bytes(sent), size: bytes(file.size) }));
}

function showWhole() {
  const whole = page.querySelector("[data-whole]");
  whole.hidden = jobs.length < 2;
  const sizes = jobs.reduce((sum, job) => sum + job.file.size, 0);
  const sent = jobs.reduce((sum, job) => sum + (job.settled ? job.file.size : job.sent), 0);
  whole.querySelector("progress").value = (100 * sent) / Math.max(1, sizes);
  const done = jobs.filter((job) => job.settled).length;
  whole.querySelector("p").textContent = fill(words.whole, { done, n: jobs.length, sent: bytes(sent), size: bytes(sizes) });
}

async function ask(address, options = {}) {
  const answer = await fetch(address, { cache: "no-store", ...options, headers: { Accept: "application/json", ...options.headers } });
  const text = await answer.text();
  if (!answer.ok) throw failure(answer.status, text);
  return JSON.parse(text);
}

function failure(status, text) {
  let told = "";
  let code = "";
  try {
    ({ code, message: told } = JSON.parse(text));
  } catch {
    return new Error(`status ${status}`); // not ours: a proxy whose server is away
  }
  const lasting = (status >= 400 && status < 500 && status !== 409 && code !== "presses_many") || status === 507;
  return lasting ? new Refused(told) : new Busy(told);
}

// One piece; resolves with null or the failure that the server told, also when the connection broke off.
function sendPiece(job, offset) {
  return new Promise((resolve) => {
    const request = (job.request = new XMLHttpRequest());
    let watch = 0;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => request.abort(), STALLED_MS);
    };
    request.open("PATCH", job.address);
    request.setRequestHeader("Upload-Offset", offset);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.upload.onprogress = (event) => {
      alive();
      showSent(job.row, job.file, offset + Math.min(event.loaded, job.file.size - offset));
    };
    request.onloadend = () => {
      clearTimeout(watch);
      resolve(request.status >= 400 ? failure(request.status, request.responseText) : null);
    };
    alive();
    request.send(job.file.slice(offset, offset + Number(page.dataset.piece)));
  });
}

// The studio gets its upload links when there is something to send.
function target({ whose }) {
  if (page.dataset.upload) return page.dataset.upload;
  if (!openings.has(whose.item)) {
    const body = new URLSearchParams({ key: page.dataset.key, ...whose });
    const opening = ask(page.dataset.begin, { method: "POST", body }).then((opened) => opened.files);
    opening.catch(() => openings.delete(whose.item));
    openings.set(whose.item, opening);
  }
  return openings.get(whose.item);
}

async function begin(job) {
  const { name, size, lastModified } = job.file;
  const body = JSON.stringify({ name, size, modified: Math.trunc(lastModified || 0) });
  const files = await target(job);
  const begun = await ask(files, { method: "POST", body, headers: { "Content-Type": "application/json" } });
  job.address = `${files}/${begun.id}`;
  const before = document.getElementById(`file-${begun.id}`);
  if (before && before !== job.row) before.remove();
  job.row.id = `file-${begun.id}`;
  if (job.dropped) fetch(job.address, { method: "DELETE" }).catch(() => {}); // while it was begun
  return begun;
}

// In the studio a file that comes too late for one batch is the first of the next.
async function begun(job) {
  const { item } = job.whose;
  const before = openings.get(item);
  try {
    return await begin(job);
  } catch (error) {
    if (!(error instanceof Refused) || !before) throw error;
    if (openings.get(item) === before) openings.delete(item);
    return begin(job);
  }
}

// From where it stands to the end of the file; the server's last word about it.
async function send(job) {
  await job.twin;
  if (job.dropped) return null;
  let standing = job.address ? await ask(job.address) : await begun(job);
  while (!job.dropped && standing.offset < job.file.size) {
    showSent(job.row, job.file, standing.offset);
    if (standing.offset + Number(page.dataset.piece) >= job.file.size) await job.before;
    if (job.dropped) break;
    const failed = await sendPiece(job, standing.offset);
    if (job.dropped) break;
    if (failed instanceof Refused) throw failed;
    const before = standing.offset;
    standing = await ask(job.address);
    if (standing.offset <= before) throw failed || new Error("no progress");
    job.failures = 0;
  }
  return standing;
}

async function checked(job, standing) {
  while (!job.dropped && standing.state === "arriving") {
    job.row.querySelector("[data-bar]").value = 100;
    show(job.row, "checking", words.checking);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    standing = await ask(job.address);
  }
  return standing;
}

// Wait a while, or until the browser says that it is connected again.
function pause(failures) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]);
    addEventListener("online", done);
  });
}

async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function work(job) {
  job.failures = 0;
  while (!job.dropped) {
    try {
      return settle(job, await checked(job, await send(job)));
    } catch (error) {
      if (job.dropped) return;
      if (error instanceof Refused) return refuse(job, error.message);
      if (!(await readable(job.file))) return refuse(job, words.unreadable);
      show(job.row, "lost", error instanceof Busy ? error.message : words.lost);
      await pause(job.failures++);
    }
  }
}

function settle(job, standing) {
  if (job.dropped) return;
  const contents = page.querySelector("[data-batch]");
  if (contents) contents.textContent = standing.batch;
  job.row.toggleAttribute("data-plain", standing.state === "added" && !standing.sentence);
  if (standing.state === "added") show(job.row, "added", [words.added, standing.sentence].filter(Boolean).join("\n"));
  else refuse(job, standing.sentence);
}

function refuse(job, sentence) {
  show(job.row, "refused", fill(words.refused, { sentence }));
}

async function drop(row) {
  const job = row.job;
  const address = job ? job.address : `${page.dataset.upload}/${row.id.slice("file-".length)}`;
  if (job) {
    job.dropped = true;
    jobs = jobs.filter((each) => each !== job);
    if (job.request) job.request.abort();
  }
  row.remove();
  if (address && row.dataset.state !== "refused") await fetch(address, { method: "DELETE" }).catch(() => {});
}

// The server takes files for one that it could go on with when they are called alike, as large and as old.
function alike(one, other) {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

function newRow(name) {
  const row = page.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
  row.querySelector("[data-name]").textContent = name;
  row.querySelector("[data-bar]").setAttribute("aria-label", name);
  list.append(row);
  return row;
}

// `template`: the row of the one whose own voice it becomes.
function add(file, template = null) {
  const { batch = "", item = "", name = "" } = template?.dataset ?? {};
  const row = newRow(template ? fill(words.own, { file: file.name, template: name }) : file.name);
  const twin = jobs.findLast((job) => alike(job.file, file))?.ended;
  row.job = { file, row, whose: { batch, item }, sent: 0, twin, before: jobs.at(-1)?.ended };
  const own = new Promise((resolve) => (row.job.end = resolve));
  row.job.ended = Promise.all([row.job.before, own]); // one that is refused at once ends before those before it
  jobs.push(row.job);
  queue.push(row.job);
  run();
}

// The screen of a phone that falls asleep ends the upload.
async function stayAwake() {
  try {
    return await navigator.wakeLock.request("screen");
  } catch {
    return null;
  }
}

function askBeforeLeaving(event) {
  event.preventDefault();
}

async function lane() {
  for (let job = queue.shift(); job; job = queue.shift()) {
    await work(job);
    job.settled = true;
    job.end();
    showWhole();
  }
}

async function run() {
  if (lanes === 0) start();
  if (lanes === LANES) return;
  lanes += 1;
  await lane();
  lanes -= 1;
  if (lanes === 0) stop();
}

async function start() {
  addEventListener("beforeunload", askBeforeLeaving);
  page.querySelector("[data-keep-open]").hidden = false;
  page.querySelector("[data-back]").hidden = true;
  awake = await stayAwake();
  if (lanes === 0) stop();
}

function stop() {
  removeEventListener("beforeunload", askBeforeLeaving);
  page.querySelector("[data-keep-open]").hidden = true;
  page.querySelector("[data-back]").hidden = !list.querySelector("[data-state=added]");
  if (awake) awake.release().catch(() => {});
  awake = null;
  jobs = [];
}

// As people count: "person 2" before "person 10". A dialog hands files over in any order.
function inOrder(files) {
  return [...files].sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
}

// Of a folder only what may be sound or a picture: it holds other things too.
function choosable(file) {
  const known = page.querySelector("#files").accept.split(",");
  const name = file.name.toLowerCase();
  return !name.startsWith(".") && known.some((each) => (each.startsWith(".") ? name.endsWith(each) : file.type.startsWith(each.slice(0, -1))));
}

async function within(entry) {
  try {
    if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))].filter(choosable);
    const reader = entry.createReader();
    const files = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
      if (!some.length) return files;
      for (const each of some) files.push(...(await within(each)));
    }
  } catch {
    show(newRow(entry.name), "refused", fill(words.refused, { sentence: words.unreadable }));
    return [];
  }
}

async function dropped(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry());
  const loose = [...transfer.files].filter((_, at) => !entries[at]?.isDirectory);
  const folders = await Promise.all(entries.filter((entry) => entry?.isDirectory).map(within));
  return [...loose, ...folders.flat()];
}

function addAll(files) {
  for (const file of inOrder(files)) add(file);
}

page.querySelector("#files").addEventListener("change", (event) => {
  addAll(event.target.files);
  event.target.value = ""; // so that the same file can be chosen again
});

page.querySelector("#folder").addEventListener("change", (event) => {
  addAll([...event.target.files].filter(choosable));
  event.target.value = "";
});

list.addEventListener("click", (event) => {
  if (event.target.closest("[data-give-up]")) drop(event.target.closest(".file"));
});

function carriesFiles(event) {
  return !inside && event.dataTransfer.types.includes("Files"); // words that are dropped into a field are none
}

// What is dragged from the page itself, such as a picture, is no file to be sent.
let inside = false;
addEventListener("dragstart", () => (inside = true));
addEventListener("dragend", () => (inside = false));

const zone = page.querySelector("[data-drop]");
for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone.classList.add("over");
  });
}
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) zone.classList.remove("over");
});
addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  zone.classList.remove("over");
  dropped(event.dataTransfer).then(addAll);
});

showLocalTimes(document);
