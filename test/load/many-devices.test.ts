/** The local cloud with 100,000 devices in a product: what anybody may ask costs no more than with one. */

import { type Cloud, startCloud } from "@dynreg/cloud";
import test, { type ExecutionContext } from "ava";
import * as aliyun from "../cloud/aliyun-device.js";
import { login, obtainPsk, postV1, product, registerV2, v1Body } from "../cloud/device.js";

const many = 100_000;
const productKey = "manyDevice01";

let small: Cloud;
let large: Cloud;

async function started(devices: number): Promise<Cloud> {
	const cloud = await startCloud();
	const { administration } = cloud;
	administration.putProduct("tencent", product.id, { secret: product.secret, registration: "pre-created" });
	administration.putProduct("aliyun", productKey, { secret: aliyun.productSecret });
	for (let count = 0; count < devices; count++) {
		const name = `device-${count}`;
		administration.putDevice("tencent", product.id, name, Buffer.alloc(16, count.toString(36)).toString("base64"));
		administration.putDevice("aliyun", productKey, name, `${count}`.padStart(32, "s"));
	}
	return cloud;
}

test.before(async () => {
	[small, large] = [await started(1), await started(many)];
});
test.after.always(() => Promise.all([small.close(), large.close()]));

/** @returns milliseconds of CPU that one request takes, client and server together, and the server's part alone */
async function cpu(times: number, ask: () => Promise<unknown>): Promise<number> {
	for (let count = 0; count < 20; count++) await ask();
	const before = process.cpuUsage();
	for (let count = 0; count < times; count++) await ask();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000 / times;
}

const unknown = { productId: product.id, deviceName: "nobody" };
const unknownKey = { productKey, deviceName: "nobody" };

const requests: Readonly<Record<string, (cloud: Cloud) => Promise<unknown>>> = {
	"Tencent v1, an unknown name": ({ urls }) => postV1(urls.http, v1Body(unknown)),
	"Tencent v1, a wrong signature": ({ urls }) => postV1(urls.http, v1Body(unknown, "another-secret-of-16")),
	"Tencent v2, an unknown name": ({ urls }) => registerV2(urls.http, unknown),
	"Tencent v2, a wrong signature": ({ urls }) => registerV2(urls.http, unknown, "another-secret-of-16"),
	"Alibaba, an unknown name": ({ urls }) => aliyun.post(urls.http, aliyun.form(unknownKey)),
	"Alibaba, a wrong sign": ({ urls }) => aliyun.post(urls.http, aliyun.form(unknownKey, "anotherSecret")),
	"a CONNECT of an unknown Tencent device": ({ urls }) =>
		aliyun.refusal(urls.mqtt, login(unknown, "A".repeat(22).concat("=="))),
	"a CONNECT of an unknown Alibaba device": ({ urls }) => aliyun.refusal(urls.mqtt, aliyun.session(unknownKey, "x")),
};

for (const [what, ask] of Object.entries(requests))
	test.serial(`${what}: with 100,000 devices it takes about the same time as with one`, async (t) => {
		await comparesWithin(t, 1, (cloud) => cpu(100, () => ask(cloud)));
	});

/** @param milliseconds more, at the most, with all devices: in the best of three measurements, since a machine may be busy */
async function comparesWithin(t: ExecutionContext, milliseconds: number, measure: (cloud: Cloud) => Promise<number>) {
	let most = Number.POSITIVE_INFINITY;
	for (let attempt = 0; attempt < 3 && most >= milliseconds; attempt++) {
		const [few, lots] = [await measure(small), await measure(large)];
		t.log(`${few.toFixed(2)} ms with one device, ${lots.toFixed(2)} ms with ${many}: client and server`);
		most = Math.min(most, lots - few);
	}
	t.true(most < milliseconds, `${most} ms more`);
}

test.serial("a known device registers and connects as quickly", async (t) => {
	const names = { productId: product.id, deviceName: "device-0" };
	const round = (cloud: Cloud) => async () => {
		const psk = await obtainPsk(cloud.urls.http, names);
		t.is(await aliyun.refusal(cloud.urls.mqtt, login(names, psk)), 0);
		cloud.administration.resetDevice("tencent", product.id, names.deviceName);
	};
	await comparesWithin(t, 3, (cloud) => cpu(30, round(cloud)));
});
