import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { dynreg, dynregIn } from "./dynreg.js";

for (const [cloud, operation] of [
	["tencent", "register/v2"],
	["aliyun", "register/mqtt"],
	["azure", "register/dps"],
] as const)
	test(`the demo of ${cloud} runs to the end and exits with code 0`, async (t) => {
		const { code, out, err } = await dynreg("demo", ...(cloud === "tencent" ? [] : ["--cloud", cloud])).ended;
		t.is(code, 0, err);
		t.is(err, "");
		t.is(out.split(`${operation} accepted`).length - 1, 1);
		t.is(out.match(/board +online/g)?.length, 2);
		t.is(out.match(/command received/g)?.length, 2);
		t.regex(out, /\nDone: registered once, online twice: .*\n.* npx dynreg cloud --open\n$/);
		t.false(out.includes("SecretOfTheDemos"));
	});

test("the demo leaves nothing behind", async (t) => {
	const temporary = await mkdtemp(join(tmpdir(), "dynreg-demo-test-"));
	t.teardown(() => rm(temporary, { recursive: true }));
	const { code } = await dynregIn({ TMPDIR: temporary }, "demo").ended;
	t.is(code, 0);
	t.deepEqual(await readdir(temporary), []);
});
