import { startCloud } from "@dynreg/cloud";
import { routes } from "@dynreg/cloud/internal/admin/routes";
import type { JsonSchema } from "@dynreg/cloud/internal/admin/schema";
import test, { type ExecutionContext } from "ava";
import { obtainCertificate } from "./certificate-device.js";
import { obtainPsk, product, registerV2 } from "./device.js";

test("each operation has a method and path of its own", (t) => {
	const names = routes.map(({ method, path }) => `${method} ${path}`);
	t.deepEqual(
		names.filter((name, index) => names.indexOf(name) !== index),
		[],
	);
});

test("responses have the form that their operations say", async (t) => {
	const cloud = await startCloud();
	t.teardown(() => cloud.close());
	const { administration, urls } = cloud;
	administration.putProduct("tencent", product.id, { secret: product.secret });
	administration.putProduct("tencent", "CERTIFIED1", { secret: product.secret, auth: "certificate" });
	administration.putProduct("aliyun", "a1Schema", { secret: product.secret, instanceId: "iot-1" });
	administration.setFaults([{ operation: "register", fault: "delay", seconds: 0.01, count: 2 }]);
	await obtainPsk(urls.http, { productId: product.id, deviceName: "board-1" });
	await registerV2(urls.http, { productId: product.id, deviceName: "board-1" }, "another-product-secret");
	await obtainCertificate(urls.http, { productId: "CERTIFIED1", deviceName: "board-1" });

	const bodies: Readonly<Record<string, unknown>> = {
		"/certificate": { kind: "good" },
		"/faults": { rules: [{ operation: "register", fault: "drop" }] },
		"/products/:platform/:id/devices/:name/messages": { payload: "x" },
		"/products/:platform/:id/devices": { names: ["board-2"] },
	};
	let checked = 0;
	for (const id of [product.id, "CERTIFIED1"])
		for (const { method, path, response } of routes.filter((route) => route.method !== "DELETE")) {
			const values: Readonly<Record<string, string>> = { platform: "tencent", id, name: "board-1" };
			const where = path.replaceAll(/:(\w+)/g, (_, name) => values[name] ?? "");
			const body = method === "GET" ? {} : { body: JSON.stringify(bodies[path] ?? {}) };
			const answer = await fetch(urls.admin + where, { method, ...body });
			if (!answer.ok) continue;
			// A stream does not end.
			if (path === "/events") {
				await answer.body?.cancel();
				continue;
			}
			t.is(answer.status, response ? 200 : 204, `${method} ${path}`);
			if (!response) continue;
			conforms(t, response.json, await answer.json(), `${method} ${where}`);
			checked++;
		}
	// 31 operations have a response; a key cannot be revoked.
	t.is(checked, 2 * 31 - 1);
});

/** The part of JSON Schema that the operations use. */
function conforms(t: ExecutionContext, schema: JsonSchema, value: unknown, where: string): void {
	const types = [schema.type].flat();
	const type = Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;
	if (schema.type !== undefined)
		t.true(types.includes(type) || (type === "integer" && types.includes("number")), `${where} is ${type}`);
	if (Array.isArray(schema.enum)) t.true(schema.enum.includes(value), `${where} is ${value}`);
	if (Array.isArray(value))
		for (const [index, item] of value.entries()) conforms(t, schema.items as JsonSchema, item, `${where}[${index}]`);
	if (type !== "object") return;
	const given = value as Record<string, unknown>;
	const properties = schema.properties as Record<string, JsonSchema>;
	for (const key of schema.required as string[]) t.true(Object.hasOwn(given, key), `${where} has no ${key}`);
	for (const [key, item] of Object.entries(given)) {
		const property = properties[key];
		if (schema.additionalProperties === true) continue;
		if (property) conforms(t, property, item, `${where}.${key}`);
		else t.fail(`${where}.${key} is not in the schema`);
	}
}
