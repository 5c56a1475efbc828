// <a data-dialog="id" href="#id">: opens that native <dialog> over the page. Without this module
// the link leads to the dialog's place in the page, where :target shows it.
const CONTROLS = "[data-dialog], [data-dialog-close]";

const makeButtons = (root) => {
  for (const link of root.querySelectorAll(CONTROLS)) link.setAttribute("role", "button");
};

const isOutside = (event) => {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right ||
    event.clientY < box.top || event.clientY > box.bottom;
};

makeButtons(document);
document.addEventListener("htmx:load", (event) => makeButtons(event.target));

document.addEventListener("click", (event) => {
  const control = event.target.closest(CONTROLS);
  if (control) {
    const dialog = control.dataset.dialog
      ? document.getElementById(control.dataset.dialog)
      : control.closest("dialog");
    event.preventDefault();
    if (control.dataset.dialog) dialog.showModal();
    else dialog.close();
  } else if (event.target.matches("dialog[open]") && isOutside(event)) {
    event.target.close(); // the backdrop
  }
});

// A link that acts as a button answers to the space bar too.
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches(CONTROLS)) return;
  event.preventDefault();
  event.target.click();
});
