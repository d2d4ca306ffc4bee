// Does everything that package ringsense is for with @ringcentral/sdk, at the
// server that the environment variable TASK describes, and prints what came of
// it as JSON. rc-ex-core.mjs does the same with the other SDK.
import { SDK } from "@ringcentral/sdk";

const task = JSON.parse(process.env.TASK);
const { clientId, clientSecret, server } = task;
const platform = new SDK({ clientId, clientSecret, server }).platform();

const json = async (answer) => (await answer).json();

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    const { errors } = await error.response.json();
    return { status: error.response.status, code: errors[0].errorCode, message: error.message };
  }
  throw new Error("not refused");
}

const report = {};
report.refused = await refusal(() => platform.login({ jwt: task.wrongJWT }));
await platform.login({ jwt: task.jwt });
report.accessToken = (await platform.auth().data()).access_token;

const insights = "/ai/ringsense/v1/public/accounts/~/domains/pbx";
report.recording = await json(platform.get(`${insights}/records/${task.recordingID}/insights`));
report.part = await json(platform.get(`${insights}/records/${task.recordingID}/insights`, { insightTypes: task.insightTypes }));
report.session = await json(platform.get(`${insights}/sessions/${task.sessionID}/insights`));

const check = "/restapi/v1.0/account/~/extension/~/authz-profile/check";
report.permission = await json(platform.get(check, { permissionId: task.permissionID }));

report.calls = [];
report.pages = 0;
let page = await json(platform.get("/restapi/v1.0/account/~/call-log", task.callLog));
for (;;) {
  report.pages++;
  report.calls.push(...page.records);
  if (!page.navigation.nextPage) break;
  page = await json(platform.get(page.navigation.nextPage.uri));
}

const subscriptions = "/restapi/v1.0/subscription";
report.created = await json(platform.post(subscriptions, task.subscription));
const subscription = `${subscriptions}/${report.created.id}`;
report.listed = (await json(platform.get(subscriptions))).records;
report.found = await json(platform.get(report.created.uri));
report.updated = await json(platform.put(subscription, task.update));
report.renewed = await json(platform.post(`${subscription}/renew`));
await platform.delete(subscription);
report.gone = await refusal(() => platform.get(subscription));

await platform.logout();
console.log(JSON.stringify(report));
