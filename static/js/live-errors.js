// Errors that come without a new page (htmx fills "<field's id>_error"): tie each to its field, as
// the server does on a whole page, so that it shows and is read with the field.
const tie = (place) => {
  const field = document.getElementById(place.id.replace(/_error$/, ""));
  if (!field?.matches("input, select, textarea")) return;
  const help = document.getElementById(`${field.id}_helptext`);
  const isWrong = place.childElementCount > 0;
  const told = [help?.id, isWrong ? place.id : ""].filter(Boolean).join(" ");
  if (told) field.setAttribute("aria-describedby", told);
  else field.removeAttribute("aria-describedby");
  if (isWrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
};

document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.target.id.endsWith("_error")) tie(event.target);
});
