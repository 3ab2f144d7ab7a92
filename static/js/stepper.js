// The buttons beside a quantity. In a form with data-stepper-submit a change is sent after a short rest,
// so that three quick clicks are one request.

const REST = 350;

// What was chosen and is not sent yet, by the id of its input: every answer puts new lines in the place of the old ones.
const chosen = new Map();
let timer = null;
let underWay = 0;

function updateButtons(input) {
  for (const button of input.closest("[data-stepper]").querySelectorAll("[data-stepper-change]")) {
    const isUp = button.dataset.stepperChange === "1";
    const limit = isUp ? input.max : input.min;
    // Not `disabled`, which would drop the focus of whoever just reached the limit.
    button.setAttribute("aria-disabled", String(limit !== "" && input.value === limit));
  }
}

function showChosen() {
  for (const [id, quantity] of chosen) {
    const input = document.getElementById(id);
    if (input) {
      input.value = quantity;
      updateButtons(input);
    }
  }
}

// One at a time: of two requests at once, the answer to the first could come last and show what is no longer true.
function submitNext() {
  timer = null;
  while (chosen.size > 0 && underWay === 0) {
    const [id] = chosen.keys();
    const input = document.getElementById(id);
    chosen.delete(id);
    // Up and down again is nothing to send.
    if (input && input.value !== input.defaultValue) {
      input.form.requestSubmit();
      return;
    }
  }
}

function submitSoon(input) {
  chosen.set(input.id, input.value);
  clearTimeout(timer);
  timer = setTimeout(submitNext, REST);
}

function changed(input) {
  updateButtons(input);
  if (input.form?.matches("[data-stepper-submit]")) {
    submitSoon(input);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-stepper-change]");
  const input = button?.closest("[data-stepper]").querySelector("input");
  if (!input || button.getAttribute("aria-disabled") === "true") {
    return;
  }
  if (button.dataset.stepperChange === "1") {
    input.stepUp();
  } else {
    input.stepDown();
  }
  changed(input);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-stepper] input") && event.target.checkValidity()) {
    changed(event.target);
  }
});

document.addEventListener("htmx:beforeSend", () => {
  underWay += 1;
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  underWay -= 1;
  if (!successful && elt.matches("[data-stepper-submit]")) {
    // Nothing came in its place, so it shows what is still true.
    elt.reset();
    prepare(elt);
  }
  showChosen();
  if (timer === null) {
    submitNext();
  }
});

function prepare(root) {
  root.querySelectorAll("[data-stepper] input").forEach(updateButtons);
}

prepare(document);
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
