// What was chosen before htmx was there is told again, so that the page does not go on showing the choice before:
// its price beside the button, its pictures, its place in a list.

function isChanged(field) {
  if (field.matches("select")) {
    const preset = [...field.options].find((option) => option.defaultSelected);
    return preset !== undefined && !preset.selected;
  }
  return field.checked !== field.defaultChecked;
}

document.addEventListener("htmx:load", (event) => {
  for (const region of event.target.querySelectorAll('[hx-trigger*="change"]')) {
    const field = [...region.querySelectorAll("input, select")].find(isChanged);
    field?.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
