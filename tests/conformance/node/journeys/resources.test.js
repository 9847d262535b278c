// Buyers, their users and groups: create, change, list, filter, assign, delete.
import assert from "node:assert/strict";
import test from "node:test";
import { Buyers, UserGroups, Users } from "ordercloud-javascript-sdk";
import { fresh, logIn, refusal } from "./shop.js";

const ids = (page) => page.Items.map((item) => item.ID);

test("a buyer's life (CONV-2 to CONV-6)", async () => {
  await logIn("admin01", ["FullAccess"]);
  const ID = fresh("buyer");
  const created = await Buyers.Create({ ID, Name: "First", Active: true, xp: { tier: { level: 1, tags: ["a"] } } });
  assert.equal(created.ID, ID);
  assert.ok(created.DefaultCatalogID);
  assert.deepEqual(await Buyers.Get(ID), created);

  const patched = await Buyers.Patch(ID, { Name: "Second", xp: { tier: { level: 2 } } });
  assert.deepEqual(patched, { ...created, Name: "Second", xp: { tier: { level: 2, tags: ["a"] } } });

  const renamed = await Buyers.Save(ID, { ...patched, ID: `${ID}-new`, xp: null });
  assert.deepEqual(renamed, { ...patched, ID: `${ID}-new`, xp: null });
  assert.equal((await refusal(Buyers.Get(ID))).errorCode, "NotFound");

  const generated = await Buyers.Create({ ID: null, Name: "Generated" });
  assert.match(generated.ID, /^[A-Za-z0-9_-]{22}$/);
  assert.equal(generated.xp, null);
  assert.equal(generated.Active, false);

  for (const each of [renamed.ID, generated.ID]) {
    await Buyers.Delete(each);
    assert.equal((await refusal(Buyers.Delete(each))).status, 404);
  }
});

test("users of a buyer: lists, filters, groups (SDK-1, FLT-6, ASG-1)", async () => {
  await logIn("admin01", ["FullAccess"]);
  const buyer = await Buyers.Create({ ID: fresh("shop"), Name: "Shop", Active: true });
  const people = [
    ["A", "Smith", "John", true, { Color: "Blue", Age: 26, Tags: ["a", "b"] }],
    ["B", "Jones", "Johnny", true, { Color: "red", Age: "30" }],
    ["C", "Johnson", "John", false, { Color: null }],
    ["D", "Aaron", "Amy", true, null],
  ];
  const suffix = fresh("");
  for (const [ID, LastName, FirstName, Active, xp] of people) {
    const user = { ID, LastName, FirstName, Active, xp, Username: `${ID}${suffix}`, Email: `${ID}@example.com` };
    const created = await Users.Create(buyer.ID, user);
    assert.equal(created.CompanyID, buyer.ID);
    assert.equal(created.Password ?? null, null);
  }
  const list = async (options) => ids(await Users.List(buyer.ID, options));

  const page = await Users.List(buyer.ID, { page: 2, pageSize: 3, sortBy: ["LastName"] });
  assert.deepEqual(Object.keys(page).sort(), ["Items", "Meta"]);
  assert.deepEqual(ids(page), ["A"]);
  assert.deepEqual(
    [page.Meta.Page, page.Meta.PageSize, page.Meta.TotalCount, page.Meta.TotalPages, page.Meta.ItemRange],
    [2, 3, 4, 2, [4, 4]],
  );

  const filtered = [
    [{ LastName: "smith" }, ["A"]],
    [{ LastName: "Smith|Jo*" }, ["A", "B", "C"]],
    [{ LastName: ["!Smith", "!Jones"] }, ["C", "D"]],
    [{ Active: false }, ["C"]],
    [{ xp: { Color: "!blue" } }, ["B", "C", "D"]],
    [{ xp: { Color: "!*" } }, ["C", "D"]],
    [{ "xp.Age": ">27" }, ["B"]],
    [{ xp: { Tags: "b" } }, ["A"]],
    [{ DateCreated: new Date("2000-01-01") }, []],
    [{ DateCreated: ">2000-01-01" }, ["A", "B", "C", "D"]],
    [{ "xp.Nope.Deep": 1 }, []],
  ];
  for (const [filters, expected] of filtered) {
    assert.deepEqual(await list({ filters, sortBy: ["ID"] }), expected, JSON.stringify(filters));
  }
  assert.deepEqual(await list({ search: "john", searchOn: ["FirstName"], sortBy: ["!ID"] }), ["C", "B", "A"]);
  assert.deepEqual(await list({ sortBy: ["FirstName", "!LastName"] }), ["D", "A", "C", "B"]);
  for (const [options, code] of [
    [{ filters: { Nope: 1 } }, "List.InvalidProperty"],
    [{ filters: { Active: "maybe" } }, "List.InvalidType"],
    [{ sortBy: ["Password"] }, "List.InvalidProperty"],
    [{ pageSize: 101 }, "List.InvalidPageSize"],
  ]) {
    const refused = await refusal(Users.List(buyer.ID, options));
    assert.deepEqual([refused.status, refused.errorCode], [400, code], JSON.stringify(options));
  }

  const group = await UserGroups.Create(buyer.ID, { ID: "team", Name: "Team", Description: "All of it" });
  for (const UserID of ["A", "B", "A"]) {
    await UserGroups.SaveUserAssignment(buyer.ID, { UserGroupID: group.ID, UserID });
  }
  const assigned = await UserGroups.ListUserAssignments(buyer.ID, { userGroupID: group.ID });
  assert.deepEqual(assigned.Items, [
    { UserGroupID: "team", UserID: "A" },
    { UserGroupID: "team", UserID: "B" },
  ]);
  assert.deepEqual(await list({ userGroupID: group.ID, sortBy: ["ID"] }), ["A", "B"]);
  await UserGroups.DeleteUserAssignment(buyer.ID, group.ID, "A");
  assert.deepEqual(await list({ userGroupID: group.ID }), ["B"]);
  await UserGroups.Delete(buyer.ID, group.ID);
  assert.deepEqual(ids(await UserGroups.List(buyer.ID)), []);

  await Users.Delete(buyer.ID, "D");
  await Buyers.Delete(buyer.ID);
  const gone = await refusal(Users.Get(buyer.ID, "A"));
  assert.deepEqual(gone.errors[0].Data, { ObjectType: "Buyer", ObjectID: buyer.ID });
});
