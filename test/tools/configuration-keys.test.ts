import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configurationKeys, unknownKeys } from "@dynreg/cli/internal/configuration/configuration-keys";
import { project } from "@dynreg/cli/internal/sdk/moddable";
import test from "ava";

test("the keys that are known are those of docs/configuration.md", (t) => {
	const rows = readFileSync(join(project, "docs/configuration.md"), "utf8").matchAll(/^\| ((?:`[\w.]+`(?:, )?)+) \|/gm);
	const documented = [...rows].flatMap(([, cell = ""]) =>
		[...cell.matchAll(/`([\w.]+)`/g)].map(([, key = ""]) => key.replace(/^endpoints\..*/, "endpoints")),
	);
	t.deepEqual([...new Set(documented)].toSorted(), configurationKeys.toSorted());
});

test("a slip is told with what was meant; a key that is close to none is told without", (t) => {
	t.deepEqual(unknownKeys({ productid: "x", spraed: 3, cas: "ca.pem", lampColour: "red", spread: 3 }), [
		{ key: "productid", meant: "productId" },
		{ key: "spraed", meant: "spread" },
		{ key: "cas", meant: "ca" },
		{ key: "lampColour" },
	]);
	t.deepEqual(unknownKeys({ endpoints: {}, "endpoints.mqtt": "mqtts://localhost" }), []);
});
