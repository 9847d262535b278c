// Marketplaces of accounts, as the portal's SDK asks for them (PORT-5 to PORT-8, PORT-10).
import assert from "node:assert/strict";
import test from "node:test";
import { Accounts, ApiClients, CurrentUser, Organizations } from "@ordercloud/portal-javascript-sdk";
import { codes, demo, fresh, mailedCode, owner, refusal, someone } from "./people.js";

async function marketplace(options, more = {}) {
  const Id = fresh("shop");
  await Organizations.Save(Id, { Id, Name: "A shop", Environment: "Sandbox", Region: { Id: "usw" }, ...more }, options);
  return Id;
}

test("Organizations.Save makes a marketplace whose API answers, and renames it (PORT-5)", async () => {
  const { username, options } = await someone();
  const id = await marketplace(options);
  const made = await Organizations.Get(id, options);
  assert.deepEqual([made.Id, made.Environment, made.Region.Id, made.Owner.Username], [id, "Sandbox", "usw", username]);
  await Organizations.Save(id, { ...made, Name: "Another" }, options);
  const { Items, Meta } = await Organizations.List({ search: "Another", searchOn: ["Name"], sortBy: ["ID"] }, options);
  assert.deepEqual([Items.map((each) => each.Id), Meta.TotalCount], [[id], 1]);
  const token = await ApiClients.GetToken(id, undefined, options);
  const me = await fetch(`${made.CoreApiUrl}/v1/me`, { headers: { Authorization: `Bearer ${token.access_token}` } });
  assert.equal((await me.json()).Seller.ID, id);
  assert.match((await Organizations.GetBackboneLoginUrl(id, options)).url, /^http/);
});

test("CurrentUser.ListRegions says where, and of which environments (PORT-6)", async () => {
  const { options } = await someone();
  const { Items } = await CurrentUser.ListRegions({ page: 1, pageSize: 20 }, options);
  assert.deepEqual([Items[0].Region.Id, Items[0].CanCreateSandbox, Items[0].CanCreateProduction], ["usw", true, false]);
  const runs = await owner();
  assert.equal((await CurrentUser.ListRegions({}, runs.options)).Items[0].CanCreateProduction, true);
});

test("Organizations.Get of another's is as of none (PORT-7)", async () => {
  const { options } = await someone();
  for (const id of [demo.marketplaceID, fresh("none")]) {
    const refused = await refusal(Organizations.Get(id, options));
    assert.deepEqual([refused.status, codes(refused)], [404, ["NotFound"]]);
  }
  const runs = await owner();
  assert.equal((await Organizations.Get(demo.marketplaceID, runs.options)).Owner.Username, runs.username);
});

test("Organizations.Transfer and Delete, with Accounts.Confirm and CurrentUser.AcceptOrgInvite (PORT-10)", async () => {
  const [ann, bob] = [await someone("ann"), await someone("bob")];
  const id = await marketplace(ann.options);
  await Organizations.Transfer(id, { Username: bob.username }, ann.options);
  await Accounts.Confirm({ Code: await mailedCode(ann.email) }, ann.options);
  assert.equal((await CurrentUser.ListOrgInvites(bob.options)).Items[0].Org.Id, id);
  await CurrentUser.AcceptOrgInvite(id, bob.options);
  assert.equal((await Organizations.Get(id, bob.options)).Owner.Username, bob.username);
  await Organizations.Delete(id, bob.options);
  assert.equal((await Organizations.Get(id, bob.options)).Id, id);
  await Accounts.Confirm({ Code: await mailedCode(bob.email) }, bob.options);
  assert.equal((await refusal(Organizations.Get(id, bob.options))).status, 404);
});
