// The sum's answer fills the errors beside the fields of a form (parts/live_field.html) while one
// types. The fields themselves stay as they are, so say on them too whether they are wrong now.
document.addEventListener("htmx:oobAfterSwap", (event) => {
  const place = event.target;
  if (!place.id?.endsWith("_error")) return;
  const isWrong = place.querySelector(".field-error") !== null;
  for (const control of place.parentElement.querySelectorAll("input, select, textarea")) {
    if (isWrong) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
});
