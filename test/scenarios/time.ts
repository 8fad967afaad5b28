import assert from "node:assert/strict";
import type { Scenario } from "./judge.js";

/** A board has no clock when it powers up, or a wrong one. */
export const time: readonly Scenario[] = [
	...(["1970-01-01", "2099-12-31"] as const).map(
		(clock): Scenario => ({
			name: `a board whose clock reads ${clock} at power-up asks a time server, and is online`,
			slow: true,
			async run(world) {
				const cloud = await world.cloud();
				const config = await world.config(cloud, { sntp: new URL(cloud.urls.sntp).host });
				const board = world.board({ config, clock, timeout: 120 });
				// The wrong clock shows in the first certificate; the right one is asked for at once.
				await board.event("online", 0, world.driver.patience + 15);
				const { now } = await board.event("clock");
				assert.ok(Math.abs(now - Date.now()) < 5000, `the clock is right (${now})`);
				for (const event of board.events) if (event.event === "failed") assert.equal(event.code, "certificate-expired");
				assert.equal(world.seen("register", "accepted").length, 1);
			},
		}),
	),
	{
		name: "without any time a board says clock-unknown, sends nothing, and keeps trying until a time server answers",
		slow: true,
		async run(world) {
			const cloud = await world.cloud();
			cloud.administration.setTime({ silent: true });
			const config = await world.config(cloud, { sntp: new URL(cloud.urls.sntp).host });
			const board = world.board({ config, clock: "1970-01-01", timeout: 300 });
			const failure = await board.event("failed", 0, 90);
			assert.equal(`${failure.phase} ${failure.code} ${failure.action}`, "clock clock-unknown retry");
			assert.equal(world.seen("").length, 0);
			cloud.administration.setTime({ silent: false });
			await board.event("online", 0, 90 + (failure.retryIn ?? 0));
		},
	},
	{
		name: "where no time server answers, the Date of a web server will do if the configuration allows it",
		slow: true,
		async run(world) {
			const cloud = await world.cloud();
			cloud.administration.setTime({ silent: true });
			const times = { sntp: new URL(cloud.urls.sntp).host, dateFrom: cloud.urls.http };
			const board = world.board({ config: await world.config(cloud, times), clock: "1970-01-01", timeout: 120 });
			await board.event("online", 0, 110);
			await board.kill();
		},
	},
	{
		name: "a time server that is off by years in the past is not believed",
		slow: true,
		async run(world) {
			const cloud = await world.cloud();
			cloud.administration.setTime({ offset: -20 * 365 * 86_400 });
			const config = await world.config(cloud, { sntp: new URL(cloud.urls.sntp).host });
			const board = world.board({ config, clock: "1970-01-01", timeout: 200 });
			const failure = await board.event("failed", 0, 90);
			assert.equal(`${failure.phase} ${failure.code}`, "clock clock-unknown");
			cloud.administration.setTime({ offset: 0 });
			await board.event("online", 0, 90 + (failure.retryIn ?? 0));
		},
	},
];
