// An OpenID provider for tests: `node provider.mjs PORT FILE MODULE`.
//
// FILE is JSON: {"clients": […], "people": {subject: claims}}. People are read again for each
// request, so that a test can move or remove one. Everybody's password is accepted.
import { readFileSync } from "node:fs";

const [port, file, module] = process.argv.slice(2);
const { Provider } = await import(module);
const read = () => JSON.parse(readFileSync(file, "utf8"));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: read().clients,
  claims: { openid: ["sub", "preferred_username", "account", "groups"] },
  conformIdTokenClaims: false,
  scopes: ["openid", "offline_access"],
  features: {
    backchannelLogout: { enabled: true },
    devInteractions: { enabled: true },
  },
  cookies: { keys: ["only-for-tests"] },
  // Every person consents to everything, so that only the sign-in form is left.
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({
      clientId: oidc.client.clientId,
      accountId: oidc.session.accountId,
    });
    grant.addOIDCScope("openid offline_access");
    await grant.save();
    return grant;
  },
  findAccount: (_context, subject) => {
    const claims = read().people[subject];
    // Like many providers, it has the groups only at the userinfo endpoint.
    const tell = (use) => ({ sub: subject, ...claims, ...(use === "id_token" && { groups: undefined }) });
    return claims && { accountId: subject, claims: tell };
  },
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "HS256"] },
  // The provider's own check refuses addresses of this machine, and the console is at one.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  // As with offline access: refresh tokens outlive the session.
  issueRefreshToken: () => true,
  expiresWithSession: () => false,
});
provider.on("server_error", (_context, error) => console.error(error));
provider.on("grant.success", ({ oidc }) => console.log("granted", oidc.params.grant_type));
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
