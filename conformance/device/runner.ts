/**
 * Asks the desktop for a case, does it, tells what came of it, and asks for the next, over HTTP
 * (`conformance/coordinator/conductor.ts`). It is preloaded, so it imports no `dynreg/host`, whose flash in the simulator cannot
 * be; and it keeps as little as it can: an ESP8266 that boots has some hundred slots to spare.
 *
 * The trace is for the desktop, too: `{"cut":true}` asks for the power to be cut, `{"phase":…}` names what memory is
 * measured for.
 */

import Debug from "debug";
import { webServer } from "dynreg/configuration/configuration";
import type { Host } from "dynreg/contracts/host";
import { parseJson } from "dynreg/core/json";
import { readConfiguration } from "dynreg/platform/configuration";
import Timer from "timer";
import { findCase } from "./catalogue.js";
import type { Assignment, Device, Report, World } from "./device-case.js";
import { goesOn } from "./sdk-alone.js";

const deadline = 20_000;
const tries = 5;
/** Milliseconds: two of the meters' seconds. */
const rest = 2500;

/** Until there is nothing more to do in this life. */
export async function obey(host: Host): Promise<void> {
	await host.network.up(60_000);
	await next(host, {});
}

/** Nothing waits for the case: whatever did would stay in memory. */
function next(host: Host, report: Report): Promise<void> {
	return ask(host, report).then((assignment) => {
		// On a stack of its own: an ESP8266's has no room for what led here.
		if (assignment.case !== undefined) Timer.set(() => begin(host, assignment));
	});
}

/** @throws Failure when the desktop is not reached again and again */
async function ask(host: Host, report: Report): Promise<Assignment> {
	// Read each time, since what is kept is not there for the case.
	const endpoint = webServer(readConfiguration(), "conductor");
	if (endpoint === undefined) return {};
	const body = JSON.stringify(report);
	const request = { endpoint, method: "POST", path: "/", headers: [], body, maxReplyBytes: 16_384 } as const;
	for (let failures = 0; ; failures++) {
		try {
			return parseJson(host.crypto.text((await host.http.request(request, deadline)).body)) as Assignment;
		} catch (error) {
			trace(`the desktop is not reached: ${String(error)}\n`);
			if (failures === tries) throw error;
			await host.timers.sleep(1000);
		}
	}
}

function begin(host: Host, assignment: Assignment): void {
	const { case: name = "", life = 0 } = assignment;
	const turn = new Turn(host, name, life);
	const perform = findCase(name)?.lives[life];
	if (perform === undefined) turn.over({ error: "this image has no such case: build it anew" });
	else
		perform(new RealDevice(host, life), assignment as World).then(
			(measured) => turn.over(typeof measured === "object" ? { measured } : {}),
			(error) => turn.over({ error: String(error) }),
		);
}

class Turn {
	readonly #host: Host;
	readonly #name: string;
	readonly #life: number;
	readonly #began: number;

	constructor(host: Host, name: string, life: number) {
		this.#host = host;
		this.#name = name;
		this.#life = life;
		this.#began = host.clock.ticks();
	}

	over(more: object): void {
		const took = this.#host.clock.ticks() - this.#began;
		const report: Report = { case: this.#name, life: this.#life, took, ...more };
		trace(`${JSON.stringify(report)}\n`);
		next(this.#host, report);
	}
}

class RealDevice implements Device {
	readonly host: Host;
	readonly life: number;

	constructor(host: Host, life: number) {
		this.host = host;
		this.life = life;
	}

	powerCut(): never {
		trace('{"cut":true}\n');
		for (;;);
	}

	async rest(phase: string): Promise<void> {
		Debug.gc();
		trace(`${JSON.stringify({ phase })}\n`);
		await this.host.timers.sleep(rest);
		trace('{"phase":""}\n');
	}

	alone(work: () => void): void {
		Timer.set(work);
	}

	goesOn(...parameters: Parameters<Device["goesOn"]>): Promise<boolean> {
		return goesOn(...parameters);
	}
}
