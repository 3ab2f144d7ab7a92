// Rows of the admin's inline tables, as Django's own script makes them.

/** Add an empty row to an inline table and give its fields by their short names. */
export function addRow(prefix) {
  document.querySelector(`#${prefix}-group a.add-row, #${prefix}-group .add-row a`).click();
  const number = Number(document.querySelector(`#id_${prefix}-TOTAL_FORMS`).value) - 1;
  const row = document.querySelector(`[id^="id_${prefix}-${number}-"]`).closest("tbody");
  return { row, field: (name) => document.querySelector(`#id_${prefix}-${number}-${name}`) };
}

/** The values of one field in all rows of an inline table that are not marked for removal. */
export function valuesOf(prefix, name) {
  const total = Number(document.querySelector(`#id_${prefix}-TOTAL_FORMS`).value);
  return Array.from({ length: total }, (_, number) => number)
    .filter((number) => !document.querySelector(`#id_${prefix}-${number}-DELETE`)?.checked)
    .map((number) => document.querySelector(`#id_${prefix}-${number}-${name}`)?.value ?? "");
}
