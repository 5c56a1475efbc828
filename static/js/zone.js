// The sign-up form sends the browser's time zone, so that times are the person's from the start.
const field = document.querySelector("input[data-browser-zone]");
if (field) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
