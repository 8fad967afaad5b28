import { sign } from "dynreg/clouds/aliyun/sign";
import { accessToken, derivedKey, percentEncoded } from "dynreg/clouds/azure/token";
import { decryptPayload } from "dynreg/clouds/tencent/payload";
import { readProduct } from "dynreg/clouds/tencent/product";
import { registration } from "dynreg/clouds/tencent/registration";
import { volcengine } from "dynreg/clouds/volcengine/cloud";
import { decryptPayload as decryptSecret } from "dynreg/clouds/volcengine/payload";
import type { HttpExchange, RawConfiguration } from "dynreg/contracts/cloud";
import type { Crypto } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";
import { deepFreeze } from "../../contract/cases/deep-freeze.js";
import { expectEqual } from "../../contract/cases/expect.js";
import type { DeviceCase, Vector, VectorKind } from "../device-case.js";

/** What vendors publish and their SDKs send (`conformance/vectors.json`), through this host's crypto. */
export const vectors: readonly DeviceCase[] = deepFreeze([
	each("Tencent signs registrations by v1 as its SDKs do", "tencent_v1_sign", (crypto, vector) => {
		const { productId, deviceName, timestamp, nonce } = vector;
		const { body } = registration(crypto, tencent(crypto, vector, { productId, deviceName, protocol: "v1" }), {
			now: timestamp * 1000,
			random: randomFor(nonce),
		}).request;
		expectEqual(JSON.parse(body).signature, vector.signature, `signature (${vector.origin})`);
	}),
	each("Tencent signs registrations by v2 as its SDKs do", "tencent_v2_sign", (crypto, vector) => {
		const { ProductId, DeviceName } = JSON.parse(vector.body);
		// One published sample has a product id that no product can have.
		const product = { ...tencent(crypto, vector, {}), productId: ProductId, deviceName: DeviceName };
		const { headers, body } = registration(
			crypto,
			{ ...product, signMethod: vector.algorithm, register: { ...product.register, host: vector.host } },
			{ now: vector.timestamp * 1000, random: randomFor(vector.nonce) },
		).request;
		expectEqual(body, vector.body, `body (${vector.origin})`);
		const [, signature] = headers.find(([name]) => name === "X-TC-Signature") ?? [];
		expectEqual(signature, vector.signature, `signature (${vector.origin})`);
	}),
	each(
		"Tencent's payload opens to the key in it",
		"tencent_payload",
		(crypto, { productSecret, payload, len, plain }) => {
			const { psk } = JSON.parse(plain);
			const own = { kind: "certificate" as const, certificates: [], secret: new Secret("own") };
			const { secret } = decryptPayload(crypto, new Secret(productSecret), payload, len, own);
			expectEqual(secret.reveal(), psk ?? "own", "secret");
		},
	),
	each("Tencent's session is signed as its SDKs sign it", "tencent_mqtt", (crypto, { psk, username, password }) => {
		const digest = crypto.hmac("SHA1", crypto.fromBase64(psk), username);
		expectEqual(`${crypto.hex(digest)};hmacsha1`, password, "password");
	}),
	each("Alibaba's registrations are signed as its SDKs sign them", "aliyun_register_sign", (crypto, vector) => {
		const { productKey, deviceName, random } = vector;
		expectEqual(
			signed(crypto, vector, "productSecret", { deviceName, productKey, random }),
			lower(vector.sign),
			"sign",
		);
	}),
	each("Alibaba's sessions are signed as its SDKs sign them", "aliyun_session", (crypto, vector) => {
		// Names and values one after another, as they are signed: they stand in for the fields.
		expectEqual(signed(crypto, vector, "deviceSecret", { [vector.content]: "" }), lower(vector.password), "password");
	}),
	each("Volcengine's registrations are signed as its SDK signs them", "volcengine_sign", (crypto, vector) => {
		const { request } = volcengineDevice(crypto, vector).registration(inputsFor(vector)) as HttpExchange;
		expectEqual(JSON.parse(request.body).signature, vector.signature, `signature (${vector.origin})`);
	}),
	each("Volcengine's payload opens to the device secret", "volcengine_payload", (crypto, vector) => {
		const { productSecret, payload, len, deviceSecret } = vector;
		const secret = decryptSecret(crypto, new Secret(productSecret), payload, len);
		expectEqual(secret.reveal(), deviceSecret, "device secret");
	}),
	each("Volcengine's session is signed as its SDK signs it", "volcengine_session", (crypto, vector) => {
		const credential = { kind: "key" as const, secret: new Secret(vector.deviceSecret) };
		const { connect } = volcengineDevice(crypto, vector).session(credential, inputsFor(vector));
		expectEqual(connect.username, vector.username, "user name");
		expectEqual(connect.password?.reveal(), vector.password, "password");
	}),
	each(
		"Azure's devices have the keys that its documentation derives",
		"azure_derived_key",
		(crypto, { groupKey, registrationId, deviceKey }) =>
			expectEqual(derivedKey(crypto, new Secret(groupKey), registrationId).reveal(), deviceKey, "key"),
	),
	each("Azure's tokens are signed as its SDKs sign them", "azure_token", (crypto, { key, sr, se, sig }) => {
		const token = accessToken(crypto, new Secret(key), sr, "", (se - 3600) * 1000, 3600, "connect");
		expectEqual(token.reveal(), `SharedAccessSignature sr=${sr}&sig=${percentEncoded(sig)}&se=${se}`, "token");
	}),
]);

function each(what: string, of: VectorKind, checked: (crypto: Crypto, vector: Vector) => void): DeviceCase {
	const [kind, check] = [of, checked];
	return {
		name: `vectors: ${what}`,
		needs: [kind],
		runs: [
			async ({ host }, world) => {
				const all = world[kind];
				if (all.length === 0) throw new Error(`there are no vectors ${kind}`);
				for (const vector of all) check(host.crypto, vector);
			},
		],
	};
}

function tencent(crypto: Crypto, { productSecret }: Vector, changes: object) {
	const configuration = { productId: "PRODUCT001", deviceName: "board-1", ...changes };
	return { ...readProduct(configuration, crypto, undefined), productSecret: new Secret(productSecret) };
}

function volcengineDevice(crypto: Crypto, { productKey, productSecret, deviceName, authType }: Vector) {
	const configuration: RawConfiguration = {
		productKey,
		productSecret,
		deviceName,
		instanceId: "instance",
		authType: authType === 1 ? "no-pre-registration" : "pre-registration",
	};
	return volcengine.device(configuration, crypto, undefined);
}

function inputsFor({ nonce, timestamp }: Vector) {
	return { now: timestamp * 1000, random: randomFor(nonce) };
}

function signed(
	crypto: Crypto,
	vector: Vector,
	secret: "productSecret" | "deviceSecret",
	fields: Readonly<Record<string, string>>,
): string {
	return sign(crypto, vector.signMethod, new Secret(vector[secret]), fields);
}

/** Random bytes that lead to this nonce. */
function randomFor(nonce: number): Uint8Array {
	const random = new Uint8Array(16);
	new DataView(random.buffer).setUint32(0, nonce);
	return random;
}

function lower(text: string): string {
	return text.toLowerCase();
}
