"use strict";
const { spawn } = require("node:child_process");
const { join } = require("node:path");

const windows = process.platform === "win32";
const platform = `${process.platform}-${process.arch}`;
const folder = join(__dirname, "bin");
const file = join(folder, platform, windows ? "rolehop.exe" : "rolehop");

/** Starts the binary of this platform. Nothing that an earlier step can set has a say in which file that is. */
module.exports = function launch(phase) {
  try {
    const child = spawn(file, ["action", phase], { stdio: "inherit" });
    child.on("error", failed);
    child.on("exit", (status, signal) => {
      process.exitCode = status ?? 128 + require("node:os").constants.signals[signal];
    });
    // On Windows Ctrl-C reaches the child by itself, and a kill from here would cut its clean-up short.
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => windows || child.kill(name));
  } catch (error) {
    failed(error);
  }
};

function failed({ code, message }) {
  const fs = require("node:fs");
  const entries = fs.existsSync(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : [];
  const there = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  let cause = message;
  if (code === "ENOENT" && !fs.existsSync(file)) cause = `no binary for this platform; there are: ${there.join(", ") || "none"}`;
  if (code === "EACCES") cause = `${file} is not executable: the copy of this action lost its file modes`;
  const line = `rolehop did not start on ${platform}: ${cause} (${code})`;
  const escaped = line.replace(/[%\r\n]/g, (c) => ({ "%": "%25", "\r": "%0D", "\n": "%0A" })[c]);
  console.log(`::error title=launch-failed::${escaped}`);
  process.exitCode = 1;
}
