// Holds tests to their specifications: every leaf of a .tree names a test in the same folder, and
// every test is named by one. Exits 1 otherwise.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "test");
const files = readdirSync(root, { recursive: true });

/** Matches of `pattern`'s first group in the files of `folder` that end with `suffix`. */
function found(folder, suffix, pattern) {
  return files
    .filter((name) => name.endsWith(suffix) && dirname(name) === folder)
    .flatMap((name) => [...readFileSync(join(root, name), "utf8").matchAll(pattern)])
    .map((match) => match[1]);
}

const problems = [];
for (const folder of new Set(files.filter((name) => name.endsWith(".t.sol")).map(dirname))) {
  const named = new Set(found(folder, ".tree", / — (\w+)$/gm));
  const leaves = found(folder, ".tree", /(it should .*)$/gm);
  const tests = new Set(found(folder, ".t.sol", /function ((?:test|invariant_|check_)\w+)/g));
  for (const leaf of leaves) {
    if (!/ — \w+$/.test(leaf)) problems.push(`${folder}: no test named for "${leaf}"`);
  }
  for (const name of named) if (!tests.has(name)) problems.push(`${folder}: no test ${name}`);
  for (const name of tests) if (!named.has(name)) problems.push(`${folder}: ${name} unspecified`);
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? "Tests and specifications agree." : "They disagree.");
process.exitCode = problems.length === 0 ? 0 : 1;
