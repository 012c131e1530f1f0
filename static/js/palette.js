// The command palette: Ctrl-K, or the button in the navigation. What it offers comes from the search
// page's address; here the arrows choose, Enter opens, Esc closes, and the focus returns to where it was.
(() => {
  const dialog = document.getElementById("palette");
  const input = document.getElementById("palette-q");
  const found = document.getElementById("palette-found");
  const said = document.getElementById("palette-said");
  const keys = document.getElementById("palette-keys");
  if (!dialog?.showModal) return;

  const options = () => [...found.querySelectorAll("[role=option]")];
  let chosen = -1;
  let shownFor = null; // what the options belong to
  let asked = null; // what the answer that comes next belongs to
  let isWaiting = false; // Enter was pressed before the options for what is typed had come

  // ── Opening and closing ──────────────────────────────────────────────────────────────────
  const showKeys = (shown) => {
    keys.hidden = !shown;
    found.hidden = shown;
    (shown ? keys : input).focus();
  };
  const open = () => {
    if (!dialog.open) {
      document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
      dialog.showModal();
      showKeys(false);
      window.htmx.trigger(input, "palette-opened");
    }
    input.focus();
    input.select();
  };
  dialog.addEventListener("close", () => {
    input.value = "";
    shownFor = asked = null;
    isWaiting = false;
    show([]);
    found.replaceChildren();
    said.textContent = "";
  });

  const onMac = /Mac|iP(hone|ad)/.test(navigator.platform);
  if (onMac) document.querySelectorAll("[data-command-key]").forEach((key) => { key.textContent = "⌘"; });
  const button = document.querySelector("[data-palette]");
  button?.setAttribute("role", "button");
  button?.setAttribute("aria-haspopup", "dialog");
  button?.setAttribute("aria-keyshortcuts", onMac ? "Meta+K" : "Control+K");

  document.addEventListener("keydown", (event) => {
    // By its place: on a Russian keyboard the key says another letter.
    const isK = event.code === "KeyK" || event.key === "k";
    if (isK && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else open();
    }
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-palette]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  button?.addEventListener("keydown", (event) => {
    if (event.key === " ") { event.preventDefault(); open(); }
  });

  // ── Choosing ─────────────────────────────────────────────────────────────────────────────
  const choose = (at, all = options()) => {
    all[chosen]?.setAttribute("aria-selected", "false");
    chosen = all.length ? (at + all.length) % all.length : -1;
    const option = all[chosen];
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
    if (chosen === 0) found.scrollTop = 0; // the heading above the first one is seen too
  };
  const show = (all) => {
    all.forEach((option, at) => { option.id = `palette-option-${at}`; });
    chosen = -1;
    input.setAttribute("aria-expanded", String(all.length > 0));
    choose(0, all);
  };
  const take = () => options()[chosen]?.click();

  found.addEventListener("htmx:afterSwap", () => {
    found.dataset.for = shownFor = asked;
    show(options());
    said.textContent = found.querySelector("[data-said]")?.dataset.said || "";
    if (isWaiting && shownFor === input.value) { isWaiting = false; take(); }
  });
  input.addEventListener("htmx:beforeRequest", () => { asked = input.value; });
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    input.addEventListener(failure, () => {
      const sentence = document.createElement("p");
      sentence.className = "palette-nothing";
      sentence.setAttribute("aria-hidden", "true"); // it is said below
      sentence.textContent = document.body.dataset.failedSearch || "";
      found.replaceChildren(sentence);
      show([]);
      said.textContent = sentence.textContent;
    });
  }

  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation(); // what stands behind is not meant
      if (keys.hidden) dialog.close();
      else showKeys(false);
      return;
    }
    if (event.target !== input || event.isComposing) return;
    if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? -1 : chosen - 1); }
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      // Never what was found for other words than those that stand there.
      if (shownFor !== input.value) { event.preventDefault(); isWaiting = true; }
      else if (chosen >= 0) { event.preventDefault(); take(); }
    }
  });
  found.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    const all = options();
    if (option && all.indexOf(option) !== chosen) choose(all.indexOf(option), all);
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-palette-close]")) { dialog.close(); return; }
    if (event.target.closest("[data-keys-close]")) { showKeys(false); return; }
    const option = event.target.closest("[role=option]");
    if (!option) return;
    const act = option.dataset.act;
    if (act === "keys") { showKeys(true); return; }
    if (act) document.querySelector(`[data-theme-set="${act.replace("theme-", "")}"]`)?.click();
    if (!event.ctrlKey && !event.metaKey) dialog.close();
  });
})();
