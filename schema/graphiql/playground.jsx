/** The playground: GraphiQL on the page's own URL, with the shop's example operations as its first tabs. */
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { ToolbarButton } from "@graphiql/react";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { getOperationAST, parse } from "graphql";
import { createClient } from "graphql-sse";
import { createRoot } from "react-dom/client";

const { shop, examples, stream, workers } = JSON.parse(document.getElementById("playground-data").textContent);

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(workers[label] ?? workers.editor),
};

function fetcher({ query, variables, operationName }, { headers } = {}) {
  // GraphiQL notices a new name a moment after the text changed; until then it would ask for the operation before.
  const isThere = new RegExp(`(query|mutation|subscription)\\s+${operationName}\\b`).test(query);
  const request = { query, variables, operationName: isThere ? operationName : undefined };
  return isSubscription(request) ? watch(request, headers) : ask(request, headers);
}

function isSubscription({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    return false; // the server tells what is wrong with it
  }
}

/** Answers come until the stop button is pressed. */
function watch(request, headers) {
  return createClient({ url: stream, headers: headers ?? {} }).iterate(request);
}

async function ask(request, headers) {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json",
      ...headers,
    },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { errors: [{ message: `${response.status} ${response.statusText}: ${text.slice(0, 500)}` }] };
  }
}

/**
 * The tab to begin with: a returning visitor's own, else the first example.
 *
 * GraphiQL fills its editors from the last *edited* text, so without this the variables and headers of a tab that
 * nobody has typed into yet would be missing.
 */
function firstTab() {
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("graphiql:tabState"));
    return tabs[activeTabIndex];
  } catch {
    return examples[0];
  }
}

function resetExamples() {
  if (!window.confirm("Replace all tabs with the example operations?")) return;
  for (const key of ["tabState", "query", "variables", "headers"]) localStorage.removeItem(`graphiql:${key}`);
  window.location.reload();
}

const tab = firstTab();
const plugins = [HISTORY_PLUGIN, explorerPlugin()];

createRoot(document.getElementById("playground")).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    defaultTabs={examples.length ? examples : undefined}
    initialQuery={tab?.query ?? undefined}
    initialVariables={tab?.variables ?? undefined}
    initialHeaders={tab?.headers ?? undefined}
    defaultEditorToolsVisibility
    inputValueDeprecation
    schemaDescription
    // A token typed once survives a reload; Settings has a switch for shared machines.
    shouldPersistHeaders
  >
    <GraphiQL.Logo>{shop}</GraphiQL.Logo>
    <GraphiQL.Toolbar>
      {({ prettify, merge, copy }) => (
        <>
          {prettify}
          {merge}
          {copy}
          {examples.length > 0 && (
            <ToolbarButton onClick={resetExamples} label="Reset examples">
              <svg className="graphiql-toolbar-icon" viewBox="0 0 24 24" aria-hidden="true">
                <path d="M4 9h10.5a5.5 5.5 0 0 1 0 11H8M8 4 3.5 9 8 14" fill="none" stroke="currentColor" strokeWidth="1.7" />
              </svg>
            </ToolbarButton>
          )}
        </>
      )}
    </GraphiQL.Toolbar>
  </GraphiQL>,
);
