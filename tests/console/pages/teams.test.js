import assert from "node:assert/strict";
import { accessible, looks, person } from "../support/browser.js";
import { call, listening, marketplaceOf, signInAs, somebody, unique } from "../support/portal.js";

const MOST_CALLS = 6;
const HOSTILE = `<img src=x onerror="window.broken=1">\u202Egnp`;

const row = (page, name) => page.getByRole("listitem").filter({ hasText: name });

person("a team is made, named anew, gets members and access to a marketplace (PORT-11)", async (page) => {
  const [owner, member] = [await somebody("Olga Owner"), await somebody("Mia Member")];
  const { Id } = await marketplaceOf(owner, "Quay of teams");
  const team = unique("t");
  await signInAs(page, owner.username, "/teams");
  await page.getByText(/You are in none/).waitFor();
  await page.getByRole("button", { name: "New" }).click();
  await page.getByLabel("Name").fill(HOSTILE);
  await page.getByLabel("ID", { exact: true }).fill(team);
  await looks(page, "new-team");
  await page.getByRole("button", { name: "Make it" }).click();
  await page.getByRole("heading", { name: "<img src=x" }).waitFor();
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("dialog", { name: "Rename the team" }).getByLabel("Name").fill("Dockers");
  await accessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Dockers" }).waitFor();

  await page.getByRole("button", { name: "Invite somebody" }).click();
  await page.getByRole("combobox", { name: "Username" }).fill(member.username);
  await page.getByRole("option", { name: member.username }).click();
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await row(page, member.username).getByText("invited").waitFor();
  await call("POST", `/me/teaminvites/${team}/accept`, undefined, member.token);

  await page.getByRole("link", { name: "Marketplaces" }).click();
  await page.getByRole("link", { name: "People and rights of Quay of teams" }).click();
  await page.getByRole("tab", { name: "Teams" }).click();
  await page.getByText("No team.").waitFor();
  await page.getByRole("button", { name: "Invite a team" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite a team" });
  await dialog.getByRole("combobox", { name: "Team" }).fill("Dock");
  await page.getByRole("option", { name: team }).click();
  await dialog.getByRole("combobox", { name: "Roles of its tokens" }).fill("ProductR");
  await page.getByRole("option", { name: "ProductReader" }).click();
  await page.keyboard.press("Escape");
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  await row(page, team).getByText("invited").waitFor();
  await looks(page, "marketplace-teams");
  await page.getByRole("link", { name: "Invitations" }).click();
  await page.getByText(/for the team Dockers/).waitFor();
  await page.getByRole("button", { name: "Accept Quay of teams" }).click();
  await page.getByRole("button", { name: "Accept Quay of teams" }).waitFor({ state: "detached" });

  const asked = listening(page);
  await page.getByRole("link", { name: "Teams" }).click();
  await page.getByRole("link", { name: "Open Dockers" }).click();
  await row(page, Id).getByText("ProductReader").waitFor();
  await page.waitForLoadState("networkidle");
  assert.ok(asked.length <= MOST_CALLS, asked.join("\n"));
  await page.getByRole("button", { name: "Make an administrator: Mia Member" }).click();
  await row(page, member.username).getByText("administrator").waitFor();
  await looks(page, "team");
  assert.equal((await call("GET", `/organizations/${Id}`, undefined, member.token)).Id, Id);

  await row(page, Id).getByRole("link", { name: "Open Quay of teams" }).click();
  await page.getByRole("tab", { name: "All in all" }).click();
  await row(page, member.username).getByText("ProductReader").waitFor();
  await looks(page, "marketplace-sum");
  assert.equal(await page.evaluate(() => window.broken), undefined);
});

person("a member leaves, a team is given away and deleted", async (page) => {
  const [owner, heir] = [await somebody("Olga Owner"), await somebody("Heidi Heir")];
  const team = unique("t");
  await call("PUT", `/teams/${team}`, { Id: team, Name: "Porters" }, owner.token);
  await call("POST", `/teams/${team}/members`, { Username: heir.username }, owner.token);
  await call("POST", `/me/teaminvites/${team}/accept`, undefined, heir.token);
  await signInAs(page, owner.username, `/teams/${team}`);
  await page.getByRole("button", { name: "Give it to a member" }).click();
  await page.getByRole("combobox", { name: "Member" }).fill(heir.username);
  await page.getByRole("option", { name: heir.username }).click();
  await page.getByRole("button", { name: "Give it away" }).click();
  await row(page, heir.username).getByText("owner", { exact: true }).waitFor();
  assert.equal(await page.getByRole("region", { name: "Giving it up" }).count(), 0);
  await page.getByRole("button", { name: "Leave Olga Owner", exact: true }).click();
  await page.getByRole("button", { name: "Really leave? Olga Owner" }).click();
  await page.getByText(/You are in none/).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signInAs(page, heir.username, `/teams/${team}`);
  await page.getByRole("button", { name: "Delete it" }).click();
  await page.getByRole("button", { name: "Delete it for good" }).click();
  await page.getByText(/You are in none/).waitFor();
});
