import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buildSimulator, startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import test from "ava";
import { buildChipLike } from "../simulator/chip-image.js";
import { checkOutbox } from "./outbox-run.js";

const builds = {
	sim: () => buildSimulator("test/outbox/moddable"),
	chip: () => buildChipLike(join(project, "test/outbox/moddable")),
};

for (const [name, build] of Object.entries(builds))
	if (findSdk() === undefined) test.skip(`${name}: skipped, ${missingSdkMessage}`, () => {});
	else
		test.serial(`${name}: 1,000 messages arrive through ten lost sessions`, async (t) => {
			t.timeout(900_000);
			const image = await build();
			await checkOutbox(t, {
				async start(options) {
					await mkdir(options.store as string);
					// A chip has none when the power comes.
					const now = Date.now();
					return startBoard({ ...options, now, image });
				},
			});
		});
