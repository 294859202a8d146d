// Takes an address along: that of the page, or of the field that a button names.

const COPIED_MS = 3000;

// What browsers let a page do that did not come through TLS.
function copiedByHand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text);
  }
}

async function copy(button) {
  button.dataset.before ??= button.textContent;
  const field = document.getElementById(button.dataset.copy);
  const done = await copied(field ? field.value : location.origin + document.querySelector("main").dataset.page);
  button.focus();
  button.textContent = done ? button.dataset.copied : button.dataset.notCopied;
  setTimeout(() => (button.textContent = button.dataset.before), COPIED_MS);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
document.documentElement.classList.add("scripting");
