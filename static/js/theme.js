// The remembered theme, set before the first paint; this file alone is loaded without "defer".
(() => {
  const KEY = "theme";
  const root = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem(KEY) || "system";
    } catch {
      return "system"; // storage is blocked: the system's theme stays
    }
  };
  const show = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  show(stored());
  document.addEventListener("DOMContentLoaded", () => {
    for (const choice of document.querySelectorAll("[data-theme-choice]")) {
      choice.value = stored();
      choice.closest("[data-theme-switch]").hidden = false;
      choice.addEventListener("change", () => {
        show(choice.value);
        try {
          localStorage.setItem(KEY, choice.value);
        } catch {
          // storage is blocked: the choice lasts for this page
        }
      });
    }
  });
})();
