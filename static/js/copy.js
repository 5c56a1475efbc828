// <button data-copy="id of the field">: copies the field's text and says so in its live region.
const copyText = async (field) => {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(field.value);
    return;
  }
  field.select();
  if (!document.execCommand("copy")) throw new Error("the browser refused to copy");
};

const say = (button, text) => {
  const status = document.getElementById(button.dataset.copyStatus);
  if (status) status.textContent = text;
};

for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
document.addEventListener("htmx:load", (event) => {
  for (const button of event.target.querySelectorAll("[data-copy]")) button.hidden = false;
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  try {
    await copyText(field);
    say(button, button.dataset.copyDone);
  } catch {
    field.focus();
    field.select();
    say(button, button.dataset.copyFailed);
  }
});
