/** The plain query box: sends what is typed to the page's own URL and shows the JSON that comes back. */

const { examples } = JSON.parse(document.getElementById("playground-data").textContent);
const [form, query, variables, headers, result, example, exampleChoice] = [
  "query-box",
  "query",
  "variables",
  "headers",
  "result",
  "example",
  "example-choice",
].map((id) => document.getElementById(id));

function show(index) {
  query.value = examples[index].query;
  variables.value = examples[index].variables ?? "";
  headers.value = examples[index].headers ?? "";
}

async function answer() {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json",
      ...JSON.parse(headers.value || "{}"),
    },
    body: JSON.stringify({ query: query.value, variables: JSON.parse(variables.value || "{}") }),
  });
  const text = await response.text();
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return `${response.status} ${response.statusText}\n${text}`;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  result.textContent = "…";
  result.textContent = await answer().catch((problem) => String(problem));
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

if (examples.length) {
  examples.forEach((each, index) => {
    const name = /^(?!\s*#).*\b(?:query|mutation|subscription)\s+(\w+)/m.exec(each.query)?.[1] ?? `Example ${index + 1}`;
    example.add(new Option(name, index));
  });
  example.addEventListener("change", () => show(example.value));
  exampleChoice.hidden = false;
  show(0);
}
