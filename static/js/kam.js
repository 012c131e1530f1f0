// What the pages need beyond HTMX attributes: menus that close, a quiet "saved", Esc and Enter in
// forms edited in place, and focus that follows the eye. Every page works without it.
(() => {
  const body = document.body;
  const say = (key) => body.dataset[key] || "";

  // ── Theme ────────────────────────────────────────────────────────────────────────────────
  const markTheme = () =>
    document.querySelectorAll("[data-theme-set]").forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === window.kamTheme.get())));
  markTheme();

  // On a phone the strip of tabs begins where one stands.
  document.querySelectorAll(".tabs").forEach((strip) => {
    const here = strip.querySelector("[aria-current]");
    if (here) strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  });

  // What scrolls sideways must scroll by keyboard too.
  const reachable = () => document.querySelectorAll(".table-wrap, .scroll-x, .chart").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
    else if (!box.hasAttribute("role")) box.removeAttribute("tabindex");
  });
  reachable();
  window.addEventListener("resize", reachable);

  // ── Notices ──────────────────────────────────────────────────────────────────────────────
  // Two regions stand in the page from the start, so that readers announce what is put in them.
  const notice = (text, kind = "saved") => {
    const region = document.getElementById(kind === "bad" ? "notices-urgent" : "notices");
    if (!region || !text) return;
    const box = document.createElement("div");
    box.className = kind === "bad" ? "notice notice-bad" : "notice";
    box.textContent = text;
    if (kind === "bad") {
      const close = document.createElement("button");
      close.type = "button";
      close.textContent = "×";
      close.setAttribute("aria-label", say("closeWord"));
      close.addEventListener("click", () => box.remove());
      box.append(close);
    } else {
      setTimeout(() => box.remove(), 3500);
    }
    region.replaceChildren(box);
  };
  // A view may say its own sentence: HX-Trigger {"notice": {"text": "…", "kind": "saved|bad"}}.
  body.addEventListener("notice", (event) => notice(event.detail.text, event.detail.kind));

  // ── Menus and confirmations are <details> ────────────────────────────────────────────────
  const popups = () => document.querySelectorAll("details.menu[open], details.confirm[open]");
  document.addEventListener("click", (event) => {
    popups().forEach((box) => { if (!box.contains(event.target)) box.open = false; });
    const theme = event.target.closest("[data-theme-set]");
    if (theme) { window.kamTheme.set(theme.dataset.themeSet); markTheme(); }
    const shut = event.target.closest("[data-close]");
    if (shut) { const box = shut.closest("details"); box.open = false; box.querySelector("summary").focus(); }
    if (event.target.closest("[data-print]")) window.print();
  });

  // ── Forms edited in place ────────────────────────────────────────────────────────────────
  // Whether a field holds something else than the page brought. A list without a chosen option shows its first.
  const changed = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? [...field.options].some((option) => option.selected !== option.defaultSelected)
      && !(field.selectedIndex === 0 && ![...field.options].some((option) => option.defaultSelected))
    : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
  // data-unsaved: the server sent it back with mistakes, so what stands in it was typed.
  const dirty = (form) => form.hasAttribute("data-unsaved") || [...form.elements].some(changed);
  window.kam = { changed, dirty, notice, say };
  let warned = null;
  // Where a part of a form is fetched anew, it comes with what was typed in it: still unsaved.
  body.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    const form = target.closest?.("form[data-inline]");
    if (form && form !== target && dirty(form)) form.setAttribute("data-unsaved", "");
  });

  // Esc is the button "Cancel", and what was typed is not thrown away at one slip of the hand, by either.
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("[data-cancel]")?.closest("form[data-inline]");
    if (!form) return;
    if (!dirty(form) || warned === form) { warned = null; return; }
    warned = form;
    event.preventDefault();
    event.stopPropagation();
    notice(say("discard"));
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = [...popups()].pop();
      if (open) { open.open = false; open.querySelector("summary").focus(); return; }
      event.target.closest?.("form[data-inline]")?.querySelector("[data-cancel]")?.click();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });
  document.addEventListener("input", () => { warned = null; });
  // data-kept: this browser keeps a draft of it (drafts.js), so leaving loses nothing.
  window.addEventListener("beforeunload", (event) => {
    if ([...document.querySelectorAll("form[data-inline]:not([data-kept])")].some((form) => !form.dataset.sent && dirty(form))) event.preventDefault();
  });
  document.addEventListener("submit", (event) => { event.target.dataset.sent = "1"; });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  // ── HTMX ─────────────────────────────────────────────────────────────────────────────────
  // The opener of a form is remembered by its address and by the place it fills, because saving
  // replaces both the form and the place.
  const openers = new Map();
  // Parts that fetch themselves (polls, parts that follow others) must not move the focus.
  const byHand = (config) => ["click", "keydown", "submit"].includes(config?.triggeringEvent?.type);
  const address = (element) => element?.getAttribute("hx-get") || element?.getAttribute("href");
  const sentence = ({ status, responseText }) =>
    responseText.includes("data-grown-old") ? say("old") : status === 403 ? say("forbidden") : status === 404 ? say("missing") : status === 413 ? say("large") : say("failed");

  body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, requestConfig } = event.detail;
    if (byHand(requestConfig) && requestConfig.verb === "get" && !elt.closest("form") && target?.id) openers.set(target.id, address(elt));
    elt.closest("form")?.setAttribute("aria-busy", "true");
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr, requestConfig } = event.detail;
    const form = elt.closest("form");
    form?.removeAttribute("aria-busy");
    if (form && !(xhr.status >= 200 && xhr.status < 400)) delete form.dataset.sent;
    // It is said once: by the answer's own sentence, by a message that came along with it, else here.
    const own = /notice/.test(xhr.getResponseHeader?.("HX-Trigger") || "") || /id="messages"[^>]*><div/.test(xhr.responseText);
    // HTMX names a parent here when the form itself has been replaced.
    const quiet = (requestConfig.elt || elt).closest("[data-quiet]");
    if (requestConfig.verb !== "get" && xhr.status >= 200 && xhr.status < 300 && !own && !quiet
        && !xhr.getResponseHeader("HX-Redirect")) notice(say("saved"));
  });
  // A 400 is swapped in where the server says so: a form that came without its version, with what was typed in it.
  body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.status === 400 && detail.xhr.getResponseHeader("HX-Reswap")) Object.assign(detail, { shouldSwap: true, isError: false });
  });
  body.addEventListener("htmx:responseError", (event) => notice(sentence(event.detail.xhr), "bad"));
  body.addEventListener("htmx:sendError", () => notice(say("offline"), "bad"));

  // A session that ended answers with the sign-in page: go there instead of putting it into a card.
  body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status < 400 && /<html[\s>]/i.test(event.detail.serverResponse.slice(0, 400))) {
      event.detail.shouldSwap = false;
      window.location.assign(event.detail.xhr.responseURL);
    }
  });

  const visibleField = "input:not([type=hidden]):not([disabled]), select:not([disabled]), textarea:not([disabled])";
  body.addEventListener("htmx:afterSettle", (event) => {
    reachable();
    const { target, requestConfig, xhr } = event.detail;
    const place = (target?.id && document.getElementById(target.id)) || event.detail.elt;
    if (!place || !byHand(requestConfig)) return;
    const wrong = xhr.status === 422 && place.querySelector("[aria-invalid=true]");
    const form = place.matches?.("form[data-inline]") ? place : place.querySelector("form[data-inline]");
    if (wrong) wrong.focus();
    else if (xhr.status === 409 || xhr.status === 400) place.querySelector(".conflict")?.focus();
    else if (form) (form.querySelector("[autofocus]") || form.querySelector(visibleField))?.focus();
    else if (document.activeElement === body) { // what had the focus is gone; else it has found its place
      const wanted = openers.get(place.id);
      const opener = wanted && [...place.querySelectorAll("[hx-get], a[href]")].find((element) => address(element) === wanted);
      if (opener) opener.focus();
      else if (requestConfig.verb !== "get") {
        if (!place.hasAttribute("tabindex")) place.setAttribute("tabindex", "-1");
        place.focus({ preventScroll: true });
      }
    }
    if (requestConfig.verb !== "get" && xhr.status < 300) {
      place.classList.add("flash-saved");
      setTimeout(() => place.classList.remove("flash-saved"), 1700);
    }
  });
})();
