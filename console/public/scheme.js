// Before anything is drawn, so that a dark page never flashes white. Kept by Mantine under this key.
(function () {
  var kept = null;
  try {
    kept = localStorage.getItem("mantine-color-scheme-value");
  } catch (_) {
    // A browser that keeps nothing.
  }
  var dark = kept === "dark" || (kept !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
