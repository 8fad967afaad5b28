import type { Host } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import type { ContractCase, Servers, TimeBehaviour } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectTrue } from "./expect.js";
import { getText, httpEndpoint } from "./requests.js";

/** Shared by all servers that the host asks, its own ones among them. */
const deadline = 12_000;
const year = 365.25 * 24 * 60 * 60 * 1000;
/** Before any build date. */
const forgotten = Date.UTC(1970, 0, 2);

const dropped: readonly (readonly [TimeBehaviour, string])[] = deepFreeze([
	["silent", "a time server that says nothing"],
	["kiss", "a kiss-o'-death"],
	["stranger", "an answer to another query"],
	["garbage", "what is no answer at all"],
	["empty", "an empty datagram"],
	["behind", "a time before the build date"],
]);

/** The host has been told of `servers.sntp`. */
export const sync: readonly ContractCase[] = deepFreeze([
	{
		name: "sync: a clock that knows nothing asks the time servers",
		run: (host, servers) => reportsTime(host, servers, ["good", "silent"], 0),
	},
	{
		name: "sync: a time server is believed, even years ahead and in another era of NTP",
		run: (host, servers) => reportsTime(host, servers, ["ahead", "silent"], 73),
	},
	{
		name: "sync: a query that gets lost is sent again",
		run: (host, servers) => reportsTime(host, servers, ["lossy", "silent"], 0),
	},
	...dropped.map((row): ContractCase => {
		const [behaviour, what] = row;
		return {
			name: `sync: ${what} is passed over for the next server, in time`,
			run: (host, servers) => reportsTime(host, servers, [behaviour, "good"], 0),
		};
	}),
	{
		name: "sync: a kiss-o'-death server is not asked again",
		async run(host, servers) {
			const started = host.clock.ticks();
			await reportsTime(host, servers, ["kiss", "good"], 0);
			const took = host.clock.ticks() - started;
			expectTrue(took < 1500, `nothing is waited for (took ${took} ms)`);
		},
	},
	{
		name: "sync: a time server that says nothing delays the next one by less than its first retry",
		async run(host, servers) {
			await asked(host, servers, ["silent", "good"], async (before) => {
				const started = host.clock.ticks();
				host.clock.set(forgotten);
				await host.clock.sync(10 * deadline);
				near(host.clock.now(), before(), "time");
				const took = host.clock.ticks() - started;
				expectTrue(took < 1900, `the next one is asked beside it (took ${took} ms)`);
			});
		},
	},
	{
		name: "sync: a known time is not asked for, unless it is doubted",
		async run(host, servers) {
			await asked(host, servers, ["good", "ahead"], async (before) => {
				host.clock.set(forgotten);
				await host.clock.sync(deadline);
				await host.clock.sync(deadline);
				near(host.clock.now(), before(), "a known time");
				// By the next server: the first one's time is doubted.
				await host.clock.sync(deadline, true);
				near(host.clock.now(), before() + 73 * year, "a doubted time");
			});
		},
	},
	{
		name: "sync: a suspect time stays without a response",
		async run(host, servers) {
			await asked(host, servers, ["silent", "kiss"], async (before) => {
				const started = host.clock.ticks();
				const failure: unknown = await host.clock.sync(2000, true).catch((error: unknown) => error);
				// A host's own servers may have responded.
				const isSaid = failure === undefined || (failure instanceof Failure && failure.code === "clock-unknown");
				expectTrue(isSaid, `the failure is clock-unknown (${failure})`);
				near(host.clock.now(), before(), "the time");
				expectTrue(host.clock.ticks() - started < 3000, "the deadline is kept");
			});
		},
	},
]);

/** An unknown time becomes the real one, off by so many years. */
async function reportsTime(
	host: Host,
	servers: Servers,
	behaviours: readonly [TimeBehaviour, TimeBehaviour],
	years: number,
) {
	await asked(host, servers, behaviours, async (before) => {
		const started = host.clock.ticks();
		host.clock.set(forgotten);
		expectEqual(host.clock.now(), undefined, "time before");
		await host.clock.sync(deadline);
		near(host.clock.now(), before() + years * year, "time");
		expectTrue(host.clock.ticks() - started < deadline, "the deadline is kept");
	});
}

/** @param work gets a clock that goes on from before */
async function asked(
	host: Host,
	servers: Servers,
	[first, second]: readonly [TimeBehaviour, TimeBehaviour],
	work: (before: () => number) => Promise<void>,
): Promise<void> {
	const { clock } = host;
	await getText(host, httpEndpoint(servers), `/time?first=${first}&second=${second}`);
	const known = clock.now();
	if (known === undefined) throw new Error("the case needs a clock that is right");
	const ticks = clock.ticks();
	const before = () => known + (clock.ticks() - ticks);
	try {
		await work(before);
	} finally {
		clock.set(before());
		await getText(host, httpEndpoint(servers), "/time?first=good&second=good");
	}
}

function near(time: number | undefined, expected: number, what: string): void {
	expectTrue(
		time !== undefined && Math.abs(time - expected) < 1500,
		`${what} is right (off by ${(time ?? 0) - expected} ms)`,
	);
}
