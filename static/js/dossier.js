// Writing in a dossier, beyond kam.js: a click on a value opens its entry at that field, what is half
// written is not swapped away, and after an entry was added the next one is one key away.
(() => {
  const body = document.body;

  // ── A click on a value ───────────────────────────────────────────────────────────────────
  document.addEventListener("click", (event) => {
    const field = event.target.closest("[data-edit] [data-field]");
    if (!field || event.target.closest("a, button, input, select, textarea, label, summary")) return;
    if (String(window.getSelection())) return;
    const entry = field.closest("[data-edit]");
    const link = entry.querySelector(`a[hx-get*="/${entry.dataset.edit}/edit/"]`);
    const part = entry.closest("section, .own-line");
    if (!link || !part) return;
    const address = new URL(link.getAttribute("href"), window.location.href);
    address.searchParams.set("field", field.dataset.field);
    window.htmx.ajax("GET", address.pathname + address.search, { source: link, target: `#${part.id}`, swap: "outerHTML" });
  });

  // ── What is half written stays ───────────────────────────────────────────────────────────
  const changed = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? [...field.options].some((option) => option.defaultSelected) && [...field.options].some((option) => option.selected !== option.defaultSelected)
    : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
  const unsaved = (form) => form.hasAttribute("data-unsaved") || [...form.elements].some(changed);

  body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, requestConfig } = event.detail;
    const form = target?.querySelector?.("form[data-inline]");
    // The form itself and its own "Cancel" may go; anything else would throw away what was typed.
    if (!form || form.contains(elt) || !unsaved(form)) return;
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

  // ── Focus after a save ───────────────────────────────────────────────────────────────────
  body.addEventListener("htmx:afterSettle", (event) => {
    const { target, requestConfig, xhr } = event.detail;
    if (!requestConfig || requestConfig.verb === "get" || xhr.status >= 300) return;
    const part = target?.id && document.getElementById(target.id);
    const next = part?.querySelector("[data-next]");
    const same = requestConfig.elt?.id ? document.getElementById(requestConfig.elt.id) : null;
    (next || same)?.focus({ preventScroll: Boolean(same) });
  });
})();
