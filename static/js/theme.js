// Runs in the head, before the first paint: the person's choice, else the system's, so that nothing flashes.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("kam-theme"); } catch { return null; }
  };
  const apply = () => {
    const theme = chosen() || (system.matches ? "dark" : "light");
    root.setAttribute("data-switching", ""); // colours change at once, not each at its own pace
    root.setAttribute("data-bs-theme", theme);
    requestAnimationFrame(() => requestAnimationFrame(() => root.removeAttribute("data-switching")));
  };
  root.setAttribute("data-js", "");
  apply();
  system.addEventListener("change", apply);
  window.kamTheme = {
    get: () => chosen() || "auto",
    set: (value) => {
      try {
        if (value === "auto") localStorage.removeItem("kam-theme");
        else localStorage.setItem("kam-theme", value);
      } catch { /* private mode: the choice lasts as long as the page */ }
      apply();
    },
  };
})();
