"use strict";
// Sends files in pieces, one after another. How much has arrived only the server knows: it is asked after every trouble.

const WAITS_MS = [500, 1000, 2000, 4000, 8000];
const LOOK_MS = 700;
const STALLED_MS = 30000;

const page = document.querySelector("main[data-upload]");
const list = page.querySelector("[data-files]");
const words = Object.fromEntries([...page.querySelectorAll("[data-word]")].map((word) => [word.dataset.word, word.textContent]));
const queue = [];
let busy = false;

class Refused extends Error {} // the server's sentence: trying again changes nothing
class Busy extends Error {} // the server's sentence: later it may be otherwise

function show(row, state, text) {
  row.dataset.state = state;
  const told = row.querySelector("[data-told]");
  if (told.textContent !== text) told.textContent = text;
}

function showSent(row, file, sent) {
  row.querySelector("[data-bar]").value = (100 * sent) / file.size;
  show(row, "sending", fill(words.sending, { sent: bytes(sent), size: bytes(file.size) }));
}

async function ask(address, options = {}) {
  const answer = await fetch(address, { cache: "no-store", ...options, headers: { Accept: "application/json", ...options.headers } });
  const text = await answer.text();
  if (!answer.ok) throw failure(answer.status, text);
  return JSON.parse(text);
}

function failure(status, text) {
  let told = "";
  try {
    told = JSON.parse(text).message;
  } catch {
    return new Error(`status ${status}`); // not ours: a proxy whose server is away
  }
  const lasting = (status >= 400 && status < 500 && status !== 409) || status === 507;
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

async function begin(job) {
  const { name, size, lastModified } = job.file;
  const body = JSON.stringify({ name, size, modified: Math.trunc(lastModified || 0) });
  const begun = await ask(page.dataset.upload, { method: "POST", body, headers: { "Content-Type": "application/json" } });
  job.address = `${page.dataset.upload}/${begun.id}`;
  const before = document.getElementById(`file-${begun.id}`);
  if (before && before !== job.row) before.remove();
  job.row.id = `file-${begun.id}`;
  return begun;
}

// From where it stands to the end of the file; the server's last word about it.
async function send(job) {
  let standing = job.address ? await ask(job.address) : await begin(job);
  while (!job.dropped && standing.offset < job.file.size) {
    showSent(job.row, job.file, standing.offset);
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
  page.querySelector("[data-batch]").textContent = standing.batch;
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
    if (job.request) job.request.abort();
  }
  row.remove();
  if (address && row.dataset.state !== "refused") await fetch(address, { method: "DELETE" }).catch(() => {});
}

function add(file) {
  const row = page.querySelector("[data-row]").content.firstElementChild.cloneNode(true);
  row.querySelector("[data-name]").textContent = file.name;
  row.querySelector("[data-bar]").setAttribute("aria-label", file.name);
  row.job = { file, row };
  list.append(row);
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

async function run() {
  if (busy) return;
  busy = true;
  const awake = await stayAwake();
  addEventListener("beforeunload", askBeforeLeaving);
  page.querySelector("[data-keep-open]").hidden = false;
  page.querySelector("[data-back]").hidden = true;
  for (let job = queue.shift(); job; job = queue.shift()) await work(job);
  removeEventListener("beforeunload", askBeforeLeaving);
  page.querySelector("[data-keep-open]").hidden = true;
  page.querySelector("[data-back]").hidden = !list.querySelector("[data-state=added]");
  if (awake) awake.release().catch(() => {});
  busy = false;
}

// As people count: "person 2" before "person 10". A dialog hands files over in any order.
function inOrder(files) {
  return [...files].sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
}

page.querySelector("#files").addEventListener("change", (event) => {
  for (const file of inOrder(event.target.files)) add(file);
  event.target.value = ""; // so that the same file can be chosen again
});

list.addEventListener("click", (event) => {
  if (event.target.closest("[data-give-up]")) drop(event.target.closest(".file"));
});

const target = page.querySelector("[data-drop]");
for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    target.classList.add("over");
  });
}
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) target.classList.remove("over");
});
addEventListener("drop", (event) => {
  event.preventDefault();
  target.classList.remove("over");
  for (const file of inOrder(event.dataTransfer.files)) add(file);
});

showLocalTimes(document);
