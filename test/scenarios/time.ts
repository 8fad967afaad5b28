import assert from "node:assert/strict";
import { assertClockIsRight, type Scenario } from "./scenario.js";

/** A board has no clock when it powers up, or a wrong one. */
export const time: readonly Scenario[] = [
	...(["1970-01-01", "2099-12-31"] as const).map(
		(clock): Scenario => ({
			name: `a board whose clock reads ${clock} at power-up asks a time server, and is online`,
			async run(fixture) {
				const cloud = await fixture.cloud();
				const configuration = fixture.configuration(cloud, { sntp: new URL(cloud.urls.sntp).host });
				const board = await fixture.board({ configuration, now: Date.parse(clock) });
				// The wrong clock shows in the first certificate; the right one is asked for at once.
				await board.event("online", { seconds: 10 });
				assertClockIsRight((await board.event("clock")).now);
				for (const event of board.events) if (event.event === "failed") assert.equal(event.code, "certificate-expired");
				assert.equal(fixture.requests("register", "accepted").length, 1);
			},
		}),
	),
	{
		name: "without time a board reports clock-unknown and retries until a server responds",
		async run(fixture) {
			const cloud = await fixture.cloud();
			cloud.administration.setTime({ silent: true });
			const configuration = fixture.configuration(cloud, { sntp: new URL(cloud.urls.sntp).host });
			const board = await fixture.board({ configuration, now: 0 });
			const failure = await board.event("failed", { seconds: 60 });
			assert.equal(`${failure.phase} ${failure.code} ${failure.action}`, "clock clock-unknown retry");
			assert.equal(fixture.requests("").length, 0);
			cloud.administration.setTime({ silent: false });
			await board.event("online", { seconds: failure.retryIn ?? 0 });
		},
	},
	{
		name: "without a time server the Date of a web server is used if configured",
		async run(fixture) {
			const cloud = await fixture.cloud();
			cloud.administration.setTime({ silent: true });
			const times = { sntp: new URL(cloud.urls.sntp).host, httpTimeServer: cloud.urls.http };
			const board = await fixture.board({ configuration: fixture.configuration(cloud, times), now: 0 });
			await board.event("online", { seconds: 60 });
		},
	},
	{
		name: "a time server that is off by years in the past is not believed",
		async run(fixture) {
			const cloud = await fixture.cloud();
			cloud.administration.setTime({ offset: -20 * 365 * 86_400 });
			const configuration = fixture.configuration(cloud, { sntp: new URL(cloud.urls.sntp).host });
			const board = await fixture.board({ configuration, now: 0 });
			const failure = await board.event("failed", { seconds: 60 });
			assert.equal(`${failure.phase} ${failure.code}`, "clock clock-unknown");
			cloud.administration.setTime({ offset: 0 });
			await board.event("online", { seconds: failure.retryIn ?? 0 });
		},
	},
];
