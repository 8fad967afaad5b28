import { SecretIndex } from "@dynreg/cloud/internal/products/secret-index";
import test from "ava";

test("secrets are found wherever they stand in a text, the longest first", (t) => {
	const index = new SecretIndex();
	for (const secret of ["first-secret", "first-secret-and-more", "second"]) index.add(secret);
	const cases: [text: string, clean: string][] = [
		["", ""],
		["nothing", "nothing"],
		["first-secret", "[secret]"],
		["first-secretsecond", "[secret][secret]"],
		["a first-secret-and-more b", "a [secret] b"],
		["first-secret-and-mor", "[secret]-and-mor"],
		["xfirst-secretx first-secre second", "x[secret]x first-secre [secret]"],
	];
	for (const [text, clean] of cases) t.is(index.redact(text), clean);
});

test("a secret is searched for as long as it has an owner", (t) => {
	const index = new SecretIndex();
	index.add("shared-secret");
	index.add("shared-secret");
	index.remove("shared-secret");
	t.is(index.redact("shared-secret"), "[secret]");
	index.remove("shared-secret");
	t.is(index.redact("shared-secret"), "shared-secret");
	index.remove("shared-secret");
	index.add("");
	t.is(index.redact("shared-secret"), "shared-secret");
});

test("a hundred thousand secrets cost no more time than one", (t) => {
	const text = `there is no device ${"x".repeat(400)}`;
	const time = (secrets: number): number => {
		const index = new SecretIndex();
		for (let count = 0; count < secrets; count++) index.add(`${count}`.padStart(32, "s"));
		const started = process.cpuUsage();
		for (let count = 0; count < 200; count++) index.redact(text);
		const { user, system } = process.cpuUsage(started);
		return (user + system) / 200 / 1000;
	};
	time(1);
	const [one, many] = [time(1), time(100_000)];
	t.log(`${one.toFixed(3)} ms with one, ${many.toFixed(3)} ms with 100,000`);
	t.true(many < 1, `${many} ms`);
});
