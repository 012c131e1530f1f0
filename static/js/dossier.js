// Writing in a dossier, beyond kam.js: a value opens its entry at that field, by a click or by the keys, what
// is half written is not swapped away, and the focus goes on where the eye is.
(() => {
  const { body } = document;

  // ── Values ───────────────────────────────────────────────────────────────────────────────
  // The value whose form was opened last: {part, entry, field}.
  let opened = null;
  const valueAt = (target) => target.closest?.("[data-edit] [data-field]");
  const valuesOf = (entry) => [...entry.querySelectorAll("[data-field]")];
  const open = (value, event) => {
    const entry = value.closest("[data-edit]");
    const part = entry.closest("[data-part]");
    if (!part) return;
    const link = part.querySelector(`a[hx-get^="${part.dataset.part}${entry.dataset.edit}/edit/"]`);
    const address = new URL(link?.getAttribute("href") || `${part.dataset.part}${entry.dataset.edit}/edit/`, window.location.href);
    address.searchParams.set("field", value.dataset.field);
    opened = { part: part.id, entry: entry.dataset.edit, field: value.dataset.field };
    window.htmx.ajax("GET", address.pathname + address.search, { source: link || part, event, target: `#${part.id}`, swap: "outerHTML" });
  };
  document.addEventListener("click", (event) => {
    const value = valueAt(event.target);
    if (!value || event.target.closest("a, button, input, select, textarea, label, summary")) return;
    if (String(window.getSelection())) return;
    open(value, event);
  });

  // Each entry is one stop of the Tab key, at its first value; from there the arrow keys go from value to
  // value, and up and down to the same one of the next entry. Enter or F2 opens it.
  const reachable = () => document.querySelectorAll("[data-edit]").forEach((entry) => {
    const values = valuesOf(entry);
    if (values.some((value) => value.tabIndex === 0)) return;
    values.forEach((value, at) => {
      value.tabIndex = at ? -1 : 0;
      value.setAttribute("aria-describedby", "edit-hint");
    });
  });
  const step = (value, key) => {
    const entry = value.closest("[data-edit]");
    const values = valuesOf(entry);
    const at = values.indexOf(value);
    if (key === "ArrowRight") return values[at + 1];
    if (key === "ArrowLeft") return values[at - 1];
    if (key === "Home") return values[0];
    if (key === "End") return values[values.length - 1];
    const entries = [...entry.closest("[data-part]").querySelectorAll("[data-edit]")];
    const next = entries[entries.indexOf(entry) + (key === "ArrowDown" ? 1 : -1)];
    return next && (next.querySelector(`[data-field="${value.dataset.field}"]`) || valuesOf(next)[0]);
  };
  const goTo = (value) => {
    valuesOf(value.closest("[data-edit]")).forEach((other) => { other.tabIndex = other === value ? 0 : -1; });
    value.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "F2" && event.target.matches?.(".edit-here")) { event.preventDefault(); event.target.click(); return; }
    const value = valueAt(event.target);
    if (!value || value !== event.target) return;
    if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      open(value, event);
    } else if (["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
      event.preventDefault();
      const next = step(value, event.key);
      if (next) goTo(next);
    }
  });
  reachable();

  // ── What is half written stays ───────────────────────────────────────────────────────────
  body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, requestConfig } = event.detail;
    const form = target?.querySelector?.("form[data-inline]");
    // The form itself and its own "Cancel" may go; anything else would throw away what was typed.
    if (!form || form.contains(elt) || !window.kam.dirty(form)) return;
    event.preventDefault();
    // A part that follows another one asks by itself: it waits, and nobody needs to be told.
    if (requestConfig.triggeringEvent?.type.startsWith("changed-")) return;
    form.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
    body.dispatchEvent(new CustomEvent("notice", { detail: { text: body.querySelector("[data-unsaved-notice]")?.dataset.unsavedNotice, kind: "bad" } }));
  });

  // A card that follows another one is drawn again by itself: not over a form that was opened, or asked for, meanwhile.
  body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = event.detail;
    if (requestConfig?.elt === target && requestConfig.verb === "get" && target.querySelector("form[data-inline], .htmx-request")) event.detail.shouldSwap = false;
  });

  // ── Where the focus goes once a form is gone ─────────────────────────────────────────────
  // After a new entry to "add", so that one key opens the next form; after an edit, saved or not, to the
  // value that was edited. kam.js has already returned it to the button or link that opened the form.
  body.addEventListener("htmx:afterSettle", (event) => {
    const { target, requestConfig, xhr } = event.detail;
    reachable();
    const part = target?.id && document.getElementById(target.id);
    if (!requestConfig || !part || part.querySelector("form[data-inline]") || xhr.status >= 300) return;
    const value = opened?.part === part.id && part.querySelector(`[data-edit="${opened.entry}"] [data-field="${opened.field}"]`);
    if (opened?.part === part.id) opened = null;
    if (requestConfig.verb === "get" && !value) return;
    const next = part.querySelector("[data-next]");
    const same = requestConfig.elt?.id ? document.getElementById(requestConfig.elt.id) : null;
    if (next) next.focus();
    else if (same) same.focus({ preventScroll: true });
    else if (value) goTo(value);
  });
})();
