// A portrait by the camera: seen as in a mirror, taken as others see one, and then sent like any file (`add` of upload.js).

const QUALITY = 0.92;

const maker = document.querySelector("[data-camera]");
const part = (name) => maker.querySelector(`[data-${name}]`);
const button = document.querySelector("[data-portray]");
const told = document.querySelector("[data-camera-told]");
const video = maker.querySelector("video");
const canvas = maker.querySelector("canvas");
let turn = 0; // what was asked for before the panel was closed comes too late
let stream = null;

function off() {
  turn += 1;
  release(stream);
  stream = video.srcObject = null;
}

async function look() {
  off();
  const mine = turn;
  told.textContent = words.asking;
  try {
    const opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1080 } } });
    if (mine !== turn) return release(opened);
    stream = video.srcObject = opened;
    await video.play();
    if (mine !== turn) return;
    told.textContent = "";
    showMoment(maker, "live");
    part("take").focus();
  } catch (error) {
    if (mine === turn) close(deviceTrouble("camera", error));
  }
}

function take() {
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0); // the mirror is only in the style of the page
  off();
  showMoment(maker, "taken");
  part("use").focus();
}

function use() {
  canvas.toBlob((picture) => add(madeFile(words.portrait_name, [picture], "image/jpeg", "jpg")), "image/jpeg", QUALITY);
  close("");
}

function close(why) {
  off();
  showMoment(maker, "");
  told.textContent = why;
  button.focus();
}

offerDevice("videoinput", "camera", button, told);
button.addEventListener("click", () => openMaker(maker, look));
part("take").addEventListener("click", take);
part("use").addEventListener("click", use);
part("again").addEventListener("click", look);
part("close").addEventListener("click", () => close(""));
document.addEventListener("visibilitychange", () => document.hidden && stream && close(words.camera_closed));
