/** The demonstration of each cloud, with the firmware in the simulator. */

import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { demoClouds } from "@dynreg/cloud/internal/demo-board";
import test from "ava";
import { dynreg } from "../cli/dynreg.js";

if (findSdk() === undefined) test.skip(`sim: skipped, ${missingSdkMessage}`, () => {});
// One at a time: each builds the firmware, where it is not built.
else
	for (const cloud of demoClouds)
		test.serial(`sim: the demo of ${cloud} registers once, and gets a command in each of two sessions`, async (t) => {
			t.timeout(600_000);
			const { code, out, err } = await dynreg("demo", "--cloud", cloud, "--host", "sim").ended;
			t.is(code, 0, err);
			t.is(out.match(/board +power on/g)?.length, 2, out);
			t.is(out.match(/board +registered/g)?.length, 1, out);
			t.is(out.match(/board +online/g)?.length, 2, out);
			t.is(out.match(/command received/g)?.length, 2, out);
			t.regex(out, /\nDone: registered once, online twice: /);
			t.false(out.includes("SecretOfTheDemos"));
		});
