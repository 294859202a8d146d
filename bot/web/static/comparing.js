// A template and what was made of it, one above the other and in step. The result leads, the template follows.

const FRAME_S = 0.04;
const FAR_S = 0.1; // two players drift; a seek for each thousandth would make the follower stutter
const dialog = document.querySelector("[data-comparison]");
const [after, before, reveal, position, play, unshown] = ["after", "before", "reveal", "position", "play", "unshown"].map((part) =>
  dialog.querySelector(`[data-${part}]`),
);
let seconds = 0;

// Where the template was at a time of the result, and whether it ran forwards: as `heygem/media/loop.py` has it.
function origin(time) {
  if (dialog.dataset.mismatch === "loop") return [time % seconds, true];
  const last = Math.max(FRAME_S, seconds - FRAME_S);
  if (dialog.dataset.mismatch !== "pingpong") return [Math.min(time, last), time < last];
  const way = time % (2 * last);
  return way <= last ? [way, true] : [2 * last - way, false];
}

function follow() {
  const [time, forwards] = origin(after.currentTime);
  const runs = forwards && !after.paused && !after.ended && after.readyState > HTMLMediaElement.HAVE_CURRENT_DATA;
  if (runs && before.paused) before.play().catch(() => {});
  if (!runs && !before.paused) before.pause();
  if (!before.seeking && Math.abs(before.currentTime - time) > (runs ? FAR_S : FRAME_S / 2)) before.currentTime = time;
  if (dialog.open) requestAnimationFrame(follow);
}

function showReveal() {
  dialog.style.setProperty("--revealed", `${reveal.value}%`);
  reveal.setAttribute("aria-valuetext", `${reveal.value} %`);
}

function showShown(can) {
  unshown.hidden = can;
  reveal.hidden = !can;
  dialog.classList.toggle("alone", !can);
}

function open(button) {
  for (const video of document.querySelectorAll(".card video")) video.pause();
  const card = button.closest(".card");
  seconds = Number(button.dataset.seconds);
  dialog.querySelector("h2").textContent = card.querySelector("bdi").textContent;
  after.poster = card.querySelector(".poster").src;
  after.src = card.querySelector("video").src;
  before.src = `${dialog.dataset.comparison}/before/${button.dataset.compare}.mp4`;
  showShown(true);
  showReveal();
  dialog.showModal();
  requestAnimationFrame(follow);
}

function close() {
  for (const video of [after, before]) {
    video.pause();
    video.removeAttribute("src");
    video.load(); // lets go of the connection
  }
}

function showPlaying() {
  play.textContent = after.paused ? play.dataset.playWord : play.dataset.pauseWord;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-compare]");
  if (button) open(button);
});
dialog.addEventListener("close", close);
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
play.addEventListener("click", () => (after.paused ? after.play().catch(showPlaying) : after.pause()));
reveal.addEventListener("input", showReveal);
position.addEventListener("input", () => (after.currentTime = Number(position.value)));
before.addEventListener("error", () => dialog.open && showShown(false));
before.addEventListener("loadedmetadata", () => showShown(before.videoWidth > 0)); // of some files only the sound is known
after.addEventListener("loadedmetadata", () => {
  position.max = after.duration;
  if (after.videoWidth) dialog.style.setProperty("--ratio", after.videoWidth / after.videoHeight);
});
after.addEventListener("timeupdate", () => (position.value = after.currentTime));
for (const change of ["play", "pause", "ended", "emptied"]) after.addEventListener(change, showPlaying);
