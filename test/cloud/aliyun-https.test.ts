import { readFileSync } from "node:fs";
import { type Cloud, type ProductChange, startCloud } from "@dynreg/cloud";
import test from "ava";
import {
	entries,
	form,
	hmac,
	type Names,
	obtainSecret,
	post,
	productSecret,
	refusal,
	session,
	vectors,
} from "./aliyun-device.js";

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
});
test.after.always(() => cloud.close());

let count = 0;
/** A device of a test's own, created ahead. */
function newDevice(change: ProductChange = {}, deviceName = "board-1"): Names {
	const productKey = `a1Https${++count}`;
	cloud.administration.putProduct("aliyun", productKey, { secret: productSecret, ...change });
	cloud.administration.putDevice("aliyun", productKey, deviceName);
	return { productKey, deviceName };
}

const code = async (body: string): Promise<number> =>
	(JSON.parse(await post(cloud.urls.http, body)) as { code: number }).code;

for (const vector of vectors.aliyun_https_exchange)
	test.serial(`the recorded exchange of ${vector.deviceName} replays exactly and connects`, async (t) => {
		const { productKey, deviceName, deviceSecret, random } = vector;
		cloud.administration.putProduct("aliyun", productKey, { secret: vector.productSecret });
		cloud.administration.putDevice("aliyun", productKey, deviceName, deviceSecret);
		const { sign } = vectors.aliyun_register_sign.find((one) => one.random === random) ?? { sign: "" };
		const request = `productKey=${productKey}&deviceName=${deviceName}&random=${random}&sign=${sign}&signMethod=HmacMD5`;
		t.is(request.length, vector.requestBytes);
		const reply = await post(cloud.urls.https, request, { tls: { ca: readFileSync(cloud.ca) } });
		t.is(reply, vector.reply);
		t.is(reply.length, vector.replyBytes);
		const { password } = vectors.aliyun_session.find((one) => one.origin.includes("real")) ?? { password: "" };
		const clientId = `${deviceName}|securemode=3,signmethod=HmacMD5|`;
		t.is(await refusal(cloud.urls.mqtt, { clientId, username: `${deviceName}&${productKey}`, password }), 0);
	});

for (const vector of vectors.aliyun_register_sign)
	test(`the sign of ${vector.origin} is accepted`, async (t) => {
		const { productKey, deviceName, random, sign, signMethod } = vector;
		const other = await startCloud();
		t.teardown(() => other.close());
		other.administration.putProduct("aliyun", productKey, { secret: vector.productSecret });
		other.administration.putDevice("aliyun", productKey, deviceName);
		const body = String(new URLSearchParams({ productKey, deviceName, random, sign, signMethod }));
		t.regex(await post(other.urls.http, body), /^\{"code":200,"data":\{"deviceName":".*"\},"message":"success"\}$/);
	});

for (const vector of vectors.aliyun_negative)
	test(`refused with 401: ${vector.what}`, async (t) => {
		const [, deviceName = "", productKey = "", random = ""] =
			/^deviceName(.*)productKey(.*)random(.*)$/.exec(vector.stringToSign) ?? [];
		cloud.administration.putProduct("aliyun", productKey, { secret: vector.productSecret });
		cloud.administration.putDevice("aliyun", productKey, deviceName);
		const names = { productKey, deviceName };
		const change = { random, sign: vector.bad, signMethod: vector.signMethod };
		t.is(await code(form(names, vector.productSecret, change)), 401);
		const entry = entries(cloud, names).at(-1);
		t.is(entry?.expected?.stringToSign, vector.stringToSign);
		t.regex(entry?.reason ?? "", /The algorithm is hmacsha1\. Expected hmacsha256/);
	});

test("a new secret is 32 lower-case hex digits, in the platform's key order", async (t) => {
	const names = newDevice();
	const answer = await post(cloud.urls.http, form(names));
	t.regex(
		answer,
		new RegExp(
			`^\\{"code":200,"data":\\{"deviceName":"board-1","deviceSecret":"[0-9a-f]{32}","productKey":"${names.productKey}"\\},"message":"success"\\}$`,
		),
	);
	t.like(entries(cloud, names).at(-1), { transport: "http", operation: "register/device", verdict: "accepted" });
});

for (const signMethod of ["HmacMD5", "hmacmd5", "hmac_md5", "hmacsha1", "HmacSHA1", "hmac_sha1", "hmac_SHA256"])
	test(`signMethod=${signMethod} is understood, whatever the case of the sign`, async (t) => {
		const names = newDevice();
		const content = `deviceName${names.deviceName}productKey${names.productKey}random661988398`;
		const sign = hmac(signMethod.toLowerCase().replace("_", ""), productSecret, content);
		t.is(await code(form(names, productSecret, { signMethod, sign })), 200);
		t.is(await code(form(names, productSecret, { signMethod, sign: sign.toUpperCase() })), 200);
	});

test("the body is a form whatever its content type, with its fields in any order", async (t) => {
	const names = newDevice();
	const body = form(names).split("&").reverse().join("&");
	for (const type of ["application/json", "text/plain"])
		t.regex(await post(cloud.urls.http, body, { headers: { "Content-Type": type } }), /"code":200/);
});

test("before activation each registration replaces the secret", async (t) => {
	const names = newDevice();
	const first = await obtainSecret(cloud, names);
	const second = await obtainSecret(cloud, names);
	t.not(first, second);
	t.is(await refusal(cloud.urls.mqtt, session(names, first)), 4);
	t.is(await refusal(cloud.urls.mqtt, session(names, second)), 0);
});

test("after activation it is refused until the device is reset", async (t) => {
	const names = newDevice();
	t.is(await refusal(cloud.urls.mqtt, session(names, await obtainSecret(cloud, names))), 0);
	t.is(await post(cloud.urls.http, form(names)), '{"code":6289,"message":"device is already active"}');
	t.regex(entries(cloud, names).at(-1)?.reason ?? "", /reset or delete the device/);
	cloud.administration.resetDevice("aliyun", names.productKey, names.deviceName);
	t.is(await code(form(names)), 200);
});

test("each refusal has its number and its reason", async (t) => {
	const names = newDevice();
	const off = newDevice({ registration: "off" });
	const free = newDevice({ registration: "free" });
	const cases: [body: string, code: number, reason: RegExp][] = [
		[form({ ...names, deviceName: "never-created" }), 6100, /has no device never-created.*Create the device/],
		[
			form({ ...free, deviceName: "never-created" }),
			6100,
			/any name gets a token, but a secret needs an existing device/,
		],
		[form({ ...names, productKey: "a1Unknown" }), 6250, /product a1Unknown does not exist/],
		[form(off), 900003, /registration of product \w+ is off\. Set "registration"/],
		[form({ ...names, deviceName: "abc" }), 6280, /device name is invalid\. Expected 4 to 32 characters/],
		[form({ ...names, deviceName: "with space" }), 6280, /device name is invalid/],
		[form({ ...names, deviceName: "n".repeat(33) }), 6280, /device name is invalid/],
		[form({ ...names, productKey: "a-1" }), 460, /productKey is invalid\. .* letters and digits/],
		[
			form(names, productSecret, { signMethod: "crc32" }),
			460,
			/"signMethod" is invalid\. Expected one of hmacmd5, hmacsha1, hmacsha256/,
		],
		[form(names, productSecret, { random: "" }), 460, /"random" is missing/],
		[form(names, productSecret, { sign: "" }), 460, /"sign" is missing/],
		[`{"productKey":"${names.productKey}"}`, 460, /"productKey" is missing/],
		["", 460, /"productKey" is missing/],
	];
	for (const [body, number, reason] of cases) {
		t.is(await code(body), number, body);
		const entry = cloud.administration
			.requests()
			.findLast((one) => one.operation === "register/device" && one.code === number && reason.test(one.reason));
		t.truthy(entry, `${number} ${reason}`);
	}
	t.is(await code(form(free)), 200);
});

const wrongSigns: readonly [what: string, sign: (names: Names) => string, reason: RegExp][] = [
	[
		"another secret",
		(names) => sign(names, "another-secret-00"),
		/board's productSecret is probably another product's/,
	],
	["the device secret", (names) => sign(names, deviceSecret), /The key is the deviceSecret/],
	["the product secret decoded", (names) => sign(names, Buffer.from(productSecret, "base64")), /decoded as base64/],
	[
		"another order",
		({ productKey, deviceName }) =>
			hmac("hmacsha256", productSecret, `productKey${productKey}deviceName${deviceName}random661988398`),
		/in the order productKey, deviceName, random\. Expected deviceName, productKey, random\./,
	],
	[
		"= and &",
		({ productKey, deviceName }) =>
			hmac("hmacsha256", productSecret, `deviceName=${deviceName}&productKey=${productKey}&random=661988398`),
		/joined with = and &/,
	],
	[
		"the values alone",
		({ productKey, deviceName }) => hmac("hmacsha256", productSecret, `${deviceName}${productKey}661988398`),
		/names of the fields are missing/,
	],
	[
		"no random number",
		({ productKey, deviceName }) => hmac("hmacsha256", productSecret, `deviceName${deviceName}productKey${productKey}`),
		/random number is not signed/,
	],
	[
		"base64",
		(names) => Buffer.from(sign(names, productSecret), "hex").toString("base64"),
		/base64 of the digest\. Expected hex/,
	],
	["the secret itself", () => productSecret, /The value is a secret itself/],
];
const deviceSecret = "0123456789abcdef0123456789abcdef";
function sign({ productKey, deviceName }: Names, key: string | Buffer): string {
	return hmac("hmacsha256", key, `deviceName${deviceName}productKey${productKey}random661988398`);
}
for (const [what, make, reason] of wrongSigns)
	test(`a sign made with ${what} is refused with 401, and the mistake named`, async (t) => {
		const names = newDevice();
		cloud.administration.rotateDevice("aliyun", names.productKey, names.deviceName, deviceSecret);
		t.is(await code(form(names, productSecret, { sign: make(names) })), 401);
		const entry = entries(cloud, names).at(-1);
		t.regex(entry?.reason ?? "", reason);
		t.deepEqual(entry?.expected, {
			algorithm: "hmacsha256",
			stringToSign: `deviceNameboard-1productKey${names.productKey}random661988398`,
		});
	});

test("every response fits the 192 bytes of the vendor's C SDK", async (t) => {
	const longest = { productKey: "K".repeat(20), deviceName: "d".repeat(32) };
	cloud.administration.putProduct("aliyun", longest.productKey, { secret: productSecret });
	const unknown = { ...longest, productKey: "U".repeat(20) };
	const answers = [await post(cloud.urls.http, form(longest))];
	cloud.administration.putDevice("aliyun", longest.productKey, longest.deviceName);
	answers.push(await post(cloud.urls.http, form(longest)));
	answers.push(await post(cloud.urls.http, form(longest, "another-secret-00")));
	answers.push(await post(cloud.urls.http, form(unknown)));
	answers.push(await post(cloud.urls.http, form({ ...longest, deviceName: "d".repeat(500) })));
	answers.push(await post(cloud.urls.http, "nonsense"));
	cloud.administration.putProduct("aliyun", longest.productKey, { registration: "off" });
	answers.push(await post(cloud.urls.http, form(longest)));
	t.deepEqual(
		answers.map((answer) => (JSON.parse(answer) as { code: number }).code),
		[6100, 200, 401, 6250, 6280, 460, 900003],
	);
	for (const answer of answers) t.true(Buffer.byteLength(answer) < 192, answer);
});

test("a client that knows only RSA key exchange with CBC registers", async (t) => {
	const names = newDevice();
	const tls = { ca: readFileSync(cloud.ca), ciphers: "AES128-SHA", maxVersion: "TLSv1.2" } as const;
	t.regex(await post(cloud.urls.https, form(names), { tls }), /"code":200/);
	t.is(entries(cloud, names).at(-1)?.transport, "https");
});

test("no secret is in the journal, whatever a board sends in its place", async (t) => {
	const names = newDevice();
	const secret = await obtainSecret(cloud, names);
	const other = 'a-next-secret/with:"quotes"';
	cloud.administration.putDevice("aliyun", names.productKey, names.deviceName, other);
	await code(form({ ...names, deviceName: secret }));
	await code(form({ ...names, deviceName: productSecret }));
	await code(form(names, productSecret, { random: other, sign: "00" }));
	const journal = JSON.stringify(cloud.administration.requests().filter((one) => one.product === names.productKey));
	t.true(journal.includes("[secret]"));
	for (const one of [secret, productSecret, other, JSON.stringify(other).slice(1, -1)])
		t.false(journal.includes(one), one);
});
