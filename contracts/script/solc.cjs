#!/usr/bin/env node
// Foundry's idea of a compiler (`--version`, or standard JSON on stdin), played by npm's solc:
// the native one is on no package registry.
const solc = require("solc");
if (process.argv.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else {
  process.stdout.write(solc.compile(require("fs").readFileSync(0, "utf8")));
}
