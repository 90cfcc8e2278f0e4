"use strict";
// Letter by letter: what is masked would be hidden.
for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"])
  console.log(`${name}: ${[...(process.env[name] ?? "(unset)")].join(" ")}`);
