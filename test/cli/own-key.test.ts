/** Clouds whose devices have keys that are derived from the product's secret: the desk derives, and keeps the secret. */

import { derivedKeyOf, usesProductSecret, withOwnKey } from "@dynreg/cli/internal/configuration/own-key";
import test from "ava";
import { keyFor } from "../cloud/azure-device.js";

const group = "InventedGroupKeyForTestsInventedGroupKeyForTests";
const product = { cloud: "azure", idScope: "0ne00111111", productSecret: group };
const { productSecret: _, ...withoutSecret } = product;

test("a named device gets its own key in place of the product's secret", (t) => {
	const deviceName = "Board-1";
	t.deepEqual(withOwnKey({ ...product, deviceName }), { ...withoutSecret, deviceName, deviceKey: keyFor("board-1") });
});

test("a device whose key is configured, or that has no name yet, does not get the product's secret", (t) => {
	const own = { deviceName: "board-1", deviceKey: keyFor("board-2") };
	t.deepEqual(withOwnKey({ ...product, ...own }), { ...withoutSecret, ...own });
	t.deepEqual(withOwnKey(product), withoutSecret);
});

test("where the product's secret is allowed on the device, absent or invalid, nothing changes", (t) => {
	for (const change of [
		{ dangerouslyUseGroupKey: true },
		{ dangerouslyUseGroupKey: "true" },
		{ productSecret: "" },
		{ productSecret: 5 },
		{ productSecret: "not base64!" },
	]) {
		const configuration = { ...product, deviceName: "board-1", ...change };
		t.deepEqual(withOwnKey(configuration), configuration);
	}
});

test("other clouds have no derived keys", (t) => {
	const tencent = { productId: "PRODUCT001", productSecret: group, deviceName: "board-1" };
	t.is(derivedKeyOf(tencent), undefined);
	t.is(withOwnKey(tencent), tencent);
	const derivedKey = derivedKeyOf(product);
	t.false(derivedKey === undefined || usesProductSecret(derivedKey, product));
});
