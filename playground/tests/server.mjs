// Serves the built page under a path that it was not told of, as any web server may.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
const PATH = "/some/where/";

/** The address of the page, and how to stop serving it. */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://here").pathname;
    const name = path === PATH ? "index.html" : normalize(path.slice(PATH.length));
    try {
      if (!path.startsWith(PATH) || name.startsWith("..")) throw new Error("elsewhere");
      const bytes = await readFile(join(folder, name));
      response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { address: `http://127.0.0.1:${server.address().port}${PATH}`, stop: () => server.close() };
}
