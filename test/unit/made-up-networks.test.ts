import test from "ava";
import { Secret } from "dynreg/core/secret";
import { foundNetworks, joinOutcome, type MadeUpNetwork, madeUpJoiner } from "dynreg/setup/made-up-networks";

const password = "an invented password";
const networks: readonly MadeUpNetwork[] = [
	{ name: "home", password },
	{ name: "open", signal: -70, channel: 1 },
	{ name: "hidden", password, hidden: true },
	{ name: "office", enterprise: true },
	{ name: "full", password, outcome: "refuses" },
	{ name: "gone", password, outcome: "vanishes" },
	{ name: "silent", password, outcome: "no-address" },
];

test("a scan finds all but the hidden network", (t) => {
	t.deepEqual(foundNetworks(networks).slice(0, 3), [
		{ name: "home", signal: -50, channel: 6, security: "password" },
		{ name: "open", signal: -70, channel: 1, security: "open" },
		{ name: "office", signal: -50, channel: 6, security: "unsupported" },
	]);
	t.is(foundNetworks(networks).length, 6);
});

test("joining ends as the network is made", (t) => {
	const join = (name: string, entered?: string) =>
		joinOutcome(networks, entered === undefined ? { name } : { name, password: new Secret(entered) });
	t.is(join("home", password), "joined");
	t.is(join("home", "another invented password"), "wrong-password");
	t.is(join("home"), "wrong-password");
	t.is(join("open"), "joined");
	t.is(join("open", password), "wrong-password");
	t.is(join("hidden", password), "joined");
	t.is(join("office", password), "refused");
	t.is(join("full", password), "refused");
	t.is(join("gone", password), "not-found");
	t.is(join("elsewhere", password), "not-found");
	t.is(join("silent", password), "no-address");
});

test("a station waits for a scan and an attempt, is in one network at a time, and leaves it", async (t) => {
	const waits: string[] = [];
	const station = madeUpJoiner(
		networks,
		async () => void waits.push("scan"),
		async () => void waits.push("join"),
	);
	t.deepEqual(await station.scan(1000), foundNetworks(networks));
	t.is(await station.join({ name: "open" }, 1000), "joined");
	t.is(await station.join({ name: "open" }, 1000), "joined");
	t.deepEqual(waits, ["scan", "join"]);
	t.is(await station.join({ name: "gone" }, 1000), "not-found");
	t.is(await station.join({ name: "open" }, 1000), "joined");
	station.leave();
	t.is(await station.join({ name: "open" }, 1000), "joined");
	t.deepEqual(waits, ["scan", "join", "join", "join", "join"]);
});
