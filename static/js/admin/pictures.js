// Pictures that are dropped or chosen go straight to S3, are made into the shop's sizes, and become rows of the form.
import { addRow } from "./inline.js";

const drop = document.querySelector("[data-picture-drop]");

if (drop) {
  const input = drop.querySelector("[data-picture-input]");
  input.addEventListener("change", () => {
    uploadAll([...input.files]);
    input.value = "";
  });
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("picture-drop--over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("picture-drop--over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("picture-drop--over");
    uploadAll([...event.dataTransfer.files]);
  });
}

// One after the other: the rows come in the order of the files, and a phone's connection is not divided.
async function uploadAll(files) {
  const entries = files.map((file) => ({ file, line: addLine(file.name) }));
  for (const { file, line } of entries) {
    try {
      await upload(file, line);
      line.remove();
    } catch (error) {
      line.fail(error.message);
    }
  }
}

async function upload(file, line) {
  const form = await ask(drop.dataset.uploadsUrl, { type: file.type });
  if (file.size > form.max_bytes) {
    throw new Error("The file is larger than 20 MB.");
  }
  await send(form, file, (share) => line.progress(share));
  line.say("Making the sizes …");
  const made = await ask(drop.dataset.admitUrl, { key: form.key });
  const { row, field } = addRow(drop.dataset.prefix);
  field("picture").value = made.picture;
  const image = Object.assign(document.createElement("img"), { src: made.url, alt: "", width: 64, height: 64 });
  image.className = "picture-row__image";
  row.querySelector(".field-preview, td").replaceChildren(image);
  field("alt").focus({ preventScroll: true });
}

async function ask(url, fields) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": token },
    body: new URLSearchParams(fields),
  });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error(content.error ?? "The shop did not answer. Please try again.");
  }
  return content;
}

function send(form, file, onProgress) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    Object.entries(form.fields).forEach(([name, value]) => body.append(name, value));
    body.append("file", file);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("load", () =>
      request.status < 300 ? resolve() : reject(new Error("The file was refused: its type or its size does not fit.")),
    );
    request.addEventListener("error", () => reject(new Error("The upload was interrupted. Please try again.")));
    request.open("POST", form.url);
    request.send(body);
  });
}

function addLine(name) {
  const item = document.createElement("li");
  const text = document.createElement("span");
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  text.textContent = name;
  bar.setAttribute("aria-label", `Upload of ${name}`);
  item.append(text, bar);
  drop.querySelector("[data-picture-list]").append(item);
  return {
    progress: (share) => (bar.value = share),
    say: (words) => (text.textContent = `${name}: ${words}`),
    fail: (words) => {
      bar.remove();
      item.classList.add("picture-drop__error");
      text.textContent = `${name}: ${words}`;
    },
    remove: () => item.remove(),
  };
}
