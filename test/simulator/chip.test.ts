import { conformanceApplication } from "@dynreg/cli/internal/conformance/conformance-application";
import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import type { CaseResult } from "@dynreg/conformance/internal/coordinator/result";
import { groups } from "@dynreg/conformance/internal/device/catalogue";
import test from "ava";
import { buildChipLike } from "./chip-image.js";
import { inSimulator } from "./in-simulator.js";

const cases = groups().flatMap((group) => group.cases);

if (findSdk() === undefined) {
	test.skip(`chip: skipped, ${missingSdkMessage}`, () => {});
} else {
	let results: ReadonlyMap<string, CaseResult>;

	test.before(async (t) => {
		t.timeout(900_000);
		const image = await buildChipLike(conformanceApplication());
		await inSimulator(image, {}, async (attempt) => {
			results = await attempt(cases, 60_000);
		});
	});

	for (const { name } of cases)
		test(`chip: ${name}`, (t) => {
			t.is(results.get(name)?.reason, undefined);
			t.is(results.get(name)?.outcome, "passed");
		});
}
