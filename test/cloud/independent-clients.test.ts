/** Clients that share nothing with this project or Node, where the machine has them. */

import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test, { type ExecutionContext } from "ava";
import { login, obtainPsk, product, v2Request } from "./device.js";

const run = promisify(execFile);

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
});
test.after.always(() => cloud.close());

/** Runs only where this program is installed. */
function testWith(program: string, title: string, body: (t: ExecutionContext) => Promise<void>): void {
	const installed = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
	(installed ? test : test.skip)(`${program}: ${title}`, body);
}

testWith("curl", "registers over HTTPS, trusting the authority's file", async (t) => {
	const { headers, body } = v2Request("localhost", { productId: product.id, deviceName: "curl" });
	const url = `https://localhost:${new URL(cloud.urls.https).port}/device/register`;
	const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
	const { stdout } = await run("curl", ["-sS", "--ipv4", "--cacert", cloud.ca, ...fields, "-d", body, url]);
	t.regex(stdout, /^\{"Response":\{"Len":53,"Payload":"/);
});

testWith("openssl", "verifies the chain for a platform's host name", async (t) => {
	const to = `127.0.0.1:${new URL(cloud.urls.mqtts).port}`;
	const name = "europe.gateway.tencentdevices.com";
	const args = ["s_client", "-connect", to, "-CAfile", cloud.ca, "-verify_hostname", name, "-verify_return_error"];
	const { stdout } = await run("sh", ["-c", `openssl ${args.join(" ")} </dev/null 2>&1`]);
	t.regex(stdout, /Verification: OK/);
	t.regex(stdout, /Verified peername: \*\.gateway\.tencentdevices\.com/);
	t.is(stdout.match(/^ \d s:/gm)?.length, 2);
	t.true(readFileSync(cloud.ca, "utf8").startsWith("-----BEGIN CERTIFICATE-----"));
});

for (const version of ["mqttv31", "mqttv311"])
	testWith("mosquitto_pub", `publishes over TLS with ${version}`, async (t) => {
		const names = { productId: product.id, deviceName: version };
		const { clientId, username, password } = login(names, await obtainPsk(cloud.urls.http, names));
		const topic = `${product.id}/${version}/event`;
		const { port } = new URL(cloud.urls.mqtts);
		const tls = ["-h", "localhost", "-p", port, "--cafile", cloud.ca];
		const user = ["-i", clientId, "-u", username, "-P", password];
		await run("mosquitto_pub", ["-V", version, ...tls, ...user, "-q", "1", "-t", topic, "-m", "hello"]);
		const entry = cloud.administration.requests().find((one) => one.device === version && one.operation === "publish");
		t.like(entry, { transport: "mqtts", verdict: "accepted" });
	});

for (const version of ["tlsv1.2", "tlsv1.3"])
	testWith("mosquitto_pub", `publishes with a pre-shared key and no password, over ${version}`, async (t) => {
		const names = { productId: product.id, deviceName: `psk-${version.replace(".", "-")}` };
		const psk = await obtainPsk(cloud.urls.http, names);
		const { clientId, username } = login(names, psk);
		const publish = (key: string) => {
			const tls = ["-h", "127.0.0.1", "-p", new URL(cloud.urls.mqtts).port, "--tls-version", version];
			const identity = ["--psk-identity", clientId, "--psk", key, "-i", clientId, "-u", username];
			const message = ["-q", "1", "-t", `${product.id}/${names.deviceName}/event`, "-m", "hello"];
			return run("mosquitto_pub", [...tls, ...identity, ...message]);
		};
		const journal = () => cloud.administration.requests().filter(({ device }) => device === names.deviceName);
		await publish(Buffer.from(psk, "base64").toString("hex"));
		t.like(
			journal().find(({ operation }) => operation === "publish"),
			{ transport: "mqtts", verdict: "accepted" },
		);
		await t.throwsAsync(publish("00".repeat(16)));
		t.regex(journal().find(({ operation }) => operation === "tls")?.reason ?? "", /The TLS-PSK key does not belong to/);
	});
