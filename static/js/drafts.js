// What is half written is kept in this browser until it is saved or thrown away: through a reload, a
// closed tab, a session that ended, a server that is down. Each person has his own drafts, by the form's
// address; one that nobody touched for 30 days is swept. docs/design.md tells what is kept and why.
(() => {
  const { body } = document;
  const ALL = "kam-draft:";
  const mine = body.dataset.person ? `${ALL}${body.dataset.person}:` : null;
  const KEPT_FOR = 30 * 24 * 3600 * 1000;

  // ── The store: a browser may refuse it, and then the page warns before it is left (kam.js) ──
  const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const write = (name, draft) => { try { localStorage.setItem(name, JSON.stringify(draft)); return true; } catch { return false; } };
  const remove = (name) => { try { localStorage.removeItem(name); } catch { /* nothing was kept there */ } };
  const names = (prefix) => { try { return Object.keys(localStorage).filter((name) => name.startsWith(prefix)); } catch { return []; } };

  names(ALL).forEach((name) => { if (!(Date.now() - read(name)?.at < KEPT_FOR)) remove(name); });

  // ── Signing out: whoever shares the browser may want his drafts gone ─────────────────────
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-sign-out]");
    if (!form || !mine || event.submitter?.value === "keep") return;
    const drafts = names(mine);
    if (event.submitter?.value === "discard") { drafts.forEach(remove); return; }
    const question = form.querySelector("[data-drafts-question]");
    if (!drafts.length || !question?.hidden) return;
    event.preventDefault();
    question.hidden = false;
    question.querySelector("button").focus();
  });

  const template = (name) => document.getElementById(`draft-${name}`)?.content.firstElementChild;
  if (!mine || !template("back")) return;

  // ── Values of a form ─────────────────────────────────────────────────────────────────────
  const NOT_TYPED = ["hidden", "file", "password", "submit", "button", "reset"];
  const isTyped = (field) => field.name && !NOT_TYPED.includes(field.type) && !field.name.startsWith("pick-");
  const isBox = (field) => field.type === "checkbox" || field.type === "radio";
  // {name: its fields}
  const groups = (form) => {
    const found = new Map();
    [...form.elements].filter(isTyped).forEach((field) => found.set(field.name, [...(found.get(field.name) || []), field]));
    return found;
  };
  const valuesOf = (fields) => fields.flatMap((field) =>
    isBox(field) ? (field.checked ? [field.value] : [])
    : field.tagName === "SELECT" ? [...field.selectedOptions].map((option) => option.value)
    : [field.value]);
  const put = (fields, values) => fields.forEach((field, at) => {
    if (isBox(field)) field.checked = values.includes(field.value);
    else if (field.tagName === "SELECT") [...field.options].forEach((option) => { option.selected = values.includes(option.value); });
    else field.value = values[at] ?? "";
  });

  // ── Whose draft it is: the address of the form, with what its link filled in beforehand ──
  const filledIn = new Map();
  const presets = (search) => {
    const found = new URLSearchParams(search);
    ["field", "shown"].forEach((name) => found.delete(name));
    found.sort();
    return String(found) && `?${found}`;
  };
  const pathOf = (form) => form.dataset.draft || new URL(form.action).pathname;
  const timeOf = (at) => {
    const then = new Date(at), today = new Date();
    const day = then.toDateString() === today.toDateString() ? {} : { day: "numeric", month: "short" };
    const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
    return new Intl.DateTimeFormat(lang, { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(then);
  };
  const draw = (name, draft) => {
    const drawn = template(name).cloneNode(true);
    const text = drawn.querySelector("[data-when]");
    text.textContent = text.textContent.replace("{when}", timeOf(draft.at));
    return drawn;
  };

  // ── Keeping ──────────────────────────────────────────────────────────────────────────────
  const keep = (form) => {
    const { name, touched } = form.draft;
    const fields = {};
    groups(form).forEach((group, field) => { if (touched.has(field) || group.some(window.kam.changed)) fields[field] = valuesOf(group); });
    Object.assign(fields, form.draft.waiting);
    if (!Object.keys(fields).length) { remove(name); delete form.dataset.kept; return; }
    // The version seen goes with it: the server then tells what others changed meanwhile.
    const draft = { at: Date.now(), version: form.draft.version, open: form.draft.open, fields };
    const whole = write(name, draft) && ![...form.elements].some((field) => field.files?.length);
    if (whole) form.dataset.kept = ""; else delete form.dataset.kept;
  };
  // Saved or thrown away: what the browser says of its fields while it takes them down is not typed.
  const finish = (form) => { form.draft.isDone = true; remove(form.draft.name); form.dataset.kept = ""; };
  const typed = (event) => { const { form } = event.target; if (form?.draft && !form.draft.isFilling && !form.draft.isDone) keep(form); };
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);

  // A part of the form is fetched anew, with what was typed in it: that is no less typed than before.
  body.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.target.closest?.("form[data-draft]");
    if (!form?.draft || form === event.detail.target) return;
    groups(form).forEach((group, name) => { if (group.some(window.kam.changed)) form.draft.touched.add(name); });
  });

  // ── Bringing back ────────────────────────────────────────────────────────────────────────
  // What the form does not ask yet waits until it does: some fields come with the choice in another one.
  const fill = (form) => {
    const waiting = form.draft.waiting || {};
    const found = [...groups(form)].filter(([name]) => waiting[name]);
    form.draft.isFilling = true;
    found.forEach(([name, group]) => { put(group, waiting[name]); delete waiting[name]; });
    found.forEach(([, [first]]) => first.dispatchEvent(new Event("change", { bubbles: true })));
    form.draft.isFilling = false;
  };
  // The form as it was before anything was typed, from the server.
  const beginAnew = (form, event) => {
    const part = form.closest("[data-part]");
    finish(form);
    form.dataset.sent = "1";
    if (part) window.htmx.ajax("GET", form.draft.open, { source: event.target, event, target: `#${part.id}`, swap: "outerHTML" });
    else window.location.reload();
  };
  const restore = (form, draft) => {
    const { version } = form.elements;
    const standing = version?.value;
    if (version && draft.version) form.draft.version = version.value = draft.version;
    form.draft.waiting = { ...draft.fields };
    fill(form);
    if (!window.kam.dirty(form)) { if (version) version.value = standing; remove(form.draft.name); return; } // it stands there already
    form.dataset.kept = "";
    const sentence = draw("back", draft);
    const says = sentence.querySelector("[role=status]");
    if (standing !== version?.value) says.append(" ", says.dataset.changed);
    sentence.querySelector("[data-draft-discard]").addEventListener("click", (event) => beginAnew(form, event));
    // Readers announce what comes into a region that stands already.
    const text = [...says.childNodes];
    says.replaceChildren();
    form.prepend(sentence);
    requestAnimationFrame(() => says.replaceChildren(...text));
  };
  const begin = (form) => {
    const path = pathOf(form);
    const open = path + (filledIn.get(path) ?? (window.location.pathname === path ? presets(window.location.search) : ""));
    form.draft = { name: mine + open, open, version: form.elements.version?.value, touched: new Set() };
    const draft = read(form.draft.name);
    if (!form.hasAttribute("data-unsaved")) { if (draft) restore(form, draft); return; }
    // It came back with mistakes or a conflict: what was typed stands in it, begun at the version first seen.
    if (draft?.version) form.draft.version = draft.version;
    form.draft.touched = new Set(draft ? Object.keys(draft.fields) : groups(form).keys());
    keep(form);
  };

  // ── Where one reads: "You have a draft here" ─────────────────────────────────────────────
  const mark = () => {
    document.querySelectorAll(".draft-waits").forEach((marker) => marker.remove());
    const open = new Set([...document.querySelectorAll("form[data-draft]")].map((form) => form.draft?.name));
    names(mine).filter((name) => !open.has(name)).forEach((name) => {
      const draft = read(name);
      const base = draft.open.replace(/(add|\d+\/edit)\/(\?.*)?$/, "");
      const part = [...document.querySelectorAll("[data-part]")].find((place) => place.dataset.part === base);
      if (!part) return;
      const marker = draw("waits", draft);
      const longest = Object.values(draft.fields).flat().sort((one, other) => other.length - one.length)[0] || "";
      marker.querySelector("[data-says]").textContent = longest.length > 12 ? `“${longest.slice(0, 80)}${longest.length > 80 ? "…" : ""}”` : "";
      const link = marker.querySelector("[data-draft-open]");
      link.setAttribute("href", draft.open);
      link.setAttribute("hx-get", draft.open);
      marker.querySelector("[data-draft-discard]").addEventListener("click", () => { remove(name); mark(); part.querySelector("a, button")?.focus(); });
      const head = part.querySelector(":scope > .card-header");
      if (head) head.after(marker); else part.prepend(marker);
      window.htmx.process(marker);
      if (draft.reopen) { write(name, { ...draft, reopen: undefined }); link.click(); }
    });
  };
  const look = () => {
    document.querySelectorAll("form[data-draft]").forEach((form) => { if (form.draft) fill(form); else begin(form); });
    mark();
  };

  body.addEventListener("htmx:beforeRequest", (event) => {
    const { verb, path } = event.detail.requestConfig;
    if (verb !== "get") return;
    const { pathname, search } = new URL(path, window.location.href);
    filledIn.set(pathname, presets(search));
  });
  // The session had ended: the draft opens by itself once the person has signed in and is back here.
  body.addEventListener("signed-out", () => {
    document.querySelectorAll("form[data-draft]").forEach((form) => {
      form.draft.isUnsent = true;
      const draft = read(form.draft.name);
      if (draft) write(form.draft.name, { ...draft, reopen: true });
    });
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const { target, xhr, requestConfig } = event.detail;
    const form = requestConfig.elt?.closest?.("form[data-draft]") || requestConfig.elt;
    if (!form?.draft || form.draft.isUnsent) return;
    const next = target?.id && document.getElementById(target.id)?.querySelector("form[data-draft]");
    if (next && pathOf(next) !== pathOf(form)) finish(form); // deleted meanwhile: it goes on as a new entry
    else if (!(xhr.status >= 200 && xhr.status < 300)) { form.draft.isDone = false; keep(form); }
    else if (requestConfig.verb !== "get") finish(form);
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("[data-cancel]")?.closest("form[data-draft]");
    if (form?.draft) finish(form);
  });
  // The entry was deleted meanwhile: what was written of it is offered as a new one.
  body.addEventListener("htmx:afterSwap", (event) => {
    const { xhr, requestConfig, target } = event.detail;
    if (xhr.status !== 409 || requestConfig.verb !== "get") return;
    const { pathname } = new URL(requestConfig.path, window.location.href);
    const draft = read(mine + pathname);
    const add = document.getElementById(target.id)?.querySelector(".card-header a[href*='/add/']");
    if (!draft || !add) return;
    const open = new URL(add.href).pathname;
    remove(mine + pathname);
    const free = read(mine + open) ? `${open}?again=${draft.at}` : open;
    write(mine + free, { ...draft, version: undefined, open: free });
  });
  body.addEventListener("htmx:afterSettle", look);
  document.addEventListener("DOMContentLoaded", look); // by then HTMX hears what happens to the fields
})();
