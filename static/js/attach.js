// Files for a dossier: chosen or dropped anywhere on the page, sent one by one, each with its own progress.
// Without this the same form sends them together.
(() => {
  const zone = () => document.querySelector("[data-drop]");
  const waiting = [];
  let refused = [];
  let isSending = false;
  let kept = 0;

  const row = (file) => {
    const list = zone().querySelector("[data-uploads]");
    const line = document.createElement("li");
    const name = document.createElement("span");
    const state = document.createElement("span");
    const progress = document.createElement("progress");
    name.className = "drop-name";
    name.textContent = file.name;
    state.className = "fig quiet";
    state.textContent = zone().dataset.waiting;
    progress.max = 100;
    progress.value = 0;
    progress.setAttribute("aria-label", file.name);
    line.append(name, state, progress);
    list.append(line);
    list.hidden = false;
    return { line, state, progress };
  };

  const tell = (text) => {
    const told = zone()?.querySelector("[data-told]");
    if (told) told.textContent = text;
  };

  const refuse = (shown, sentences) => {
    shown.line.classList.add("is-refused");
    shown.progress.remove();
    shown.state.remove();
    shown.line.querySelector(".drop-name").textContent = sentences.join(" ");
    refused.push(...sentences);
    tell(sentences.join(" "));
  };

  const sentences = (html) =>
    [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("[data-refusal]")].map((item) => item.textContent);

  const send = ({ file, shown }) => new Promise((resolve) => {
    const place = zone();
    const say = (kind) => place.dataset[kind].replace("%name%", file.name);
    if (file.size > Number(place.dataset.limit)) { refuse(shown, [say("large")]); resolve(); return; }
    const body = new FormData();
    body.append("csrfmiddlewaretoken", document.querySelector("#acts [name=csrfmiddlewaretoken]").value);
    body.append("files", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", place.dataset.url);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("HX-Current-URL", window.location.href);
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const part = Math.round(event.loaded * 100 / event.total);
      shown.progress.value = part;
      shown.state.textContent = `${part} %`;
    });
    request.addEventListener("load", () => {
      const elsewhere = request.getResponseHeader("HX-Redirect");
      if (elsewhere) { waiting.length = 0; window.location.assign(elsewhere); resolve(); return; }
      if (request.status === 200) {
        kept += 1;
        shown.progress.value = 100;
        shown.state.textContent = place.dataset.done;
        tell(`${file.name}: ${place.dataset.done}`);
      } else if (request.status === 422) refuse(shown, sentences(request.responseText));
      else if (request.status === 413) refuse(shown, [say("large")]);
      else if (request.status === 403 || request.status === 404) refuse(shown, [say("ended")]);
      else refuse(shown, [say("broken")]);
      resolve();
    });
    request.addEventListener("error", () => { refuse(shown, [say("broken")]); resolve(); });
    request.send(body);
  });

  // What was refused stays to be read after the list was drawn anew.
  const keepSaying = () => {
    const list = zone()?.querySelector("[data-uploads]");
    if (!list || list.childElementCount) return;
    for (const sentence of refused) {
      const line = document.createElement("li");
      const text = document.createElement("span");
      line.className = "is-refused";
      text.className = "drop-name";
      text.textContent = sentence;
      line.append(text);
      list.append(line);
    }
    list.hidden = !refused.length;
  };

  const work = async () => {
    if (isSending) return;
    isSending = true;
    while (waiting.length) await send(waiting.shift());
    isSending = false;
    const place = zone();
    if (!place || !kept) return;
    kept = 0;
    await window.htmx.ajax("GET", place.dataset.read, { target: "#attachments", swap: "outerHTML" });
    keepSaying();
    document.body.dispatchEvent(new CustomEvent("notice", { detail: { text: document.body.dataset.saved } }));
    setTimeout(drawn, 1500);
    setTimeout(drawn, 5000);
  };

  // A worker draws the small pictures: the sign that stands for one meanwhile is asked for again.
  const drawn = () => document.querySelectorAll("img[data-preview]").forEach((image) => {
    if (image.complete && image.naturalWidth === 24) image.src = `${image.src.split("?")[0]}?${Date.now()}`;
  });

  const take = (files) => {
    if (!zone() || !files.length) return;
    if (!isSending) {
      refused = [];
      zone().querySelector("[data-uploads]").replaceChildren();
      zone().querySelector(".note-box")?.remove();
    }
    for (const file of files) waiting.push({ file, shown: row(file) });
    work();
  };

  document.addEventListener("change", (event) => {
    if (event.target.id !== "attachments-files") return;
    const files = [...event.target.files];
    event.target.value = "";
    take(files);
  });

  const carriesFiles = (event) => zone() && [...(event.dataTransfer?.types || [])].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    zone().classList.add("is-over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone()?.classList.remove("is-over"); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    zone().classList.remove("is-over");
    take([...event.dataTransfer.files]);
  });

  window.addEventListener("beforeunload", (event) => { if (isSending) event.preventDefault(); });
  window.addEventListener("load", () => setTimeout(drawn, 1500));
})();
