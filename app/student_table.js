// Draws the students as a table whose names open them, and whose heads sort.
const SVG = "http://www.w3.org/2000/svg";

function element(tag, { text, ...attributes } = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== null && value !== undefined) made.setAttribute(name, value);
    }
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
}

// Shares of 0..1 as a line, oldest first; a null leaves a gap.
function line(shares, title) {
    const svg = document.createElementNS(SVG, "svg");
    const path = document.createElementNS(SVG, "path");
    const width = Math.max(shares.length - 1, 1);
    let drawing = false;
    const steps = shares.map((share, at) => {
        const step = share === null ? "" : `${drawing ? "L" : "M"}${at} ${1 - share}`;
        drawing = share !== null;
        return step;
    });
    path.setAttribute("d", steps.join(""));
    svg.setAttribute("viewBox", `0 0 ${width} 1`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", title);
    svg.append(path);
    return svg;
}

const CELLS = {
    name: (cell, row) => {
        cell.append(element("a", { href: `student?id=${encodeURIComponent(row.id)}`, text: row.name }));
        cell.append(element("small", { text: row.place }));
    },
    tier: (cell, row, data) => {
        const { words, color } = data.tiers[row.tier];
        cell.append(element("span", { class: "tier", style: `background:${color}`, text: words.replace(" ", "\u00a0") }));
        if (row.uncertain) cell.append(element("small", { title: data.uncertain, text: "uncertain" }));
    },
    score: (cell, row) => {
        cell.append(row.score);
        if (row.share === null) return;
        const bar = element("span", { class: "bar", "aria-hidden": "true" });
        bar.append(element("span", { style: `width:${100 * row.share}%` }));
        cell.append(bar);
    },
    weeks: (cell, row) => cell.append(line(row.weeks, `20 weeks: ${row.weeks_in_words}`)),
};

function head(column, sorted) {
    const cell = element("th", { scope: "col", role: "columnheader", class: column.name, title: column.help });
    if (!column.sort) {
        cell.textContent = column.label;
        return cell;
    }
    const order = column.sort === sorted ? column.order : null;
    cell.append(element("button", { type: "button", "data-sort": column.sort, text: column.label }));
    if (order) cell.setAttribute("aria-sort", order);
    return cell;
}

// Back from a student: the row that was left is where the eye and the keyboard go on.
function comeBack(box, id) {
    const row = [...box.querySelectorAll("tbody tr")].find((one) => one.dataset.id === id);
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.querySelector("a").focus({ preventScroll: true });
}

function body(row, data) {
    const made = element("tr", { role: "row", "data-id": row.id });
    const told = ["factor", "news", "tier"].find((name) => data.columns.some((column) => column.name === name));
    for (const { name, label } of data.columns) {
        const first = name === "name";
        const cell = element(first ? "th" : "td", {
            role: first ? "rowheader" : "cell",
            scope: first ? "row" : null,
            class: name,
            "data-label": label,
        });
        if (CELLS[name]) CELLS[name](cell, row, data);
        else cell.textContent = row[name];
        if (name === told && row.against) cell.append(element("strong", { class: "against", text: row.against }));
        made.append(cell);
    }
    return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
    if (!data) return; // only fetched, to be there when the rows come
    const box = parentElement.querySelector(".students");
    const heads = element("tr", { role: "row" });
    heads.append(...data.columns.map((column) => head(column, data.sorted)));
    const left = box.getRootNode().activeElement?.dataset.sort; // the head that had the focus
    const rows = element("tbody", { role: "rowgroup" });
    rows.append(...data.rows.map((row) => body(row, data)));
    box.replaceChildren(
        element(
            "table",
            { role: "table", "aria-label": data.label },
            element("thead", { role: "rowgroup" }, heads),
            rows,
        ),
    );
    if (left) box.querySelector(`button[data-sort="${left}"]`)?.focus({ preventScroll: true });
    if (data.at) comeBack(box, data.at);
    box.onclick = (event) => {
        const button = event.target.closest("button[data-sort]");
        if (button) setTriggerValue("sort", button.dataset.sort);
        const link = event.target.closest("a[href]");
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
        event.preventDefault();
        setTriggerValue("open", new URL(link.href).searchParams.get("id"));
    };
}
