// What the journeys share: the demo marketplace, its users' tokens, and users of your own.
import { readFileSync } from "node:fs";
import { Auth, Buyers, Configuration, SecurityProfiles, Users } from "ordercloud-javascript-sdk";

export const demo = JSON.parse(readFileSync(process.env.ENTREPOT_DEMO_FILE ?? ".entrepot/demo.json", "utf8"));
Configuration.Set({ baseApiUrl: demo.baseUrl });

/** Request options with the token of a demo user: every call of a journey says as whom it is made. */
export async function as(name, password = demo.users[name]?.password) {
  const { access_token: accessToken } = await Auth.Login(name, password, demo.clientID);
  return { accessToken };
}

/** An ID that no earlier run has used. */
export const fresh = (prefix) => `${prefix}-${Math.random().toString(36).slice(2, 10)}`;

/** A new user of a buyer who may shop, and its request options. */
export async function newShopper(seller, buyer = "demo-buyer", roles = ["Shopper"]) {
  const profile = fresh("profile");
  await SecurityProfiles.Create({ ID: profile, Name: profile, Roles: roles }, seller);
  const user = { ID: fresh("user"), FirstName: "New", LastName: "Shopper", Email: "new@example.com", Active: true };
  const password = `Pass-${fresh("word")}-1`;
  await Users.Create(buyer, { ...user, Username: user.ID, Password: password }, seller);
  await SecurityProfiles.SaveAssignment({ SecurityProfileID: profile, BuyerID: buyer, UserID: user.ID }, seller);
  return { id: user.ID, ...(await as(user.ID, password)) };
}

/** A buyer of a journey's own, which sees the demo catalog. */
export async function newBuyer(seller) {
  const buyer = await Buyers.Create({ ID: fresh("buyer"), Name: "A new café", Active: true, DefaultCatalogID: "outfitter" }, seller);
  return buyer.ID;
}

/** The error of a call that must be refused. */
export async function refused(call) {
  return call.then(
    () => { throw new Error("the call was not refused"); },
    (error) => error,
  );
}
