// A voice by the microphone: recorded, listened to, and then sent like any file (`add` of upload.js).

const KINDS = { "audio/webm;codecs=opus": "webm", "audio/mp4": "m4a", "audio/ogg;codecs=opus": "ogg", "audio/webm": "webm" };
const BLOCK_MS = 1000;
const CALM_MS = 1000; // where nothing shall move
const LOOK_MS = 80;
const DEAF_MS = 3000;
const AUDIBLE = 0.01;
const MARGIN_S = 1; // what the file may be longer than the clock

const maker = document.querySelector("[data-recorder]");
const part = (name) => maker.querySelector(`[data-${name}]`);
const button = document.querySelector("[data-record]");
const told = document.querySelector("[data-microphone-told]");
const kind = Object.keys(KINDS).find((each) => globalThis.MediaRecorder?.isTypeSupported(each));
const longest = Number(maker.dataset.longest);
let turn = 0; // what was asked for before the panel was closed comes too late
let stream = null;
let recorder = null;
let made = null;
let began = 0;
let lamp = null; // keeps a phone's screen lit: the recording ends with it

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function say(text) {
  if (told.textContent !== text) told.textContent = text;
}

function askBeforeLeaving(event) {
  event.preventDefault();
}

async function record() {
  forget();
  const mine = turn;
  say(words.asking);
  try {
    const opened = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true } });
    if (mine !== turn) return release(opened);
    begin(opened);
  } catch (error) {
    if (mine === turn) close(deviceTrouble("microphone", error));
  }
}

function begin(opened) {
  const blocks = [];
  const mine = turn;
  stream = opened;
  recorder = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 128000 });
  recorder.ondataavailable = (event) => {
    blocks.push(event.data);
    if (mine === turn) stopInTime();
  };
  recorder.onstop = () => mine === turn && finish(blocks);
  recorder.onerror = () => mine === turn && close(words.microphone_busy);
  recorder.start(BLOCK_MS);
  began = performance.now();
  addEventListener("beforeunload", askBeforeLeaving);
  lamp = stayAwake();
  say(words.recording);
  part("clock").textContent = clock(0);
  showMoment(maker, "recording");
  part("stop").focus();
  follow(mine);
}

// The clock and the level, as long as it records.
function follow(mine) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const samples = new Float32Array(analyser.fftSize);
  context.createMediaStreamSource(stream).connect(analyser);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let heard = began;
  let loudest = 0;
  let shown = 0;
  const timer = setInterval(() => {
    if (mine !== turn || recorder.state !== "recording") {
      clearInterval(timer);
      context.close();
      return;
    }
    const now = performance.now();
    analyser.getFloatTimeDomainData(samples);
    loudest = Math.max(loudest, ...samples);
    if (loudest > AUDIBLE) heard = now;
    if (now - heard > DEAF_MS) say(words.nothing_heard);
    else if (told.textContent === words.nothing_heard) say(words.recording);
    part("clock").textContent = clock((now - began) / 1000);
    if (now - shown > (calm.matches ? CALM_MS : 0)) {
      part("level").value = loudest;
      [loudest, shown] = [0, now];
    }
    stopInTime();
  }, LOOK_MS);
}

// Asked by the recorder too: a page in the background is rarely woken by a timer.
function stopInTime() {
  if (recorder.state === "recording" && performance.now() - began >= (longest - MARGIN_S) * 1000) stop();
}

function stop() {
  if (recorder?.state === "recording") recorder.stop();
}

function finish(blocks) {
  const seconds = (performance.now() - began) / 1000;
  rest();
  made = madeFile(words.recording_name, blocks, kind.split(";")[0], KINDS[kind]);
  if (!made.size) return close(words.nothing_recorded);
  const time = clock(seconds);
  say(fill(seconds >= longest - MARGIN_S ? words.longest : words.recorded, { time }));
  part("clock").textContent = time;
  part("listen").src = URL.createObjectURL(made);
  offerRows();
  showMoment(maker, "recorded");
  part("use").focus();
}

// What a recorder writes does not say how long it is: the player finds out when it is sent to the end.
function findLength() {
  const player = part("listen");
  if (player.duration !== Infinity) return;
  player.addEventListener("durationchange", () => (player.currentTime = 0), { once: true });
  player.currentTime = Number.MAX_SAFE_INTEGER;
}

// Whose voice it can be: of the whole batch, or of one template.
function offerRows() {
  const choice = part("whose");
  choice.length = 1;
  for (const row of document.querySelectorAll("li[data-item]")) choice.add(new Option(row.dataset.name, row.dataset.item));
}

function useAsChosen() {
  const item = part("whose").value;
  const row = document.querySelector(`li[data-item="${item}"]`);
  if (!item || row) return use(row);
  offerRows();
  say(words.whose_gone);
}

function use(row) {
  if (!made) return;
  add(made, row);
  close("");
}

// The microphone is off.
function rest() {
  release(stream);
  lamp?.then((lock) => lock?.release());
  lamp = null;
}

function forget() {
  turn += 1;
  stop();
  rest();
  URL.revokeObjectURL(part("listen").src);
  part("listen").removeAttribute("src");
  [stream, made] = [null, null];
  removeEventListener("beforeunload", askBeforeLeaving);
}

function close(why) {
  forget();
  showMoment(maker, "");
  say(why);
  button.focus();
}

if (kind) {
  part("longest-clock").textContent = clock(longest);
  offerDevice("audioinput", "microphone", button, told);
  button.addEventListener("click", () => openMaker(maker, record));
  part("stop").addEventListener("click", stop);
  part("listen").addEventListener("loadedmetadata", findLength);
  part("use").addEventListener("click", useAsChosen);
  part("again").addEventListener("click", record);
  part("close").addEventListener("click", () => close(""));
  part("chip").addEventListener("dragstart", (event) => event.dataTransfer.setData("application/x-heygem-recording", "1"));
  document.addEventListener("landed", (event) => use(event.target)); // arranging.js: it was dropped on a row
}
