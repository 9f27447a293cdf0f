/**
 * Bundle the playground into a folder of flat, content-hashed files and a `manifest.json` that names them.
 *
 *   node build.mjs [--out DIR]      (or GRAPHIQL_ASSETS=DIR; the default is .data/graphiql at the repository's root)
 *
 * Everything the page needs is in that folder, Monaco's workers and the fonts included: a browser that shows the
 * playground talks to the shop and to nobody else.
 */
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string" } } });
const out = resolve(values.out ?? process.env.GRAPHIQL_ASSETS ?? join(here, "../../.data/graphiql"));

const common = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  minify: true,
  metafile: true,
  target: "es2022",
  define: { "process.env.NODE_ENV": '"production"' },
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
};

await mkdir(out, { recursive: true });
const builds = await Promise.all([
  // GraphiQL's stylesheet already holds Monaco's, so the ones Monaco imports file by file are left out.
  esbuild.build({
    ...common,
    entryPoints: { playground: "playground.jsx" },
    format: "esm",
    splitting: true,
    jsx: "automatic",
    loader: { ".css": "empty", ".ttf": "empty" },
    // GraphiQL formats with `parsers` from these old entry points, which are CommonJS: an `import()` of them has none.
    alias: {
      "prettier/parser-babel": "prettier/plugins/babel",
      "prettier/parser-graphql": "prettier/plugins/graphql",
    },
  }),
  esbuild.build({ ...common, entryPoints: { style: "playground.css" } }),
  esbuild.build({
    ...common,
    entryPoints: {
      "worker-editor": "monaco-editor/esm/vs/editor/editor.worker.js",
      "worker-json": "monaco-editor/esm/vs/language/json/json.worker.js",
      "worker-graphql": "monaco-graphql/esm/graphql.worker.js",
    },
    format: "iife",
  }),
]);

const names = builds.flatMap(({ metafile }) => Object.keys(metafile.outputs).map((path) => basename(path)));
for (const name of names) {
  await writeFile(join(out, `${name}.gz`), gzipSync(await readFile(join(out, name)), { level: 9 }));
}
const named = (entry) => names.find((name) => /^(.+)-[A-Z0-9]{8}\.(js|css)$/.exec(name)?.[1] === entry);
const manifest = {
  script: named("playground"),
  style: named("style"),
  workers: { editor: named("worker-editor"), json: named("worker-json"), graphql: named("worker-graphql") },
};

// The manifest comes last and in one move: a server that runs meanwhile sees the old playground or the new one.
await writeFile(join(out, "manifest.json.new"), `${JSON.stringify(manifest, null, 2)}\n`);
await rename(join(out, "manifest.json.new"), join(out, "manifest.json"));
const kept = new Set(["manifest.json", ...names, ...names.map((name) => `${name}.gz`)]);
for (const name of await readdir(out)) {
  if (!kept.has(name)) await rm(join(out, name));
}
