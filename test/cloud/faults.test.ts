import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test from "ava";
import {
	closed,
	form,
	type Names,
	open,
	post,
	productSecret,
	refusal,
	registration,
	session,
	until,
} from "./aliyun-device.js";
import { obtainPsk, product } from "./device.js";

let count = 0;
async function newCloud(): Promise<{ readonly cloud: Cloud; readonly names: Names }> {
	const names = { productKey: `a1Fault${++count}`, deviceName: "board-1" };
	const cloud = await startCloud();
	cloud.administration.putProduct("aliyun", names.productKey, { secret: productSecret, registration: "free" });
	cloud.administration.putDevice("aliyun", names.productKey, names.deviceName);
	return { cloud, names };
}

async function timed<Result>(action: () => Promise<Result>): Promise<readonly [Result, milliseconds: number]> {
	const started = Date.now();
	return [await action(), Date.now() - started];
}

/** Of the latest request. */
const reason = (cloud: Cloud): string => cloud.administration.requests().at(-1)?.reason ?? "";

const secretIn = (answer: string): string =>
	(JSON.parse(answer) as { data: { deviceSecret: string } }).data.deviceSecret;

test("a delayed HTTP registration is carried out at once", async (t) => {
	const { cloud, names } = await newCloud();
	t.teardown(() => cloud.close());
	const before = secretIn(await post(cloud.urls.http, form(names)));
	cloud.administration.setFaults([{ operation: "register", fault: "delay", seconds: 1, count: 1 }]);
	const answer = timed(() => post(cloud.urls.http, form(names)));
	await until(() => cloud.administration.requests().length === 2);
	t.regex(
		cloud.administration.requests().at(-1)?.reason ?? "",
		/Issued a deviceSecret\. Fault: response delayed by 1 s\./,
	);
	t.is(await refusal(cloud.urls.mqtt, session(names, before)), 4);
	const [body, took] = await answer;
	t.true(took >= 1000 && took < 30_000, String(took));
	t.is(await refusal(cloud.urls.mqtt, session(names, secretIn(body))), 0);
});

test("over MQTT the CONNACK comes at once, and what is pushed comes later", async (t) => {
	const { cloud, names } = await newCloud();
	t.teardown(() => cloud.close());
	cloud.administration.setFaults([{ operation: "register/regnwl", fault: "delay", seconds: 1 }]);
	const ca = readFileSync(cloud.ca);
	const [client, took] = await timed(async () => {
		const client = await open(cloud.urls.mqtts, registration("regnwl", names), { ca });
		t.deepEqual(client.got, []);
		await until(() => client.got.length > 0);
		return client;
	});
	t.true(took >= 1000, String(took));
	t.is(client.got[0]?.[0], "/ext/regnwl");
	client.end(true);
	// Another operation goes unharmed.
	await post(cloud.urls.http, form(names));
	t.is(reason(cloud), "Issued a deviceSecret.");
});

test("a rule applies up to its count, to its device, and only to successes", async (t) => {
	const { cloud, names } = await newCloud();
	t.teardown(() => cloud.close());
	const { administration } = cloud;
	const rule = { operation: "register/device", fault: "delay", seconds: 0.3, count: 2, device: "board-1" } as const;
	t.deepEqual(administration.setFaults([rule]), [rule]);
	const register = async (deviceName: string): Promise<boolean> => {
		administration.putDevice("aliyun", names.productKey, deviceName);
		const [, took] = await timed(() => post(cloud.urls.http, form({ ...names, deviceName })));
		const delayed = reason(cloud).includes(" Fault: response delayed by 0.3 s.");
		t.true(!delayed || took >= 300, String(took));
		return delayed;
	};
	t.false(await register("board-2"));
	t.regex(await post(cloud.urls.http, form(names, "another-secret-00")), /401/);
	t.deepEqual(administration.faults(), [rule]);
	t.true(await register("board-1"));
	t.deepEqual(administration.faults(), [{ ...rule, count: 1, triggered: 1 }]);
	t.true(await register("board-1"));
	t.deepEqual(administration.faults(), [{ ...rule, count: 0, triggered: 2 }]);
	t.false(await register("board-1"));
});

test("the first rule that matches applies, on all platforms alike", async (t) => {
	const { cloud } = await newCloud();
	t.teardown(() => cloud.close());
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	cloud.administration.setFaults([
		{ operation: "register/v2", fault: "delay", seconds: 0.3, count: 1 },
		{ operation: "register", fault: "delay", seconds: 0.6, count: 1 },
	]);
	const register = () => timed(() => obtainPsk(cloud.urls.http, { productId: product.id, deviceName: "slow" }));
	const [, first] = await register();
	t.true(first >= 300, String(first));
	t.regex(reason(cloud), /by 0\.3 s\.$/);
	const [, second] = await register();
	t.true(second >= 600, String(second));
	t.regex(reason(cloud), /by 0\.6 s\.$/);
	await register();
	t.is(reason(cloud), "Issued a psk.");
});

test("faults are set, read and cleared over HTTP; malformed ones are rejected", async (t) => {
	const { cloud } = await newCloud();
	t.teardown(() => cloud.close());
	const ask = async (method: string, body?: unknown) => {
		const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
		const response = await fetch(`${cloud.urls.admin}/faults`, init);
		const text = await response.text();
		return { status: response.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
	};
	const rule = { operation: "register", fault: "delay", seconds: 24, count: 1 };
	t.deepEqual(await ask("PUT", { rules: [rule] }), { status: 200, body: [rule] });
	t.deepEqual(await ask("GET"), { status: 200, body: [rule] });
	const cases: [body: unknown, error: RegExp][] = [
		[{}, /"rules" is missing\. Expected a list of fault rules/],
		[{ rules: [1] }, /A fault rule is invalid\. Expected a JSON object/],
		[{ rules: [rule], more: 1 }, /"more" is unknown\./],
		[{ rules: [{ ...rule, Device: "x" }] }, /"Device" of a fault rule is unknown\. Known keys: operation/],
		[
			{ rules: [{ ...rule, operation: undefined }] },
			/"operation" is missing\. Expected the name of an operation or port: "register" for all .* https, mqtts, mtls\./,
		],
		[
			{ rules: [{ ...rule, operation: 7 }] },
			/"operation" is invalid\. Expected the name of an .* connect, session, publish, subscribe, message, http/,
		],
		[{ rules: {} }, /"rules" is invalid\. Expected a list of fault rules/],
		[{ rules: [rule, { ...rule, fault: "explode" }] }, /^Rule 2: "fault" is invalid/],
		[
			{ rules: [{ ...rule, operation: "" }] },
			/"operation" is invalid for the fault "delay"\. Expected "register" for all registrations/,
		],
		[
			{ rules: [{ ...rule, operation: "connect" }] },
			/one of register\/v1, register\/v2, register\/device, register\/mqtt, register\/regnwl/,
		],
		[{ rules: [{ ...rule, fault: "explode" }] }, /"fault" is invalid\. Expected "delay"/],
		[{ rules: [{ ...rule, seconds: "1" }] }, /"seconds" is invalid\. Expected a number/],
		[{ rules: [{ ...rule, seconds: 0 }] }, /"seconds" is invalid\. Expected a number above 0, at most 3600/],
		[{ rules: [{ ...rule, seconds: 3601 }] }, /at most 3600/],
		[{ rules: [{ ...rule, count: 0 }] }, /"count" is invalid\. Expected a whole number of at least 1/],
		[{ rules: [{ ...rule, device: 7 }] }, /"device" is invalid\. Expected the name of a device/],
	];
	for (const [body, error] of cases) {
		const reply = await ask("PUT", body);
		t.is(reply.status, 400);
		t.regex((reply.body as { error: string }).error, error);
	}
	t.deepEqual((await ask("GET")).body, [rule]);
	t.is((await ask("DELETE")).status, 204);
	t.deepEqual((await ask("GET")).body, []);
});

test("a client that disconnects before its response disturbs nothing", async (t) => {
	const { cloud, names } = await newCloud();
	t.teardown(() => cloud.close());
	cloud.administration.setFaults([{ operation: "register", fault: "delay", seconds: 0.3 }]);
	const message = request(`${cloud.urls.http}/auth/register/device`, { method: "POST" });
	message.on("error", () => {});
	message.end(form(names));
	await until(() => cloud.administration.requests().length === 1);
	message.destroy();
	const client = await open(cloud.urls.mqtts, registration("register", names), { ca: readFileSync(cloud.ca) });
	const gone = closed(client);
	client.end(true);
	await gone;
	await new Promise((resolve) => setTimeout(resolve, 500));
	cloud.administration.clearFaults();
	t.regex(await post(cloud.urls.http, form(names)), /"code":200/);
});

test("closing the cloud leaves no timer", async (t) => {
	const dynreg = fileURLToPath(new URL("../../../cli/build/dynreg.js", import.meta.url));
	const child: ChildProcess = spawn(process.execPath, [dynreg, "cloud", "--json"], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	t.teardown(() => child.kill("SIGKILL"));
	if (!child.stdout) throw new Error("no output");
	const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
	const { admin, http, mqtts, ca } = JSON.parse((await lines.next()).value as string) as Record<string, string>;
	const names = { productKey: "a1Closing", deviceName: "board-1" };
	const put = (path: string, body: unknown) => fetch(`${admin}${path}`, { method: "PUT", body: JSON.stringify(body) });
	await put(`/products/aliyun/${names.productKey}`, { secret: productSecret, registration: "free" });
	await put(`/products/aliyun/${names.productKey}/devices/board-1`, {});
	await put("/faults", { rules: [{ operation: "register", fault: "delay", seconds: 60 }] });
	const unanswered = t.throwsAsync(post(http ?? "", form(names)));
	await lines.next();
	const client = await open(mqtts ?? "", registration("register", names), { ca: readFileSync(ca ?? "") });
	const dropped = closed(client);
	const ended = once(child, "exit");
	const [, took] = await timed(async () => {
		child.kill("SIGTERM");
		await Promise.all([ended, unanswered, dropped]);
	});
	t.deepEqual(await ended, [0, null]);
	t.true(took < 30_000, String(took));
	t.deepEqual(client.got, []);
});
