// A line of several words with commas between them: the browser's own list completes the one being written.
(() => {
  const all = new WeakMap();
  const complete = (field) => {
    const list = field.list;
    if (!list) return;
    if (!all.has(list)) all.set(list, [...list.options].map((option) => option.value));
    const written = field.value.split(",");
    written.pop();
    const before = written.map((word) => word.trim()).filter(Boolean);
    const there = new Set(before.map((word) => word.toLowerCase()));
    const start = before.length ? `${before.join(", ")}, ` : "";
    const offered = all.get(list).filter((word) => !there.has(word.toLowerCase()));
    list.replaceChildren(...offered.map((word) => {
      const option = document.createElement("option");
      option.value = start + word;
      option.label = word;
      return option;
    }));
  };
  const fit = (event) => { if (event.target.matches?.("input[data-tags]")) complete(event.target); };
  document.addEventListener("focusin", fit);
  document.addEventListener("input", fit);
})();
