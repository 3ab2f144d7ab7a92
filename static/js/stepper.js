// The buttons beside a quantity. In a form with data-stepper-submit a change is sent after a short rest,
// so that three quick clicks are one request.

const REST = 350;
const timers = new WeakMap();

function submitSoon(form) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => form.isConnected && form.requestSubmit(), REST));
}

function changed(input) {
  updateButtons(input);
  if (input.form?.matches("[data-stepper-submit]")) {
    submitSoon(input.form);
  }
}

function updateButtons(input) {
  for (const button of input.closest("[data-stepper]").querySelectorAll("[data-stepper-change]")) {
    const isUp = button.dataset.stepperChange === "1";
    const limit = isUp ? input.max : input.min;
    // Not `disabled`, which would drop the focus of whoever just reached the limit.
    button.setAttribute("aria-disabled", String(limit !== "" && input.value === limit));
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

function prepare(root) {
  root.querySelectorAll("[data-stepper] input").forEach(updateButtons);
}

prepare(document);
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
