// Does with @rc-ex/core, which has a method for each resource, what
// ringcentral-sdk.mjs does with the other SDK.
import RingCentral from "@rc-ex/core";

const task = JSON.parse(process.env.TASK);
const { clientId, clientSecret, server } = task;
const rc = new RingCentral({ clientId, clientSecret, server });

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    const { status, data } = error.response;
    return { status, code: data.errors[0].errorCode, message: data.error_description ?? data.message };
  }
  throw new Error("not refused");
}

const report = {};
report.refused = await refusal(() => rc.authorize({ jwt: task.wrongJWT }));
await rc.authorize({ jwt: task.jwt });
report.accessToken = rc.token.access_token;

const pbx = rc.ai().ringsense().v1().public().accounts("~").domains("pbx");
report.recording = await pbx.records(task.recordingID).insights().get();
report.part = await pbx.records(task.recordingID).insights().get({ insightTypes: task.insightTypes });
report.session = await pbx.sessions(task.sessionID).insights().get();

const check = rc.restapi().account().extension().authzProfile().check();
report.permission = await check.get({ permissionId: task.permissionID });

report.calls = [];
report.pages = 0;
let page = await rc.restapi().account().callLog().list(task.callLog);
for (;;) {
  report.pages++;
  report.calls.push(...page.records);
  if (!page.navigation.nextPage) break;
  page = (await rc.get(page.navigation.nextPage.uri)).data;
}

report.created = await rc.restapi().subscription().post(task.subscription);
const subscription = rc.restapi().subscription(report.created.id);
report.listed = (await rc.restapi().subscription().list()).records;
report.found = await subscription.get();
report.updated = await subscription.put(task.update);
report.renewed = await subscription.renew().post();
await subscription.delete();
report.gone = await refusal(() => subscription.get());

await rc.revoke();
console.log(JSON.stringify(report));
