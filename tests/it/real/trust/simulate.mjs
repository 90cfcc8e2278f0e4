// Judges trust policies with @cloud-copilot's IAM simulator: argv[2] is the folder in which npm has put it, standard
// input a list of { policy, role, tokens }, standard output a list of { faults, admitted }, one `admitted` for each token.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const root = path.join(process.argv[2], "node_modules", "@cloud-copilot");
const from = (file) => import(pathToFileURL(path.join(root, file)).href);
const { authorize } = await from("iam-simulate/dist/esm/core_engine/CoreSimulatorEngine.js");
const { AwsRequestImpl } = await from("iam-simulate/dist/esm/request/request.js");
const { RequestContextImpl } = await from("iam-simulate/dist/esm/requestContext.js");
const { DiscoveryContextKeyConstraints } = await from(
  "iam-simulate/dist/esm/context_keys/discoveryContextKeyConstraints.js",
);
const { loadPolicy, validateTrustPolicy } = await from("iam-policy/dist/esm/index.js");

// Which claims of which issuer AWS takes, from its service authorization reference.
const reference = JSON.parse(readFileSync(path.join(root, "iam-data/data/conditionKeys/sts.json"), "utf8"));
const known = Object.keys(reference).map((key) => {
  const parts = key.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^:]+")}$`, "i");
});

function context(token) {
  const host = token.iss.replace(/^https:\/\//, "");
  const keys = { [`${host}:sub`]: token.sub, [`${host}:aud`]: token.aud };
  for (const [claim, value] of Object.entries(token)) {
    const key = `${host}:${claim}`;
    if (typeof value === "string" && known.some((pattern) => pattern.test(key))) keys[key] = value;
  }
  for (const [tag, values] of Object.entries(token["https://aws.amazon.com/tags"]?.principal_tags ?? {})) {
    keys[`aws:RequestTag/${tag}`] = values[0];
  }
  return keys;
}

function admits(policy, role, action, token) {
  const account = role.split(":")[4];
  const provider = `arn:aws:iam::${account}:oidc-provider/${token.iss.replace(/^https:\/\//, "")}`;
  const resource = { resource: role, accountId: account };
  const request = new AwsRequestImpl(provider, resource, action, new RequestContextImpl(context(token)));
  const found = authorize({
    request,
    identityPolicies: [],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: loadPolicy(policy, { name: "trust" }),
    simulationParameters: {
      simulationMode: "Strict",
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([]),
    },
    serviceSettings: { s3: {} },
  });
  return found.resourceAnalysis.result === "Allowed";
}

const cases = JSON.parse(readFileSync(0, "utf8"));
const judged = cases.map(({ policy, role, tokens }) => ({
  faults: validateTrustPolicy(policy),
  admitted: tokens.map((token) => {
    const tagged = token["https://aws.amazon.com/tags"] !== undefined;
    const actions = ["sts:AssumeRoleWithWebIdentity", ...(tagged ? ["sts:TagSession"] : [])];
    return actions.every((action) => admits(policy, role, action, token));
  }),
}));
console.log(JSON.stringify(judged));
