"use strict";
// This process becomes the binary: no second process, no pipes, no waiting. The phase is the name of this file; post.js is
// the same text, since a module that both load would cost each step a millisecond.
const { accessSync, closeSync, constants, openSync, readSync } = require("node:fs");
const { basename, join } = require("node:path");

const windows = process.platform === "win32";
const phase = basename(__filename, ".js");
const file = join(__dirname, "bin", `${process.platform}-${process.arch}`, windows ? "rolehop.exe" : "rolehop");

/** What is wrong with the file. Node would abort where the system refuses it, and have a shell run what is no program. */
function fault() {
  const first = { linux: "\x7fELF", darwin: "\xcf\xfa\xed\xfe", win32: "MZ" }[process.platform];
  try {
    accessSync(file, constants.X_OK);
    const bytes = Buffer.alloc(4);
    const opened = openSync(file);
    readSync(opened, bytes);
    closeSync(opened);
    return bytes.latin1Slice().startsWith(first) ? null : { code: "ENOEXEC" };
  } catch (error) {
    return error;
  }
}

const wrong = fault();
// Neither Windows nor Node before 22.15 can.
if (process.execve && !windows && !wrong) process.execve(file, [file, "action", phase]);
else require("./launch.js")(file, phase, wrong);
