import type { Host } from "dynreg/contracts/host";
import type { Case, Servers, TimeBehaviour } from "./case.js";
import { equal, holds } from "./expect.js";
import { frozen } from "./frozen.js";
import { plain, text } from "./requests.js";

/** Shared by all servers that the host asks, its own ones among them. */
const deadline = 12_000;
const year = 365.25 * 24 * 60 * 60 * 1000;
/** Before any build date. */
const forgotten = Date.UTC(1970, 0, 2);

const dropped: readonly (readonly [TimeBehaviour, string])[] = frozen([
	["silent", "a time server that says nothing"],
	["kiss", "a kiss-o'-death"],
	["stranger", "an answer to another query"],
	["garbage", "what is no answer at all"],
	["empty", "an empty datagram"],
	["behind", "a time before the build date"],
]);

/** The host has been told of `servers.sntp`. */
export const sync: readonly Case[] = frozen([
	{
		name: "sync: a clock that knows nothing asks the time servers",
		run: (host, servers) => tells(host, servers, ["good", "silent"], 0),
	},
	{
		name: "sync: a time server is believed, even years ahead and in another era of NTP",
		run: (host, servers) => tells(host, servers, ["ahead", "silent"], 73),
	},
	{
		name: "sync: a query that gets lost is sent again",
		run: (host, servers) => tells(host, servers, ["lossy", "silent"], 0),
	},
	...dropped.map((row): Case => {
		const [behaviour, what] = row;
		return {
			name: `sync: ${what} is passed over for the next server, in time`,
			run: (host, servers) => tells(host, servers, [behaviour, "good"], 0),
		};
	}),
	{
		name: "sync: a server that wants to be left alone is left alone",
		async run(host, servers) {
			const started = host.clock.ticks();
			await tells(host, servers, ["kiss", "good"], 0);
			const took = host.clock.ticks() - started;
			holds(took < 1500, `nothing is waited for (took ${took} ms)`);
		},
	},
	{
		name: "sync: a known time is not asked for, unless it is doubted",
		async run(host, servers) {
			await asked(host, servers, ["ahead", "ahead"], async (before) => {
				await host.clock.sync(deadline);
				near(host.clock.now(), before(), "a known time");
				await host.clock.sync(deadline, true);
				near(host.clock.now(), before() + 73 * year, "a doubted time");
			});
		},
	},
	{
		name: "sync: a doubted time stands if nobody answers",
		async run(host, servers) {
			await asked(host, servers, ["silent", "kiss"], async (before) => {
				const started = host.clock.ticks();
				await host.clock.sync(2000, true);
				near(host.clock.now(), before(), "the time");
				holds(host.clock.ticks() - started < 3000, "the deadline is kept");
			});
		},
	},
]);

/** An unknown time becomes the real one, off by so many years. */
async function tells(host: Host, servers: Servers, behaviours: readonly [TimeBehaviour, TimeBehaviour], years: number) {
	await asked(host, servers, behaviours, async (before) => {
		const started = host.clock.ticks();
		host.clock.set(forgotten);
		equal(host.clock.now(), undefined, "time before");
		await host.clock.sync(deadline);
		near(host.clock.now(), before() + years * year, "time");
		holds(host.clock.ticks() - started < deadline, "the deadline is kept");
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
	await text(host, plain(servers), `/time?first=${first}&second=${second}`);
	const known = clock.now();
	if (known === undefined) throw new Error("the case needs a clock that is right");
	const ticks = clock.ticks();
	const before = () => known + (clock.ticks() - ticks);
	try {
		await work(before);
	} finally {
		clock.set(before());
		await text(host, plain(servers), "/time?first=good&second=good");
	}
}

function near(time: number | undefined, expected: number, what: string): void {
	holds(
		time !== undefined && Math.abs(time - expected) < 1500,
		`${what} is right (off by ${(time ?? 0) - expected} ms)`,
	);
}
