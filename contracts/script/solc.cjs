#!/usr/bin/env node
// Foundry's idea of a compiler (`--version`, or standard JSON on stdin), played by npm's solc:
// the native one is on no package registry. Asked for its version, it isn't loaded: forge asks each time.
if (process.argv.includes("--version")) {
  const { version } = require("solc/package.json");
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else {
  const input = require("fs").readFileSync(0, "utf8");
  process.stdout.write(require("solc").compile(input));
}
