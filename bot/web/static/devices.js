"use strict";
// What a microphone and a camera have in common: whether there is one, what keeps it away, and a name for what it made.

// A button that can't work stays away, and a sentence says why.
function offerDevice(kind, name, button, told) {
  if (!isSecureContext || !navigator.mediaDevices) {
    page.querySelector("[data-insecure]").hidden = false;
    return;
  }
  const look = async () => {
    const found = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    button.hidden = !found.some((device) => device.kind === kind);
    const missing = words[`${name}_missing`];
    if (button.hidden) told.textContent = missing;
    else if (told.textContent === missing) told.textContent = "";
  };
  navigator.mediaDevices.addEventListener("devicechange", look);
  look();
}

function deviceTrouble(name, error) {
  const why = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing" }[error.name] || "busy";
  return words[`${name}_${why}`];
}

function release(stream) {
  for (const track of stream?.getTracks() || []) track.stop();
}

// "Recording 2026-11-30 14.05.09.webm", by the clock on this person's wall.
function madeFile(pattern, parts, type, suffix) {
  const now = new Date();
  const time = new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
  return new File(parts, `${fill(pattern, { time })}.${suffix}`, { type, lastModified: now.getTime() });
}

// Pressed again while it is open, its button only leads there: what is being made must not be lost.
function openMaker(maker, begin) {
  if (maker.hidden) begin();
  else maker.querySelector("button:not([hidden])").focus();
}

// Shows what belongs to one moment of a maker, and hides the rest.
function showMoment(maker, moment) {
  maker.hidden = !moment;
  maker.dataset.moment = moment;
  for (const part of maker.querySelectorAll("[data-while]")) part.hidden = part.dataset.while !== moment;
}
