// A button that adds a row for every combination of the options that has none yet.
import { addRow, valuesOf } from "./inline.js";

const PREFIX = "productvariant_set";
const options = document.querySelector("#id_options_text");
const group = document.querySelector(`#${PREFIX}-group`);

if (options && group?.querySelector(".add-row")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "admin-button variants-button";
  button.textContent = "Add a row for every combination of the options";
  button.addEventListener("click", addMissing);
  group.append(button);
}

function addMissing() {
  const present = new Set(valuesOf(PREFIX, "values"));
  const base = (document.querySelector("#id_slug")?.value || "sku").toUpperCase();
  for (const values of combinations(readOptions(options.value))) {
    const words = values.join(" / ");
    if (present.has(words)) continue;
    const { field } = addRow(PREFIX);
    field("values").value = words;
    field("sku").value = [base, ...values].join("-").replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 64);
    field("unit_amount").value = valuesOf(PREFIX, "unit_amount").find(Boolean) ?? "";
  }
}

function readOptions(text) {
  return text
    .split("\n")
    .map((line) => line.split(":")[1] ?? "")
    .map((values) => values.split(",").map((value) => value.trim()).filter(Boolean))
    .filter((values) => values.length > 0);
}

function combinations(lists) {
  if (lists.length === 0) return [];
  return lists.reduce((done, values) => done.flatMap((start) => values.map((value) => [...start, value])), [[]]);
}
