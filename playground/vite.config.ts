// How the page is built: lessons become HTML here, and every address is relative, so that the folder can lie anywhere.
import { marked } from "marked";
import { defineConfig, type Plugin } from "vite";

/** A lesson's Markdown as a module: the fields above its text, and the text as HTML. */
function lessons(): Plugin {
  return {
    name: "lessons",
    async transform(text, id) {
      if (!id.endsWith(".md")) return null;
      const parts = /^---\n([^]*?)\n---\n([^]*)$/.exec(text);
      if (!parts) this.error("a lesson begins with its fields, between two lines of ---");
      const fields = Object.fromEntries(
        parts[1]!.split("\n").map((line) => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
        }),
      );
      for (const field of ["title", "order", "state"]) {
        if (!(field in fields)) this.error(`a lesson has a field "${field}"`);
      }
      const html = await marked.parse(parts[2]!);
      return { code: `export default ${JSON.stringify({ ...fields, html })}`, map: null };
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [lessons()],
  build: { outDir: "../target/playground", emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false } },
  worker: { format: "es" },
});
