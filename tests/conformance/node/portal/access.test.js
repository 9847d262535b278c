// Access, teams, and work in marketplaces, as the portal's SDK asks for them (PORT-9 to PORT-14).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import * as sdk from "@ordercloud/portal-javascript-sdk";
import { ApiClients, CurrentUser, Organizations, PortalUsers, Teams } from "@ordercloud/portal-javascript-sdk";
import { codes, demo, fresh, owner, refusal, someone } from "./people.js";

async function marketplace(options) {
  const Id = fresh("shop");
  await Organizations.Save(Id, { Id, Name: "A shop", Environment: "Sandbox", Region: { Id: "usw" } }, options);
  return Id;
}

test("PortalUsers are found by username, without their addresses (PORT-4)", async () => {
  const [ann, bob] = [await someone("ann"), await someone("bob")];
  const { Items } = await PortalUsers.List({ search: bob.username }, ann.options);
  assert.deepEqual(Items, [{ Username: bob.username, Name: "bob" }]);
  assert.deepEqual(await PortalUsers.Get(bob.username, ann.options), Items[0]);
});

test("Organizations give accounts access, which they accept or decline (PORT-10)", async () => {
  const [ann, bob] = [await someone("ann"), await someone("bob")];
  const id = await marketplace(ann.options);
  const given = await Organizations.SaveUserAssignment(id, bob.username, { Roles: ["BuyerReader"] }, ann.options);
  assert.deepEqual([given.Accepted, given.Roles], [false, ["BuyerReader"]]);
  assert.equal((await CurrentUser.ListOrgInvites(bob.options)).Items[0].Org.Id, id);
  await CurrentUser.DeclineOrgInvite(id, bob.options);
  assert.equal((await Organizations.ListUserAssignments(id, {}, ann.options)).Items.length, 0);
  await Organizations.SaveUserAssignment(id, bob.username, { Roles: ["BuyerReader"] }, ann.options);
  await CurrentUser.AcceptOrgInvite(id, bob.options);
  assert.deepEqual((await ApiClients.GetToken(id, {}, bob.options)).granted_roles, ["BuyerReader"]);
  assert.equal((await Organizations.ListContributors(id, {}, ann.options)).Meta.TotalCount, 1);
  assert.equal((await Organizations.GetContributor(id, bob.username, ann.options)).User.Email, bob.email);
  await Organizations.DeleteUserAssignment(id, bob.username, ann.options);
  assert.equal((await refusal(Organizations.Get(id, bob.options))).status, 404);
});

test("Teams have members, an owner, and access to marketplaces (PORT-11)", async () => {
  const [ann, bob, eve] = [await someone("ann"), await someone("bob"), await someone("eve")];
  const team = fresh("team");
  await Teams.Save(team, { Id: team, Name: "A team" }, bob.options);
  assert.equal((await Teams.Get(team, bob.options)).Owner.Username, bob.username);
  assert.equal((await Teams.Search({ search: team }, ann.options)).Items.length, 1);
  assert.equal((await Teams.List({ sortBy: ["Id"] }, bob.options)).Items[0].Id, team);
  await Teams.InviteMember(team, { Username: eve.username }, bob.options);
  assert.equal((await CurrentUser.ListTeamInvites(eve.options)).Items[0].Id, team);
  await CurrentUser.DeclineTeamInvite(team, eve.options);
  await Teams.InviteMember(team, { Username: eve.username }, bob.options);
  await CurrentUser.AcceptTeamInvite(team, eve.options);
  assert.equal((await Teams.ListMember(team, {}, bob.options)).Meta.TotalCount, 2);
  assert.equal((await Teams.SaveMember(team, eve.username, { IsAdmin: true }, bob.options)).IsAdmin, true);
  assert.equal((await Teams.GetMember(team, eve.username, bob.options)).User.Username, eve.username);

  const id = await marketplace(ann.options);
  await Organizations.SaveTeamAssignment(id, team, { Roles: ["OrderReader"] }, ann.options);
  assert.equal((await CurrentUser.ListOrgTeamInvites(eve.options)).Items[0].Org.Id, id);
  await CurrentUser.DeclineOrgTeamInvite(team, id, eve.options);
  await Organizations.SaveTeamAssignment(id, team, { Roles: ["OrderReader"] }, ann.options);
  await CurrentUser.AcceptOrgTeamInvite(team, id, eve.options);
  assert.equal((await Organizations.ListTeamAssignments(id, {}, ann.options)).Items[0].Accepted, true);
  assert.equal((await Teams.ListOrganizations(team, {}, bob.options)).Items[0].Org.Id, id);
  assert.equal((await Organizations.Get(id, bob.options)).Id, id);
  await Organizations.DeleteTeamAssignment(id, team, ann.options);
  await Teams.Transfer(team, { Username: eve.username }, bob.options);
  await Teams.DeleteMember(team, bob.username, eve.options);
  await Teams.Delete(team, eve.options);
  assert.equal((await refusal(Teams.Get(team, eve.options))).status, 404);
});

test("ApiClients of the demo marketplace, and the users that they admit (CON-1)", async () => {
  const { options } = await owner();
  const { Items } = await ApiClients.List(demo.marketplaceID, { filters: { AllowSeller: true } }, options);
  assert.ok(Items.some((client) => client.Id === demo.clientID));
  const users = await ApiClients.ListUsers(demo.marketplaceID, demo.clientID, { search: "admin01" }, options);
  assert.equal(users.Items[0].Username, "admin01");
  const choice = { clientid: demo.clientID, username: "admin01" };
  assert.deepEqual((await ApiClients.GetToken(demo.marketplaceID, choice, options)).portaluser_roles, ["FullAccess"]);
});

test("work on request: search indexes, subscriptions, synchronization, restores (PORT-9, PORT-14)", async () => {
  const { options } = await owner();
  const id = await marketplace(options);
  const { SearchIndexes } = await Organizations.ListSearchIndexes(id, { type: "Products" }, options);
  assert.equal(SearchIndexes[0].Status, "Ready");
  assert.deepEqual((await Organizations.ListSearchIndexErrors(id, "1", options)).SearchIndexErrors, []);
  await Organizations.RebuildSearchIndex(id, "Products", { Recaptcha: { Token: "" } }, options);
  assert.equal((await Organizations.ProcessSubscriptions(id, {}, options)).HourlyJobsRemaining, 4);
  assert.ok(await Organizations.EntitySyncMetadata(id, options));
  // Nothing is set up that could take what is synchronized.
  for (const call of [() => Organizations.SyncCatalog(id, {}, options), () => Organizations.SyncOrders(id, {}, options)]) {
    assert.ok([400, 404].includes((await refusal(call())).status));
  }
  for (const call of [
    () => Organizations.SaveStagingRestoreWebhook(id, { URL: "https://example.com/restored" }, options),
    () => Organizations.GetStagingRestoreWebhook(id, options),
    () => Organizations.TestStagingRestoreWebhook(id, options),
    () => Organizations.DeleteStagingRestoreWebhook(id, options),
  ]) {
    const refused = await refusal(call());
    assert.ok([400, 404].includes(refused.status), JSON.stringify(codes(refused)));
  }
});

test("every method of the SDK is called by these journeys", () => {
  const here = new URL(".", import.meta.url);
  const text = readdirSync(here).map((file) => readFileSync(new URL(file, here), "utf8")).join("\n");
  const uncalled = [];
  for (const resource of ["Accounts", "ApiClients", "Auth", "CurrentUser", "Organizations", "PortalUsers", "Teams"]) {
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(sdk[resource]))) {
      if (method !== "constructor" && !text.includes(`${resource}.${method}(`)) uncalled.push(`${resource}.${method}`);
    }
  }
  assert.deepEqual(uncalled, []);
});
