"use strict";
// A click on a step opens its books.
const graph = document.getElementById("graph");
function show(box) {
  const panel = box && document.getElementById("panel-" + box.id.slice(4));
  if (!panel) return;
  for (const other of document.querySelectorAll(".r-panel")) other.open = other === panel;
  panel.scrollIntoView({ block: "nearest" });
}
if (graph) {
  graph.addEventListener("click", (event) => show(event.target.closest(".box[id]")));
  graph.addEventListener("keydown", (event) => {
    if (event.key === "Enter") show(event.target.closest(".box[id]"));
  });
}
// A click on a head sorts; once more turns the order round.
function value(row, at) {
  const cell = row.cells[at];
  return cell.dataset.sort === undefined ? cell.textContent : Number(cell.dataset.sort);
}
function sort(table, at) {
  const down = table.dataset.by === String(at);
  table.dataset.by = down ? "" : String(at);
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => {
    const x = value(a, at), y = value(b, at);
    const order = typeof x === "number" && typeof y === "number" ? y - x : String(x).localeCompare(y);
    return down ? -order : order;
  });
  table.tBodies[0].append(...rows);
}
for (const table of document.querySelectorAll(".r-table")) {
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    head.addEventListener("click", () => sort(table, at));
  });
  if (table.tBodies[0].rows.length < 15) continue;
  const input = document.createElement("input");
  input.className = "r-filter";
  input.type = "search";
  input.placeholder = "filter rows";
  input.setAttribute("aria-label", "filter rows");
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const row of table.tBodies[0].rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
  });
  table.parentElement.before(input);
}
