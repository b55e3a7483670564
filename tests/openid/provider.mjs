// A real OpenID provider for the tests: node provider.mjs PORT REDIRECT_URI HOME
// People are who they type; `ada` and `ada-again` are one person by papers, `young` is thirteen.
import { Provider, errors } from "oidc-provider";

const [port, redirect, home] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const born = (years) => `${new Date().getFullYear() - years}-01-15`;
const people = {
  ada: { family_name: "Martin", given_name: "Ada Zoé", birthdate: born(40), email: "ada@city.example", email_verified: true },
  "ada-again": { family_name: "MARTIN", given_name: "Ada-Zoe", birthdate: born(40) },
  young: { family_name: "Petit", given_name: "Noé", birthdate: born(13) },
  teen: { family_name: "Grand", given_name: "Lou", birthdate: born(16) },
};

const provider = new Provider(issuer, {
  clients: [{
    client_id: "civis",
    client_secret: process.env.CLIENT_SECRET,
    redirect_uris: [redirect],
    post_logout_redirect_uris: [home],
    token_endpoint_auth_method: "client_secret_post",
  }],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    family_name: ["family_name"],
    given_name: ["given_name"],
    birthdate: ["birthdate"],
  },
  scopes: ["openid", "email", "family_name", "given_name", "birthdate"],
  acrValues: ["eidas1"],
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: `sub-of-${id}`, ...people[id] }) }),
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  cookies: { keys: [process.env.CLIENT_SECRET] },
});

async function grantOf(details, accountId) {
  const grant = new provider.Grant({ accountId, clientId: details.params.client_id });
  grant.addOIDCScope(details.params.scope);
  return grant.save();
}

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === "GET") {
    ctx.type = "html";
    ctx.body = `<!doctype html><title>Provider</title><form method="post">
      <label>Who <input name="who"></label> <button>Enter</button></form>`;
    return undefined;
  }
  let body = "";
  for await (const part of ctx.req) body += part;
  const who = new URLSearchParams(body).get("who");
  const result = who in people
    ? { login: { accountId: who, acr: "eidas1" }, consent: { grantId: await grantOf(details, who) } }
    : { error: "access_denied", error_description: "nobody of that name" };
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  return undefined;
});

provider.on("server_error", (_ctx, error) => console.error(error instanceof errors.OIDCProviderError ? error.error_detail : error));
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
