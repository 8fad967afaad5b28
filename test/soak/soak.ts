/**
 * A board that lives long: reconnections with the heap measured after each, and days in a virtual time.
 *
 *     npm run soak
 */

import { performance } from "node:perf_hooks";
import { defineCommand } from "@dynreg/cli/internal/command-line/command";
import { execute } from "@dynreg/cli/internal/command-line/execute";
import { numberOption } from "@dynreg/cli/internal/command-line/option";
import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { colour } from "@dynreg/cli/internal/terminal/colour";
import { demoClouds } from "@dynreg/cloud/internal/demo-board";
import { tencentBoard, tokenBoard } from "../power/power-cut-flows.js";
import { heapGrowth, heapGrowthOfDay } from "./heap-growth.js";
import { type Heap, measureReconnects, measureSdkSockets } from "./reconnects.js";
import { simulateDay } from "./simulated-day.js";

const command = defineCommand({
	options: {
		reconnects: numberOption("N", 10, 10_000, "how often each board loses its connection", { default: 100 }),
		seconds: numberOption("N", 1, 86_400, "for how long days of 24 hours are lived through", { default: 60 }),
	},
	run: ({ reconnects, seconds }) => main(reconnects, seconds),
});

process.exitCode = await execute("npm run soak --", "a board that lives long", command, process.argv.slice(2));

async function main(reconnects: number, seconds: number): Promise<number> {
	const wrong = [...(await soak(reconnects)), ...(await days(seconds))];
	for (const each of wrong) say(`${colour(process.stdout, "red", "wrong:")} ${each}`);
	if (wrong.length === 0) say(`\n${colour(process.stdout, "green", "Done:")} nothing has grown, and no board was lost`);
	return wrong.length === 0 ? 0 : 1;
}

/** @returns what is wrong, a sentence each */
async function soak(times: number): Promise<string[]> {
	const wrong: string[] = [];
	const hosts = (["xs", "sim"] as const).filter((host) => host === "xs" || findSdk() !== undefined);
	if (hosts.length === 1) say(`The simulator is skipped: ${missingSdkMessage}.`);
	const alone = hosts.includes("sim") ? await measureSdkSockets(Math.min(times, 10)) : [];
	say("\n| host, cloud | reconnections | heap at first | heap at last | growth each | of it the SDK's own socket |");
	say("| --- | ---: | --- | --- | --- | --- |");
	for (const host of hosts)
		for (const cloud of demoClouds) {
			const heaps = await measureReconnects({ host, cloud, times });
			const sdk = host === "sim" ? heapGrowth(alone) : {};
			const each = heapGrowth(heaps);
			const shown = [heaps[0], heaps.at(-1), each, sdk].map((heap) => words(heap ?? {}));
			say(`| ${host}, ${cloud} | ${heaps.length - 1} | ${shown.join(" | ")} |`);
			for (const [what, more] of Object.entries(each))
				if (more > (sdk[what] ?? 0)) wrong.push(`${host}, ${cloud}: ${what} grow by ${more} with each reconnection`);
		}
	return wrong;
}

/** @returns what is wrong, a sentence each */
async function days(seconds: number): Promise<string[]> {
	const wrong: string[] = [];
	const began = performance.now();
	const sum = { days: 0, attempts: 0, sessions: 0, registrations: 0, powerCuts: 0, cutsInWrites: 0, failures: 0 };
	let longest = 0;
	for (let seed = 1; performance.now() - began < seconds * 1000; seed++)
		for (const life of [tencentBoard, tokenBoard]) {
			const day = await simulateDay({ life, hours: 24, seed });
			const who = `${life.name.platform}, seed ${seed}`;
			wrong.push(...day.violations.map((each) => `${who}: ${each}`));
			if (!day.onlineAtEnd) wrong.push(`${who}: not online at the end of the day`);
			if (heapGrowthOfDay(day.heaps) > 0) wrong.push(`${who}: the heap grows with each session`);
			for (const key of ["attempts", "sessions", "registrations", "powerCuts", "cutsInWrites"] as const)
				sum[key] += day[key];
			sum.days++;
			for (const times of day.failures.values()) sum.failures += times;
			longest = Math.max(longest, day.longestReturn);
		}
	say(`\n${words(sum)} in ${((performance.now() - began) / 1000).toFixed(0)} s`);
	say(`the longest way back online once all was well: ${Math.round(longest)} s`);
	return wrong;
}

function words(numbers: Heap): string {
	return Object.entries(numbers)
		.map(
			([what, value]) =>
				`${value.toLocaleString("en")} ${what.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`,
		)
		.join(", ");
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}
