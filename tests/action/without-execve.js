"use strict";
// Makes the Node that loads this one without `process.execve`.
Object.defineProperty(process, "execve", { value: undefined });
