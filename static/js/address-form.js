// Another country, other words: "ZIP code" and "State" in the United States, no region at all in Germany. The server knows
// the rules and checks them; this only renames the fields, so that nobody has to send the form to see them.

function rename(form, name, [label, isRequired]) {
  const input = form.elements[name];
  const caption = form.querySelector(`label[for="${input.id}"]`);
  caption.textContent = label;
  input.required = isRequired;
  if (!isRequired) {
    const mark = document.createElement("span");
    mark.className = "field__optional";
    mark.textContent = " (optional)";
    caption.append(mark);
  }
}

function fit(select) {
  const { form } = select;
  const fields = JSON.parse(select.dataset.fields)[select.value];
  if (!fields) {
    return;
  }
  for (const [name, words] of Object.entries(fields)) {
    rename(form, name, words);
  }
  form.elements.region.closest(".field").parentElement.classList.toggle("without-script", !("region" in fields));
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-address-country]")) {
    fit(event.target);
  }
});
